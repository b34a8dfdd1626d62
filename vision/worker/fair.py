"""One at a time, and the customers take turns: ten videos of one are not ten waits for the next."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

REMEMBERED = 1000  # customers


class Fair:
    """A lock: of those who wait, whose last turn is longest ago is next; of one customer's, who came first."""

    def __init__(self) -> None:
        self.busy, self.waiting = False, list[tuple[int, asyncio.Future[None]]]()
        self.served: dict[int, int] = {}  # customer → their last turn's number; later ones stand behind
        self.turns = itertools.count(1)

    @asynccontextmanager
    async def turn(self, customer: int) -> AsyncIterator[None]:
        mine = asyncio.get_running_loop().create_future()
        self.waiting.append((customer, mine))
        self._next()
        try:
            await mine
            yield
        finally:
            if mine.done() and not mine.cancelled():
                self.busy = False
            self._next()

    def _next(self) -> None:
        self.waiting = [(who, turn) for who, turn in self.waiting if not turn.done()]
        if self.busy or not self.waiting:
            return
        customer, turn = min(self.waiting, key=lambda one: self.served.get(one[0], 0))
        self.served.pop(customer, None)
        self.served[customer] = next(self.turns)
        if len(self.served) > REMEMBERED:
            del self.served[next(iter(self.served))]
        self.busy = True
        turn.set_result(None)
