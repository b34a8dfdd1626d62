"""A Redis stream read in order by one reader with a fixed name: unfinished entries first, then new ones.

Entries with the same lane (a customer, a chat) are worked one after the other, lanes side by side. A Redis lock would
not be first in, first out; queues of one process are. An entry stays in the stream until its work takes it off.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

log = logging.getLogger(__name__)

GROUP, READER = "bot", "reader"
IN_HAND = 500  # entries read ahead at most; the rest waits in the stream


@dataclass(frozen=True, slots=True)
class Entry:
    stream: str
    id: bytes
    key: str  # of the sealed body
    chat: int  # the lane

    def off(self, pipe: Any) -> None:
        """Queue on an open MULTI: the body is deleted and the entry leaves the stream."""
        pipe.delete(self.key)
        self.ack(pipe)

    def ack(self, pipe: Any) -> None:
        pipe.xack(self.stream, GROUP, self.id)
        pipe.xdel(self.stream, self.id)


class Lanes:
    def __init__(self, redis: Redis, stream: str, work: Callable[[Entry], Awaitable[None]]) -> None:
        """``work`` deals with one entry and takes it off; when it raises, the entry waits for the next start."""
        self.redis: Any = redis
        self.stream, self.work = stream, work
        self.queues: dict[int, asyncio.Queue[Entry]] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.in_hand: set[bytes] = set()
        self.room = asyncio.Semaphore(IN_HAND)

    async def run(self) -> None:
        last: bytes | str = "0"
        while True:
            try:
                last = await self._more(last)
            except ResponseError as error:
                if not str(error).startswith(("NOGROUP", "UNBLOCKED")):
                    raise
                await self._prepare()
            except RedisError as error:
                log.warning("%s: the store does not answer, trying again in a second: %s", self.stream, error)
                await asyncio.sleep(1)
                last = "0"  # entries may have been handed to us in an answer that never arrived

    async def drain(self, seconds: float) -> None:
        """Let the work in hand finish; what does not is still in the stream at the next start."""
        if self.tasks:
            await asyncio.wait(list(self.tasks.values()), timeout=seconds)
        for task in list(self.tasks.values()):
            task.cancel()

    async def _prepare(self) -> None:
        try:
            await self.redis.xgroup_create(self.stream, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _more(self, last: bytes | str) -> bytes | str:
        """Read on from ``last``: an entry that was pending, or ">" for new ones."""
        found = await self.redis.xreadgroup(GROUP, READER, {self.stream: last}, count=100, block=5000)
        entries = found[0][1] if found else []
        for entry, fields in entries:
            if not fields:  # deleted meanwhile, still on our list
                await self.redis.xack(self.stream, GROUP, entry)
            elif entry not in self.in_hand:
                await self.room.acquire()
                self.in_hand.add(entry)
                self._queue(Entry(self.stream, entry, fields[b"key"].decode(), int(fields[b"chat"])))
        return ">" if last == ">" or not entries else entries[-1][0]

    def _queue(self, entry: Entry) -> None:
        if entry.chat not in self.queues:
            self.queues[entry.chat] = asyncio.Queue()
            self.tasks[entry.chat] = asyncio.create_task(self._drive(entry.chat))
        self.queues[entry.chat].put_nowait(entry)

    async def _drive(self, chat: int) -> None:
        queue = self.queues[chat]
        while not queue.empty():
            entry = queue.get_nowait()
            try:
                await self.work(entry)
            except Exception:  # the lane must go on
                log.exception("%s: %s waits for the next start", self.stream, entry.key)
            finally:
                self.in_hand.discard(entry.id)
                self.room.release()
        # No await since the queue was seen empty: nothing can have been put meanwhile.
        del self.queues[chat], self.tasks[chat]
