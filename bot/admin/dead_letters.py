"""Dead letters: what was given up, for an operator to look at, try again or throw away. Words are never shown."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from storage.commit import Commit, execute
from storage.keys import QUEUES


@dataclass(frozen=True, slots=True)
class DeadLetter:
    queue: str
    id: str  # of the dead letter, beginning with its time in milliseconds
    chat: str
    key: str
    reason: str
    replayable: bool  # its body is still there: it can be replayed

    def __str__(self) -> str:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(self.id.split("-")[0]) / 1000))
        left = "" if self.replayable else " (its content is gone: drop it)"
        return f"{self.queue:7} {self.id:17} {when}Z {self.key or self.chat}: {self.reason or 'see the log'}{left}"


async def listed(redis: Any) -> AsyncIterator[DeadLetter]:
    """Oldest first, queue by queue."""
    for name, queue in QUEUES.items():
        for number, fields in await redis.xrange(queue.dead):
            entry = {name.decode(): value.decode() for name, value in fields.items()}
            key = entry.get("key") or entry.get("result", "")
            replayable = bool(queue.replays and await redis.exists(key))
            yield DeadLetter(name, number.decode(), entry.get("chat", ""), key, entry.get("reason", ""), replayable)


async def replay(redis: Redis, letter: DeadLetter) -> bool:
    """Back into its queue, and out of the dead letters, in one MULTI. False: its content is gone."""
    if not letter.replayable:
        return False
    commit, queue = Commit(), QUEUES[letter.queue]
    commit.xadd(queue.stream, {"key": letter.key, "chat": letter.chat})
    commit.xdel(queue.dead, letter.id)
    await execute(redis, commit)
    return True


async def drop(redis: Redis, letter: DeadLetter) -> None:
    """Thrown away, with its content."""
    commit, queue = Commit(), QUEUES[letter.queue]
    if queue.replays:
        commit.delete(letter.key)
    commit.xdel(queue.dead, letter.id)
    await execute(redis, commit)
