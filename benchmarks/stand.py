"""The whole house as processes that can be killed: Redis, bot, worker. Telegram is the playground, in this process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil
from redis.exceptions import RedisError

from playground import Playground
from playground.world import GROUP_ID
from storage.redis import StorageError, connect
from storage.server import EmbeddedServer

ROOT = Path(__file__).resolve().parent.parent
MB = 2**20
TRIES = 5  # to start the server again; each waits for the folder


class Stand:
    """``with Stand(…) as stand:``, from the main thread. ``more``: settings of the bot and the worker, as variables."""

    def __init__(self, folder: Path, playground: Playground, *, worker: bool = True, more: Mapping[str, str]) -> None:
        self.folder, self.server = folder, EmbeddedServer(folder / "redis")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("BOT_", "STORAGE_", "VISION_"))}
        store = {"STORAGE_REDIS_URL": self.server.url, "STORAGE_DATA": str(folder / "data")}
        bot = {"BOT_VECTORS": str(folder / "vectors")}
        bot |= {name: value for name, value in more.items() if name.startswith("BOT_")}
        bot |= {
            "BOT_API_URL": playground.url,
            "BOT_TOKEN": playground.token,
            "BOT_AGENTS_GROUP": str(GROUP_ID),
        }
        eyes = {name: value for name, value in more.items() if name.startswith("VISION_")}
        self.commands = {"bot": (["bot"], clean | store | bot)}
        if worker:
            self.commands["worker"] = (["vision", "worker"], clean | store | eyes)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Stand:
        for name in self.commands:
            self.start(name)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()
        self.server.stop()

    def start(self, name: str) -> None:
        command, environment = self.commands[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    async def kill(self, name: str) -> None:
        """As the kernel does when memory is short; then it is started again, as compose does."""
        if name == "redis":
            os.kill(await self.server_pid(), signal.SIGKILL)
            self.server = await self._server_again()
        else:
            self.processes[name].kill()
            self.processes[name].wait()
            self.start(name)

    async def _server_again(self) -> EmbeddedServer:
        """A child that wrote the file anew when its server was killed holds the folder until it is done."""
        for _ in range(TRIES):
            with suppress(StorageError):
                return EmbeddedServer(self.folder / "redis")
            await asyncio.sleep(1)
        return EmbeddedServer(self.folder / "redis")

    def revive(self) -> list[str]:
        """Starts what ended by itself, as compose does → its names."""
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        for name in ended:
            self.start(name)
        return ended

    async def server_pid(self) -> int:
        redis = await connect(self.server.url)
        try:
            return int((await redis.info("server"))["process_id"])
        finally:
            await redis.aclose()

    async def redis_mb(self) -> float:
        """What it has in its memory, and what it keeps for its own use."""
        redis = await connect(self.server.url)
        try:
            return float((await redis.info("memory"))["used_memory"]) / MB
        finally:
            await redis.aclose()

    def rss_mb(self, name: str) -> float:
        """Of the process alone: a worker's decoders come and go."""
        return float(psutil.Process(self.processes[name].pid).memory_info().rss / MB)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


class Memory:
    """The most that the bot and Redis had, in MB, looked at several times a second; over ``idle`` where that is set."""

    def __init__(self, stand: Stand) -> None:
        self.stand, self.most, self.idle = stand, {"bot": 0.0, "redis": 0.0}, {"bot": 0.0, "redis": 0.0}

    async def now(self) -> dict[str, float]:
        return {"bot": self.stand.rss_mb("bot"), "redis": await self.stand.redis_mb()}

    async def watch(self, every_s: float = 0.2) -> None:
        while True:
            with suppress(psutil.Error, RedisError, StorageError, OSError):  # it is too busy to say, or starts again
                for name, size in (await self.now()).items():
                    self.most[name] = max(self.most[name], size)
            await asyncio.sleep(every_s)

    def table(self) -> dict[str, float]:
        return {
            f"{name}_{what}_mb": round(size, 1)
            for name, most in self.most.items()
            for what, size in (("idle", self.idle[name]), ("most", most), ("growth", most - self.idle[name]))
        }
