"""How many bytes of photos and videos the whole bot holds at one time, in its memory and in the store."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SMALL = 2**20  # bytes: as most photos are. They do not wait behind the large ones
FOR_SMALL = 8 * 2**20
FOR_LARGE = 42 * 2**20  # two of Telegram's largest; sealed a megabyte at a time, none is there twice


class Budget:
    """A semaphore weighed in bytes: first come, first served."""

    def __init__(self, size: int) -> None:
        self.size = self.free = size
        self.waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def hold(self, size: int, seconds: float) -> AsyncIterator[None]:
        """``size`` bytes for the body; all there are where it is more. Raises TimeoutError after ``seconds``."""
        size = min(size, self.size)
        async with asyncio.timeout(seconds):
            await self._take(size)
        try:
            yield
        finally:
            self._give(size)

    async def _take(self, size: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append((size, turn))
        self._next()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._next()  # who stands behind may need less
            else:  # it was ours in this very moment
                self._give(size)
            raise

    def _give(self, size: int) -> None:
        self.free += size
        self._next()

    def _next(self) -> None:
        while self.waiting and (self.waiting[0][1].done() or self.waiting[0][0] <= self.free):
            size, turn = self.waiting.popleft()
            if not turn.done():
                self.free -= size
                turn.set_result(None)


class Room:
    """Of a photo's bytes, from the first that is fetched until its report is there or nobody waits for it."""

    def __init__(self, large: int = FOR_LARGE, small: int = FOR_SMALL) -> None:
        self.large, self.small = Budget(large), Budget(small)

    def of(self, size: int) -> Budget:
        return self.small if size <= SMALL else self.large
