"""How the queues stand, read off the store every few seconds; and whether the bot is ready."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from monitoring import metrics
from monitoring.health import Heartbeat
from storage.jobs import JobStream
from storage.keys import QUEUES, VISION_JOBS
from storage.redis import reason

log = logging.getLogger(__name__)

EVERY_S = 5.0
SILENT_S = 90.0  # Telegram answers a long poll after 25 seconds at the latest


class Health:
    """What the bot's readiness stands on: when the store and when Telegram last answered."""

    def __init__(self, redis: Redis) -> None:
        self.redis, self.store, self.telegram = redis, Heartbeat(), Heartbeat()

    async def watch(self) -> None:
        """For ever. A store that is away leaves the last values; its silence, and readiness, say so."""
        metrics.STORE_SILENCE.set_function(lambda: self.store.silence)
        metrics.UPDATES_SILENCE.set_function(lambda: self.telegram.silence)
        while True:
            try:
                await measure(self.redis)
                self.store.beat()
            except RedisError as error:
                log.warning("the queues cannot be looked at: %s", reason(error))
            await asyncio.sleep(EVERY_S)

    async def problems(self) -> list[str]:
        """Why the bot is not ready. A missing worker is not among them: then it answers without looking at photos."""
        found = []
        if self.telegram.silence > SILENT_S:
            found.append("no updates: Telegram or the store's disk; see the log, and `python -m bot doctor`")
        if self.store.silence > 3 * EVERY_S:
            found.append("Redis does not answer: start it, or correct STORAGE_REDIS_URL")
        return found


async def measure(redis: Any) -> None:
    for name, queue in QUEUES.items():
        metrics.QUEUE.labels(name).set(await redis.xlen(queue.stream))
        metrics.DEAD_KEPT.labels(name).set(await redis.xlen(queue.dead))
        oldest = await redis.xrange(queue.stream, count=1)
        written = int(oldest[0][0].split(b"-")[0]) / 1000 if oldest else time.time()
        metrics.QUEUE_AGE.labels(name).set(max(0.0, time.time() - written))
    metrics.WORKER_ALIVE.set(await JobStream(redis, VISION_JOBS).alive())
