"""The compose file on a Docker engine: build, up, kill, down. For deploy/check.py."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp
from aiohttp import web

ROOT = Path(__file__).resolve().parent.parent
FILES = ("docker-compose.yml", "deploy/check.yml")


class SkippedError(Exception):
    """No engine can be had here; the message is why."""


def engine(folder: Path) -> tuple[dict[str, str], bool]:
    """Environment for docker's clients, and whether the engine is our own. Raises SkippedError."""
    if shutil.which("docker") and not subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        return dict(os.environ), False
    done = subprocess.run(
        ["sh", "deploy/engine.sh", "start", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SkippedError("no Docker engine answers, and none could be started (the reason is above)")
    return os.environ | dict(re.findall(r"(DOCKER_\w+)=(\S+)", done.stdout)), True


class Stack:
    def __init__(self, environment: dict[str, str], docker: str) -> None:
        self.environment, self.docker = environment, docker

    async def run(self, *arguments: str, into: BinaryIO | None = None, out_of: BinaryIO | None = None) -> str:
        """``docker ARGUMENTS`` → what it printed; a file may take standard output's or input's place. RuntimeError when
        it fails."""
        process = await asyncio.create_subprocess_exec(
            self.docker,
            *arguments,
            cwd=ROOT,
            env=self.environment,
            stdin=out_of or asyncio.subprocess.DEVNULL,
            stdout=into or asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, error = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"docker {' '.join(arguments)}: {(error + (said or b'')).decode()[-2000:]}")
        return (said or b"").decode().strip()

    async def compose(self, *arguments: str, into: BinaryIO | None = None, out_of: BinaryIO | None = None) -> str:
        files = [part for name in FILES for part in ("-f", name)]
        return await self.run("compose", *files, "-p", "photodesk-check", *arguments, into=into, out_of=out_of)

    async def containers(self, service: str) -> list[str]:
        return (await self.compose("ps", "-q", service)).split()

    async def kill(self, service: str) -> None:
        """kill -9 of what runs in the service's first container: tini ends then, and Docker restarts it."""
        name = (await self.containers(service))[0]
        await self.run("exec", name, "sh", "-c", "kill -9 -1")

    async def redis(self, *command: str) -> str:
        password = (Path(self.environment["SECRETS"]) / "operator_redis_password").read_text()
        one = (await self.containers("redis"))[0]
        return await self.run("exec", one, "redis-cli", "--no-auth-warning", "--pass", password, *command)

    async def memory_mb(self) -> dict[str, float]:
        """By service: resident memory of all processes in it, without the page cache."""
        units = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}
        ids = (await self.compose("ps", "-q")).split()
        lines = (await self.run("stats", "--no-stream", "--format", "{{json .}}", *ids)).splitlines()
        found: dict[str, float] = {}
        for line in map(json.loads, lines):
            number, unit = re.match(r"([\d.]+)(\w+)", line["MemUsage"]).groups()  # type: ignore[union-attr]
            found[line["Name"]] = round(float(number) * units[unit], 1)
        return found

    async def image_mb(self, image: str) -> float:
        return int(await self.run("image", "inspect", "-f", "{{.Size}}", image)) / 1e6


async def relay(target: str, host: str) -> tuple[web.AppRunner, int]:
    """The playground answers to 127.0.0.1 alone; this passes on what the containers ask at the bridge's address."""
    client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120), auto_decompress=False)

    async def pass_on(request: web.Request) -> web.Response:
        headers = {"Content-Type": request.headers["Content-Type"]} if "Content-Type" in request.headers else {}
        body = await request.read()
        try:
            async with client.request(request.method, target + request.path_qs, data=body, headers=headers) as answer:
                kind = {"Content-Type": answer.headers["Content-Type"]}
                return web.Response(status=answer.status, body=await answer.read(), headers=kind)
        except aiohttp.ClientError:
            return web.Response(status=502)

    async def close(_: Any) -> None:
        await client.close()

    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_route("*", "/{path:.*}", pass_on)
    app.on_cleanup.append(close)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, host, 0).start()
    return runner, runner.addresses[0][1]
