"""The page and what it reads: who is here, what was said, what happens now, files."""

import asyncio
import json
import logging
import urllib.parse
from collections.abc import Sequence
from importlib.resources import files

from aiohttp import web

from playground.files import SOUNDS
from playground.requests import integer, town_of
from playground.telegram import Json
from playground.town import Town
from playground.world import AGENT, CUSTOMER, World

_KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
_HEARTBEAT_SECONDS = 15.0
# What a browser plays by itself; a file of any other kind can only be saved.
_PLAYED = frozenset(["audio/ogg", "audio/mpeg", "audio/mp4", "audio/webm", "audio/wav", "audio/x-wav"])

log = logging.getLogger(__name__)


class Page:
    """Serves the page."""

    def __init__(self, towns: Sequence[Town]) -> None:
        self._towns = towns

    def routes(self) -> Sequence[web.RouteDef]:
        """All that is only read."""
        return [
            web.get("/", self.asset),
            web.get("/{name:[a-z]+[.](?:css|js)}", self.asset),
            web.get("/favicon.ico", self.no_icon),
            web.get("/playground/state", self.state),
            web.get("/playground/messages", self.messages),
            web.get("/playground/events", self.events),
            web.get("/playground/files/{file_id}", self.file),
        ]

    async def asset(self, request: web.Request) -> web.Response:
        """One of the page's own files."""
        name = request.match_info.get("name", "page.html")
        found = files("playground").joinpath("web").joinpath(name)
        if not found.is_file():
            raise web.HTTPNotFound
        return web.Response(text=found.read_text("utf-8"), content_type=_KINDS[name.rpartition(".")[2]])

    async def no_icon(self, _: web.Request) -> web.Response:
        """Browsers ask for it unasked."""
        return web.Response(status=204)

    async def state(self, request: web.Request) -> web.Response:
        """Who is here."""
        world = town_of(self._towns, request).world
        state = world.state
        commands = json.loads(state.setting("commands") or "[]")
        return web.json_response(
            {
                "bot": world.bot,
                "bots": [town.world.bot for town in self._towns],
                "born": state.setting("born"),
                "commands": [{"command": c.get("command"), "description": c.get("description")} for c in commands],
                "group": state.chat(world.group_id),
                "topics": _topics(world),
                "customers": [user.body | {"blocked": user.blocked} for user in state.users(CUSTOMER)],
                "agents": [user.body for user in state.users(AGENT)],
                "confirmed_before": state.pending()[1],
                "revision": state.revision(),
            }
        )

    async def messages(self, request: web.Request) -> web.Response:
        """A chat's history."""
        world = town_of(self._towns, request).world
        chat_id = integer(request.query.get("chat", ""))
        history = [world.event(message) for message in world.state.history(chat_id)]
        state = {"typing": world.is_typing(chat_id), "keyboard": world.keyboard(chat_id)}
        return web.json_response({"messages": history} | state)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: first what was missed since the given revision, then live."""
        world = town_of(self._towns, request).world
        since = integer(request.headers.get("Last-Event-ID") or request.query.get("since", "0"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        try:
            await _stream(world, response, since)
        except ConnectionResetError:
            log.debug("a page went away")
        return response

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file. A JPEG of our own making is shown and a recording is played; everything else can only be saved."""
        shelf = town_of(self._towns, request).world.shelf
        file = shelf.file(file_id=request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        if file.own_jpeg:
            headers = {"Content-Type": "image/jpeg", "Content-Disposition": "inline", "Cache-Control": "max-age=86400"}
        elif file.kind in SOUNDS and file.mime in _PLAYED:
            headers = {"Content-Type": file.mime, "Content-Disposition": "inline"}
        else:
            name = urllib.parse.quote(file.name or "file", safe="")
            headers = {
                "Content-Type": "application/octet-stream",
                "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            }
        return web.FileResponse(shelf.where(file), headers=headers)


def _topics(world: World) -> list[Json]:
    pins = world.state.pins(world.group_id)
    return [
        {"id": topic.thread_id, "name": topic.name, "icon_color": topic.icon_color, "closed": topic.closed}
        | {"pinned": [message for thread, message in pins if thread == topic.thread_id]}
        for topic in world.state.topics(world.group_id)
    ]


async def _stream(world: World, response: web.StreamResponse, since: int) -> None:
    with world.hub.subscribe() as queue:  # subscribed first, so that nothing falls between
        await response.write(b"retry: 1000\n\n")
        while missed := world.state.changed_since(since):
            for message in missed:
                since = message.revision
                await response.write(_frame(world.event(message)))
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


def _frame(happened: Json) -> bytes:
    number = f"id: {happened['revision']}\n" if "revision" in happened else ""
    return f"{number}data: {json.dumps(happened)}\n\n".encode()
