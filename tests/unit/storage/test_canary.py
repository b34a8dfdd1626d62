"""A wrong key is refused before anything is written, by whoever opens the store."""

from __future__ import annotations

import io

import pytest
from redis.asyncio import Redis

from storage import canary
from storage.backup import backup, restore
from storage.keys import customer
from storage.rotate import rotate
from storage.seal import Sealer, mark_of

OURS, OTHER = Sealer({1: bytes(range(32))}, 1), Sealer({1: bytes(32)}, 1)  # both are called 1
HISTORY = customer(42, "history")


async def test_another_key_of_the_same_number_is_refused(redis: Redis) -> None:
    """The bot answered, the past was taken for missing, and both keys' values were mixed for good."""
    await canary.check(redis, OURS)
    await canary.check(redis, OURS)
    with pytest.raises(canary.WrongKeyError, match="Put back those of this store"):
        await canary.check(redis, OTHER)


async def test_a_store_of_a_release_before_is_tried(redis: Redis) -> None:
    await redis.rpush(HISTORY, OURS.seal(HISTORY, b"hello"))
    with pytest.raises(canary.WrongKeyError):
        await canary.check(redis, OTHER)
    assert not await redis.exists(canary.KEY)
    await canary.check(redis, OURS)
    assert await redis.exists(canary.KEY)


async def test_a_key_that_was_taken_out_too_early_is_missed(redis: Redis) -> None:
    """Each waiting message became a dead letter, and the customer was told of a failure, instead of this."""
    both, new = Sealer({1: bytes(range(32)), 2: bytes(32)}, 2), Sealer({2: bytes(32)}, 2)
    await canary.check(redis, OURS)
    await canary.check(redis, both)
    with pytest.raises(canary.WrongKeyError):
        await canary.check(redis, new)
    await rotate(redis, both)
    await canary.check(redis, new)


async def test_rotation_opens_what_it_calls_current(redis: Redis) -> None:
    """It counted by number: "current already: 7", though four of them did not open."""
    await redis.rpush(HISTORY, OURS.seal(HISTORY, b"ours"), OTHER.seal(HISTORY, b"other"))
    counts = await rotate(redis, OURS)
    assert counts == {"current already": 1, "unknown key": 1}
    assert await canary.unopened(redis, OURS) == (1, 1)


async def test_values_that_bear_the_number_open_and_are_marked_anew(redis: Redis) -> None:
    sealed = OURS.seal(HISTORY, b"hello")
    old = b"\x01" + sealed[1:]
    assert sealed[0] == mark_of(bytes(range(32))) != 1
    await redis.rpush(HISTORY, old)
    assert OURS.open(HISTORY, old) == b"hello"
    assert await rotate(redis, OURS) == {"sealed anew": 1}
    [now] = await redis.lrange(HISTORY, 0, -1)
    assert now[0] == sealed[0] and OURS.open(HISTORY, now) == b"hello"


def test_two_keys_with_one_mark_both_open() -> None:
    keys = [bytes([n, m]) * 16 for n in range(60) for m in range(60)]
    first = keys[0]
    twin = next(key for key in keys[1:] if mark_of(key) == mark_of(first))
    one, both = Sealer({3: first}, 3), Sealer({3: first, 4: twin}, 4)
    assert both.open(HISTORY, one.seal(HISTORY, b"x")) == b"x"
    assert not both.is_current(HISTORY, one.seal(HISTORY, b"x"))
    assert both.is_current(HISTORY, both.seal(HISTORY, b"x"))


async def test_a_backup_brings_its_canary(redis: Redis) -> None:
    await canary.check(redis, OURS)
    await redis.rpush(HISTORY, OURS.seal(HISTORY, b"hello"))
    file = io.BytesIO()
    await backup(redis, file)
    await redis.flushall()
    await canary.check(redis, OTHER)  # a new store, where a bot with new keys has waited
    file.seek(0)
    await restore(redis, file)
    with pytest.raises(canary.WrongKeyError):
        await canary.check(redis, OTHER)
    await canary.check(redis, OURS)
