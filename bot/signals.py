"""Being asked to stop: SIGTERM or Ctrl-C sets an event, from the first line on that may be interrupted.

Left to themselves they cancel the main task, and redis-py 8 can lose a cancellation (storage.redis.cancelled).
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from storage.redis import cancelled


@contextmanager
def asked_to_stop() -> Iterator[asyncio.Event]:
    """An event that is set when somebody asks. Call it in a running loop."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, asked.set)
    try:
        yield asked
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def unless(asked: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do ``work``, but not beyond being ``asked`` to stop: False then. Raises what the work raises."""
    task, stop = asyncio.create_task(work), asyncio.create_task(asked.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            return False
        task.result()
        return True
    finally:
        stop.cancel()
        await cancelled(task)
