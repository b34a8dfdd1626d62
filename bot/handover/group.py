"""The agents' group: one Telegram forum. Its id can change under us when it is upgraded."""

from __future__ import annotations

import logging
from typing import Any

from redis.asyncio import Redis

from storage.keys import GROUP_MOVED, TOPICS

log = logging.getLogger(__name__)


class Group:
    def __init__(self, redis: Redis, configured: int) -> None:
        self.redis: Any = redis
        self.configured = self.id = configured

    async def load(self) -> None:
        """Where the configured group is now, as far as we were told."""
        while moved := await self.redis.hget(GROUP_MOVED, str(self.id)):
            self.id = int(moved)

    async def moved(self, to: int) -> None:
        """Telegram says that it goes on as ``to``. Its topics did not come along: they heal when they are needed."""
        if to == self.id:
            return
        await self.redis.hset(GROUP_MOVED, str(self.id), str(to))
        log.error("the agents' group %d is now %d: set BOT_AGENTS_GROUP to that", self.id, to)
        self.id = to

    async def customer_in(self, thread: int | None) -> int | None:
        """Whose topic ``thread`` is; None for General and topics that are not ours."""
        found = await self.redis.hget(TOPICS, field(self.id, thread)) if thread else None
        return int(found) if found else None


def field(group: int, thread: int | None) -> str:
    """In the hash TOPICS."""
    return f"{group}:{thread}"
