"""Everything that fires later: asking agents again, giving back what lies idle, closing what nobody rated.

One sorted set, ``what:customer`` → when; what is due is looked at again under the owner's watch, so that a message that
comes at the same moment wins.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from redis.asyncio import Redis
from redis.exceptions import RedisError

from monitoring.attempt import Failure, attempt
from monitoring.logs import blind
from storage.commit import Commit
from storage.keys import CLOCK
from storage.redis import reason, store

log = logging.getLogger(__name__)

TICK_S = 1.0
AT_ONCE = 100
AGAIN_S = 60.0  # after a failure of ours
What = Literal["remind", "remind2", "remind3", "idle", "rate"]
ALL: tuple[What, ...] = ("remind", "remind2", "remind3", "idle", "rate")

Reminder = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Waits:
    """In seconds."""

    remind_s: float = 300.0  # a customer waits: ask the agents again
    idle_s: float = 12 * 3600.0  # nobody writes: the bot takes it back
    rate_s: float = 86_400.0  # nobody rates: it is over


def start(commit: Commit, what: What, chat: int, at: float, *, again: bool = True) -> None:
    """Queue: ``what`` is due at ``at`` (unix seconds). ``again``: later than what was set before."""
    commit.zadd(CLOCK, {f"{what}:{chat}": at}, nx=not again)


def stop(commit: Commit, chat: int) -> None:
    """Queue: nothing is due for this customer any more."""
    commit.zrem(CLOCK, *(f"{what}:{chat}" for what in ALL))


class Timers:
    def __init__(self, redis: Redis, reminders: Mapping[str, Reminder]) -> None:
        """``reminders``: what is done when it is due. Each takes its entry off, or sets it anew, in its transaction."""
        self.store = store(redis)
        self.reminders = reminders

    async def run(self) -> None:
        while True:
            try:
                await self.tick()
            except RedisError as error:
                log.warning("the timers wait for the store: %s", reason(error))
            await asyncio.sleep(TICK_S)

    async def tick(self) -> None:
        """Do what is due now."""
        for member in await self.store.zrangebyscore(CLOCK, 0, time.time(), 0, AT_ONCE):
            what, _, chat = member.decode().partition(":")
            done = await attempt(self.reminders[what](int(chat)))
            if isinstance(done, Failure):  # one must not stop the others
                if isinstance(done.error, RedisError):
                    raise done.error
                log.error("timer %s: %s", what, blind(done.error))
                await self.store.zadd(CLOCK, {member: time.time() + AGAIN_S})
