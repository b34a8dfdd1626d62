"""Many customers send albums of large files at the same time: is everybody answered or told, and what does it cost?

    PYTHONPATH=. python benchmarks/albums.py [--albums 20] [--photos 10] [--megabytes 19.9] [--no-worker]

Real bot, worker and Redis, each a process; the files are noise of our own (PNG, stored as it is). Printed: the most
memory of bot and Redis over what they have when nobody writes, how many customers were answered or told, after how
long, and how long another customer's text waits meanwhile (asked every two seconds).
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image
from stand import MB, Memory, Stand

from playground import Person, Playground
from playground.files import Upload
from playground.telegram import Json
from storage.redis import cancelled

QUESTION = "how long do bananas keep?"
PAUSE_S = 2.0


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


async def measure(
    folder: Path, *, albums: int, photos: int, megabytes: float, worker: bool, more: dict[str, str], seconds: float
) -> dict[str, object]:
    """``seconds``: how long an answer may take at most. Raises TimeoutError where somebody is neither answered nor
    told."""
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
            told = [await person.wait_for_message(lambda m: m.from_bot) for person in people]
            took = time.perf_counter() - start
            await cancelled(asking, watching)
            if not times:
                times.append(await asked(bob, seconds))
            times.sort()
            trouble = stand.log("bot").count("Traceback")
    return memory.table() | {
        "sent_mb": round(albums * photos * megabytes),
        "told": len(told),
        "in_words": Counter(message.text[:40] for message in told),
        "seconds": round(took, 1),
        "others_text_p95_s": round(times[max(0, int(len(times) * 0.95) - 1)], 2),
        "others_text_max_s": round(times[-1], 2),
        "others_texts": len(times),
        "tracebacks": trouble,
        "load_before": round(load, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--albums", type=int, default=20)
    parser.add_argument("--photos", type=int, default=10)
    parser.add_argument("--megabytes", type=float, default=19.9)
    parser.add_argument("--no-worker", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(
            measure(
                Path(folder),
                albums=args.albums,
                photos=args.photos,
                megabytes=args.megabytes,
                worker=not args.no_worker,
                more={},
                seconds=600.0,
            )
        )
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
