"""The commit before this one is killed with work in hand; this one goes on with it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import GREEN, ColourEyes, picture
from patience import PATIENCE
from pydantic import SecretStr
from redis.asyncio import Redis
from repository import ROOT

from bot import app as bot_app
from bot.settings import BotSettings
from bot.telegram.polling import poll
from playground import Playground
from playground.world import GROUP_ID
from storage.keys import INBOX, VISION_JOBS
from storage.redis import cancelled
from storage.server import EmbeddedServer
from storage.settings import StorageSettings
from vision.worker.sandbox import Sandbox
from vision.worker.worker import Worker


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Path]:
    """A checkout of the previous commit."""
    folder = tmp_path / "before"
    made = git("worktree", "add", "--detach", str(folder), "HEAD~1")
    if made.returncode:
        pytest.skip(f"the previous commit is not here: {made.stderr.strip().splitlines()[-1]}")
    yield folder
    git("worktree", "remove", "--force", str(folder))


async def test_what_the_old_bot_had_in_hand_the_new_one_answers(
    before: Path, redis: Redis, redis_server: EmbeddedServer, tmp_path: Path
) -> None:
    storage = StorageSettings(redis_url=SecretStr(redis_server.url), data=tmp_path / "data")
    async with Playground(patience=PATIENCE) as playground:
        settings = BotSettings(token=SecretStr(playground.token), api_url=playground.url, agents_group=GROUP_ID)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "STORAGE_"))}
        environment = clean | {
            "BOT_TOKEN": playground.token,
            "BOT_API_URL": playground.url,
            "BOT_AGENTS_GROUP": str(GROUP_ID),
            "STORAGE_REDIS_URL": redis_server.url,
            "STORAGE_DATA": str(storage.data),
        }
        command = [sys.executable, "-m", "bot"]
        old = subprocess.Popen(command, cwd=before, env=environment, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
        ana, bo = playground.customer(42, "Ana"), playground.customer(43, "Bo")
        try:
            await bo.say("when do you deliver?")
            assert "[1]" in (await bo.wait_for_message(lambda m: m.from_bot)).text
            await ana.send_photo(picture(GREEN), "what is this?")
            while not await redis.xlen(VISION_JOBS):  # there is no worker: it stays there
                await asyncio.sleep(0.05)
        finally:
            old.kill()
            old.wait()
        await bo.say("what does delivery cost?")  # while nobody is there
        assert await redis.xlen(INBOX) == 1

        eyes = ColourEyes()
        children = Sandbox(eyes.size, seconds=PATIENCE)
        worker = Worker(redis, storage.sealer(), eyes, children)
        working = asyncio.create_task(worker.run())
        try:
            async with bot_app.running(settings, storage) as app:
                polling = asyncio.create_task(poll(app.bot, app.inbox, app.health.telegram))
                assert "Granny Smith" in (await ana.wait_for_message(lambda m: m.from_bot)).text
                assert "[1]" in (await bo.wait_for_message(lambda m: m.from_bot)).text
                await ana.expect_silence(1.0)  # once
                await cancelled(polling)
            assert [await redis.xlen(name) for name in (INBOX, VISION_JOBS, "inbox:dead")] == [0, 0, 0]
        finally:
            worker.leaving.set()
            await working
            children.close()
