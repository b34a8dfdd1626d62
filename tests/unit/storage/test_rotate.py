from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from storage.keys import customer
from storage.rotate import rotate, with_new_key
from storage.seal import Sealer, SealError

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
BEFORE, BETWEEN, AFTER = Sealer({1: OLD}, 1), Sealer({1: OLD, 2: NEW}, 2), Sealer({2: NEW}, 2)


async def test_everything_opens_with_the_new_key_alone(redis: Redis) -> None:
    history, out, fields = customer(42, "history"), customer(42, "out", "a"), customer(42, "report", "f")
    await redis.rpush(history, BEFORE.seal(history, b"hello"), BETWEEN.seal(history, b"hello, Ana"))
    await redis.set(out, BEFORE.seal(out, b"text"), ex=500)
    await redis.hset(fields, mapping={"note": BEFORE.seal(fields, b"words"), "version": "3"})
    await redis.hset(customer(42, "owner"), mapping={"state": "human", "version": 3})
    counts = await rotate(redis, BETWEEN)
    assert counts == {"sealed anew": 3, "current already": 1, "plain": 2}
    assert [AFTER.open(history, item) for item in await redis.lrange(history, 0, -1)] == [b"hello", b"hello, Ana"]
    assert AFTER.open(out, await redis.get(out)) == b"text"
    assert 490 < await redis.ttl(out) <= 500
    assert AFTER.open(fields, await redis.hget(fields, "note")) == b"words"
    assert await redis.hget(fields, "version") == b"3"
    with pytest.raises(SealError):
        BEFORE.open(out, await redis.get(out))
    assert not (await rotate(redis, BETWEEN))["sealed anew"]


async def test_what_cannot_be_opened_is_counted_and_left(redis: Redis) -> None:
    out = customer(42, "out", "a")
    await redis.set(out, sealed := BEFORE.seal(out, b"text"))
    assert await rotate(redis, AFTER) == {"unknown key": 1}
    assert await redis.get(out) == sealed


async def test_a_conversation_goes_on_meanwhile(redis: Redis) -> None:
    history = customer(42, "history")
    for n in range(50):
        await redis.rpush(history, BEFORE.seal(history, b"%d" % n))

    async def talk() -> None:
        for n in range(50, 150):
            await redis.rpush(history, BETWEEN.seal(history, b"%d" % n))
            await asyncio.sleep(0)

    await asyncio.gather(talk(), rotate(redis, BETWEEN))
    await rotate(redis, BETWEEN)
    said = [AFTER.open(history, item) for item in await redis.lrange(history, 0, -1)]
    assert said == [b"%d" % n for n in range(150)]


def test_a_new_key_joins_the_others() -> None:
    first = with_new_key("")
    assert Sealer.from_text(first).current == 1
    second = with_new_key(first + "\n")
    assert second.startswith(first + ",2:")
    assert Sealer.from_text(second).current == 2
    assert with_new_key(second) != with_new_key(second)
