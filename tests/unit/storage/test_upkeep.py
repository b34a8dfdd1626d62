"""What was deleted, what expired and what is over its time is gone from the store and from its file's bytes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from storage import aging, upkeep
from storage.commit import Commit, execute
from storage.keys import DAY, REWRITE, customer, lately, retention, seconds
from storage.redis import connect
from storage.seal import Sealer, SealError
from storage.server import EmbeddedServer


@pytest.fixture
def sealer() -> Sealer:
    return Sealer({1: bytes(range(32))}, 1)


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[tuple[Any, Path]]:
    """A store of its own with an append-only file → a client, and where the file is."""
    with EmbeddedServer(tmp_path / "store") as server:
        client: Any = await connect(server.url)
        yield client, tmp_path / "store"
        await client.aclose()


def opened(folder: Path, sealer: Sealer, key: str) -> list[bytes]:
    """Every value of ``key`` that a thief of the disk and of the seal key can read, at whatever place of the files."""
    data = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file() and "aof" in str(file))
    found = []
    for length in range(29, 400):
        mark = b"\r\n$%d\r\n" % length
        at = data.find(mark)
        while at >= 0:
            with suppress(SealError):
                found.append(sealer.open(key, data[at + len(mark) : at + len(mark) + length]))
            at = data.find(mark, at + 1)
    return found


async def test_what_is_forgotten_leaves_the_file(own: tuple[Any, Path], sealer: Sealer) -> None:
    redis, folder = own
    key = customer(42, "photo", "x")
    await redis.set(key, sealer.seal(key, b"a photo of a passport"))
    commit = Commit()
    commit.delete(key)
    upkeep.ask(commit)
    await execute(redis, commit)
    assert opened(folder, sealer, key) == [b"a photo of a passport"]
    assert await upkeep.waiting(redis) > 0
    assert await upkeep.once(redis, sealer)
    assert opened(folder, sealer, key) == []
    assert await upkeep.waiting(redis) == 0 and not await upkeep.once(redis, sealer)


async def test_what_expired_leaves_the_file_within_a_day(own: tuple[Any, Path], sealer: Sealer) -> None:
    redis, folder = own
    key = customer(42, "update", 1)
    assert await upkeep.once(redis, sealer)
    await redis.set(key, sealer.seal(key, b"my card is 4111"), px=50)
    await asyncio.sleep(1.1)
    assert not await upkeep.once(redis, sealer)  # it was just done
    assert opened(folder, sealer, key) == [b"my card is 4111"]
    assert await upkeep.once(redis, sealer, time.time() + upkeep.EVERY_S + 1)
    assert opened(folder, sealer, key) == []
    assert 2 * upkeep.EVERY_S <= DAY


async def test_a_wish_outlives_a_bot_that_died_and_a_server_that_failed(
    own: tuple[Any, Path], sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rewrite that was refused, or lost with the process between commit and rewrite, was never repeated."""
    redis, _ = own
    await redis.hset(REWRITE, "wanted", "1")

    async def failed(_: Any) -> None:
        raise upkeep.RewriteError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(upkeep, "rewritten", failed)
        patch.setattr(upkeep, "AGAIN_S", 0.01)
        keeping = asyncio.create_task(upkeep.keep(redis, sealer))
        await asyncio.sleep(0.2)
        assert await upkeep.waiting(redis) > 1e9  # still there, and said to be old
        keeping.cancel()
    keeping = asyncio.create_task(upkeep.keep(redis, sealer))
    while await upkeep.waiting(redis):
        await asyncio.sleep(0.02)
    keeping.cancel()


async def test_a_wish_that_comes_meanwhile_is_another(
    own: tuple[Any, Path], sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis, _ = own
    await redis.hset(REWRITE, "wanted", "1")
    real = upkeep.rewritten

    async def slow(store: Any) -> None:
        await real(store)
        await store.hset(REWRITE, "wanted", "2")

    monkeypatch.setattr(upkeep, "rewritten", slow)
    await upkeep.once(redis, sealer)
    assert await redis.hget(REWRITE, "wanted") == b"2"


def test_items_count_by_themselves() -> None:
    assert aging.over([], 5) == 0
    assert aging.over([1, 2, 6, 7], 5) == 2
    assert aging.over([None, 2, 6], 5) == 2  # as old as the next that says
    assert aging.over([None, 6], 5) == 0
    assert aging.over([None, None], 5) == 0


async def test_the_clock_trims_what_the_next_message_renewed(redis: Redis, sealer: Sealer) -> None:
    """A customer who wrote once in 29 days was remembered for a year and a half."""
    store: Any = redis
    now, month = time.time(), aging.limit("history") - time.time()
    for what in aging.LISTS:
        key = customer(42, what)
        for age in (2, 1.5, 0.5):
            item = json.dumps({"at": now + month * age, "text": str(age)}).encode()
            await store.rpush(key, sealer.seal(key, item))
        await store.expire(key, -int(month))
    assert await aging.trim(redis, sealer) == 6
    for what in aging.LISTS:
        key = customer(42, what)
        left = await store.lrange(key, 0, -1)
        assert [json.loads(sealer.open(key, item))["text"] for item in left] == ["0.5"]


async def test_message_numbers_go_by_the_day(redis: Redis, sealer: Sealer) -> None:
    store: Any = redis
    key = customer(42, "pairs")
    today = int(time.time() // DAY)
    fields = {"c1": "5", "g5": "1", "c9": "15", "g15": "9", f"d{today - 90}": "1,5", f"d{today - 2}": "9,15"}
    await store.hset(key, mapping=fields)
    assert await aging.trim(redis, sealer) == 3
    assert set(await store.hgetall(key)) == {b"c9", b"g15", f"d{today - 2}".encode()}
    assert await aging.trim(redis, sealer) == 0
    assert await aging.trim(redis, sealer, time.time() + 90 * DAY) == 3
    assert not await redis.exists(key)


@pytest.mark.parametrize("days", [1, 2, 30])
def test_a_case_goes_before_the_words_in_it(days: int) -> None:
    ours = retention(days)
    assert seconds("case", ours) + lately(ours) == days * DAY
