"""Messages out, in order, within Telegram's limits. Only the outbox sends; a turn queues, in its own transaction.

An entry leaves the stream when Telegram has answered. The window left is one call whose answer was lost: it is made
again (a double is better than silence) and counted in ``doubtful``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendDocument, SendMessage, SendPhoto, TelegramMethod
from aiogram.types import BufferedInputFile
from aiohttp import ClientConnectorError
from redis.asyncio import Redis

from bot.lanes import Entry, Lanes, patiently
from bot.logs import blind
from storage.keys import OUTBOX, OUTBOX_DEAD, RETENTION, customer
from storage.seal import Sealer

log = logging.getLogger(__name__)

TEXT, CAPTION = 4096, 1024  # characters: https://core.telegram.org/bots/api#sendmessage, #sendphoto
METHODS: dict[str, type[TelegramMethod[Any]]] = {"sendMessage": SendMessage, "sendPhoto": SendPhoto}
DEAD_KEPT = 10_000
PATIENCE_S = 3600.0  # how long a message is tried against errors that may pass
# The last: a gateway's page instead of JSON. Unauthorized: the token was changed, the next one sends what is waiting.
PASSING = (TelegramNetworkError, TelegramServerError, TelegramUnauthorizedError, ClientDecodeError)
CHATS = 10_000  # whose sending is remembered; more are swept of those with nothing to send


class Queue:
    """The turn's half: puts messages on an open MULTI."""

    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer

    def text(self, pipe: Any, about: int, to: int, text: str, *, mark: str = "", **more: Any) -> None:
        """``text`` (plain) to chat ``to``, in parts that Telegram takes; ``more`` (buttons) goes with the last.

        ``about``: the customer whose words these are; also for messages to the agents' group. ``mark`` begins every
        part but the first, so that each says whom it is about: where a part begins is in the customer's hands.
        """
        parts = split(text, TEXT - _units(mark))
        if not parts:
            raise ValueError(f"an empty message to {to}")  # Telegram would refuse it, and nobody would be told
        for number, part in enumerate(parts, 1):
            arguments = {"chat_id": to, "text": part if number == 1 else mark + part}
            self._put(pipe, about, "sendMessage", arguments | (more if number == len(parts) else {}))

    def photo(self, pipe: Any, about: int, to: int, file_id: str, caption: str = "") -> None:
        self._put(
            pipe, about, "sendPhoto", {"chat_id": to, "photo": file_id, "caption": "".join(split(caption, CAPTION)[:1])}
        )

    def _put(self, pipe: Any, about: int, method: str, arguments: dict[str, Any]) -> None:
        key = customer(about, "out", uuid.uuid4().hex)
        body = json.dumps({"method": method, **arguments}, ensure_ascii=False).encode()
        pipe.set(key, self.sealer.seal(key, body), ex=RETENTION["out"])
        pipe.xadd(OUTBOX, {"key": key, "chat": arguments["chat_id"]})


def split(text: str, limit: int) -> list[str]:
    """Parts of at most ``limit`` UTF-16 units (what Telegram counts), cut at a paragraph, line or word if possible."""
    parts, rest = [], text.strip()
    while _units(rest) > limit:
        at = limit
        while _units(rest[:at]) > limit:  # characters outside the basic plane count twice
            at -= max(1, (_units(rest[:at]) - limit) // 2)
        for mark in ("\n\n", "\n", " "):
            if (cut := rest.rfind(mark, at // 2, at)) > 0:
                at = cut
                break
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [part for part in (*parts, rest) if part]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class Bucket:
    """At most ``count`` in any ``seconds``; a flood wait closes it until it is over."""

    def __init__(self, count: int, seconds: float) -> None:
        self.count, self.seconds = count, seconds
        self.sent: deque[float] = deque()
        self.closed_until = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one more may go."""
        while self.sent and self.sent[0] <= now - self.seconds:
            self.sent.popleft()
        full = self.sent[0] + self.seconds - now if len(self.sent) >= self.count else 0.0
        return max(full, self.closed_until - now, 0.0)

    def take(self, now: float) -> None:
        self.sent.append(now)


class Outbox:
    """The sender's half: one lane a destination, so that a slow or flooded chat holds up nobody else."""

    def __init__(self, redis: Redis, sealer: Sealer, bot: Bot, clock: Callable[[], float] = time.monotonic) -> None:
        self.redis: Any = redis
        self.sealer, self.bot, self.clock = sealer, bot, clock
        # 30 a second, 1 a chat, 20 a minute a group: https://core.telegram.org/bots/faq
        self.everyone = Bucket(30, 1.0)
        self.chats: dict[int, Bucket] = {}
        self.lanes = Lanes(redis, OUTBOX, self._one)
        self.doubtful = 0  # sends whose answer was lost and that were made again

    async def _one(self, entry: Entry) -> None:
        sealed = await patiently(lambda: self.redis.get(entry.key))
        if sealed is None:
            await self._done(entry, "it is no longer kept")
            return
        try:
            body = await self._with_copy(json.loads(self.sealer.open(entry.key, sealed)))
            why_not = await self._send(entry, body) if body else "the copy of its photo is no longer kept"
        except Exception as error:  # noqa: BLE001 - a bad entry must not come back at every start
            log.error("message %s: %s", entry.key, blind(error))  # noqa: TRY400
            why_not = f"it cannot be sent: {type(error).__name__}"
        await self._done(entry, why_not)

    async def _send(self, entry: Entry, body: dict[str, Any]) -> str | None:
        """None when it was sent, else why it never will be."""
        method = METHODS[body.pop("method")]
        give_up, pause = self.clock() + PATIENCE_S, 1.0
        while self.clock() < give_up:
            await self._turn(entry.chat)
            try:
                await self.bot(method(**body))
            except TelegramRetryAfter as error:
                log.warning("flood wait of %d s for chat %d", error.retry_after, entry.chat)
                self.chats[entry.chat].closed_until = self.clock() + error.retry_after
                give_up += error.retry_after  # Telegram says when; only errors use up our patience
            except TelegramMigrateToChat as error:
                log.error("group %d is now %d: set BOT_AGENTS_GROUP to that", entry.chat, error.migrate_to_chat_id)  # noqa: TRY400
                body["chat_id"] = error.migrate_to_chat_id
            except TelegramBadRequest as error:
                if method is not SendPhoto or "file of type Document" not in error.message:
                    return f"Telegram refused it: {error.message}"
                method, body["document"] = SendDocument, body.pop("photo")  # a picture that came as a file
            except PASSING as error:
                if sent(error):
                    return None
                log.warning("message %s is sent again in %.0f s: %s", entry.key, pause, type(error).__name__)
                self.doubtful += may_have_arrived(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60)
            except TelegramAPIError as error:
                return f"Telegram refused it: {error.message}"
            else:
                return None
        return f"not sent within {PATIENCE_S:.0f} s"

    async def _with_copy(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """A photo that must not be shown is named by its blurred copy's key: the copy is sent. None: it is gone."""
        key = body.get("photo")
        if not isinstance(key, str) or not key.startswith("c:"):  # Telegram's file ids hold no colon
            return body
        sealed = await patiently(lambda: self.redis.get(key))
        return (
            None if sealed is None else body | {"photo": BufferedInputFile(self.sealer.open(key, sealed), "photo.jpg")}
        )

    async def _turn(self, to: int) -> None:
        """Wait until ``to`` and the whole bot may send, then count it."""
        if len(self.chats) > CHATS and to not in self.chats:
            self.chats = {chat: bucket for chat, bucket in self.chats.items() if chat in self.lanes.tasks}
        # A private chat may burst a little; Telegram asks for one a second in the long run. Groups have negative ids.
        bucket = self.chats.setdefault(to, Bucket(20, 60.0) if to < 0 else Bucket(3, 3.0))
        while (wait := max(bucket.wait(self.clock()), self.everyone.wait(self.clock()))) > 0:
            await asyncio.sleep(wait)
        bucket.take(self.clock())
        self.everyone.take(self.clock())

    async def _done(self, entry: Entry, why_not: str | None = None) -> None:
        async def off() -> None:
            async with self.redis.pipeline(transaction=True) as pipe:
                if why_not:
                    letter = {"key": entry.key, "chat": entry.chat, "reason": why_not}
                    pipe.xadd(OUTBOX_DEAD, letter, maxlen=DEAD_KEPT, approximate=True)
                    entry.ack(pipe)  # the message is kept for its time: it can be replayed
                else:
                    entry.off(pipe)
                await pipe.execute()

        if why_not:
            log.error("message %s was not sent: %s", entry.key, why_not)
        await patiently(off)  # what was sent must be taken off the stream


def sent(error: Exception) -> bool:
    """Telegram took it; only its description of the sent message is one that aiogram cannot read."""
    return isinstance(error, ClientDecodeError) and isinstance(error.data, dict) and error.data.get("ok") is True


def may_have_arrived(error: Exception) -> bool:
    return not isinstance(error, TelegramUnauthorizedError) and not isinstance(error.__cause__, ClientConnectorError)
