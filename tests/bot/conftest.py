from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from house import ARTICLES, ColourEyes, House
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.settings import BotSettings
from playground import Playground
from playground.world import GROUP_ID
from storage.seal import Sealer
from storage.server import EmbeddedServer
from storage.settings import StorageSettings
from vision.worker.sandbox import Sandbox
from vision.worker.worker import Worker


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
async def house(
    redis: Redis, redis_server: EmbeddedServer, knowledge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """Playground, store and worker run; the bot is started by the test."""
    # Nobody waits for a group's minute here: tests/bot/test_outbox.py and benchmarks/handover.py are about that.
    monkeypatch.setattr("bot.telegram.rate_limit.BURST", 15)
    monkeypatch.setattr("bot.telegram.rate_limit.KEEP", 0)
    storage = StorageSettings(redis_url=SecretStr(redis_server.url), data=tmp_path / "data")
    async with Playground() as playground:
        settings = BotSettings(
            token=SecretStr(playground.token), api_url=playground.url, agents_group=GROUP_ID, knowledge=knowledge
        )
        eyes = ColourEyes()
        children = Sandbox(eyes.size)
        worker = Worker(redis, storage.sealer(), eyes, children, text_seconds=18)  # the reader of text starts cold here
        monkeypatch.setattr(worker.jobs, "take", partial(worker.jobs.take, block_ms=100))  # leaves as soon as it may
        working = asyncio.create_task(worker.run())
        try:
            yield House(playground, settings, storage, redis, eyes)
        finally:
            worker.leaving.set()
            await working
            children.close()
            worker.readers.close()


@pytest.fixture
async def desk(house: House) -> AsyncIterator[House]:
    """The house with the bot running."""
    async with house.bot() as app:
        house.app = app
        yield house


@pytest.fixture
def sealer() -> Sealer:
    return Sealer({1: bytes(range(32))}, 1)
