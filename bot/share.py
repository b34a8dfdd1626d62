"""A customer's share of the chat model: so many calls an hour, so that nobody can run up a bill."""

from __future__ import annotations

from redis.asyncio import Redis

from storage.keys import customer, seconds


class Share:
    def __init__(self, redis: Redis, calls: int) -> None:
        self.redis, self.calls = redis, calls

    async def used_up(self, chat: int) -> bool:
        """Counted before the model is asked: what fails costs as much."""
        key = customer(chat, "asked")
        async with self.redis.pipeline(transaction=True) as pipe:
            pipe.set(key, 0, ex=seconds("asked"), nx=True)
            pipe.incr(key)
            *_, calls = await pipe.execute()
        return int(calls) > self.calls
