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
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground import Person, Playground
from playground.group import Topic
from playground.world import GROUP_ID
from storage.server import EmbeddedServer

ROOT = Path(__file__).resolve().parent.parent
CUSTOMERS = 6
AGENTS = ("Kim", "Lee", "Mia")
PATIENCE_S = 300.0  # a machine under other work may need minutes to start a bot

WINDOW_S = 2.0


@dataclass
class Observed:
    """Every message of the bot's, with the moment it was there."""

    town: Playground
    at: dict[str, list[float]] = field(default_factory=dict)  # mark → when
    # What takes the group's minute: when, and what it was. Telegram counts edits and service messages, too
    # (https://github.com/tdlib/td/issues/2592).
    group: list[tuple[float, str]] = field(default_factory=list)
    promises: int = 0

    async def watch(self) -> None:
        known: set[tuple[int, int]] = set()
        with self.town.server.world.hub.subscribe() as queue:
            while (happened := await queue.get()) is not None:
                if happened["type"] != "message" or not happened["message"]["from"]["is_bot"]:
                    continue
                message, now = happened["message"], time.monotonic()
                name = (happened["chat_id"], message["message_id"])
                if happened["chat_id"] == GROUP_ID:
                    self.group.append((now, "edit" if name in known else kind(message)))
                if name in known:
                    continue
                known.add(name)
                text = message.get("text", "")
                self.promises += "passing you on" in text
                for word in text.split():
                    if word.startswith("~"):
                        self.at.setdefault(word, []).append(now)
                if "Why:" in text:
                    self.at.setdefault(f"card:{message['message_thread_id']}", []).append(now)
        raise RuntimeError("the playground cut us off: what came later was not counted")

    def most_in_a_minute(self) -> int:
        times = [at for at, _ in self.group]  # in order
        return max((bisect_left(times, start + 60) - n for n, start in enumerate(times)), default=0)

    def doubled(self, kills: list[float]) -> int:
        """Messages that came again though no kill fell between Telegram's answer and the store's: the first one is
        not of the last seconds before a kill. That window is one message a chat and kill (bot/telegram/outbox.py)."""
        twice = [times[0] for mark, times in self.at.items() if mark[0] == "~" and len(times) > 1]
        return sum(not any(0 <= kill - first <= WINDOW_S for kill in kills) for first in twice)

    def used(self, since: float) -> dict[str, float]:
        """What the group's minutes went to since then, in messages a minute."""
        minutes = (time.monotonic() - since) / 60
        return {what: round(n / minutes, 1) for what, n in Counter(w for at, w in self.group if at >= since).items()}

    async def wait_for(self, marks: set[str]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not marks <= self.at.keys() and time.monotonic() < end:
            await asyncio.sleep(0.2)


def kind(message: dict[str, Any]) -> str:
    text = message.get("text", "")
    words = "customer" if "~" in text else "card" if "Why:" in text else "note"
    return next((name for name in ("forum_topic_created", "pinned_message") if name in message), words)


def figures(times: list[float]) -> dict[str, float]:
    ranked = sorted(times)
    if not ranked:
        return {}
    p95 = ranked[max(0, int(len(ranked) * 0.95) - 1)]
    return {"n": len(ranked), "p50_s": round(statistics.median(ranked), 2), "p95_s": round(p95, 2),
            "max_s": round(ranked[-1], 2)}  # fmt: skip


class Load:
    def __init__(self, town: Playground, seen: Observed, seed: int) -> None:
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
            topic = await self.town.group.wait_for_topic(customer.name, timeout=PATIENCE_S)
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
    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self.log = os.environ | environment, log
        self.process = self._start()
        self.killed_at = list[float]()
        self.back = list[float]()  # seconds from a kill until it listens again

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "bot"], cwd=ROOT, env=self.environment, stderr=log)

    def _starts(self) -> int:
        return self.log.read_text(encoding="utf-8").count("is listening")

    async def killed(self, times: int, seconds: float) -> None:
        for _ in range(times):
            await asyncio.sleep(seconds / (times + 1))
            before, killed = self._starts(), time.monotonic()
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.killed_at.append(killed)
            self.process = self._start()
            while self._starts() == before and time.monotonic() < killed + PATIENCE_S:
                await asyncio.sleep(0.1)
            self.back.append(time.monotonic() - killed)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)


async def measure(args: argparse.Namespace, url: str, data: Path) -> dict[str, object]:
    part = args.minutes * 60 / 2
    report: dict[str, object] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    async with Playground(flood=True) as town:
        seen = Observed(town)
        watching = asyncio.create_task(seen.watch())
        bot = BotProcess(
            {"STORAGE_REDIS_URL": url, "STORAGE_DATA": str(data), "BOT_API_URL": town.url, "BOT_TOKEN": town.token,
             "BOT_AGENTS_GROUP": str(GROUP_ID)},
            args.log or data / "bot.log",
        )  # fmt: skip
        load = Load(town, seen, args.seed)
        try:
            warm = town.customer(999, "Warm")
            await warm.say("hello")
            await warm.wait_for_message(timeout=PATIENCE_S)
            began = time.monotonic()
            report["asked for a person -> card"] = figures(await load.cards(args.pause))
            report["cards: the group's minute"] = seen.used(began)
            await asyncio.sleep(61)
            began = time.monotonic()
            asked, answered = await load.traffic(part, args.rate)
            print("steady is over", file=sys.stderr, flush=True)
            report["customer -> topic, steady"] = figures(load.took(asked))
            report["agent -> customer, steady"] = figures(load.took(answered))
            report["steady: the group's minute"] = seen.used(began)
            await asyncio.sleep(61)
            marks = await load.burst()
            waits = sorted(max(load.took(mine)) for mine in marks)
            report["burst: last line of the n-th topic, s"] = [round(wait, 1) for wait in waits]
            texts = [m.text for m in town.group.messages() if "~b" in m.text]
            report["burst: messages in the group for 18 lines"] = len(texts)
            await asyncio.sleep(61)
            began = time.monotonic()
            killing = asyncio.create_task(bot.killed(args.kills, part))
            more_asked, more_answered = await load.traffic(part, args.rate)
            await killing
            await seen.wait_for({*more_asked, *more_answered})
            report["customer -> topic, with kills"] = figures(load.took(more_asked))
            report["agent -> customer, with kills"] = figures(load.took(more_answered))
            report["kills: the group's minute"] = seen.used(began)
            if watching.done():
                watching.result()  # it raises: nothing may go uncounted
        finally:
            bot.stop()
            watching.cancel()
        counts = Counter({mark: len(seen.at.get(mark, ())) for mark in load.sent})
        report |= {
            "kills": len(bot.killed_at),
            "kill -> listening again": figures(bot.back),
            "flood waits": bot.log.read_text(encoding="utf-8").count("flood wait"),
            "messages": len(counts),
            "lost": sum(n == 0 for n in counts.values()),
            "doubled": sum(n > 1 for n in counts.values()),
            "doubled outside the window": seen.doubled(bot.killed_at),
            "most in the group in any 60 s, edits too": seen.most_in_a_minute(),
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
    parser.add_argument("--log", type=Path, help="where the bot's log goes (default: nowhere)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder)) as server:
        print(json.dumps(asyncio.run(measure(args, server.url, Path(folder))), indent=2))


if __name__ == "__main__":
    main()
