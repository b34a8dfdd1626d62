"""Hand-over under load, through the playground with Telegram's limits enforced.

    python benchmarks/handover.py [--minutes 10] [--rate 12] [--kills 3] [--seed 1]

Everything is real but Telegram: bot process, store, Bot API with 429s for whoever sends too much. The parts:
*card*: customers ask for a person one after the other; *steady*: their messages at ``--rate`` a minute (Poisson) while
three agents answer; *burst*: every customer writes three lines at once; *kills*: the same as steady while the bot is
killed (-9) and started again. A message carries a mark of its own, so that lost and doubled ones are counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from playground import Person, Playground
from playground.client import Topic
from playground.world import GROUP_ID
from storage.server import EmbeddedServer

ROOT = Path(__file__).resolve().parent.parent
CUSTOMERS = 6
AGENTS = ("Kim", "Lee", "Mia")
PATIENCE_S = 150.0


@dataclass
class Seen:
    """Every message of the bot's, with the moment it was there."""

    town: Playground
    at: dict[str, list[float]] = field(default_factory=dict)  # mark → when
    group: list[float] = field(default_factory=list)  # every message in the group, service messages too
    promises: int = 0

    async def watch(self) -> None:
        known: set[tuple[int, int]] = set()
        with self.town.server.world.hub.subscribe() as queue:
            while (happened := await queue.get()) is not None:
                if happened["type"] != "message" or not happened["message"]["from"]["is_bot"]:
                    continue
                message = happened["message"]
                name = (happened["chat_id"], message["message_id"])
                if name in known:
                    continue
                known.add(name)
                now = time.monotonic()
                if happened["chat_id"] == GROUP_ID:
                    self.group.append(now)
                text = message.get("text", "")
                self.promises += "passing you on" in text
                for word in text.split():
                    if word.startswith("~"):
                        self.at.setdefault(word, []).append(now)
                if "Why:" in text:
                    self.at.setdefault(f"card:{message['message_thread_id']}", []).append(now)

    def most_in_a_minute(self) -> int:
        return max((sum(start <= at < start + 60 for at in self.group) for start in self.group), default=0)

    async def wait_for(self, marks: set[str]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not marks <= self.at.keys() and time.monotonic() < end:
            await asyncio.sleep(0.2)


def figures(times: list[float]) -> dict[str, float]:
    ranked = sorted(times)
    if not ranked:
        return {}
    p95 = ranked[max(0, int(len(ranked) * 0.95) - 1)]
    return {"n": len(ranked), "p50_s": round(statistics.median(ranked), 2), "p95_s": round(p95, 2),
            "max_s": round(ranked[-1], 2)}  # fmt: skip


class Desk:
    def __init__(self, town: Playground, seen: Seen, seed: int) -> None:
        self.town, self.seen, self.random = town, seen, random.Random(seed)
        self.customers: list[Person] = []
        self.topics: list[Topic] = []
        self.sent: dict[str, float] = {}  # mark → when it was written
        self.number = 0

    def mark(self, what: str) -> str:
        self.number += 1
        mark = f"~{what}{self.number}"
        self.sent[mark] = time.monotonic()
        return mark

    async def cards(self, pause: float) -> list[float]:
        """Customers ask for a person; from their message to the card in their topic."""
        times = []
        for n in range(CUSTOMERS):
            customer = self.town.customer(1000 + n, f"Customer{n}")
            start = time.monotonic()
            await customer.say("I want to talk to a person")
            topic = await self.town.group.wait_for_topic(customer.name, timeout=60)
            await self.seen.wait_for({f"card:{topic.thread}"})
            times.append(self.seen.at[f"card:{topic.thread}"][0] - start)
            self.customers.append(customer)
            self.topics.append(topic)
            await asyncio.sleep(pause)
        return times

    async def traffic(self, seconds: float, rate: float) -> tuple[list[str], list[str]]:
        """Customers at ``rate`` a minute, agents twice as often. The marks of both."""
        asked, answered = list[str](), list[str]()

        async def customers() -> None:
            while time.monotonic() < end:
                await asyncio.sleep(self.random.expovariate(rate / 60))
                asked.append(mark := self.mark("c"))
                await self.random.choice(self.customers).say(f"question {mark}")

        async def agents() -> None:
            while time.monotonic() < end:
                await asyncio.sleep(self.random.expovariate(2 * rate / 60))
                answered.append(mark := self.mark("a"))
                await self.random.choice(self.topics).agent(self.random.choice(AGENTS)).say(f"answer {mark}")

        end = time.monotonic() + seconds
        await asyncio.gather(customers(), agents())
        await self.seen.wait_for({*asked, *answered})
        return asked, answered

    async def burst(self) -> list[list[str]]:
        """Every customer writes three lines at once."""
        marks = [[self.mark("b") for _ in range(3)] for _ in self.customers]
        for customer, mine in zip(self.customers, marks, strict=True):
            for mark in mine:
                await customer.say(f"line {mark}")
        await self.seen.wait_for({mark for mine in marks for mark in mine})
        return marks

    def took(self, marks: list[str]) -> list[float]:
        return [self.seen.at[mark][0] - self.sent[mark] for mark in marks if mark in self.seen.at]


class BotProcess:
    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = os.environ | environment
        self.process = self._start()
        self.kills = 0

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "bot"], cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL
        )

    async def killed(self, times: int, seconds: float) -> None:
        for _ in range(times):
            await asyncio.sleep(seconds / (times + 1))
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.kills += 1
            self.process = self._start()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


async def measure(args: argparse.Namespace, url: str, data: Path) -> dict[str, object]:
    part = args.minutes * 60 / 2
    report: dict[str, object] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    async with Playground(flood=True) as town:
        seen = Seen(town)
        watching = asyncio.create_task(seen.watch())
        bot = BotProcess(
            {"STORAGE_REDIS_URL": url, "STORAGE_DATA": str(data), "BOT_API_URL": town.url, "BOT_TOKEN": town.token,
             "BOT_AGENTS_GROUP": str(GROUP_ID)}
        )  # fmt: skip
        desk = Desk(town, seen, args.seed)
        try:
            warm = town.customer(999, "Warm")
            await warm.say("hello")
            await warm.wait_for_message(timeout=60)
            report["asked for a person -> card"] = figures(await desk.cards(args.pause))
            await asyncio.sleep(61)
            asked, answered = await desk.traffic(part, args.rate)
            report["customer -> topic, steady"] = figures(desk.took(asked))
            report["agent -> customer, steady"] = figures(desk.took(answered))
            await asyncio.sleep(61)
            marks = await desk.burst()
            waits = sorted(max(desk.took(mine)) for mine in marks)
            report["burst: last line of the n-th topic, s"] = [round(wait, 1) for wait in waits]
            texts = [m.text for m in town.group.messages() if "~b" in m.text]
            report["burst: messages in the group for 18 lines"] = len(texts)
            await asyncio.sleep(61)
            killing = asyncio.create_task(bot.killed(args.kills, part))
            more_asked, more_answered = await desk.traffic(part, args.rate)
            await killing
            await seen.wait_for({*more_asked, *more_answered})
            report["customer -> topic, with kills"] = figures(desk.took(more_asked))
            report["agent -> customer, with kills"] = figures(desk.took(more_answered))
        finally:
            bot.stop()
            watching.cancel()
        counts = Counter({mark: len(seen.at.get(mark, ())) for mark in desk.sent})
        report |= {
            "kills": bot.kills,
            "messages": len(counts),
            "lost": sum(n == 0 for n in counts.values()),
            "doubled": sum(n > 1 for n in counts.values()),
            "most in the group in any 60 s": seen.most_in_a_minute(),
            "topics": len(town.group.topics()),
            "transfer lines": seen.promises,
        }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="of traffic, half of it with kills")
    parser.add_argument("--rate", type=float, default=12.0, help="customers' messages a minute")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--pause", type=float, default=13.0, help="seconds between two hand-overs")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder)) as server:
        print(json.dumps(asyncio.run(measure(args, server.url, Path(folder))), indent=2))


if __name__ == "__main__":
    main()
