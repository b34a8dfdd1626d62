"""The group's pace, simulated: who waits how long for one of the group's 20 messages a minute.

    PYTHONPATH=. python docs/research/pacing.py [--hours 4] [--seed 1]

bot.telegram.rate_limit itself in virtual time (an hour is seconds), with customers who write, agents who change cards,
post asides, and new hand-overs (topic, card, pin), all Poisson. Lines of one customer that wait go as one, and so do
changes of one card.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import selectors
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.telegram import rate_limit
from bot.telegram.rate_limit import RateLimiter

GROUP_ID = -1
TOPICS = 6
SCENES: dict[str, dict[str, float]] = {  # a minute
    "12 lines": {"lines": 12},
    "12 lines, 3 cards": {"lines": 12, "cards": 3},
    "12 lines, 2 cards, 4 asides": {"lines": 12, "cards": 2, "asides": 4},
    "12 lines, a new hand-over": {"lines": 12, "cards": 1, "new": 1},
    "a new hand-over every 13 s": {"new": 60 / 13},
}
POLICIES = {  # at once, left free by what can wait, whether asides can wait
    "before: 4 at once": (4, 0, False),
    "asides wait": (4, 0, True),
    "asides wait, 4 kept free": (4, 4, True),
    "as it is: 10 at once, too": (10, 4, True),
    "6 kept free": (10, 6, True),
}


class Jump(selectors.SelectSelector):
    """Nothing ever comes from outside: waiting is moving the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return []


class Virtual(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jump = Jump()
        super().__init__(self.jump)

    def time(self) -> float:
        return self.jump.now


@dataclass
class Group:
    seconds: float
    rate_limit: RateLimiter
    asides_wait: bool
    random: random.Random
    lines: dict[int, list[float]] = field(default_factory=dict)  # topic → since when its lines wait
    cards: set[int] = field(default_factory=set)  # topics whose card waits: it will say all that changed meanwhile
    waits: dict[str, list[float]] = field(default_factory=dict)
    sent: list[float] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def send(self, what: str, since: float, weight: int = 1, *, later: bool = False) -> None:
        await self.rate_limit.turn(GROUP_ID, weight, later=later)
        now = self.rate_limit.clock()
        self.sent += [now] * weight
        self.waits.setdefault(what, []).append(now - since)

    async def topic(self, number: int) -> None:
        await self.rate_limit.turn(GROUP_ID)
        now = self.rate_limit.clock()
        self.sent.append(now)
        self.waits.setdefault("lines", []).extend(now - since for since in self.lines.pop(number))

    def happens(self, what: str) -> Any:
        number, now = self.random.randrange(TOPICS), self.rate_limit.clock()
        if what == "lines":
            self.lines.setdefault(number, []).append(now)
            return self.topic(number) if len(self.lines[number]) == 1 else None
        if what == "new":
            return self.new(now)
        if what == "cards":
            waits = number in self.cards
            self.cards.add(number)
            return None if waits else self.card(number, now)
        return self.send(what, now, later=self.asides_wait)

    async def card(self, number: int, now: float) -> None:
        await self.send("cards", now, later=True)
        self.cards.discard(number)

    async def new(self, now: float) -> None:
        if self.asides_wait:  # a topic and its card together came with it
            await self.send("new", now, 2)
        else:
            await self.rate_limit.turn(GROUP_ID)
            self.sent.append(self.rate_limit.clock())
            await self.send("new", now)
        await self.send("pins", self.rate_limit.clock(), later=True)

    async def poisson(self, what: str, a_minute: float) -> None:
        while self.rate_limit.clock() < self.seconds:
            await asyncio.sleep(self.random.expovariate(a_minute / 60))
            if doing := self.happens(what):
                self.tasks.add(task := asyncio.create_task(doing))
                task.add_done_callback(self.tasks.discard)

    async def run(self, scene: dict[str, float]) -> None:
        await asyncio.gather(*(self.poisson(what, a_minute) for what, a_minute in scene.items()))
        while self.tasks:
            await asyncio.wait(self.tasks)


def simulate(scene: dict[str, float], policy: tuple[int, int, bool], hours: float, seed: int) -> Group:
    rate_limit.BURST, rate_limit.KEEP, asides_wait = policy
    loop = Virtual()
    limiter = RateLimiter(None, clock=loop.time)  # type: ignore[arg-type]
    group = Group(hours * 3600, limiter, asides_wait, random.Random(seed))
    loop.run_until_complete(group.run(scene))
    loop.close()
    return group


def told(waits: list[float]) -> str:
    ranked = sorted(waits)
    return " / ".join(f"{ranked[max(0, int(len(ranked) * part) - 1)]:.1f}" for part in (0.5, 0.95, 1.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for name, scene in SCENES.items():
        print(f"\n{name} a minute; waits p50 / p95 / max in seconds")
        for policy, values in POLICIES.items():
            group = simulate(scene, values, args.hours, args.seed)
            most = max(Counter(int(at / 60) for at in group.sent).values())
            waits = ", ".join(f"{what} {told(found)}" for what, found in sorted(group.waits.items()))
            print(f"  {policy:26} {waits}; {len(group.sent) / args.hours / 60:.1f} a minute, at most {most}")


if __name__ == "__main__":
    main()
