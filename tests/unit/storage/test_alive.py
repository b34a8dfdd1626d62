"""A worker that waits at an empty stream is alive; Redis before 7.2 does not list it as a consumer."""

from __future__ import annotations

from redis.asyncio import Redis

from storage.jobs import JobStream


async def test_a_waiting_worker_is_alive_and_a_silent_one_is_not(redis: Redis) -> None:
    stream = JobStream(redis, "jobs")
    await stream.prepare()
    assert not await stream.alive()
    assert await stream.take("worker", 1, block_ms=10) == []
    assert await stream.alive()
    assert 0 < await redis.pttl(stream.alive_name) <= 10_000  # and no longer than that
