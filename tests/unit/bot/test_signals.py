from __future__ import annotations

import asyncio
import os
import signal

import pytest
from patience import PATIENCE

from bot.signals import asked_to_stop, unless


async def test_what_is_not_interrupted_is_done() -> None:
    done = []

    async def work() -> None:
        done.append(1)

    with asked_to_stop() as asked:
        assert await unless(asked, work())
    assert done == [1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_work_that_loses_its_first_cancellation_ends_all_the_same(number: int) -> None:
    """redis-py does lose it now and then: Ctrl-C in the demo's first seconds used to hang it (CI, once)."""
    lost: list[bool] = []

    async def work() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append(True)

    with asked_to_stop() as asked:
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), number)
        async with asyncio.timeout(PATIENCE):
            assert not await unless(asked, work())
    assert lost


async def test_what_fails_is_raised() -> None:
    async def work() -> None:
        raise ValueError("no")

    with asked_to_stop() as asked, pytest.raises(ValueError, match="no"):
        await unless(asked, work())
