"""One bot works on a store: two would answer everybody twice. And one bot's store is no other's.

The lease is a name with a time of expiry, renewed while the bot works. A second bot waits and says so. A bot that finds
another's name in its place ends: its process is started again, and waits. A bot that was killed is known to be gone
when it ran here; elsewhere its lease runs out.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from storage.keys import LEASE, TENANT
from storage.redis import StorageError, cancelled

log = logging.getLogger(__name__)

LASTS_MS = 10_000
RENEW_S = 2.0
LOOK_S = 0.25  # a waiting bot looks so often


class LeaseLostError(StorageError):
    """Another bot works on this store now. End, and wait for your turn."""


class Lease:
    def __init__(self, redis: Redis) -> None:
        self.redis: Any = redis
        own = (_here(), os.getpid(), _started(os.getpid()), os.urandom(4).hex(), _container())
        self.name = "|".join(map(str, own)).encode()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[asyncio.Task[None]]:
        """Waits for it; yields the task that renews it, which raises LeaseLostError when it is gone."""
        await self._take()
        renewing = asyncio.create_task(self._renew())
        try:
            yield renewing
        finally:
            await cancelled(renewing)
            with suppress(RedisError):
                await self._if_ours("delete", LEASE)

    async def _take(self) -> None:
        warned = False
        while not await self.redis.set(LEASE, self.name, nx=True, px=LASTS_MS):
            holder = await self.redis.get(LEASE)
            if holder and _gone(holder):
                await self._drop(holder)
                continue
            if not warned:
                log.warning("another bot works on this store; waiting until it ends. Run one bot for a store.")
                warned = True
            await asyncio.sleep(LOOK_S)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self.renewed()
            except RedisError as error:  # nobody else can take it either, or the next try finds out
                log.warning("the lease of the store was not renewed: %s", type(error).__name__)

    async def renewed(self) -> None:
        """Raises LeaseLostError. A store that forgot it (emptied, or without its last second) gives it again."""
        if await self._if_ours("pexpire", LEASE, LASTS_MS):
            return
        if not await self.redis.set(LEASE, self.name, nx=True, px=LASTS_MS):
            raise LeaseLostError("Another bot works on this store now: this one ends. Run one bot for a store.")

    async def _if_ours(self, command: str, *arguments: Any) -> bool:
        async with self.redis.pipeline(transaction=True) as pipe:
            try:
                await pipe.watch(LEASE)
                if await pipe.get(LEASE) != self.name:
                    return False
                pipe.multi()
                getattr(pipe, command)(*arguments)
                await pipe.execute()
            except WatchError:
                return False
        return True

    async def _drop(self, holder: bytes) -> None:
        async with self.redis.pipeline(transaction=True) as pipe:
            with suppress(WatchError):
                await pipe.watch(LEASE)
                if await pipe.get(LEASE) == holder:
                    pipe.multi()
                    pipe.delete(LEASE)
                    await pipe.execute()


async def claim(redis: Any, bot: int) -> None:
    """The store is the bot's whose Telegram id is ``bot``. Raises StorageError when it is another's."""
    await redis.set(TENANT, bot, nx=True)
    if (owner := int(await redis.get(TENANT))) != bot:
        raise StorageError(
            f"This store belongs to bot {owner}, and this token is bot {bot}'s: what waits in it would go to other "
            "people. Set STORAGE_DATA or STORAGE_REDIS_URL to another store; or, if the shop has a new bot in place of "
            f"the old one, delete the key “{TENANT}” in Redis."
        )


def _here() -> str:
    """Where process numbers mean what they mean to us: a boot of a machine, and a namespace in it."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    return f"unknown/{time.time_ns()}"


def _started(pid: int) -> str:
    """When a process was started, in ticks; "" when there is none (proc(5): the name may hold spaces)."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    return ""


def _container() -> str:
    """The id of the container that we run in, which outlives its restarts; "" outside of one. From the files that
    Docker and Podman mount into it (proc(5), mountinfo)."""
    with suppress(OSError):
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"containers/([0-9a-f]{64})/", mounts):
            return found[1]
    return ""


def _gone(holder: bytes) -> bool:
    """Whether it ran here and does no more. False where that cannot be told."""
    where, pid, started, _, container = (*holder.decode(errors="replace").split("|"), "", "", "", "")[:5]
    if where == _here():
        return pid.isdigit() and _started(int(pid)) != started
    # A container that was started again has another namespace of processes, and the one before ended with all of them.
    same_boot = where.partition("/")[0] == _here().partition("/")[0] != "unknown"
    return same_boot and bool(container) and container == _container()
