"""A Redis stream read in order by one reader with a fixed name: unfinished entries first, then new ones.

Entries of the same queue (a chat, a topic) are worked one after the other, queues side by side. A Redis lock would
not be first in, first out; queues of one process are. An entry stays in the stream until its work takes it off.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import DataError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

from monitoring.attempt import Failure, attempt
from monitoring.logs import blind
from storage.commit import Commit, execute
from storage.keys import INBOX, INBOX_TRIES, QUEUE
from storage.redis import cancelled, reason

log = logging.getLogger(__name__)

GROUP, READER = "bot", "reader"
# Entries read ahead at most (ids and keys, some 10 MB); the rest waits in the stream. Many, because one chat in a long
# flood wait may have thousands and must not hold up the others.
IN_HAND = 20_000


class GoesOn(Exception):
    """Raised while an update is handled: more belongs to it, and it is handled anew with that."""


@dataclass(frozen=True, slots=True)
class Entry:
    stream: str
    id: bytes
    key: str  # of the sealed body
    chat: int
    queue: str = ""  # the chat where nothing else is said
    again: bool = False  # it was read before: by a process that has ended, or in an answer that was lost
    also: tuple[Entry, ...] = ()  # later entries of the queue that are dealt with together with this one
    updates: tuple[bytes, ...] = ()  # theirs: the other parts of an album, or what was written in one go
    goes_on: Callable[[], Awaitable[bool]] | None = None  # does more of it come? None: it is known already

    def off(self, commit: Commit) -> None:
        """The body is deleted and the entry leaves the stream."""
        for entry in (self, *self.also):
            commit.delete(entry.key)
            entry.ack(commit)

    def age(self) -> float:
        """Seconds since it was written: a stream's ids begin with the store's clock."""
        return max(0.0, time.time() - int(self.id.split(b"-")[0]) / 1000)

    def ack(self, commit: Commit) -> None:
        commit.xack(self.stream, GROUP, self.id)
        commit.xdel(self.stream, self.id)
        if self.stream == INBOX:
            commit.hdel(INBOX_TRIES, self.id.decode())


def passes(error: Exception) -> bool:
    """Is the store away, or refusing writes for now? Then nothing is lost, and no number of tries is too many."""
    if isinstance(error, ResponseError | DataError):
        full_or_replica = isinstance(error, ReadOnlyError | OutOfMemoryError)
        return full_or_replica or any(word in str(error) for word in ("MISCONF", "NOREPLICAS"))
    return isinstance(error, RedisError)


async def patiently(call: Callable[[], Awaitable[Any]]) -> Any:
    """What ``call`` returns, however long the store is away. A MULTI may run twice: its answer may have been lost."""
    while True:
        try:
            return await call()
        except RedisError as error:
            log.warning("the store does not answer, trying again in a second: %s", reason(error))
            await asyncio.sleep(1)


class StreamReader:
    def __init__(self, redis: Redis, stream: str, work: Callable[[Entry], Awaitable[None]]) -> None:
        """``work`` deals with one entry and takes it off; when it raises, the entry waits for the next start."""
        self.redis: Any = redis
        self.stream, self.work = stream, work
        self.queues: dict[str, deque[Entry]] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.taken_along: dict[bytes, list[Entry]] = {}
        self.in_hand: set[bytes] = set()
        self.finished: set[bytes] = set()  # since the last read was sent
        self.room = asyncio.Semaphore(IN_HAND)
        self.leaving = False

    async def run(self) -> None:
        last: bytes | str = "0"
        while True:
            try:
                read = await self._more(last)
                last = read if read and last != ">" else ">"
            except RedisError as error:
                last = "0"  # entries may have been handed to us in an answer that never arrived
                await self._recover(error)

    def behind(self, entry: Entry) -> list[Entry]:
        """What waits in the queue of ``entry``, which is in work: next first."""
        return list(self.queues.get(entry.queue, ()))

    def take_along(self, entry: Entry, others: Sequence[Entry]) -> None:
        """The work on ``entry`` deals with ``others``, too: the next in its queue. They share its fate."""
        for other in others:
            self.queues[entry.queue].remove(other)
        self.taken_along.setdefault(entry.id, []).extend(others)

    async def drain(self, seconds: float, *, unread: bool = False) -> None:
        """Let the work in hand finish; with ``unread``, also what nobody has read yet.

        What does not finish in time is still in the stream at the next start.
        """
        self.leaving = not unread
        with contextlib.suppress(RedisError):
            while unread and await self._more(">", block=None):
                continue
        working = list(self.tasks.values())
        if working:
            await asyncio.wait(working, timeout=seconds)
        await cancelled(*working)

    async def _recover(self, error: RedisError) -> None:
        try:
            if str(error).startswith(("NOGROUP", "UNBLOCKED")):  # first start, or the store was emptied
                await self._prepare()
                return
        except RedisError as another:
            error = another
        log.warning("%s: the store does not answer, trying again in a second: %s", self.stream, reason(error))
        await asyncio.sleep(1)

    async def _prepare(self) -> None:
        try:
            await self.redis.xgroup_create(self.stream, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _more(self, last: bytes | str, block: int | None = 5000) -> bytes | None:
        """Read on from ``last`` (an entry that was pending, or ">" for new ones) → the last one that was read."""
        self.finished.clear()
        found = await self.redis.xreadgroup(GROUP, READER, {self.stream: last}, count=100, block=block)
        entries = found[0][1] if found else []
        for entry, fields in entries:
            # Pending ones may be in work, or have been finished while the answer was on its way.
            if entry not in self.in_hand and entry not in self.finished:
                await self._queue(entry, fields, again=last != ">")
        return entries[-1][0] if entries else None

    async def _queue(self, number: bytes, fields: dict[bytes, bytes] | None, *, again: bool) -> None:
        try:
            found = fields or {}
            chat = int(found[b"chat"])
            queue = found.get(QUEUE.encode(), b"").decode() or str(chat)
            entry = Entry(self.stream, number, found[b"key"].decode(), chat, queue, again)
        except (KeyError, ValueError):  # deleted meanwhile and still on our list, or not one of ours
            log.warning("%s: entry %s cannot be read and is taken off", self.stream, number.decode())
            Entry(self.stream, number, "", 0).ack(commit := Commit())
            await execute(self.redis, commit)
            return
        await self.room.acquire()
        self.in_hand.add(number)
        if entry.queue not in self.queues:
            self.queues[entry.queue] = deque()
            self.tasks[entry.queue] = asyncio.create_task(self._drive(entry.queue))
        self.queues[entry.queue].append(entry)

    async def _drive(self, name: str) -> None:
        queue = self.queues[name]
        while queue and not self.leaving:
            entry = queue.popleft()
            done = False
            try:
                failed = await attempt(self.work(entry))
                done = not isinstance(failed, Failure)
                if isinstance(failed, Failure):  # the queue must go on
                    log.error("%s: %s waits for the next start: %s", self.stream, entry.key, blind(failed.error))
            finally:
                for one in (entry, *self.taken_along.pop(entry.id, ())):
                    self.finished.update({one.id} if done else ())
                    self.in_hand.discard(one.id)
                    self.room.release()
        # No await since the queue was seen empty: nothing can have been put meanwhile.
        del self.queues[name], self.tasks[name]
