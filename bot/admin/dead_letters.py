"""Dead letters: what was given up, for an operator to look at, try again or throw away. Words are never shown."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from storage.keys import INBOX, INBOX_DEAD, OUTBOX, OUTBOX_DEAD, VISION_JOBS

# Queue → its stream, its dead letters. A photo's bytes are deleted when its job is given up: it cannot be replayed.
QUEUES = {"inbox": (INBOX, INBOX_DEAD), "outbox": (OUTBOX, OUTBOX_DEAD), "photos": ("", f"{VISION_JOBS}:dead")}


@dataclass(frozen=True, slots=True)
class Letter:
    queue: str
    id: str  # of the dead letter, beginning with its time in milliseconds
    chat: str
    key: str
    reason: str
    kept: bool  # its body is still there: it can be replayed

    def __str__(self) -> str:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(self.id.split("-")[0]) / 1000))
        left = "" if self.kept else " (its content is gone: drop it)"
        return f"{self.queue:7} {self.id:17} {when}Z {self.key or self.chat}: {self.reason or 'see the log'}{left}"


async def letters(redis: Any) -> AsyncIterator[Letter]:
    """Oldest first, queue by queue."""
    for queue, (stream, dead) in QUEUES.items():
        for number, fields in await redis.xrange(dead):
            said = {name.decode(): value.decode() for name, value in fields.items()}
            key = said.get("key") or said.get("result", "")
            kept = bool(stream and await redis.exists(key))
            yield Letter(queue, number.decode(), said.get("chat", ""), key, said.get("reason", ""), kept)


async def replay(redis: Redis, letter: Letter) -> bool:
    """Back into its queue, and out of the dead letters, in one MULTI. False: its content is gone."""
    stream, dead = QUEUES[letter.queue]
    if not letter.kept:
        return False
    async with redis.pipeline(transaction=True) as pipe:
        pipe.xadd(stream, {"key": letter.key, "chat": letter.chat})
        pipe.xdel(dead, letter.id)
        await pipe.execute()
    return True


async def drop(redis: Redis, letter: Letter) -> None:
    """Thrown away, with its content."""
    stream, dead = QUEUES[letter.queue]
    async with redis.pipeline(transaction=True) as pipe:
        if stream:
            pipe.delete(letter.key)
        pipe.xdel(dead, letter.id)
        await pipe.execute()
