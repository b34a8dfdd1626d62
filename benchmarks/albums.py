"""Many customers send albums of large files at the same time: is everybody answered or told, and what does it cost?

    PYTHONPATH=. python benchmarks/albums.py [--albums 20] [--photos 10] [--megabytes 19.9] [--no-worker]

Real bot, worker and Redis, each a process; the files are noise of our own (PNG, stored as it is). Printed:

- what each customer got. "answered": the photos were looked at. "told": the line that they could not be. "failed":
  the line that something went wrong. "handed_over": the line that a person takes over, whom nobody asked for.
  "silent": nothing within ten minutes. "twice": more than one message.
- the most memory of bot and Redis, and what they have when nobody writes
- how long another customer's text waits from the first album to the last answer (asked every two seconds)
- turns of the bot that failed, and what it gave up
- "missed": which of the limits (LIMITS) were not kept; the exit status is 1 where there are any
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from stand import MB, Memory, Stand

from bot.texts import Texts
from playground import Message, Person, Playground
from playground.files import Upload
from playground.telegram import Json
from storage.keys import INBOX, INBOX_DEAD, OUTBOX, OUTBOX_DEAD
from storage.redis import cancelled, connect

QUESTION = "how long do bananas keep?"
PAUSE_S = 2.0
QUIET_S = 60.0  # after the last answer nothing may wait for longer
LIMITS = {"bot_most_mb": 400, "redis_most_mb": 300, "others_text_max_s": 2.0}
NEVER = ("failed", "handed_over", "silent", "twice", "failed_tries", "given_up")
FAILED = re.compile(r"\bfailed \(try \d|\bno answer for \d|^Traceback", re.MULTILINE)  # in the bot's log


def noise(seed: int, size: float) -> bytes:
    """A picture of ``size`` bytes; nothing in it can be packed."""
    side = int((size / 3) ** 0.5)
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=0)
    return out.getvalue()


async def asked(customer: Person, seconds: float) -> float:
    start = time.perf_counter()
    await customer.say(QUESTION)
    await customer.wait_for_message(lambda m: m.from_bot, timeout=seconds)
    return time.perf_counter() - start


async def asks_on(customer: Person, times: list[float], seconds: float) -> None:
    while True:
        times.append(await asked(customer, seconds))
        await asyncio.sleep(PAUSE_S)


async def made(playground: Playground, photos: int, megabytes: float) -> list[Json]:
    """Everybody sends the same files: what is kept is kept for each."""
    shelf, files = playground.town.world.shelf, []
    for seed in range(photos):
        data = await asyncio.to_thread(noise, seed, megabytes * MB)
        files.append({"document": shelf.add_document(Upload(data, f"{seed}.png", "image/png"))})
    return files


def send(playground: Playground, albums: int, files: list[Json]) -> list[Person]:
    people = [playground.customer(1000 + number, f"C{number}") for number in range(albums)]
    for person in people:
        playground.town.people.post_album(playground.town.world.person(person.user_id), person.id, files)
    return people


def outcome(messages: Sequence[Message], texts: Texts) -> str:
    """What the bot's ``messages`` after an album mean for its customer."""
    words = "\n".join(message.text for message in messages)
    if not words:
        return "silent"
    if any(texts(name) in words for name in ("failed", "failed-alone")):
        return "failed"
    if texts("transfer") in words:
        return "handed_over"
    return "told" if texts("photo-unavailable", what="photo") in words else "answered"


async def got(person: Person, seconds: float) -> list[Message]:
    """All that the bot said to ``person``; [] when it is nothing within ``seconds``."""
    with suppress(TimeoutError):
        await person.wait_for_message(lambda m: m.from_bot, timeout=seconds)
    return [message for message in person.messages() if message.from_bot]


async def given_up(url: str) -> int:
    """Updates that are buried, once nothing waits any more. Raises TimeoutError."""
    redis = await connect(url)
    try:
        async with asyncio.timeout(QUIET_S):
            while await redis.xlen(INBOX) or await redis.xlen(OUTBOX):
                await asyncio.sleep(0.1)
        return int(await redis.xlen(INBOX_DEAD) + await redis.xlen(OUTBOX_DEAD))
    finally:
        await redis.aclose()


def missed(found: Mapping[str, Any]) -> list[str]:
    """The limits that were not kept, with what was found."""
    over = [f"{name}: {found[name]}, limit {most}" for name, most in LIMITS.items() if found[name] > most]
    return over + [f"{name}: {found[name]}" for name in NEVER if found[name]]


async def measure(
    folder: Path, *, albums: int, photos: int, megabytes: float, worker: bool, more: dict[str, str], seconds: float
) -> dict[str, Any]:
    """``seconds``: how long an answer may take at most; who has none by then is "silent"."""
    load = os.getloadavg()[0]
    async with Playground(folder / "playground", patience=seconds) as playground:
        with Stand(folder, playground, worker=worker, more=more) as stand:
            files = await made(playground, photos, megabytes)
            bob, memory, times = playground.customer(7, "Bob"), Memory(stand), list[float]()
            await asked(bob, seconds)
            memory.idle = await memory.now()
            watching = asyncio.create_task(memory.watch())
            asking = asyncio.create_task(asks_on(bob, times, seconds))
            start = time.perf_counter()
            people = send(playground, albums, files)
            await asyncio.gather(*(got(person, seconds) for person in people))
            took = time.perf_counter() - start
            await cancelled(asking, watching)
            if not times:
                times.append(await asked(bob, seconds))
            times.sort()
            dead = await given_up(stand.server.url)
            said = [await got(person, 0) for person in people]
            failed = len(FAILED.findall(stand.log("bot")))
    kinds = Counter(outcome(messages, Texts()) for messages in said)
    found: dict[str, Any] = memory.table() | {
        "sent_mb": round(albums * photos * megabytes),
        "customers": len(people),
        **{kind: kinds[kind] for kind in ("answered", "told", "handed_over", "failed", "silent")},
        "twice": sum(len(messages) > 1 for messages in said),
        "seconds": round(took, 1),
        "others_text_p95_s": round(times[max(0, int(len(times) * 0.95) - 1)], 2),
        "others_text_max_s": round(times[-1], 2),
        "others_texts": len(times),
        "failed_tries": failed,
        "given_up": dead,
        "load_before": round(load, 1),
    }
    return found | {"missed": missed(found)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--albums", type=int, default=20)
    parser.add_argument("--photos", type=int, default=10)
    parser.add_argument("--megabytes", type=float, default=19.9)
    parser.add_argument("--no-worker", action="store_true")
    parser.add_argument("--vectors", type=Path, default=Path(".photodesk/vectors"), help="kept from run to run")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(
            measure(
                Path(folder),
                albums=args.albums,
                photos=args.photos,
                megabytes=args.megabytes,
                worker=not args.no_worker,
                more={"BOT_VECTORS": str(args.vectors.absolute())},
                seconds=600.0,
            )
        )
    print(json.dumps(found, indent=2))
    sys.exit(bool(found["missed"]))


if __name__ == "__main__":
    main()
