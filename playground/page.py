"""The page and what its script calls: state, history, live events, and what a customer or an agent does."""

import asyncio
import json
import logging
import urllib.parse
from collections.abc import Sequence
from importlib.resources import files

from aiohttp import web

from playground.faults import Fault, Faults, Flood
from playground.files import Upload
from playground.people import People
from playground.pictures import NotAPhotoError
from playground.state import StoredUser
from playground.telegram import Json
from playground.world import AGENT, CUSTOMER, World, event

_ASSETS = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
_HEARTBEAT_SECONDS = 15.0

log = logging.getLogger(__name__)


class Page:
    """Serves the page."""

    def __init__(self, world: World, people: People, faults: Faults, flood: Flood) -> None:
        self._world = world
        self._people = people
        self._faults = faults
        self._flood = flood

    def routes(self) -> Sequence[web.RouteDef]:
        """Everything that is not the Bot API."""
        return [
            *(web.get(path, self.asset) for path in _ASSETS),
            web.get("/favicon.ico", self.no_icon),
            web.get("/playground/state", self.state),
            web.get("/playground/messages", self.messages),
            web.get("/playground/events", self.events),
            web.get("/playground/files/{file_id}", self.file),
            web.post("/playground/people", self.add_person),
            web.post("/playground/send", self.send),
            web.post("/playground/press", self.press),
            web.post("/playground/block", self.block),
            web.post("/playground/edit", self.edit),
            web.post("/playground/topic", self.topic),
            web.post("/playground/migrate", self.migrate),
            web.get("/playground/faults", self.list_faults),
            web.post("/playground/faults", self.add_fault),
            web.delete("/playground/faults", self.clear_faults),
            web.post("/playground/flood", self.set_flood),
        ]

    async def asset(self, request: web.Request) -> web.Response:
        """One of the page's three files."""
        name, kind = _ASSETS[request.path]
        return web.Response(text=files("playground").joinpath(name).read_text("utf-8"), content_type=kind)

    async def no_icon(self, _: web.Request) -> web.Response:
        """Browsers ask for it unasked."""
        return web.Response(status=204)

    async def state(self, _: web.Request) -> web.Response:
        """Who is here."""
        state = self._world.state
        commands = json.loads(state.setting("commands") or "[]")
        return web.json_response(
            {
                "bot": self._world.bot,
                "commands": [{"command": c.get("command"), "description": c.get("description")} for c in commands],
                "group": state.chat(self._world.group_id),
                "topics": self._topics(),
                "customers": [user.body | {"blocked": user.blocked} for user in state.users(CUSTOMER)],
                "agents": [user.body for user in state.users(AGENT)],
                "confirmed_before": state.pending()[1],
                "revision": state.revision(),
            }
        )

    def _topics(self) -> list[Json]:
        state, group = self._world.state, self._world.group_id
        pins = state.pins(group)
        return [
            {"id": topic.thread_id, "name": topic.name, "icon_color": topic.icon_color, "closed": topic.closed}
            | {"pinned": [message for thread, message in pins if thread == topic.thread_id]}
            for topic in state.topics(group)
        ]

    async def messages(self, request: web.Request) -> web.Response:
        """A chat's history."""
        chat_id = _integer(request.query.get("chat", ""))
        history = [event(message) for message in self._world.state.history(chat_id)]
        return web.json_response({"messages": history, "typing": self._world.is_typing(chat_id)})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: first what was missed since the given revision, then live."""
        since = _integer(request.headers.get("Last-Event-ID") or request.query.get("since", "0"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        try:
            await self._stream(response, since)
        except ConnectionResetError:
            log.debug("a page went away")
        return response

    async def _stream(self, response: web.StreamResponse, since: int) -> None:
        with self._world.hub.subscribe() as queue:  # subscribed first, so that nothing falls between
            await response.write(b"retry: 1000\n\n")
            while missed := self._world.state.changed_since(since):
                for message in missed:
                    since = message.revision
                    await response.write(_frame(event(message)))
            while True:
                try:
                    happened = await asyncio.wait_for(queue.get(), _HEARTBEAT_SECONDS)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if happened is None:
                    return
                if happened.get("revision", since + 1) > since:
                    await response.write(_frame(happened))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file. Only a JPEG of our own making is shown; everything else can only be saved."""
        shelf = self._world.shelf
        file = shelf.file(file_id=request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        if file.own_jpeg:
            headers = {"Content-Type": "image/jpeg", "Content-Disposition": "inline", "Cache-Control": "max-age=86400"}
        else:
            name = urllib.parse.quote(file.name or "file", safe="")
            headers = {
                "Content-Type": "application/octet-stream",
                "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            }
        return web.FileResponse(shelf.where(file), headers=headers)

    async def add_person(self, request: web.Request) -> web.Response:
        """A new customer, or an agent by name."""
        body = await _body(request)
        name = str(body.get("name") or "").strip()[:64]
        if body.get("role") == AGENT:
            return web.json_response(self._world.add_agent(name or "Agent").body)
        return web.json_response(self._people.new_customer(name, _integer(body.get("id", 0))).body)

    async def send(self, request: web.Request) -> web.Response:
        """A message of a customer or an agent: text, photos, files."""
        form = await request.post()
        text, reply_to = str(form.get("text") or ""), _integer(form.get("reply_to", 0)) or None
        thread = _integer(form.get("thread", 0))
        uploads = [
            Upload(field.file.read(), field.filename, field.content_type)
            for field in form.getall("files", [])
            if isinstance(field, web.FileField)
        ]
        user, chat_id = self._somebody(form.get("user")), _integer(form.get("chat"))
        try:
            sent = await self._people.send(
                user, chat_id, text, uploads, as_files=form.get("as_file") == "1", reply_to=reply_to, thread=thread
            )
        except NotAPhotoError as error:
            return web.json_response({"error": "not_a_photo", "names": error.args[0]}, status=422)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"message_ids": [message.message_id for message in sent]})

    async def press(self, request: web.Request) -> web.Response:
        """A pressed button."""
        body = await _body(request)
        message = self._world.state.message(_integer(body.get("chat")), _integer(body.get("message_id")))
        if message is None:
            raise web.HTTPNotFound
        query_id = self._world.press(self._somebody(body.get("user")), message, str(body.get("data")))
        return web.json_response({"query_id": query_id})

    async def block(self, request: web.Request) -> web.Response:
        """A customer blocks the bot, or lets it back in."""
        body = await _body(request)
        self._world.block(self._somebody(body.get("user")), blocked=bool(body.get("blocked")))
        return web.json_response({})

    async def edit(self, request: web.Request) -> web.Response:
        """Somebody changes a message of theirs."""
        body = await _body(request)
        message = self._world.state.message(_integer(body.get("chat")), _integer(body.get("message_id")))
        if message is None:
            raise web.HTTPNotFound
        try:
            self._people.edit(self._somebody(body.get("user")), message, str(body.get("text") or ""))
        except (ValueError, LookupError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({})

    async def topic(self, request: web.Request) -> web.Response:
        """An agent closes a topic, opens it again, or deletes it."""
        body = await _body(request)
        topic = self._world.state.topic(self._world.group_id, _integer(body.get("thread")))
        if topic is None:
            raise web.HTTPNotFound
        match body.get("action"):
            case "delete":
                self._world.delete_topic(topic)
            case "close" | "reopen" as action if topic.closed != (action == "close"):
                self._world.change_topic(self._somebody(body.get("user")).body, topic, closed=action == "close")
            case _:
                raise web.HTTPBadRequest
        return web.json_response({})

    async def migrate(self, request: web.Request) -> web.Response:
        """The group is upgraded: another id, no topics."""
        body = await _body(request)
        return web.json_response({"id": self._world.migrate(self._somebody(body.get("user")))})

    async def list_faults(self, _: web.Request) -> web.Response:
        """What is still to go wrong."""
        return web.json_response({"faults": self._faults.waiting(), "flood": self._flood.on})

    async def add_fault(self, request: web.Request) -> web.Response:
        """Asks for a fault; the fields are those of `Fault`."""
        try:
            self._faults.add(Fault.read(await _body(request)))
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return await self.list_faults(request)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """From now on all is well."""
        self._faults.clear()
        return await self.list_faults(request)

    async def set_flood(self, request: web.Request) -> web.Response:
        """Telegram's limits, on or off."""
        self._flood.on = bool((await _body(request)).get("on"))
        return await self.list_faults(request)

    def _somebody(self, user_id: object) -> StoredUser:
        user = self._world.state.user(_integer(user_id))
        if user is None:
            raise web.HTTPNotFound
        return user


def _frame(happened: Json) -> bytes:
    number = f"id: {happened['revision']}\n" if "revision" in happened else ""
    return f"{number}data: {json.dumps(happened)}\n\n".encode()


def _integer(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise web.HTTPBadRequest from None


async def _body(request: web.Request) -> Json:
    # A form of another site cannot have this type without the browser asking us first, and we never answer that.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        body = await request.json()
    except ValueError:
        raise web.HTTPBadRequest from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest
    return body
