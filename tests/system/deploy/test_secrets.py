from __future__ import annotations

import asyncio
import os
import re
import shutil
import stat
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError
from repository import ROOT

from storage import upkeep
from storage.commit import Commit, execute
from storage.jobs import JobStream
from storage.keys import VISION_JOBS, customer
from storage.redis import StorageError, connect
from storage.seal import Sealer
from storage.server import find_binary, url_of

TOKEN = "123456:ABC"


def write(folder: Path, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SECRETS": str(folder), "BOT_TOKEN": token}
    command = ["sh", "deploy/secrets.sh"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def test_every_secret_is_written_once(tmp_path: Path) -> None:
    done = write(tmp_path / "s")
    assert done.returncode == 0, done.stderr
    files = {file.name: file.read_text() for file in (tmp_path / "s").iterdir()}
    assert files["bot_token"] == TOKEN
    assert Sealer.from_text(files["seal_keys"]).current == 1  # its number
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700
    for line in files["redis_acl"].splitlines():
        assert "nopass" not in line or line == "user health on nopass -@all +ping"
    assert all(word not in done.stdout for word in (TOKEN, files["seal_keys"]))
    assert not write(tmp_path / "s", "999999:OTHER").stdout
    assert {file.name: file.read_text() for file in (tmp_path / "s").iterdir()} == files


def test_what_is_no_token_is_refused(tmp_path: Path) -> None:
    done = write(tmp_path / "s", "hello")
    assert done.returncode == 1
    assert "looks like 123456:ABC" in done.stderr
    assert not (tmp_path / "s" / "bot_token").exists()


def test_nobody_to_ask_is_told(tmp_path: Path) -> None:
    done = write(tmp_path / "s", "")  # standard input is at its end, as under cron
    assert done.returncode == 1
    assert "BOT_TOKEN=" in done.stderr


def test_an_upgrade_brings_rights_up_to_date_and_keeps_the_passwords(tmp_path: Path) -> None:
    """A worker of this version with the rights of an earlier one would be refused what is new."""
    folder = tmp_path / "s"
    write(folder)
    now = {file.name: file.read_text() for file in folder.iterdir()}
    acl = folder / "redis_acl"
    acl.unlink()
    acl.write_text(now["redis_acl"].replace(" ~c:*:safe:*", ""))
    assert write(folder).stdout == "written: redis_acl\n"
    assert {file.name: file.read_text() for file in folder.iterdir()} == now
    assert not write(folder).stdout


def test_what_nothing_reads_in_env_is_named(tmp_path: Path) -> None:
    """compose passes over what it does not know: a misspelt name would have its default, and nobody would say so."""
    (tmp_path / "deploy").mkdir()
    for name in ("deploy/secrets.sh", "deploy/tls.yml", "docker-compose.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    command = ["sh", "deploy/secrets.sh"]
    environment = {name: value for name, value in os.environ.items() if name != "SECRETS"} | {"BOT_TOKEN": TOKEN}
    known = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    lines = [f"{name}=1" for name in known] + ["COMPOSE_FILE=a:b", "BOT_HUORS=Mon", "#BOT_DAYS=1", "BOT_DAYS="]
    (tmp_path / ".env").write_text("\n".join(lines))
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    named = re.findall(r"nothing reads (\w+)", done.stderr)
    elsewhere = {
        "BOT_TOKEN",
        "BOT_KNOWLEDGE",
        "BOT_CORRECTIONS",
        "BOT_STATUS",
        "BOT_WEBHOOK_LISTEN",
        "BOT_LOGS",
        "BOT_VECTORS",
    }
    elsewhere |= {"VISION_STATUS", "VISION_LOGS", "STORAGE_REDIS_URL", "STORAGE_DATA", "STORAGE_SEAL_KEYS"}
    assert set(named) == elsewhere | {"BOT_HUORS"}


class Guarded:
    """A server with the ACL and the append-only file that compose uses."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "r.sock"
        write(folder / "s")
        self.start()

    def start(self) -> None:
        options = {"port": "0", "unixsocket": self.socket, "dir": self.folder, "save": "", "appendonly": "yes"}
        options |= {"appendfsync": "everysec", "aclfile": self.folder / "s" / "redis_acl"}
        arguments = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
        self.process = subprocess.Popen([find_binary(), *arguments], stdout=subprocess.DEVNULL)
        while not self.socket.exists():
            assert self.process.poll() is None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.socket.unlink()

    async def client(self, user: str) -> Redis:
        password = (self.folder / "s" / f"{user}_redis_url").read_text().split(":")[2].split("@")[0]
        return await connect(url_of(self.socket).replace("unix://", f"unix://{user}:{password}@"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Guarded]:
    server = Guarded(tmp_path)
    yield server
    server.kill()


@pytest.fixture
async def guarded(server: Guarded) -> AsyncIterator[dict[str, Redis]]:
    """Its users' clients."""
    clients = {name: await server.client(name) for name in ("bot", "worker")}
    yield clients
    for client in clients.values():
        await client.aclose()


async def test_transactions_are_there_after_kill_9(server: Guarded) -> None:
    """Redis reads its file as `default`: while that user could only PING, every MULTI was left out."""
    bot = await server.client("bot")
    async with bot.pipeline(transaction=True) as pipe:
        pipe.set(customer(42, "update", 1), b"sealed")
        pipe.xadd("inbox", {"key": customer(42, "update", 1), "chat": 42})
        await pipe.execute()
    await bot.aclose()
    server.kill()
    server.start()
    bot = await server.client("bot")
    while not await bot.exists(customer(42, "update", 1)):
        await asyncio.sleep(0.05)  # it answers once it has read its file
    assert await bot.xlen("inbox") == 1
    await bot.aclose()


async def test_nobody_gets_in_without_a_password(server: Guarded) -> None:
    with pytest.raises(StorageError):
        await connect(url_of(server.socket))
    ping = ["redis-cli", "-s", str(server.socket), "--no-auth-warning", "--user", "health", "--pass", "none", "ping"]
    if shutil.which("redis-cli"):
        assert subprocess.run(ping, capture_output=True, check=False).stdout == b"PONG\n"  # noqa: ASYNC221


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


async def test_what_the_bot_forgets_leaves_the_disk(server: Guarded, guarded: dict[str, Redis]) -> None:
    """`user bot` was not allowed to have the file written anew: /forget said "done", and the words were there."""
    bot: Any = guarded["bot"]
    key, sealer = customer(42, "history"), Sealer.from_text((server.folder / "s" / "seal_keys").read_text())
    await bot.rpush(key, sealer.seal(key, b"my secret is XYZZY"))

    def stolen() -> list[bytes]:
        """What opens with the key that lies beside the file."""
        files = [file for file in server.folder.rglob("*appendonly*") if file.is_file()]
        found = re.findall(rb"\$47\r\n(.{47})", b"".join(file.read_bytes() for file in files), re.DOTALL)
        return [sealer.open(key, value) for value in found]

    await asyncio.sleep(1.1)  # appendfsync everysec
    assert stolen() == [b"my secret is XYZZY"]
    commit = Commit()
    commit.delete(key)
    upkeep.ask(commit)
    await execute(bot, commit)
    keeping = asyncio.create_task(upkeep.keep(bot, sealer))
    async with asyncio.timeout(20):
        while await upkeep.waiting(bot):
            await asyncio.sleep(0.05)
    keeping.cancel()
    assert stolen() == []


async def test_nobody_runs_scripts(guarded: dict[str, Redis]) -> None:
    """Two of the holes that Redis had lately are in its Lua, which nothing here uses."""
    for client in guarded.values():
        store: Any = client
        with pytest.raises(NoPermissionError):
            await store.eval("return 1", 0)
