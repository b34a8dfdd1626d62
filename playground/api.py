"""The Bot API over HTTP: token, method, parameters, envelope."""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from playground import (
    changing,
    inline,
    media,
    polls,
    profile,
    reactions,
    receiving,
    sending,
    topics,
    webhook,
)
from playground.faults import DroppedConnectionError, Fault, lacking, suffer
from playground.params import Params, read_params
from playground.telegram import DOWNLOAD_LIMIT, BotApiError, no_method, not_found
from playground.town import Town
from playground.world import World

log = logging.getLogger(__name__)

Method = Callable[[World, Params], Awaitable[object]]

METHODS: dict[str, Method] = {
    **receiving.METHODS,
    **profile.METHODS,
    **sending.METHODS,
    **media.METHODS,
    **polls.METHODS,
    **reactions.METHODS,
    **inline.METHODS,
    **changing.METHODS,
    **topics.METHODS,
    **webhook.METHODS,
}
_BY_NAME = {name.lower(): (name, method) for name, method in METHODS.items()}  # Telegram ignores case, too
# Topics and pins count, too: each puts a message of its own into the chat.
_POSTING = re.compile(r"(send(?!ChatAction)|copy|forward|edit|pinChat|(create|close|reopen)Forum)", re.IGNORECASE)
_TOKEN = re.compile(r"\d+:[\w-]+")


class BotApi:
    """Serves every bot, each by its token."""

    def __init__(self, towns: Sequence[Town]) -> None:
        self._towns = {town.token: town for town in towns}

    def routes(self) -> list[web.RouteDef]:
        """/bot<token>/<method> and /file/bot<token>/<path>."""
        return [
            web.route("*", "/bot{token}/{method}", self.call),
            web.get("/file/bot{token}/{path:.+}", self.download),
        ]

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One method call."""
        try:
            town = self._town(request)
            result = await _perform(town, request)
            return web.json_response({"ok": True, "result": result})
        except DroppedConnectionError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        except web.HTTPRequestEntityTooLarge:
            return _answer(BotApiError(413, "Request Entity Too Large"))
        except BotApiError as error:
            log.info("%s: %d %s", request.match_info["method"], error.code, error.description)
            return _answer(error)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes, for the bot only."""
        try:
            shelf = self._town(request).world.shelf
            file = shelf.file(path=request.match_info["path"])
            if file is None or file.size > DOWNLOAD_LIMIT:
                raise not_found()
        except BotApiError as error:
            return _answer(error)
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}
        return web.FileResponse(shelf.where(file), headers=headers)

    def _town(self, request: web.Request) -> Town:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise not_found()
        town = self._towns.get(token)
        if town is None:
            log.warning("a bot came with a token that is not one of %s", ", ".join(self._towns))
            raise BotApiError(401, "Unauthorized")
        return town


async def _perform(town: Town, request: web.Request) -> object:
    if request.method not in ("GET", "POST"):
        raise not_found()
    asked = request.match_info["method"]
    name, method = _BY_NAME.get(asked.lower(), ("", None))
    if method is None:
        log.warning("the bot called %r, which the playground does not have", asked)
        raise no_method(asked)
    params = await read_params(request)
    fault = town.faults.take(name, params.integer("chat_id") or None)
    if fault is not None and fault.when == "before":
        await _fail(name, fault)
    if _POSTING.match(name):
        town.flood.count(params.integer("chat_id"), _messages(name, params))
    result = await method(town.world, params)
    if fault is not None and fault.when == "after":
        await _fail(name, fault)
    return lacking(result, fault.without) if fault is not None else result


async def _fail(name: str, fault: Fault) -> None:
    log.info("%s meets a fault: %s", name, fault)
    await suffer(fault)


def _messages(name: str, params: Params) -> int:
    several = {"sendMediaGroup": "media", "copyMessages": "message_ids", "forwardMessages": "message_ids"}.get(name)
    value = params.json(several, several) if several else None
    return len(value) if isinstance(value, list) and value else 1


def _answer(error: BotApiError) -> web.Response:
    return web.json_response(error.envelope(), status=error.code)
