"""What customers and agents do on the page, one address each, and what is to go wrong for their bot."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from playground import inline, polls, reactions
from playground.faults import Fault
from playground.files import Upload
from playground.pictures import NotAPhotoError
from playground.requests import body_of, integer, message_of, somebody, town_of
from playground.sending import place
from playground.telegram import BotApiError, Json
from playground.town import Town
from playground.world import AGENT

Do = Callable[[Town, web.Request], Awaitable[Json]]


class Actions:
    """Serves them."""

    def __init__(self, towns: Sequence[Town]) -> None:
        self._towns = towns

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        posts = [web.post(f"/playground/{name}", self._serve(do)) for name, do in _DONE.items()]
        faults = [
            web.get("/playground/faults", self._serve(list_faults)),
            web.post("/playground/faults", self._serve(add_fault)),
            web.delete("/playground/faults", self._serve(clear_faults)),
        ]
        return [*posts, *faults]

    def _serve(self, do: Do) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            town = town_of(self._towns, request)
            try:
                return web.json_response(await do(town, request))
            except NotAPhotoError as error:
                return web.json_response({"error": "not_a_photo", "names": error.args[0]}, status=422)
            except BotApiError as error:
                return web.json_response({"error": error.description.removeprefix("Bad Request: ")}, status=400)
            except (ValueError, LookupError) as error:
                return web.json_response({"error": str(error)}, status=400)

        return serve


async def add_person(town: Town, request: web.Request) -> Json:
    """A new customer, or an agent by name."""
    body = await body_of(request)
    name = str(body.get("name") or "").strip()[:64]
    if body.get("role") == AGENT:
        return town.world.add_agent(name or "Agent").body
    return town.people.new_customer(name, integer(body.get("id", 0))).body


async def send(town: Town, request: web.Request) -> Json:
    """A message of a customer or an agent: text, photos, files."""
    form = await request.post()
    sent = await town.people.send(
        somebody(town, form.get("user")),
        integer(form.get("chat")),
        str(form.get("text") or ""),
        _uploads(form),
        as_files=form.get("as_file") == "1",
        reply_to=integer(form.get("reply_to", 0)) or None,
        thread=integer(form.get("thread", 0)),
    )
    return {"message_ids": [message.message_id for message in sent]}


def _uploads(form: Any) -> list[Upload]:
    fields = [field for field in form.getall("files", []) if isinstance(field, web.FileField)]
    return [Upload(field.file.read(), field.filename, field.content_type) for field in fields]


async def voice(town: Town, request: web.Request) -> Json:
    """A recording, with its length in seconds."""
    form = await request.post()
    uploads = _uploads(form)
    if not uploads:
        raise web.HTTPBadRequest
    content = town.world.shelf.add_sound(uploads[0])
    content["voice"]["duration"] = max(1, integer(form.get("duration", 1)))
    fields = {name: str(form.get(name) or 0) for name in ("user", "chat", "thread", "reply_to")}
    return _given(town, fields, content)


async def location(town: Town, request: web.Request) -> Json:
    """A place on a map."""
    body = await body_of(request)
    where = place(float(body.get("latitude", "")), float(body.get("longitude", "")))
    return _given(town, body, {"location": where})


async def contact(town: Town, request: web.Request) -> Json:
    """A name and a number; one's own carries one's id, as when Telegram's button was used."""
    body = await body_of(request)
    phone, name = str(body.get("phone_number") or "").strip(), str(body.get("first_name") or "").strip()
    if not phone or not name:
        raise ValueError("a contact has a name and a number")
    own = {"user_id": integer(body.get("user"))} if body.get("own") else {}
    return _given(town, body, {"contact": {"phone_number": phone[:64], "first_name": name[:64]} | own})


async def poll(town: Town, request: web.Request) -> Json:
    """A question with answers to choose from."""
    body = await body_of(request)
    options = body.get("options")
    asked = polls.made(str(body.get("question") or ""), [str(one) for one in options or []], anonymous=False)
    return _given(town, body, {"poll": asked})


def _given(town: Town, body: Json, content: Json) -> Json:
    user, thread = somebody(town, body.get("user")), integer(body.get("thread") or 0)
    reply_to = integer(body.get("reply_to") or 0) or None
    sent = town.people.give(user, integer(body.get("chat")), content, reply_to=reply_to, thread=thread)
    return {"message_ids": [sent.message_id]}


async def press(town: Town, request: web.Request) -> Json:
    """A pressed button."""
    body = await body_of(request)
    query_id = town.world.press(somebody(town, body.get("user")), message_of(town, body), str(body.get("data")))
    return {"query_id": query_id}


async def vote(town: Town, request: web.Request) -> Json:
    """A choice in a poll; none takes it back."""
    body = await body_of(request)
    options = body.get("options")
    if not isinstance(options, list):
        raise web.HTTPBadRequest
    chosen = [integer(one) for one in options]
    polls.choose(town.world, somebody(town, body.get("user")), message_of(town, body), chosen)
    return {}


async def react(town: Town, request: web.Request) -> Json:
    """An emoji under a message, or none."""
    body = await body_of(request)
    emoji = str(body.get("emoji") or "")
    if emoji and emoji not in reactions.EMOJI:
        raise ValueError("Telegram has no such reaction")
    reactions.react(town.world, somebody(town, body.get("user")), message_of(town, body), emoji)
    return {}


async def inline_query(town: Town, request: web.Request) -> Json:
    """Somebody typed @bot and words."""
    body = await body_of(request)
    return {"query_id": inline.ask(town.world, somebody(town, body.get("user")), str(body.get("query") or ""))}


async def chosen(town: Town, request: web.Request) -> Json:
    """Somebody chose one of the bot's results."""
    body = await body_of(request)
    ids, thread = (str(body.get("query_id")), str(body.get("result_id"))), integer(body.get("thread") or 0)
    user = somebody(town, body.get("user"))
    sent = inline.send_chosen(town.world, user, *ids, integer(body.get("chat")), thread=thread)
    return {"message_ids": [sent.message_id]}


async def block(town: Town, request: web.Request) -> Json:
    """A customer blocks the bot, or lets it back in."""
    body = await body_of(request)
    town.world.block(somebody(town, body.get("user")), blocked=bool(body.get("blocked")))
    return {}


async def edit(town: Town, request: web.Request) -> Json:
    """Somebody changes a message of theirs."""
    body = await body_of(request)
    town.people.edit(somebody(town, body.get("user")), message_of(town, body), str(body.get("text") or ""))
    return {}


async def topic(town: Town, request: web.Request) -> Json:
    """An agent closes a topic, opens it again, or deletes it."""
    body = await body_of(request)
    found = town.world.state.topic(town.world.group_id, integer(body.get("thread")))
    if found is None:
        raise web.HTTPNotFound
    match body.get("action"):
        case "delete":
            town.world.delete_topic(found)
        case "close" | "reopen" as action if found.closed != (action == "close"):
            town.world.change_topic(somebody(town, body.get("user")).body, found, closed=action == "close")
        case _:
            raise web.HTTPBadRequest
    return {}


async def migrate(town: Town, request: web.Request) -> Json:
    """The group is upgraded: another id, no topics."""
    body = await body_of(request)
    return {"id": town.world.migrate(somebody(town, body.get("user")))}


async def list_faults(town: Town, _: web.Request) -> Json:
    """What is still to go wrong."""
    return {"faults": town.faults.waiting(), "flood": town.flood.on}


async def add_fault(town: Town, request: web.Request) -> Json:
    """Asks for a fault; the fields are those of `Fault`."""
    town.faults.add(Fault.read(await body_of(request)))
    return await list_faults(town, request)


async def clear_faults(town: Town, request: web.Request) -> Json:
    """From now on all is well."""
    town.faults.clear()
    return await list_faults(town, request)


async def set_flood(town: Town, request: web.Request) -> Json:
    """Telegram's limits, on or off."""
    town.flood.on = bool((await body_of(request)).get("on"))
    return await list_faults(town, request)


_DONE: dict[str, Do] = {
    "people": add_person,
    "send": send,
    "voice": voice,
    "location": location,
    "contact": contact,
    "poll": poll,
    "press": press,
    "vote": vote,
    "react": react,
    "inline": inline_query,
    "chosen": chosen,
    "block": block,
    "edit": edit,
    "topic": topic,
    "migrate": migrate,
    "flood": set_flood,
}
