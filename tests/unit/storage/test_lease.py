"""One bot a store, one store a bot."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from redis.asyncio import Redis

from storage import lease
from storage.keys import LEASE
from storage.lease import Lease, LeaseLostError, claim
from storage.redis import StorageError


async def test_the_second_waits_until_the_first_ends(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    """Both read as consumer "reader": every customer was answered twice."""
    got = asyncio.Event()

    async def second() -> None:
        async with Lease(redis).held():
            got.set()

    async with Lease(redis).held():
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.6)
        assert not got.is_set()
        assert "another bot works on this store" in caplog.text
    async with asyncio.timeout(5):
        await waiting
    assert got.is_set() and not await redis.exists(LEASE)


async def test_one_that_was_killed_here_is_known_to_be_gone(redis: Redis) -> None:
    """Somebody waits: the next start must not wait for the lease to run out."""
    program = "from storage.lease import Lease; import sys; sys.stdout.write(Lease(None).name.decode())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: ASYNC221
    await redis.set(LEASE, done.stdout, px=60_000)
    async with asyncio.timeout(5), Lease(redis).held():
        pass


@pytest.mark.parametrize(
    ("holder", "gone"),
    [
        ("boot-1/pid:[1]|7|100|aa|box", True),  # before this container was started again
        ("boot-1/pid:[1]|7|100|aa|another", False),
        ("boot-1/pid:[1]|7|100|aa|", False),
        ("boot-1/pid:[1]|7|100|aa", False),  # of a release before
        ("boot-0/pid:[1]|7|100|aa|box", False),
        ("nonsense", False),
    ],
)
def test_a_container_that_was_started_again_knows_the_one_before(
    monkeypatch: pytest.MonkeyPatch, holder: str, gone: bool
) -> None:
    """With docker compose nobody was answered for ten seconds after kill -9 of the bot: it waited for its own lease."""
    monkeypatch.setattr(lease, "_here", lambda: "boot-1/pid:[2]")
    monkeypatch.setattr(lease, "_container", lambda: "box")
    assert lease._gone(holder.encode()) is gone


async def test_one_that_was_killed_elsewhere_runs_out(redis: Redis) -> None:
    await redis.set(LEASE, "other-machine/pid:[1]|1|1|aa", px=700)
    start = asyncio.get_running_loop().time()
    async with Lease(redis).held():
        assert asyncio.get_running_loop().time() - start > 0.5


async def test_it_is_renewed(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW_S", 0.1)
    monkeypatch.setattr(lease, "LASTS_MS", 500)
    async with Lease(redis).held():
        await asyncio.sleep(1)
        assert await redis.pttl(LEASE) > 0
        await redis.delete(LEASE)  # the store was emptied under us
        await asyncio.sleep(0.3)
        assert await redis.exists(LEASE)


async def test_who_lost_it_ends(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW_S", 0.05)
    async with Lease(redis).held() as renewing:
        await redis.set(LEASE, "another")
        with pytest.raises(LeaseLostError):
            async with asyncio.timeout(5):
                await renewing
    assert await redis.get(LEASE) == b"another"


async def test_a_store_is_one_bots(redis: Redis) -> None:
    """A demo in a shop's folder sent what waited for the shop's customers to the playground."""
    store: Any = redis
    await claim(store, 7)
    await claim(store, 7)
    with pytest.raises(StorageError, match="belongs to bot 7"):
        await claim(store, 1_000_000)
