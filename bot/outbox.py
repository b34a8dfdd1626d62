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
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendMessage, SendPhoto, TelegramMethod
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.lanes import Entry, Lanes
from storage.keys import OUTBOX, OUTBOX_DEAD, RETENTION, customer
from storage.seal import Sealer, SealError

log = logging.getLogger(__name__)

TEXT, CAPTION = 4096, 1024  # characters: https://core.telegram.org/bots/api#sendmessage, #sendphoto
METHODS: dict[str, type[TelegramMethod[Any]]] = {"sendMessage": SendMessage, "sendPhoto": SendPhoto}
DEAD_KEPT = 10_000
PATIENCE_S = 3600.0  # how long a message is tried against errors that may pass


class Queue:
    """The turn's half: puts messages on an open MULTI."""

    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer

    def text(self, pipe: Any, about: int, to: int, text: str, **more: Any) -> None:
        """``text`` (plain) to chat ``to``, in parts that Telegram takes; ``more`` (buttons) goes with the last.

        ``about``: the customer whose words these are; also for messages to the agents' group.
        """
        parts = split(text, TEXT)
        for number, part in enumerate(parts, 1):
            self._put(
                pipe, about, "sendMessage", {"chat_id": to, "text": part, **(more if number == len(parts) else {})}
            )

    def photo(self, pipe: Any, about: int, to: int, file_id: str, caption: str = "") -> None:
        self._put(pipe, about, "sendPhoto", {"chat_id": to, "photo": file_id, "caption": caption[:CAPTION]})

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

    def __init__(self, redis: Redis, sealer: Sealer, bot: Bot) -> None:
        self.redis: Any = redis
        self.sealer, self.bot = sealer, bot
        self.everyone = Bucket(
            30, 1.0
        )  # https://core.telegram.org/bots/faq: 30 a second, 1 a chat, 20 a minute a group
        self.chats: dict[int, Bucket] = {}
        self.lanes = Lanes(redis, OUTBOX, self._one)
        self.doubtful = 0  # sends whose answer was lost and that were made again

    async def _one(self, entry: Entry) -> None:
        sealed = await self._patiently(lambda: self.redis.get(entry.key))
        if sealed is None:
            await self._done(entry)
            return
        try:
            body = json.loads(self.sealer.open(entry.key, sealed))
        except SealError as error:
            await self._done(entry, f"does not open: {error}")
            return
        await self._done(entry, await self._send(entry, body))

    async def _send(self, entry: Entry, body: dict[str, Any]) -> str | None:
        """None when it was sent, else why it never will be."""
        method = METHODS[body.pop("method")]
        give_up, pause = time.monotonic() + PATIENCE_S, 1.0
        while time.monotonic() < give_up:
            await self._turn(entry.chat)
            try:
                await self.bot(method(**body))
            except TelegramRetryAfter as error:
                log.warning("flood wait of %d s for chat %d", error.retry_after, entry.chat)
                self.chats[entry.chat].closed_until = time.monotonic() + error.retry_after
            except TelegramForbiddenError as error:
                return f"the customer cannot be reached: {error.message}"
            except TelegramBadRequest as error:
                if "parse entities" in error.message and body.pop("parse_mode", None):
                    continue  # as plain text rather than not at all
                return f"Telegram refused it: {error.message}"
            except (TelegramNetworkError, TelegramServerError) as error:
                log.warning("message %s may not have arrived, sending again in %.0f s: %s", entry.key, pause, error)
                self.doubtful += isinstance(error, TelegramNetworkError)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60)
            except TelegramAPIError as error:
                return f"Telegram refused it: {error.message}"
            else:
                return None
        return f"not sent within {PATIENCE_S:.0f} s"

    async def _turn(self, to: int) -> None:
        """Wait until ``to`` and the whole bot may send, then count it."""
        # A private chat may burst a little; Telegram asks for one a second in the long run. Groups have negative ids.
        bucket = self.chats.setdefault(to, Bucket(20, 60.0) if to < 0 else Bucket(3, 3.0))
        while (wait := max(bucket.wait(time.monotonic()), self.everyone.wait(time.monotonic()))) > 0:
            await asyncio.sleep(wait)
        now = time.monotonic()
        bucket.take(now)
        self.everyone.take(now)

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
        await self._patiently(off)

    async def _patiently(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Redis may be away for a moment; what was sent must still be taken off the stream."""
        for _ in range(60):
            try:
                return await call()
            except RedisError as error:
                log.warning("the store does not answer: %s", error)
                await asyncio.sleep(1)
        return await call()
