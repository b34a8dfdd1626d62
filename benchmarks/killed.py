"""A worker killed with -9 under load: how long until the photos that waited are answered?

    PYTHONPATH=. python benchmarks/killed.py [--rounds 3] [--waiting 8] [--with-text]

A real worker on a real store. ``--waiting`` photos of 1,280 × 960, noise (--with-text: labels, screens and receipts),
are put at once; a third of a second later, in the middle of its work, the worker is killed and started again, as
compose does. Printed: seconds from the kill until each of them is answered, those that were done before it left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from turns import photo, printed, start, stop

from storage.redis import connect
from storage.server import EmbeddedServer
from storage.settings import StorageSettings
from vision.client import PhotoClient

WORKER = [sys.executable, "-m", "vision", "worker"]
KILLED_AFTER_S = 0.35
PATIENCE_S = 60


async def rounds(url: str, data: Path, count: int, waiting: int, make: Callable[[int], bytes]) -> list[list[float]]:
    redis = await connect(url)
    client = PhotoClient(redis, StorageSettings(data=data).sealer())
    store = {"STORAGE_REDIS_URL": url, "STORAGE_DATA": str(data)}
    worker = start(WORKER, store)
    waited: list[list[float]] = []

    async def asked(number: int) -> float:
        report = await client.describe(number, make(number), "", PATIENCE_S)
        assert report.error is None, report
        return time.perf_counter()

    try:
        await asked(0)
        for at in range(count):
            numbers = range(1 + at * waiting, 1 + (at + 1) * waiting)
            answers = [asyncio.create_task(asked(number)) for number in numbers]
            await asyncio.sleep(KILLED_AFTER_S)
            worker.kill()
            killed = time.perf_counter()
            worker.wait()
            worker = start(WORKER, store)
            waited.append(sorted(end - killed for end in await asyncio.gather(*answers) if end > killed))
            await asyncio.sleep(5)  # its reader of text starts, too
    finally:
        stop(worker)
        await redis.aclose()
    return waited


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--waiting", type=int, default=8, help="photos")
    parser.add_argument("--with-text", action="store_true")
    args = parser.parse_args()
    # Made before: making them takes the cores that the worker needs.
    pictures = [(printed if args.with_text else photo)(n) for n in range(1 + args.rounds * args.waiting)]
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder)) as server:
        waited = asyncio.run(rounds(server.url, Path(folder), args.rounds, args.waiting, pictures.__getitem__))
    shown = [[round(seconds, 1) for seconds in each] for each in waited]
    last = statistics.median(each[-1] for each in waited if each)
    print(json.dumps({"load": os.getloadavg()[0], "answered after, s": shown, "last, median s": round(last, 1)}))


if __name__ == "__main__":
    main()
