"""Photos a second of one worker and of two, each pinned to a core of its own: do workers add up?

    python benchmarks/workers.py [--photos 200] [--rounds 3]

Real workers on a real stream; photos of 1280 × 960, all different, 64 on their way at any time. One and two workers
take turns, round by round, so that whatever else the machine does meets both; the medians are compared. Torch has one
thread. A worker's decoders are its children and share its core.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from redis.exceptions import ResponseError

from storage.redis import connect
from storage.server import EmbeddedServer
from storage.settings import StorageSettings
from vision.client import PhotoClient

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 64


def photo(seed: int) -> bytes:
    base = Image.linear_gradient("L").resize((1280, 960)).convert("RGB")
    noise = Image.effect_noise((1280, 960), 20 + seed % 40).convert("RGB")
    out = io.BytesIO()
    Image.blend(base, noise, 0.3).save(out, "JPEG", quality=85)
    return out.getvalue()


def start(core: int, url: str, data: str) -> subprocess.Popen[bytes]:
    store = {"STORAGE_REDIS_URL": url, "STORAGE_DATA": data, "VISION_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        ["taskset", "-c", str(core), sys.executable, "-m", "vision", "worker"],
        cwd=ROOT,
        env=os.environ | store,
        stderr=subprocess.DEVNULL,
    )


async def consumers(redis: object) -> int:
    try:
        return len(await redis.xinfo_consumers("jobs:vision", "workers"))  # type: ignore[attr-defined]
    except ResponseError:  # no worker was here yet
        return 0


async def rate(cores: list[int], pictures: list[bytes], url: str, data: str, first: int) -> float:
    """Photos a second, once every worker is there and warm."""
    redis = await connect(url)
    client = PhotoClient(redis, StorageSettings(data=Path(data)).sealer())
    workers = [start(core, url, data) for core in cores]
    free = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, picture: bytes) -> None:
        async with free:
            report = await client.describe(number, picture, "what is this?", 120)
            assert report.error is None, report

    try:
        while await consumers(redis) < len(cores):
            # A consumer appears with its first job.
            await asyncio.gather(*(one(first + n, pictures[n]) for n in range(4 * len(cores))))
        warm = 10 * len(cores)
        await asyncio.gather(*(one(first + 100 + n, pictures[n]) for n in range(warm)))
        begun = time.perf_counter()
        await asyncio.gather(*(one(first + 1000 + n, picture) for n, picture in enumerate(pictures)))
        return len(pictures) / (time.perf_counter() - begun)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)
        await redis.flushall()
        await redis.aclose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    pictures = [photo(n) for n in range(args.photos)]
    found: dict[int, list[float]] = {1: [], 2: []}
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as data, EmbeddedServer(Path(data)) as server:
        for number in range(args.rounds):
            for count, rates in found.items():
                cores = list(range(count)) if number % 2 == 0 else list(range(os.cpu_count() or 1))[-count:]
                first = 1 + 10_000 * number
                rates.append(asyncio.run(rate(cores, pictures, server.url, data, first)))
    medians = {count: statistics.median(rates) for count, rates in found.items()}
    report = {
        "cores": os.cpu_count(),
        "load_before": round(load, 2),
        "photos_per_s": {count: [round(r, 1) for r in rates] for count, rates in found.items()},
        "median": {count: round(r, 1) for count, r in medians.items()},
        "two_over_one": round(medians[2] / medians[1], 2),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
