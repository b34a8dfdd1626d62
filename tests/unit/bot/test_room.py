"""The budget of bytes: never more than it, first come first served, nothing lost when somebody goes."""

from __future__ import annotations

import asyncio
import random

import pytest
from patience import PATIENCE

from bot.room import FOR_LARGE, SMALL, Budget, Room


async def test_no_more_than_the_budget_is_ever_held() -> None:
    budget, held, most = Budget(100), 0, 0
    draw = random.Random(1)

    async def one(size: int) -> None:
        nonlocal held, most
        async with budget.hold(size, PATIENCE):
            held += size
            most = max(most, held)
            await asyncio.sleep(0)
            held -= size

    await asyncio.gather(*(one(draw.randint(1, 100)) for _ in range(200)))
    assert most <= 100 and budget.free == 100 and not budget.waiting


async def test_first_come_first_served() -> None:
    budget, order = Budget(10), list[str]()

    async def one(name: str, size: int) -> None:
        async with budget.hold(size, PATIENCE):
            order.append(name)
            await asyncio.sleep(0.01)

    await asyncio.gather(one("a", 6), one("large", 10), one("small", 1))
    assert order == ["a", "large", "small"]


async def test_what_is_larger_than_all_gets_all() -> None:
    budget = Budget(10)
    async with budget.hold(1000, PATIENCE):
        assert budget.free == 0
    assert budget.free == 10


async def test_who_waits_too_long_or_is_cancelled_takes_nothing_along() -> None:
    budget = Budget(10)
    async with budget.hold(10, PATIENCE):
        with pytest.raises(TimeoutError):
            async with budget.hold(8, 0.01):
                raise AssertionError
        waiting = asyncio.create_task(budget._take(8))
        behind = asyncio.create_task(budget._take(3))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await behind
    assert budget.free == 7 and not budget.waiting


async def test_cancelled_in_the_moment_of_its_turn() -> None:
    budget = Budget(10)
    await budget._take(10)
    waiting = asyncio.create_task(budget._take(10))
    await asyncio.sleep(0)
    budget._give(10)  # its turn has come, and it has not run yet
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert budget.free == 10


def test_small_photos_do_not_wait_behind_large_ones() -> None:
    room = Room()
    assert room.of(SMALL) is not room.of(SMALL + 1)
    assert room.of(20 * 2**20).size == FOR_LARGE
