from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import fakeredis
import pytest
from redis.asyncio import Redis

from storage.redis import connect
from storage.server import EmbeddedServer


@pytest.fixture(scope="session")
def oldest_server(redis62: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(Path(tmp_path_factory.mktemp("r62")), redis62) as server:
        yield server


@pytest.fixture(params=["fakeredis", "server", "redis 6.2"])
async def any_redis(request: pytest.FixtureRequest) -> AsyncIterator[Redis]:
    """An empty Redis: in process, whatever this machine has, and the oldest we promise."""
    if request.param == "fakeredis":
        client: Redis = fakeredis.FakeAsyncRedis()
    else:
        server = request.getfixturevalue("redis_server" if request.param == "server" else "oldest_server")
        client = await connect(server.url)
        await client.flushall()
    yield client
    await client.aclose()
