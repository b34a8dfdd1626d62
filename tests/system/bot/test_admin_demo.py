from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from patience import HALF, PATIENCE
from repository import ROOT

from bot.admin.demo import (
    Child,
    DemoError,
    answering,
    free_port,
    no_worker,
    not_a_shops,
    running_beside,
    store,
    telling,
    working,
)
from storage.jobs import JobStream
from storage.keys import VISION_JOBS
from storage.redis import StorageError, connect
from storage.settings import StorageSettings

PARENT = """
import asyncio, sys
from pathlib import Path
from bot.admin.demo import Child, running_beside, store
from storage.settings import StorageSettings

async def main():
    children = [Child("sleeper", ["timeit", "-n", "1", "-r", "1", "import time; time.sleep(600)"]) for _ in range(2)]
    async with running_beside(*children):
        print(*(child.process.pid for child in children), flush=True)
        await asyncio.sleep(600)

with store(StorageSettings(data=Path(sys.argv[1]))):
    asyncio.run(main())
"""
SLEEPER = ["timeit", "-n", "1", "-r", "1", "import time; time.sleep(600)"]


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=PATIENCE)[1]


async def until(what: object) -> None:
    async with asyncio.timeout(PATIENCE):
        while not what():  # type: ignore[operator]
            await asyncio.sleep(0.02)


async def test_a_child_that_ends_is_started_again(caplog: pytest.LogCaptureFixture) -> None:
    child = Child("sleeper", SLEEPER)
    first = child.process
    async with running_beside(child):
        first.kill()
        await until(lambda: child.process.pid != first.pid)
        assert child.process.poll() is None
    assert child.process.poll() is not None
    assert "the sleeper ended (status -9) and is started again" in caplog.text


def test_children_and_store_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        try:
            said = parent.stdout.readline().split()
            children = psutil.Process(parent.pid).children(recursive=True)
        finally:
            parent.kill()
    assert len(children) == 3  # with the store
    assert {int(pid) for pid in said} <= {child.pid for child in children}
    assert gone(children)


def test_a_child_knows_the_store_and_no_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123456:secret")
    with store(StorageSettings(data=tmp_path, redis_url=None)) as storage:
        child = Child("sleeper", SLEEPER, storage)
    child.stop()
    assert storage.redis_url
    assert child.environment["STORAGE_REDIS_URL"] == storage.redis_url.get_secret_value()
    assert child.environment["STORAGE_DATA"] == str(tmp_path)
    assert not any(name.startswith("BOT_") for name in child.environment)


def test_a_taken_port_is_refused_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=rf"Port {port} cannot be used.+make demo PORT="):
            free_port(port)
    assert free_port(port) == port
    assert free_port(0) > 1023
    with pytest.raises(DemoError, match="Port 99999"):
        free_port(99_999)


async def test_a_child_that_ends_before_it_answers_is_said() -> None:
    child = Child("playground", ["timeit", "--no-such-option"])
    began = time.monotonic()
    with pytest.raises(DemoError, match="The playground did not start"):
        await answering(child, f"http://127.0.0.1:{free_port(0)}/")
    assert time.monotonic() - began < HALF


async def test_a_worker_that_cannot_start_is_said(tmp_path: Path) -> None:
    """The demo used to open its page and start a dying worker for ever."""
    with store(StorageSettings(data=tmp_path, redis_url=None)) as storage:
        dying = Child("vision worker", ["timeit", "--no-such-option"], storage)
        with pytest.raises(DemoError, match="The vision worker did not start"):
            await working(dying, storage)


async def test_the_sign_of_life_of_a_killed_worker_is_nobodys(tmp_path: Path) -> None:
    with store(StorageSettings(data=tmp_path, redis_url=None)) as storage:
        redis = await connect(storage.url())
        jobs = JobStream(redis, VISION_JOBS)
        await jobs.take("killed", 1, block_ms=1)
        assert await jobs.alive()
        await no_worker(storage)
        assert not await jobs.alive()
        await redis.aclose()


async def put(storage: StorageSettings, **values: str) -> None:
    redis = await connect(storage.url())
    for key, value in values.items():
        await redis.set(key.replace("_", ":"), value)
    await redis.aclose()


def test_a_shops_store_is_refused(tmp_path: Path) -> None:
    """The shop's waiting messages were sent to the playground, and ended as dead letters."""
    with store(StorageSettings(data=tmp_path, redis_url=None)) as storage:
        asyncio.run(put(storage, c_42_profile="sealed"))
        with pytest.raises(DemoError, match="not the demo's"):  # of a release that did not say whose it is
            asyncio.run(not_a_shops(storage))
        asyncio.run(put(storage, tenant="123456"))
        with pytest.raises(StorageError, match="belongs to bot 123456"):
            asyncio.run(not_a_shops(storage))


def test_the_demos_own_store_is_not(tmp_path: Path) -> None:
    with store(StorageSettings(data=tmp_path, redis_url=None)) as storage:
        asyncio.run(not_a_shops(storage))
        asyncio.run(put(storage, c_42_profile="sealed"))
        asyncio.run(not_a_shops(storage))


async def test_what_is_waited_for_is_said_and_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cold disk made 73 seconds of silence of `make demo`."""
    monkeypatch.setattr("bot.admin.demo.AGAIN_S", 0.02)
    said: list[str] = []
    async with telling(said.append, "Loading the eyes"):
        await until(lambda: len(said) > 2)
    count = len(said)
    await asyncio.sleep(0.1)
    assert said[0] == "  Loading the eyes …"
    assert said[1].endswith("Loading the eyes: 0 s so far")
    assert len(said) == count
