"""Fixtures for every test: a real Redis server of our own (fakeredis is one line where it is enough)."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from redis.asyncio import Redis

from storage.redis import connect
from storage.server import EmbeddedServer

settings.register_profile("any machine", deadline=None)  # timings never fail a test
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[EmbeddedServer]:
    with tempfile.TemporaryDirectory(prefix="photodesk-") as data, EmbeddedServer(Path(data)) as server:
        yield server


@pytest.fixture
async def redis(redis_server: EmbeddedServer) -> AsyncIterator[Redis]:
    """A client of the real server, which is empty."""
    client = await connect(redis_server.url)
    await client.flushall()
    yield client
    await client.aclose()
