"""The job stream, measured: start of the embedded server, round trip, throughput, and a worker killed in mid-run.

python benchmarks/jobs.py            about 10 s, light
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from storage import keys
from storage.job import Job
from storage.jobs import JobStream
from storage.redis import connect
from storage.server import EmbeddedServer

BATCH, FORWARD_S = 8, 0.08  # one batch on a small machine


def job(name: str) -> Job:
    return Job(
        id=name,
        input_key=keys.customer(1, "photo", name),
        result_key=keys.customer(1, "report", name),
        reply_key=keys.customer(1, "reply", name),
        expires=time.time() + 60,
    )


async def work(url: str, forward_s: float, linger_ms: int) -> None:
    redis = await connect(url)
    stream = JobStream(redis, keys.VISION_JOBS, idle_ms=2000)
    await stream.prepare()
    name = f"worker-{os.getpid()}"
    while True:
        jobs = await stream.take(name, BATCH, linger_ms=linger_ms)
        async with stream.held(jobs):
            await asyncio.sleep(forward_s if jobs else 0)
        for one in jobs:
            await redis.rpush("log", one.id)
            await stream.finish(one, b"report", 60)


async def ask(stream: JobStream, name: str) -> float:
    started = time.perf_counter()
    await stream.put(job(name), b"photo", 60)
    assert await stream.wait(job(name), 30) == b"report"
    return 1000 * (time.perf_counter() - started)


async def speed(url: str) -> None:
    redis = await connect(url)
    stream = JobStream(redis, keys.VISION_JOBS, max_length=2000)
    await stream.prepare()
    worker = asyncio.create_task(work(url, 0, linger_ms=0))
    trips = [await ask(stream, f"trip{n}") for n in range(200)]
    worker.cancel()
    print(f"round trip: median {statistics.median(trips):.2f} ms, p95 {sorted(trips)[189]:.2f} ms")

    started = time.perf_counter()
    for n in range(1000):
        await stream.put(job(f"bulk{n}"), b"photo", 60)
    put = time.perf_counter() - started
    while taken := await stream.take("drain", BATCH, block_ms=1, linger_ms=0):
        for one in taken:
            await stream.finish(one, b"report", 60)
    print(f"put: {1000 / put:.0f}/s; 1000 jobs put and drained in {time.perf_counter() - started:.2f} s")
    await redis.flushall()
    await redis.aclose()


async def kill_one(url: str) -> None:
    redis = await connect(url)
    stream = JobStream(redis, keys.VISION_JOBS)
    await stream.prepare()
    command = [sys.executable, __file__, "--worker", url]
    workers = [subprocess.Popen(command) for _ in range(2)]  # noqa: ASYNC220
    started = time.perf_counter()
    asking = [asyncio.create_task(ask(stream, f"job{n}")) for n in range(200)]
    while await redis.llen("log") < 60:  # the workers are other processes
        await asyncio.sleep(0.01)
    workers[0].send_signal(signal.SIGKILL)
    killed = time.perf_counter()
    await asyncio.gather(*asking)
    now = time.perf_counter()
    repeated = await redis.llen("log") - len(set(await redis.lrange("log", 0, -1)))
    print(f"200 jobs, 2 workers, one killed: 0 lost in {now - started:.1f} s, {now - killed:.1f} s after the kill;")
    print(f"done twice {repeated}, left in the stream {await redis.xlen(stream.name)}, dead {len(await stream.dead())}")
    for worker in workers:
        worker.kill()
        worker.wait()
    await redis.aclose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worker", metavar="URL", help=argparse.SUPPRESS)
    url = parser.parse_args().worker
    if url:
        asyncio.run(work(url, FORWARD_S, linger_ms=10))
    with tempfile.TemporaryDirectory() as data:
        started = time.perf_counter()
        with EmbeddedServer(Path(data)) as server:
            print(f"embedded server: answers after {1000 * (time.perf_counter() - started):.0f} ms")
            asyncio.run(speed(server.url))
            asyncio.run(kill_one(server.url))


if __name__ == "__main__":
    main()
