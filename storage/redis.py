"""One connection pool to one Redis (or Valkey) server, 6.2 or newer."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError

OLDEST = (6, 2)
ANSWER_S = 5.0  # how long connect() waits for the first answer
SILENCE_S = 10.0  # a server that says nothing for so long is gone; every blocking command must be shorter


class Store(Protocol):
    """What is read through a client of ``connect``: replies are bytes. redis-py's own types say "bytes or str", since
    its clients may be told to decode."""

    async def get(self, key: str) -> bytes | None: ...

    async def exists(self, key: str) -> int: ...

    async def hgetall(self, key: str) -> dict[bytes, bytes]: ...

    async def lrange(self, key: str, start: int, end: int) -> list[bytes]: ...

    async def zrangebyscore(self, key: str, least: float, most: float, start: int, count: int) -> list[bytes]: ...

    async def zadd(self, key: str, scores: dict[bytes, float]) -> int: ...

    async def smismember(self, key: str, values: list[str]) -> list[int]: ...

    async def xrange(self, key: str, first: str, last: str, count: int) -> list[tuple[bytes, dict[bytes, bytes]]]: ...


def store(redis: Redis) -> Store:
    """The same client, with the types that ours has."""
    return cast("Store", redis)


class StorageError(Exception):
    """Something is wrong with the storage. The message is for the operator and says what to do next."""


async def connect(url: str, connections: int = 256) -> Redis:
    """A client for ``url`` (``redis://``, ``rediss://`` or ``unix://``); replies are bytes. Close it with ``aclose()``.

    Each task in a blocking command holds one connection; past ``connections`` the next task waits in line.
    **No command is ever sent twice**: when its answer is lost the caller gets ``redis.exceptions.ConnectionError`` and
    decides, because the client cannot know whether a MULTI took place.
    Raises StorageError when nobody answers within ANSWER_S or the server is too old.
    """
    where = _without_password(url)
    client: Redis | None = None
    try:
        client = Redis.from_pool(_pool(url, connections))
        async with asyncio.timeout(ANSWER_S):
            server = await client.info("server")
    except (RedisError, OSError, ValueError, TimeoutError) as error:
        if client:
            await client.aclose()
        raise StorageError(_advice(where, error)) from error
    version = str(server["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        await client.aclose()
        raise StorageError(f"Redis at {where} is {version}; 6.2 or newer is needed. Upgrade it, or use Valkey.")
    return client


def _pool(url: str, connections: int) -> BlockingConnectionPool:
    # protocol=2: redis-py 8 would speak RESP3, whose stream replies have other shapes in some versions.
    return BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=SILENCE_S,
        socket_connect_timeout=ANSWER_S,
        socket_timeout=SILENCE_S,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _advice(where: str, error: Exception) -> str:
    if isinstance(error, AuthenticationError):
        return f"Redis at {where} refused the user name or password in STORAGE_REDIS_URL. Correct it."
    return (
        f"Redis at {where} cannot be used: {error or type(error).__name__}. Start it or correct STORAGE_REDIS_URL; "
        "leave that empty and the built-in server is used."
    )


def reason(error: Exception) -> str:
    """What the server says. redis-py puts the command before it, and with that whatever was to be written."""
    return str(error).rpartition("caused error: ")[2]


async def cancelled(*tasks: asyncio.Task[None]) -> None:
    """End tasks, asking again until they do: redis-py 8 can lose a cancellation that comes the moment a blocking read
    ends (measured: 1 in 13 of those), and the task would go on for ever."""
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=0.5)
    await asyncio.gather(*tasks, return_exceptions=True)  # how they ended is known
