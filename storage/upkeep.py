"""What was deleted or is over its time also leaves the disk.

Redis appends to a file; what was deleted stays in it until the file is written anew. That is done when somebody was
forgotten (the wish lies in the store, set by the very transaction that deletes, and is repeated until the server says
that it was done) and twice a day, so that what expires is gone from the file within a day.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from redis.exceptions import RedisError, WatchError

from storage.aging import trim
from storage.commit import Commit
from storage.keys import RETENTION, REWRITE, Retention
from storage.redis import reason
from storage.seal import Sealer

log = logging.getLogger(__name__)

EVERY_S = 43_200.0
LOOK_S = 1.0  # how often one looks whether somebody wants it
AGAIN_S = 30.0  # after one that failed
TAKES_S = 3600.0  # a rewrite that takes longer is asked for again
STUCK_S = 600.0  # a wish that waits for longer is told by doctor


class RewriteError(Exception):
    """The server did not write its file anew."""


def ask(commit: Commit) -> None:
    """Queue, with what is deleted: it must leave the file."""
    commit.hset(REWRITE, "wanted", f"{time.time():.3f}")


async def waiting(redis: Any) -> float:
    """Seconds that a wish has been waiting; 0 when there is none."""
    wanted = await redis.hget(REWRITE, "wanted")
    return max(0.0, time.time() - float(wanted)) if wanted else 0.0


async def keep(redis: Any, sealer: Sealer, retention: Retention = RETENTION) -> None:
    """For ever. A failure is logged and tried again: the wish stays in the store."""
    while True:
        pause = LOOK_S
        try:
            await once(redis, sealer, of=retention)
        except (RedisError, RewriteError) as error:
            log.error("what was deleted is still in the append-only file, trying again: %s", reason(error))  # noqa: TRY400
            pause = AGAIN_S
        await asyncio.sleep(pause)


async def once(redis: Any, sealer: Sealer, now: float | None = None, of: Retention = RETENTION) -> bool:
    """Whether there was something to do, and it is done. Raises RedisError or RewriteError."""
    now = time.time() if now is None else now
    wanted, done = await redis.hmget(REWRITE, "wanted", "done")
    if wanted is None and 0 <= now - float(done or 0) < EVERY_S:
        return False
    count = await trim(redis, sealer, now, of)
    await rewritten(redis)
    async with redis.pipeline(transaction=True) as pipe:
        try:
            await pipe.watch(REWRITE)
            again = await pipe.hget(REWRITE, "wanted") != wanted  # somebody was forgotten meanwhile
            pipe.multi()
            pipe.hset(REWRITE, "done", f"{now:.3f}")
            if not again:
                pipe.hdel(REWRITE, "wanted")
            await pipe.execute()
        except WatchError:
            return False
    log.info("the append-only file is written anew; %d items were over their time", count)
    return True


async def rewritten(redis: Any) -> None:
    """Begin a rewrite after this call and wait for its end. One that was under way may hold what is deleted now."""
    if not (await redis.info("persistence")).get("aof_enabled"):
        return  # no file
    async with asyncio.timeout(TAKES_S):
        await _idle(redis)
        await redis.bgrewriteaof()
        about = await _idle(redis)
    if about.get("aof_last_bgrewrite_status") != "ok":
        raise RewriteError("the server says that it failed: is its disk full?")


async def _idle(redis: Any) -> dict[str, Any]:
    """Until no rewrite is under way or scheduled → what the server says of itself."""
    while True:
        about: dict[str, Any] = await redis.info("persistence")
        if not about.get("aof_rewrite_in_progress") and not about.get("aof_rewrite_scheduled"):
            return about
        await asyncio.sleep(0.1)
