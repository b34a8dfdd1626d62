from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError

from storage.jobs import JobStream
from storage.keys import VISION_JOBS, customer
from storage.redis import connect
from storage.seal import Sealer
from storage.server import find_binary, url_of

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "123456:ABC"


def write(folder: Path, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SECRETS": str(folder), "BOT_TOKEN": token}
    command = ["sh", "deploy/secrets.sh"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_every_secret_is_written_once(tmp_path: Path) -> None:
    done = write(tmp_path / "s")
    assert done.returncode == 0, done.stderr
    files = {file.name: file.read_text() for file in (tmp_path / "s").iterdir()}
    assert files["bot_token"] == TOKEN
    assert Sealer.from_text(files["seal_keys"]).current == 1
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700
    for line in files["redis_acl"].splitlines():
        assert "nopass" not in line or line.endswith("-@all +ping")
    assert all(word not in done.stdout for word in (TOKEN, files["seal_keys"]))
    assert not write(tmp_path / "s", "999999:OTHER").stdout
    assert {file.name: file.read_text() for file in (tmp_path / "s").iterdir()} == files


def test_what_is_no_token_is_refused(tmp_path: Path) -> None:
    done = write(tmp_path / "s", "hello")
    assert done.returncode == 1
    assert "looks like 123456:ABC" in done.stderr
    assert not (tmp_path / "s" / "bot_token").exists()


@pytest.fixture
def guarded_server(tmp_path: Path) -> Iterator[Path]:
    """The socket of a server with the ACL that compose uses."""
    write(tmp_path / "s")
    socket = tmp_path / "r.sock"
    command = [find_binary(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen([*command, "--aclfile", str(tmp_path / "s" / "redis_acl")], stdout=subprocess.DEVNULL)
    while not socket.exists():
        assert server.poll() is None
    yield socket
    server.terminate()
    server.wait()


@pytest.fixture
async def guarded(guarded_server: Path, tmp_path: Path) -> AsyncIterator[dict[str, Redis]]:
    """Its users' clients."""
    clients = {}
    for name in ("bot", "worker"):
        password = (tmp_path / "s" / f"{name}_redis_url").read_text().split(":")[2].split("@")[0]
        clients[name] = await connect(url_of(guarded_server).replace("unix://", f"unix://{name}:{password}@"))
    yield clients
    for client in clients.values():
        await client.aclose()


async def test_the_worker_may_do_its_work_and_read_no_history(guarded: dict[str, Redis]) -> None:
    bot, worker = guarded["bot"], guarded["worker"]
    jobs = JobStream(worker, VISION_JOBS)
    await jobs.prepare()
    assert await jobs.take("w", 8, block_ms=10) == []
    await jobs.leave("w")
    await worker.set(customer(42, "report", "x"), b"sealed")
    await bot.rpush(customer(42, "history"), b"sealed")
    for read in (
        worker.lrange(customer(42, "history"), 0, -1),
        worker.get(customer(42, "update", 1)),
        worker.keys("*"),
    ):
        with pytest.raises(NoPermissionError):
            await read
    for client in (bot, worker):
        for dangerous in (client.flushall(), client.config_get("*"), client.acl_list()):
            with pytest.raises(NoPermissionError):
                await dangerous
