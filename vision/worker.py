"""Takes jobs, decodes in disposable children, one forward pass a batch, writes reports."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.jobs import Job, JobStream
from storage.keys import RETENTION, VISION_JOBS, VISION_MODEL
from storage.redis import StorageError, connect
from storage.seal import Sealer, SealError
from storage.settings import StorageSettings
from vision.children import Children
from vision.client import unpack
from vision.decode import Unreadable
from vision.report import PhotoReport
from watch import logs, metrics, pulse
from watch.status import serving

if TYPE_CHECKING:
    from vision.settings import VisionSettings

log = logging.getLogger(__name__)
Pixels = npt.NDArray[np.uint8]


class Eyes(Protocol):
    """describe.Describer; tests use one without torch."""

    size: int
    identity: str  # of the checkpoint: reports of another one are not reused

    def describe(self, pixels: Pixels, texts: Sequence[str]) -> list[PhotoReport]: ...


class Worker:
    def __init__(self, redis: Redis, sealer: Sealer, eyes: Eyes, children: Children, batch: int = 8) -> None:
        self.redis: Any = redis  # as in JobStream: redis-py types a reply as the union of all that may come
        self.sealer, self.eyes, self.children, self.batch = sealer, eyes, children, batch
        self.jobs = JobStream(redis, VISION_JOBS)
        # Never reused: a name that came back would inherit the jobs of the dead.
        self.name = f"{socket.gethostname()}-{os.getpid()}-{os.urandom(3).hex()}"
        self.leaving = asyncio.Event()

    async def run(self) -> None:
        """Until ``leaving`` is set; the batch in hand is finished first."""
        await self.jobs.prepare()
        await self.redis.set(VISION_MODEL, self.eyes.identity)
        log.info("worker %s is ready with model %s", self.name, self.eyes.identity)
        while not self.leaving.is_set():
            try:
                if batch := await self.jobs.take(self.name, self.batch):
                    await self._work(batch)
                pulse.beat("jobs")
            except RedisError as error:
                log.warning("the store does not answer, trying again in a second: %s", error)
                await asyncio.sleep(1)
        with contextlib.suppress(RedisError):
            await self.jobs.leave(self.name)

    async def _work(self, batch: list[Job]) -> None:
        start = time.time()
        async with self.jobs.held(batch):
            opened = await asyncio.gather(*(self._open(job) for job in batch))
            good = [(job, *photo) for job, photo in zip(batch, opened, strict=True) if photo is not None]
            reports = await self._describe(good) if good else []
        metrics.JOB_SECONDS.labels("whole").observe(time.time() - start)
        for (job, _, _, spent), report in zip(good, reports, strict=True):
            if report is None:
                await self.jobs.retry(job, 1.0, "the model failed on it")
            else:
                waited = {"decode": spent, "worker": round((time.time() - start) * 1000, 1)}
                await self._finish(job, report.model_copy(update={"milliseconds": report.milliseconds | waited}))

    async def _open(self, job: Job) -> tuple[Pixels, str, float] | None:
        """Pixels, hint and milliseconds; None when the job is already answered with why not."""
        sealed = await self.redis.get(job.input_key)
        if sealed is None:
            await self.jobs.fail(job, "its photo is no longer kept")
            return None
        start = time.perf_counter()
        try:
            photo, hint = unpack(self.sealer.open(job.input_key, sealed))
            pixels = await asyncio.to_thread(self.children.decode, photo)
        except SealError as error:
            await self.jobs.fail(job, f"its photo does not open: {error}")
            return None
        except Unreadable as error:
            log.info("job %s: %s: %s", job.id, error.trouble, error.reason)
            await self._finish(job, PhotoReport.failed(error.trouble, error.reason))
            return None
        spent = time.perf_counter() - start
        metrics.JOB_SECONDS.labels("decode").observe(spent)
        return pixels, hint, round(spent * 1000, 1)

    async def _describe(self, good: Sequence[tuple[Job, Pixels, str, float]]) -> list[PhotoReport | None]:
        """One pass for all; if that fails, one each, so that one photo never spoils its batch."""
        pixels, hints = np.stack([p for _, p, _, _ in good]), [hint for _, _, hint, _ in good]
        metrics.BATCH.observe(len(good))
        try:
            with metrics.JOB_SECONDS.labels("model").time():
                return list(await asyncio.to_thread(self.eyes.describe, pixels, hints))
        except Exception:  # whatever torch raises, the photos are not to blame together
            metrics.MODEL_ERRORS.labels("batch").inc()
            log.exception("a batch of %d failed; trying one by one", len(good))
        reports: list[PhotoReport | None] = []
        for row, hint in zip(pixels, hints, strict=True):
            try:
                reports += await asyncio.to_thread(self.eyes.describe, row[None], [hint])
            except Exception:
                metrics.MODEL_ERRORS.labels("photo").inc()
                log.exception("the model failed on one photo")
                reports.append(None)
        return reports

    async def _finish(self, job: Job, report: PhotoReport) -> None:
        sealed = self.sealer.seal(job.result_key, report.model_dump_json().encode())
        await self.jobs.finish(job, sealed, RETENTION["report"] or 0)
        metrics.REPORTS.labels(report.error or "described").inc()


async def serve(storage: StorageSettings, settings: VisionSettings) -> None:
    import torch

    from vision.describe import Describer

    if settings.threads:
        torch.set_num_threads(settings.threads)
    # The store first: a wrong address should be told at once, not after torch has loaded a model.
    redis = await connect(storage.url())
    describer = await asyncio.to_thread(Describer.load, settings.model, settings.beams)
    children = Children(describer.size, settings.decode_seconds)
    worker = Worker(redis, storage.sealer(), describer, children, settings.batch)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, worker.leaving.set)
    try:
        async with serving(settings.status, "VISION_STATUS", problems):
            await asyncio.to_thread(warm, describer, children)
            await worker.run()
    finally:
        children.close()
        await redis.aclose()


async def problems() -> list[str]:
    """Why this worker is not ready. A batch may take long on a slow machine; a minute is not a batch."""
    silent = pulse.silence("jobs")
    if silent == float("inf"):
        return ["the model is being loaded"]
    return [f"no jobs were asked for in {silent:.0f} s: see the log for the store or the model"] if silent > 60 else []


def warm(eyes: Eyes, children: Children) -> None:
    """One blank photo through everything, so that no customer pays for first-time initialisation."""
    children.warm()
    eyes.describe(np.zeros((1, eyes.size, eyes.size, 3), np.uint8), [""])


async def check(storage: StorageSettings) -> bool:
    """Is there a worker that looked for jobs within the last 10 seconds?"""
    try:
        redis = await connect(storage.url())
    except StorageError:
        log.exception("no store")
        return False
    try:
        return await JobStream(redis, VISION_JOBS).alive()
    finally:
        await redis.aclose()


def main(only_check: bool) -> int:
    from vision.settings import VisionSettings

    storage = StorageSettings()
    if only_check:
        return 0 if asyncio.run(check(storage)) else 1
    settings = VisionSettings()
    logs.set_up(settings.logs)
    asyncio.run(serve(storage, settings))
    return 0
