"""How long tests wait, said once. A wait ends as soon as what it waits for is there, so that a long one costs time only
where a test fails anyway: it is long enough for a machine that does eight other things.

What must not wait is asked so that it would wait PATIENCE where it is wrong, and is there before HALF of it; what ends
at a deadline of its own is there SOON. What must cost little is measured in CPU time (``time.process_time``), which is
the same at any load.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

PATIENCE = 120.0 * float(os.environ.get("PHOTODESK_TEST_PATIENCE", "1"))  # seconds; 2 doubles every wait
HALF, SOON = PATIENCE / 2, PATIENCE / 12


def until(found: Callable[[], object], what: str = "it") -> None:
    """Waits for what no event says. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while not found():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {PATIENCE:g} s")
        time.sleep(0.02)


async def comes(found: Callable[[], object]) -> None:
    """The same for a coroutine."""
    async with asyncio.timeout(PATIENCE):
        while not found():
            await asyncio.sleep(0.02)
