"""Telegram → webhook → inbox. An update is written before the 200 that confirms it; without a 200 Telegram sends again.

TLS is a proxy's work (deploy/Caddyfile): this is plain HTTP for that proxy alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from typing import Any

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiohttp import web
from redis.exceptions import RedisError

from bot.telegram import raw
from bot.telegram.inbox import Inbox
from bot.telegram.polling import KINDS, chat_of
from monitoring import metrics
from monitoring.health import Heartbeat, StatusError, split
from storage.redis import reason

log = logging.getLogger(__name__)

PATH = "/telegram"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 2**20  # bytes; an update is a few kB
LOOK_S = 30.0


def secret(token: str) -> str:
    """What Telegram sends along, so that nobody else's updates are taken. Made of the token: nothing more to keep."""
    return hmac.new(token.encode(), b"photodesk webhook", hashlib.sha256).hexdigest()


async def serve(bot: Bot, inbox: Inbox, heartbeat: Heartbeat, url: str, listen: str) -> None:
    """For ever. Raises StatusError when the address cannot be listened on."""
    runner = web.AppRunner(application(inbox, secret(bot.token)), access_log=None)
    await runner.setup()
    host, port = split(listen)
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise StatusError(f"BOT_WEBHOOK_LISTEN={listen} cannot be listened on: {error.strerror}.") from error
        await _keep(bot, url.rstrip("/") + PATH, heartbeat)
    finally:
        await runner.cleanup()


def application(inbox: Inbox, expected: str) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        # aiohttp hands over what is no UTF-8 as lone surrogates.
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, expected.encode()):
            return web.Response(status=401)
        try:
            update: Any = json.loads(await request.read())
            number = int(update["update_id"])
            body = json.dumps(update, allow_nan=False).encode()
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            log.warning("something that is no update came with the right secret")
            return web.Response(status=400)
        try:
            written = await inbox.write([(number, chat_of(update), body)])
        except RedisError as error:
            log.warning("an update stays with Telegram until the store answers: %s", reason(error))
            return web.Response(status=503)
        metrics.UPDATES.labels("webhook").inc(written)
        return web.Response()

    app = web.Application(client_max_size=LARGEST)
    app.router.add_post(PATH, take)
    return app


async def _keep(bot: Bot, url: str, heartbeat: Heartbeat) -> None:
    """Say where updates go, and look again now and then: somebody who polls with this token takes the webhook away."""
    reported = 0
    while True:
        try:
            found = await raw.delivery(bot)
            if found.url != url:
                # One connection: Telegram then sends in order. What we answer is written in a millisecond.
                await bot.set_webhook(url, secret_token=secret(bot.token), allowed_updates=KINDS, max_connections=1)
                log.info("updates come to %s", url)
            if found.failed_at > reported:
                log.warning("Telegram could not deliver: %s", found.failure)
                reported = found.failed_at
            heartbeat.beat()
        except (AiogramError, raw.UnreadableError) as error:
            log.warning("Telegram cannot be asked about the webhook: %s", type(error).__name__)
        await asyncio.sleep(LOOK_S)
