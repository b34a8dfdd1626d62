"""Updates in, in order, before they are confirmed.

An update is written to a stream before Telegram is told that we have it, and leaves it in the transaction that answers
it. A failing update is tried in place, then goes to the dead letters and to a person. Each try is counted in the store
before it begins, so that one that ends the process counts, too. What a customer writes in one go, and an album, is one
turn (docs/decisions/0043-one-thought.md).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.telegram.stream import Entry, GoesOn, StreamReader, passes, patiently
from monitoring import metrics
from monitoring.attempt import Failure, attempt
from monitoring.logs import blind, turn_id
from storage.commit import Commit, execute
from storage.keys import INBOX, INBOX_DEAD, INBOX_SEEN, INBOX_TRIES, QUEUE, RETENTION, customer
from storage.redis import reason
from storage.seal import Sealer

log = logging.getLogger(__name__)

SEEN_S = 2 * 86_400  # Telegram keeps an unconfirmed update for a day
TRIES = 3
PAUSE_S = 1.0  # between tries
ALONE_S = 3.0  # of a last try, after which the next one may begin
DEAD_KEPT = 10_000

ALBUM_QUIET_S = 1.0  # no further part for so long: the album is whole
ALBUM_MOST_S = 10.0

# What a customer writes in one go. Nobody waits before an answer: only what is none waits for more (``goes_on``).
HOLD_S = 1.0  # since it was written
QUIET_S = 1.5  # nothing more for so long: the thought is whole
BURST_MOST_S = 10.0
BURST_MOST = 20  # messages
BURST_LONGEST = 4096  # characters, as of one message
LOOK_S = 0.05

Handle = Callable[[Entry, bytes], Awaitable[None]]
GiveUp = Callable[[Commit, Entry], None]


class Inbox:
    """``handle`` deals with one update and takes its entry off the stream; ``give_up`` says what is
    told about one that failed ``TRIES`` times."""

    def __init__(self, redis: Redis, sealer: Sealer, handle: Handle, give_up: GiveUp) -> None:
        self.redis: Any = redis
        self.sealer, self.handle, self.give_up = sealer, handle, give_up
        self.reader = StreamReader(redis, INBOX, self._work)
        self.alone = asyncio.Lock()  # of what may have ended the process, one begins

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
            commit.xadd(INBOX, {"key": key, "chat": chat} | queue_of(chat, body))
            commit.zadd(INBOX_SEEN, {str(number): time.time()})
        commit.zremrangebyscore(INBOX_SEEN, 0, time.time() - SEEN_S)
        await execute(self.redis, commit)
        return len(new)

    async def _work(self, entry: Entry) -> None:
        turn_id.set(entry.key)
        metrics.TURN_SECONDS.labels("waiting").observe(entry.age())
        whole: list[Entry] = []  # the entry with what belongs to it, once that is known
        why = "it ended the bot"
        tries = await self._begun_before(entry) if entry.again else 0
        while tries < TRIES:
            async with self._alone() if tries == TRIES - 1 else nullcontext():
                error = await self._tried(entry, whole)
            if error is None:
                return
            tries, why = tries + 1, type(error).__name__  # whatever it is, it ends with a person
            log.error("update %s failed (try %d of %d): %s", entry.key, tries, TRIES, blind(error))
            await asyncio.sleep(PAUSE_S * (tries < TRIES))
        buried = whole[0] if whole else await self._whole(entry)
        await patiently(lambda: self._bury(buried, why))

    async def _begun_before(self, entry: Entry) -> int:
        """How many tries were begun, counted over all processes."""
        return int(await patiently(lambda: self.redis.hget(INBOX_TRIES, entry.id)) or 0)

    async def _begun(self, entry: Entry, tries: int | None = None) -> tuple[int, bytes | None]:
        """Counts a try, or writes down that it is the one numbered ``tries``: its number, and the sealed update."""
        async with self.redis.pipeline(transaction=False) as pipe:
            if tries is None:
                pipe.hincrby(INBOX_TRIES, entry.id, 1)
            else:
                pipe.hset(INBOX_TRIES, entry.id, tries)
            pipe.get(entry.key)
            counted, sealed = await pipe.execute()
        return tries or counted, sealed

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """What was in hand when the process ended is tried for the last time one after the other, and counted only
        then: who merely stood beside it is not given up. The next one waits ``ALONE_S`` at most."""
        with ExitStack() as held:
            await self.alone.acquire()
            held.callback(self.alone.release)
            held.callback(asyncio.get_running_loop().call_later(ALONE_S, held.close).cancel)
            yield

    async def _tried(self, entry: Entry, whole: list[Entry]) -> Exception | None:
        """How one try failed; None when it did not. What the store refused is no try, and is done again when it takes
        words again: a chat model is not asked every second meanwhile."""
        tries, sealed = await patiently(lambda: self._begun(entry))
        try:
            while True:
                done = await attempt(self._try(entry, whole, sealed))
                if not isinstance(done, Failure):
                    return None
                if not passes(done.error):
                    return done.error
                log.warning("update %s waits for the store: %s", entry.key, reason(done.error))
                await asyncio.sleep(1)
                _, sealed = await patiently(lambda: self._begun(entry, tries))
        except asyncio.CancelledError:  # we are asked to stop: that is nobody's failure
            with suppress(RedisError):
                await self.redis.hincrby(INBOX_TRIES, entry.id, -1)
            raise

    async def _try(self, entry: Entry, whole: list[Entry], sealed: bytes | None) -> None:
        body = await self._body(entry, sealed)
        if body is None:
            return
        if not whole:
            whole.append(await self._with_others(entry, body))
        try:
            await self.handle(whole[0], body)
        except GoesOn:
            whole[:] = [await self._with_burst(entry, body)]
            await self.handle(whole[0], body)

    async def _with_others(self, entry: Entry, body: bytes) -> Entry:
        if album := album_of(body):
            return await self._with_album(entry, album)
        if not said(body):
            return entry
        if self.reader.behind(entry):
            return await self._with_burst(entry, body)
        return replace(entry, goes_on=lambda: self._goes_on(entry, body))

    async def _goes_on(self, entry: Entry, body: bytes) -> bool:
        """Whether the customer writes on before ``HOLD_S`` are over."""
        while not (behind := self.reader.behind(entry)):
            if entry.age() >= HOLD_S or self.reader.leaving:
                return False
            await asyncio.sleep(LOOK_S)
        return continues(body, await self._opened(behind[0]))

    async def _with_burst(self, entry: Entry, body: bytes) -> Entry:
        """What waits behind ``entry`` and belongs to the same thought; what comes meanwhile, too."""
        found: list[tuple[Entry, bytes]] = []
        until, length, last = time.monotonic() + BURST_MOST_S, len(said(body)), entry
        while len(found) < BURST_MOST - 1 and (another := await self._next(entry, last, len(found), until)):
            its = await self._opened(another)
            length += 1 + len(said(its))
            if not continues(body, its) or length > BURST_LONGEST:
                break
            found.append((another, its))
            last = another
        return self._together(entry, found)

    async def _next(self, entry: Entry, last: Entry, known: int, until: float) -> Entry | None:
        """What comes in the queue of ``entry`` after the ``known`` ones; None when nothing has come for long enough."""
        until = min(until, time.monotonic() + QUIET_S)
        while not (behind := self.reader.behind(entry)[known:]):
            if time.monotonic() >= until or last.age() >= QUIET_S or self.reader.leaving:
                return None
            await asyncio.sleep(LOOK_S)
        return behind[0]

    async def _with_album(self, entry: Entry, album: str) -> Entry:
        """Parts of an album come as updates of their own, in a row, and nothing says which is the last: it is whole
        when no part has come for a while. Only the updates are waited for; downloads have not begun."""
        parts: dict[bytes, tuple[Entry, bytes | None]] = {}
        start = last = time.monotonic()
        while time.monotonic() < min(last + ALBUM_QUIET_S, start + ALBUM_MOST_S):
            await asyncio.sleep(ALBUM_QUIET_S / 10)
            for other in self.reader.behind(entry):
                if other.id not in parts:
                    its = await self._opened(other)
                    parts[other.id] = other, its if album_of(its) == album else None
                    last = time.monotonic() if parts[other.id][1] else last
        return self._together(entry, [(other, its) for other, its in parts.values() if its is not None])

    def _together(self, entry: Entry, others: Sequence[tuple[Entry, bytes]]) -> Entry:
        self.reader.take_along(entry, [other for other, _ in others])
        return replace(entry, also=tuple(o for o, _ in others), updates=tuple(its for _, its in others))

    async def _opened(self, entry: Entry) -> bytes:
        """Its update; nothing when it is no longer kept."""
        sealed = await self.redis.get(entry.key)
        return self.sealer.open(entry.key, sealed) if sealed else b""

    async def _whole(self, entry: Entry) -> Entry:
        """With the other parts of its album, where its update can be read at all."""
        sealed = await patiently(lambda: self.redis.get(entry.key))
        body = await attempt(self._body(entry, sealed))
        album = album_of(body) if isinstance(body, bytes) else None
        return await self._with_album(entry, album) if album else entry

    async def _body(self, entry: Entry, sealed: bytes | None) -> bytes | None:
        """The update; None when it is already dealt with or no longer kept: then its entry is taken off."""
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


def queue_of(chat: int, body: bytes) -> dict[str, str]:
    """Topics of a group are worked side by side: an album in one must not hold up an answer in another."""
    if chat >= 0 or b'"message_thread_id"' not in body:
        return {}
    update = json.loads(body)
    message = next((update[kind] for kind in ("message", "edited_message") if kind in update), None)
    message = message or update.get("callback_query", {}).get("message") or {}
    thread = message.get("message_thread_id")
    return {QUEUE: f"{chat}:{thread}"} if thread else {}


def album_of(body: bytes) -> str | None:
    """The album that an update's message is part of."""
    if b'"media_group_id"' not in body:
        return None
    found = json.loads(body).get("message", {}).get("media_group_id")
    return str(found) if found else None


def said(body: bytes) -> str:
    """The words of an update that is words to the bot alone; "" for a command and for anything else."""
    text = str(_private(body).get("text", ""))
    return "" if text.startswith("/") else text


def continues(body: bytes, other: bytes) -> bool:
    """Whether ``other`` goes on with what ``body`` began. An answer to a certain message begins anew."""
    one, two = _private(body), _private(other)
    thread = two.get("message_thread_id")
    answered = two.get("reply_to_message", {}).get("message_id", thread)  # a topic's first message is none
    return bool(said(other)) and one.get("message_thread_id") == thread == answered


def _private(body: bytes) -> dict[str, Any]:
    """The message of an update from a private chat; {} for any other update."""
    message: dict[str, Any] = json.loads(body or b"{}").get("message") or {}
    return message if message.get("chat", {}).get("type") == "private" else {}
