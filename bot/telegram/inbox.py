"""Updates in, in order, before they are confirmed.

An update is written to a stream before Telegram is told that we have it, and leaves it in the transaction that answers
it. A failing update is tried in place, then goes to the dead letters and to a person. Each try is counted in the store
before it begins, so that one that ends the process counts, too.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.telegram.stream import Entry, StreamReader, passes, patiently
from monitoring import metrics
from monitoring.attempt import Failure, attempt
from monitoring.logs import blind, turn_id
from storage.commit import Commit, execute
from storage.keys import INBOX, INBOX_DEAD, INBOX_SEEN, INBOX_TRIES, RETENTION, customer
from storage.redis import reason
from storage.seal import Sealer

log = logging.getLogger(__name__)

SEEN_S = 2 * 86_400  # Telegram keeps an unconfirmed update for a day
TRIES = 3
PAUSE_S = 1.0  # between tries
DEAD_KEPT = 10_000

ALBUM_QUIET_S = 1.0  # no further part for so long: the album is whole
ALBUM_MOST_S = 10.0

Handle = Callable[[Entry, bytes], Awaitable[None]]
GiveUp = Callable[[Commit, Entry], None]


class Inbox:
    """``handle`` deals with one update and takes its entry off the stream; ``give_up`` says what is
    told about one that failed ``TRIES`` times."""

    def __init__(self, redis: Redis, sealer: Sealer, handle: Handle, give_up: GiveUp) -> None:
        self.redis: Any = redis
        self.sealer, self.handle, self.give_up = sealer, handle, give_up
        self.reader = StreamReader(redis, INBOX, self._work)
        self.alone = asyncio.Lock()  # of what may have ended the process, one is in work

    async def write(self, updates: Sequence[tuple[int, int, bytes]]) -> int:
        """(update_id, chat, JSON) of each update, in order → how many were new. All are written or none."""
        if not updates:
            return 0
        seen = await self.redis.zmscore(INBOX_SEEN, [str(number) for number, _, _ in updates])
        new = [update for update, before in zip(updates, seen, strict=True) if before is None]
        commit = Commit()
        for number, chat, body in new:
            key = customer(chat, "update", number)
            commit.set(key, self.sealer.seal(key, body), ex=RETENTION["update"])
            commit.xadd(INBOX, {"key": key, "chat": chat} | lane_of(chat, body))
            commit.zadd(INBOX_SEEN, {str(number): time.time()})
        commit.zremrangebyscore(INBOX_SEEN, 0, time.time() - SEEN_S)
        await execute(self.redis, commit)
        return len(new)

    async def _work(self, entry: Entry) -> None:
        turn_id.set(entry.key)
        metrics.TURN_SECONDS.labels("waiting").observe(entry.age())
        albums: list[Entry] = []  # the entry with the other parts of its album, once they are known
        why = "it ended the bot"
        while (tries := await self._begun(entry)) <= TRIES:
            error = await self._tried(entry, albums, tries)
            if error is None:
                return
            why = type(error).__name__  # whatever it is, it ends with a person
            log.error("update %s failed (try %d of %d): %s", entry.key, tries, TRIES, blind(error))
            await asyncio.sleep(PAUSE_S * (tries < TRIES))
        whole = albums[0] if albums else await self._whole(entry)
        await patiently(lambda: self._bury(whole, why))

    async def _begun(self, entry: Entry) -> int:
        """Which try this is, counted over all processes."""
        return int(await patiently(lambda: self.redis.hincrby(INBOX_TRIES, entry.id, 1)))

    async def _tried(self, entry: Entry, albums: list[Entry], tries: int) -> Exception | None:
        """How one try failed; None when it did not. What the store refused is no try, and is done again when it takes
        words again: a chat model is not asked every second meanwhile."""
        try:
            async with self.alone if tries == TRIES else nullcontext():
                while True:
                    done = await attempt(self._try(entry, albums))
                    if not isinstance(done, Failure):
                        return None
                    if not passes(done.error):
                        return done.error
                    log.warning("update %s waits for the store: %s", entry.key, reason(done.error))
                    await asyncio.sleep(1)
                    await patiently(lambda: self.redis.hset(INBOX_TRIES, entry.id, tries))
        except asyncio.CancelledError:  # we are asked to stop: that is nobody's failure
            with suppress(RedisError):
                await self.redis.hincrby(INBOX_TRIES, entry.id, -1)
            raise

    async def _try(self, entry: Entry, albums: list[Entry]) -> None:
        body = await self._body(entry)
        if body is None:
            return
        if not albums:
            albums.append(await self._with_album(entry, body))
        await self.handle(albums[0], body)

    async def _with_album(self, entry: Entry, body: bytes) -> Entry:
        """Parts of an album come as updates of their own, in a row, and nothing says which is the last: it is whole
        when no part has come for a while. Only the updates are waited for; downloads have not begun."""
        album = album_of(body)
        if album is None:
            return entry
        parts: dict[bytes, tuple[Entry, bytes | None]] = {}
        start = last = time.monotonic()
        while time.monotonic() < min(last + ALBUM_QUIET_S, start + ALBUM_MOST_S):
            await asyncio.sleep(ALBUM_QUIET_S / 10)
            for other in self.reader.behind(entry):
                if other.id not in parts:
                    sealed = await self.redis.get(other.key)
                    its = self.sealer.open(other.key, sealed) if sealed else b""
                    parts[other.id] = other, its if album_of(its) == album else None
                    last = time.monotonic() if parts[other.id][1] else last
        found = [(other, its) for other, its in parts.values() if its is not None]
        self.reader.take_along(entry, [other for other, _ in found])
        return replace(entry, also=tuple(o for o, _ in found), album=tuple(its for _, its in found))

    async def _whole(self, entry: Entry) -> Entry:
        """With the other parts of its album, where its update can be read at all."""
        body = await attempt(self._body(entry))
        return await self._with_album(entry, body) if isinstance(body, bytes) else entry

    async def _body(self, entry: Entry) -> bytes | None:
        """The update; None when it is already dealt with or no longer kept."""
        sealed = await self.redis.get(entry.key)
        if sealed is not None:
            return self.sealer.open(entry.key, sealed)
        commit = Commit()
        entry.off(commit)
        await execute(self.redis, commit)
        log.warning("update %s is taken off: it was answered before, or is too old to be kept", entry.key)
        return None

    async def _bury(self, entry: Entry, why: str) -> None:
        """To the dead letters and to a person, in one MULTI. The body is kept for its time: it can be replayed."""
        if not await self.redis.xrange(entry.stream, entry.id, entry.id):
            return  # it was answered before it failed, or a MULTI before this one did it and its answer was lost
        commit = Commit()
        for each in (entry, *entry.also):
            letter = {"key": each.key, "chat": each.chat, "reason": why}
            commit.xadd(INBOX_DEAD, letter, maxlen=DEAD_KEPT)
            each.ack(commit)
        self.give_up(commit, entry)
        await execute(self.redis, commit)
        metrics.DEAD.labels("inbox").inc()
        log.error("update %s was given up and told to a person", entry.key)


def lane_of(chat: int, body: bytes) -> dict[str, str]:
    """Topics of a group are worked side by side: an album in one must not hold up an answer in another."""
    if chat >= 0 or b'"message_thread_id"' not in body:
        return {}
    update = json.loads(body)
    message = next((update[kind] for kind in ("message", "edited_message") if kind in update), None)
    message = message or update.get("callback_query", {}).get("message") or {}
    thread = message.get("message_thread_id")
    return {"lane": f"{chat}:{thread}"} if thread else {}


def album_of(body: bytes) -> str | None:
    """The album that an update's message is part of."""
    if b'"media_group_id"' not in body:
        return None
    found = json.loads(body).get("message", {}).get("media_group_id")
    return str(found) if found else None
