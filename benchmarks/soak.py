"""Does the house live? Mixed customers for minutes, and every minute one of its processes is killed with -9.

    PYTHONPATH=. python benchmarks/soak.py [--minutes 30] [--rate 50] [--steady] [--kill-every 60]
        [--seed 1] [--kill redis] [--keep FOLDER]

``--rate``: updates a second, as Telegram sends them (an album of five is five). Each customer has one turn open at a
time and never asks twice, so every turn has exactly one answer: none is "lost", one too many is "doubled". Two kinds of
doubles are stated windows (docs/decisions/0001-one-transaction.md): the same words twice, when a process ended between
sending a message and noting that; and an album in two parts, when it ended while the parts came in. All others are
faults. Agents' words and customers' words through a person are counted likewise, each has a number of its own.
A photo that nobody could look at in time is answered, too: it says so. Who is given to a person, after two such photos
or an update that was given up, has an answer by that and writes no more: the bot is silent to them. One table at
the end; exit 1 when it is not met.
``--steady``: another mix. At 50 updates a second the usual one wants 28 answers, where Telegram takes 30 messages a
second, and 19 photos a second, which no two cores can look at: most customers are told so, and who had it twice is a
person's, until the cards for the agents wait behind the 20 messages a minute of their group.
``--kill``: kills only what is named. ``--keep``: the logs and the store stay there, and each turn that was lost or late
is printed with its customer and the seconds since the last kill before it, so that it can be followed.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import psutil
from redis.exceptions import RedisError
from stand import Memory, Stand
from turns import QUESTIONS, photo

from playground import Person, Playground
from playground.reading import Message
from storage.redis import StorageError, cancelled

ALBUM = 5  # photos
# Of all turns. Edits have no answer: the bot answers what was written first.
MIX = {"text": 0.50, "edit": 0.30, "album": 0.12, "photo": 0.05, "video": 0.02, "sticker": 0.01}
# What one bot and one worker can do at 50 updates a second: Telegram takes 30 messages a second of a bot, and MIX asks
# for 28 answers and 19 photos. Here 23 and 3, and what people of the shop write to one another, which has no answer.
STEADY = {
    "text": 0.34, "edit": 0.22, "album": 0.012, "photo": 0.006, "video": 0.002, "sticker": 0.01, "chatter": 0.41,
}  # fmt: skip
UPDATES = {"album": ALBUM, "edit": 1}
OVERDUE_S = 240.0  # an answer that has not come by then is lost
LATE_S = 150.0  # is followed where logs are kept
AFTER_A_KILL_S = 20.0  # what waits meanwhile has a column of its own
TO_A_PERSON = ("passing you on to a person", "passed it on to our team")  # bot/texts/en.ftl
PERSON_EVERY_S = 20.0  # conversations with people: a group takes 20 messages a minute


@dataclass
class Turn:
    kind: str
    at: float
    since_kill: float  # seconds
    answers: list[str] = field(default_factory=list)
    answered_at: float = 0.0

    @property
    def after_kill(self) -> bool:
        return self.since_kill < AFTER_A_KILL_S

    @property
    def waited(self) -> float:
        return self.answered_at - self.at if self.answers else float("inf")


@dataclass
class Told:
    """What was seen."""

    turns: defaultdict[int, list[Turn]] = field(default_factory=lambda: defaultdict(list))  # customer → turns
    extra: Counter[str] = field(default_factory=Counter)  # doubles, by what they are
    given: set[int] = field(default_factory=set)  # customers who are a person's now
    said: Counter[str] = field(default_factory=Counter)  # numbered words through people, by how often they came
    wanted: set[str] = field(default_factory=set)
    updates: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)  # by themselves
    memory: list[dict[str, float]] = field(default_factory=list)

    def missing(self) -> list[str]:
        """Words through people that have not come. A group takes 20 messages a minute: cards may be before them."""
        return [words for words in self.wanted if not self.said[words]]


class Soak:
    def __init__(self, playground: Playground, stand: Stand, rate: float, mix: dict[str, float], seed: int) -> None:
        self.playground, self.stand, self.rate = playground, stand, rate
        self.chance, self.told = random.Random(seed), Told()
        self.mix, self.kim = mix, playground.group.agent("Kim")
        self.free: list[Person] = []
        self.open: dict[int, Turn] = {}
        self.killed = -AFTER_A_KILL_S
        self.next = 10_000
        self.photos = [photo(seed) for seed in range(12)]
        self.film = film()

    # -- customers --------------------------------------------------------------------------------------------------
    def somebody(self) -> Person:
        """Who has no turn open, in turn: their next question comes as late as may be."""
        if self.free and len(self.free) > 20:
            return self.free.pop(0)
        self.next += 1
        return self.playground.customer(self.next, f"C{self.next}")

    async def begin(self, kind: str) -> None:
        if kind == "chatter":
            self.told.updates += 1
            await self.kim.say("See you at lunch.")
            return
        customer = self.somebody()
        turn = Turn(kind, time.monotonic(), time.monotonic() - self.killed)
        self.told.turns[customer.id].append(turn)
        self.open[customer.id] = turn
        self.told.updates += UPDATES.get(kind, 1) + (kind == "edit")
        await self._send(customer, kind)

    async def _send(self, customer: Person, kind: str) -> None:
        question = self.chance.choice(QUESTIONS)
        match kind:
            case "text":
                await customer.say(question)
            case "edit":
                await customer.edit(await customer.say(question), question + " please")
            case "photo":
                await customer.send_photo(self.chance.choice(self.photos), "what is this?")
            case "album":
                await customer.send_album(self.chance.sample(self.photos, ALBUM), "what is this?")
            case "video":
                await customer.send_video(self.film, "what is this?")
            case "sticker":
                await customer.send_location(48.2, 16.4)

    async def customers(self, until: float) -> None:
        """They do not wait for one another: the next writes on time, whatever the one before is still sending."""
        kinds, weights = list(self.mix), list(self.mix.values())
        sending = set[asyncio.Task[None]]()
        each = sum(share * (UPDATES.get(kind, 1) + (kind == "edit")) for kind, share in self.mix.items())
        due = time.monotonic()
        while time.monotonic() < until:
            sending.add(task := asyncio.create_task(self.begin(self.chance.choices(kinds, weights)[0])))
            task.add_done_callback(sending.discard)
            due += each / self.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await asyncio.gather(*sending)

    async def people(self, until: float) -> None:
        """A customer asks for a person, both write, the person closes it."""
        number = 0
        while time.monotonic() < until:
            number += 1
            customer = self.playground.customer(1000 + number, f"P{number}")
            with suppress(TimeoutError):
                await self._with_a_person(customer, number)
            await asyncio.sleep(max(0.0, self.chance.uniform(0.5, 1.5) * PERSON_EVERY_S))

    async def _with_a_person(self, customer: Person, number: int) -> None:
        await customer.say("a human please")
        topic = await self.playground.group.wait_for_topic(f"P{number}", timeout=OVERDUE_S)
        kim = topic.agent("Kim")
        for words, say in ((f"agent word {number}.", kim.say), (f"customer word {number}.", customer.say)):
            self.told.wanted.add(words)
            await say(words)
        await asyncio.sleep(5)
        await kim.say("/close")

    # -- what the bot says ------------------------------------------------------------------------------------------
    async def listen(self) -> None:
        state, read = self.playground.town.world.state, 0
        seen: set[tuple[int, int]] = set()
        while True:
            for stored in state.changed_since(read):
                read = stored.revision
                message = Message(stored.body, self.playground.town.world)
                place = (stored.chat_id, stored.message_id)
                if message.from_bot and not message.service and place not in seen:
                    seen.add(place)
                    self._heard(message)
            await asyncio.sleep(0.02)

    def _heard(self, message: Message) -> None:
        if message.chat_id in self.told.given:
            return  # they are told again that a person comes
        if message.chat_id not in self.told.turns:
            for words in self.told.wanted:
                if words in message.text:
                    self.told.said[words] += 1
            return
        turn = self.told.turns[message.chat_id][-1]
        if turn.answers:
            same = message.text == turn.answers[-1]
            self.told.extra["same words" if same else "album in two" if turn.kind == "album" else "fault"] += 1
        turn.answers.append(message.text)
        if message.chat_id in self.open:
            turn.answered_at = time.monotonic()
            del self.open[message.chat_id]
            if any(words in message.text for words in TO_A_PERSON):
                self.told.given.add(message.chat_id)
                return
            # A double would come within a second or two; then the customer may write again.
            person = self.playground.customer(message.chat_id)
            asyncio.get_running_loop().call_later(3.0, self.free.append, person)

    # -- and what happens to it -----------------------------------------------------------------------------------
    async def killing(self, every: float, names: Sequence[str], until: float) -> None:
        while time.monotonic() + every < until:
            await asyncio.sleep(every * self.chance.uniform(0.8, 1.2))
            name = self.chance.choice(names)
            self.killed = time.monotonic()
            await self.stand.kill(name)
            self.told.kills[name] += 1

    async def keeping(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.told.ended.update(self.stand.revive())

    async def watching(self, memory: Memory) -> None:
        while True:
            await asyncio.sleep(15)
            with suppress(psutil.Error, RedisError, StorageError, OSError):
                self.told.memory.append(await memory.now())


def encoded_once() -> None:
    """To make Telegram's sizes of a picture is Telegram's work. The few that are sent here are made once, so that the
    machine has its processors for what is measured."""
    from playground import files, pictures  # noqa: PLC0415

    vars(files)["renditions"] = lru_cache(pictures.renditions)


def film() -> bytes:
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests" / "support"))
    films: Any = importlib.import_module("films")  # of the tests

    return bytes(films.video([films.plain((60, 170, 60))] * 20))


def percentile(times: list[float], share: float) -> float:
    times = sorted(times)
    return times[max(0, min(len(times) - 1, int(len(times) * share)))] if times else float("nan")


def table(told: Told, minutes: float, load: float) -> list[tuple[str, str]]:
    turns = [turn for mine in told.turns.values() for turn in mine]
    lost = [turn for turn in turns if not turn.answers]
    waits = {
        after: [t.waited for t in turns if t.answers and t.kind == "text" and t.after_kill is after]
        for after in (False, True)
    }
    blind = sum("can't look" in turn.answers[0] for turn in turns if turn.answers)
    words = Counter(min(2, told.said[each]) for each in told.wanted)
    rows = [
        ("minutes", f"{minutes:g}"),
        ("updates a second", f"{told.updates / minutes / 60:.1f}"),
        ("kills with -9", ", ".join(f"{name} {count}" for name, count in sorted(told.kills.items())) or "none"),
        ("ended by themselves", str(dict(told.ended)) if told.ended else "none"),
        ("turns", ", ".join(f"{kind} {n}" for kind, n in Counter(t.kind for t in turns).most_common())),
        ("lost", f"{len(lost)} {dict(Counter(t.kind for t in lost)) if lost else ''}".strip()),
        ("doubled: faults", str(told.extra["fault"])),
        ("doubled: same words (stated window)", str(told.extra["same words"])),
        ("album in two (stated window)", str(told.extra["album in two"])),
        ('photos and videos told "can\'t look now"', str(blind)),
        ("customers given to a person; since an update was given up", f"{len(told.given)}; {given_up(turns)}"),
        ("words through people: once, lost, twice", f"{words[1]}, {words[0]}, {words[2]}"),
        ("text p50, p95, max, no kill near, s", _three(waits[False])),
        (f"text p50, p95, max, within {AFTER_A_KILL_S:g} s of a kill, s", _three(waits[True])),
    ]
    for name in ("bot", "redis"):
        sizes = [each[name] for each in told.memory if name in each]
        if sizes:
            half = len(sizes) // 2
            most = f"{max(sizes[:half] or sizes):.0f}, {max(sizes[half:]):.0f}"
            rows.append((f"{name}, most MB in the first half, in the second", most))
    rows.append(("load of the machine before", f"{load:.1f} on {os.cpu_count()} cores"))
    return rows


def given_up(turns: Sequence[Turn]) -> int:
    return sum(TO_A_PERSON[1] in turn.answers[0] for turn in turns if turn.answers)


def _three(times: list[float]) -> str:
    return f"{percentile(times, 0.5):.2f}, {percentile(times, 0.95):.2f}, {max(times, default=float('nan')):.2f}"


def followed(told: Told, late: float = LATE_S) -> list[str]:
    """A line for each turn that was lost or late."""
    found = sorted((turn.at, chat, turn) for chat, mine in told.turns.items() for turn in mine if turn.waited > late)
    return [
        f"{turn.kind} of {chat}, {turn.since_kill:.2f} s after a kill: waited {turn.waited:.1f} s; {turn.answers}"
        for _, chat, turn in found
    ]


async def soak(
    folder: Path,
    *,
    minutes: float,
    rate: float,
    mix: dict[str, float],
    every: float,
    seed: int,
    kill: Sequence[str],
    worker: bool,
) -> Told:
    async with Playground(folder / "playground", patience=OVERDUE_S) as playground:
        with Stand(folder, playground, worker=worker, more={}) as stand:
            first = playground.customer(7, "Bob")
            await first.say(QUESTIONS[0])
            await first.wait_for_message(lambda m: m.from_bot)
            run = Soak(playground, stand, rate, mix, seed)
            until = time.monotonic() + 60 * minutes
            beside = [asyncio.create_task(work) for work in (run.listen(), run.keeping(), run.watching(Memory(stand)))]
            sending: list[Callable[[float], Awaitable[None]]] = [
                run.customers,
                run.people,
                partial(run.killing, every, kill),
            ]
            await asyncio.gather(*(work(until) for work in sending))
            end = time.monotonic() + OVERDUE_S
            while (run.open or run.told.missing()) and time.monotonic() < end:
                await asyncio.sleep(0.5)
            await asyncio.sleep(5)  # for doubles
            await cancelled(*beside)
            return run.told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=50.0, help="updates a second")
    parser.add_argument("--steady", action="store_true", help="no more answers and photos than one house can do")
    parser.add_argument("--kill-every", type=float, default=60.0, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-worker", action="store_true")
    parser.add_argument("--kill", action="append", choices=["bot", "redis", "worker"], help="default: any of them")
    parser.add_argument("--keep", type=Path, help="a new folder")
    args, load = parser.parse_args(), os.getloadavg()[0]
    encoded_once()
    with tempfile.TemporaryDirectory() if args.keep is None else nullcontext(args.keep) as folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        told = asyncio.run(
            soak(
                Path(folder),
                minutes=args.minutes,
                rate=args.rate,
                mix=STEADY if args.steady else MIX,
                every=args.kill_every,
                seed=args.seed,
                kill=args.kill or ["bot", "redis", *([] if args.no_worker else ["worker"])],
                worker=not args.no_worker,
            )
        )
    for name, value in table(told, args.minutes, load):
        print(f"| {name} | {value} |")
    if args.keep:
        print(*followed(told), sep="\n")
    faults = told.extra["fault"] + sum(not turn.answers for mine in told.turns.values() for turn in mine)
    sys.exit(1 if faults or told.missing() else 0)


if __name__ == "__main__":
    main()
