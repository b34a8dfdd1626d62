"""What the page's requests say: which bot, who, how many."""

from collections.abc import Sequence

from aiohttp import web

from playground.state import StoredMessage, StoredUser
from playground.telegram import Json
from playground.town import Town

_LARGEST = 2**63 - 1  # what the database can hold


def town_of(towns: Sequence[Town], request: web.Request) -> Town:
    """The bot that `?bot=` names by its number; the first one where nothing is named."""
    wanted = integer(request.query.get("bot") or towns[0].bot_id)
    for town in towns:
        if town.bot_id == wanted:
            return town
    raise web.HTTPNotFound


def integer(value: object) -> int:
    """A number, or 400."""
    try:
        number = int(str(value))
    except ValueError:
        raise web.HTTPBadRequest from None
    if abs(number) > _LARGEST:
        raise web.HTTPBadRequest
    return number


def somebody(town: Town, user_id: object) -> StoredUser:
    """A person who is here, or 404."""
    user = town.world.state.user(integer(user_id))
    if user is None:
        raise web.HTTPNotFound
    return user


def message_of(town: Town, body: Json) -> StoredMessage:
    """The message that `chat` and `message_id` name, or 404."""
    message = town.world.state.message(integer(body.get("chat")), integer(body.get("message_id")))
    if message is None:
        raise web.HTTPNotFound
    return message


async def body_of(request: web.Request) -> Json:
    """A JSON object."""
    # A form of another site cannot have this type without the browser asking us first, and we never answer that.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest
    return body
