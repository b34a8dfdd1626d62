"""Takes jobs, decodes in disposable children, one forward pass a batch, reads text beside it, writes reports.

Reading text takes a second, the network a tenth of one: a photo without text is answered while others are being read.
A video takes several seconds: it is opened and described beside the photos, one video at a time and the customers
in turn, a few frames a pass.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from redis.asyncio import Redis
from redis.exceptions import RedisError

from monitoring import metrics
from monitoring.attempt import Failure, attempt
from monitoring.health import Heartbeat
from monitoring.logs import blind
from storage.job import Job
from storage.jobs import JobStream
from storage.keys import RETENTION, VISION_JOBS, VISION_MODEL, Retention, customer, customer_of
from storage.redis import reason
from storage.seal import Sealer, SealError
from vision import memory
from vision.client import unpack
from vision.frame import Frame
from vision.readers.blur import safe_copy
from vision.readers.ocr import Ocr
from vision.readers.read import Readers, Reading
from vision.readers.text_detector import TextDetector
from vision.report import Film, PhotoReport, Speech
from vision.signature import moving, voice
from vision.worker import names
from vision.worker.decode import Unreadable
from vision.worker.fair import Fair
from vision.worker.listening import Listening
from vision.worker.sandbox import Sandbox
from vision.worker.timeline import FrameReport, merged
from vision.worker.transcriber import Transcriber

log = logging.getLogger(__name__)
T = TypeVar("T")
Pixels = npt.NDArray[np.uint8]
FRAMES = 2  # of a video in one forward pass: a photo waits for no more
MOST_READING = 8  # photos whose text is waited for, with their pixels in memory; then no more are taken
FOR_THE_ANSWER_S = 1.5  # of a job's time that reading leaves to the rest
TRY_AGAIN_S = 60  # a report without its text or codes is kept no longer: the same photo may be read next time


# What a report rests on beside the checkpoint.
READING = ("readers/*.py", "readers/*.yaml", "worker/*.py", "images.py", "signature.py")


def reading_identity(vision: Path = Path(__file__).parent.parent) -> str:
    """Of the rules by which pictures are opened and read: one that changes makes other reports of the same photo, and
    nobody has to think of it. A comment in the trainer throws no report away.
    """
    files = sorted(file for pattern in READING for file in vision.glob(pattern))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


class Eyes(Protocol):
    """vision.model.predictor.Predictor; tests use one without torch."""

    size: int
    identity: str  # of the checkpoint: reports of another one are not reused

    def describe(self, pixels: Pixels, texts: Sequence[str]) -> list[PhotoReport]: ...


@dataclass(frozen=True)
class Held:
    """A job with its photo or its video's key frames open. Codes are still looked for, beside the network."""

    job: Job
    frames: tuple[Frame, ...]
    found: tuple[asyncio.Task[Frame], ...]  # each frame with its codes and quality
    film: Film | None
    hint: str
    as_file: bool  # as the camera wrote it
    decode_ms: float
    since: float
    speech: Speech | None = None


class Worker:
    def __init__(
        self,
        redis: Redis,
        sealer: Sealer,
        eyes: Eyes,
        sandbox: Sandbox,
        batch: int = 8,
        *,
        readers: Readers | None = None,
        transcriber: Transcriber | None = None,
        text_seconds: float = 8.0,
        retention: Retention = RETENTION,
        heartbeat: Heartbeat | None = None,
    ) -> None:
        """``heartbeat`` beats whenever the worker has looked for jobs."""
        self.redis: Any = redis  # as in JobStream: redis-py types a reply as the union of all that may come
        self.sealer, self.eyes, self.sandbox, self.batch = sealer, eyes, sandbox, batch
        self.jobs = JobStream(redis, VISION_JOBS)
        self.retention, self.heartbeat = retention, heartbeat or Heartbeat()
        self.name = names.new()
        self.leaving = asyncio.Event()
        self.readers, self.text_seconds = readers or Readers(TextDetector(), Ocr()), text_seconds
        self.listening = Listening(sandbox, transcriber)
        self.films: set[asyncio.Task[None]] = set()  # videos that wait for their turn, or have it
        self.reading: set[asyncio.Task[None]] = set()
        # Pools of their own: threads that wait for text must not keep decoding or the model from running.
        self.looking, self.waiting = ThreadPoolExecutor(2, "gate"), ThreadPoolExecutor(MOST_READING, "text")
        self.finding = ThreadPoolExecutor(3, "codes")  # of two photos, and of a video
        self.filming, self.describing = Fair(), asyncio.Lock()  # one video; one forward pass

    async def run(self) -> None:
        """Until ``leaving`` is set; what is in hand is finished first."""
        await self.jobs.prepare()
        for other in await self.jobs.holders():
            if names.gone(other):  # killed: six seconds of silence would say so, too
                await self.jobs.leave(other)
                log.info("worker %s was killed: what it had in hand is taken up at once", other)
        await self.redis.set(VISION_MODEL, f"{self.eyes.identity}+{reading_identity()}{self.listening.identity}")
        log.info("worker %s is ready with model %s", self.name, self.eyes.identity)
        while not self.leaving.is_set():
            try:
                if batch := await self.jobs.take(self.name, self.batch):
                    await self._work(batch)
                else:
                    memory.give_back()  # nobody waits
                self.heartbeat.beat()
            except RedisError as error:
                log.warning("the store does not answer, trying again in a second: %s", reason(error))
                await asyncio.sleep(1)
        await asyncio.gather(*self.films)
        await asyncio.gather(*self.reading)
        for pool in (self.looking, self.waiting, self.finding):
            pool.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(RedisError):
            await self.jobs.leave(self.name)

    async def _work(self, batch: list[Job]) -> None:
        async with self.jobs.held(batch):
            stills, films = await self._sorted(batch)
            reports = await self._describe([held.frames[0] for held in stills], [held.hint for held in stills])
        for job, heard_alone in films:
            _beside(self.films, self._voice(job) if heard_alone else self._film(job))
        for held, report in zip(stills, reports, strict=True):
            if report is None:
                await self.jobs.retry(held.job, 1.0, "the model failed on it")
            else:
                _beside(self.reading, self._read(held, [report]))
        await self._room()

    async def _sorted(self, batch: list[Job]) -> tuple[list[Held], list[tuple[Job, bool]]]:
        """The batch's photos, opened, and the jobs that are videos, or sound alone (True); nobody holds a video's bytes
        while it waits."""
        for job in batch:
            metrics.JOB_SECONDS.labels("queue").observe(job.age())
        unpacked = await asyncio.gather(*(self._unpacked(job) for job in batch))
        found = [(job, it) for job, it in zip(batch, unpacked, strict=True) if it]
        slow = [(job, voice(it[0])) for job, it in found if moving(it[0]) or voice(it[0])]
        later = {job.id for job, _ in slow}
        opened = await asyncio.gather(*(self._open(job, *it) for job, it in found if job.id not in later))
        return [held for held in opened if held is not None], slow

    async def _room(self) -> None:
        while len(self.reading) >= MOST_READING:
            await asyncio.wait(self.reading, return_when=asyncio.FIRST_COMPLETED)

    async def _voice(self, job: Job) -> None:
        """What is said in it; one at a time, beside the photos."""
        try:
            async with self.jobs.held([job]), self.filming.turn(customer_of(job.result_key)):
                if not job.waited_for:
                    await self.jobs.drop(job)
                elif unpacked := await self._unpacked(job):
                    await self._finish(job, await self.listening.to_voice(unpacked[0], job.expires))
        except RedisError as error:
            log.warning("job %s: its sound could not be listened to: %s", job.id, error)

    async def _film(self, job: Job) -> None:
        """Its key frames, described; then as with a photo. What is not a film after all comes out as a photo."""
        reports: list[PhotoReport | None] = []
        try:
            # Its bytes are fetched again when it is its turn: they are 20 MB.
            async with self.jobs.held([job]), self.filming.turn(customer_of(job.result_key)):
                if not job.waited_for:  # others took all the time
                    await self.jobs.drop(job)
                    return
                await self._room()
                unpacked = await self._unpacked(job)
                held = await self._open(job, *unpacked) if unpacked else None
                if held is None or unpacked is None:
                    return
                held = replace(held, speech=await self.listening.to_film(unpacked[0], job.expires))
                for at in range(0, len(held.frames), FRAMES):
                    some = held.frames[at : at + FRAMES]
                    reports += await self._describe(some, [held.hint] * len(some))
            if None in reports:
                await self.jobs.retry(job, 1.0, "the model failed on it")
            else:
                _beside(self.reading, self._read(held, [report for report in reports if report]))
        except RedisError as error:
            log.warning("job %s: its video could not be looked at: %s", job.id, reason(error))

    async def _read(self, held: Held, reports: Sequence[PhotoReport]) -> None:
        """What is printed in the photo or in each frame, if there is text; then the report is done."""
        try:
            async with self.jobs.held([held.job]):
                order = list(range(len(reports)))
                if held.film:  # the sharpest first: there may not be time for all of them
                    sharp = [(await each).sharp for each in held.found]
                    order.sort(key=lambda n: -sharp[n])
                done = {n: await self._reading(held, n, reports[n]) for n in order}
                reading = done[0]
                if held.film:
                    frames = [FrameReport(child, done[n]) for n, child in enumerate(held.frames)]
                    film = held.film
                    reading = await self._in(self.looking, lambda: merged(film, frames, as_file=held.as_file))
                    reading = replace(reading, report=reading.report.model_copy(update={"speech": held.speech}))
                elif held.as_file and not reading.safe_copy:
                    # The file holds what the camera wrote into it, the place for one. Its pixels do not.
                    copy = await self._in(self.looking, lambda: safe_copy(held.frames[0].readable, ()))
                    reading = replace(reading, safe_copy=copy)
                await self._finish(held.job, _timed(reading.report, held), reading.safe_copy)
        except RedisError as error:  # the job comes back to a worker when nobody holds it any more
            log.warning("job %s: its report could not be stored: %s", held.job.id, reason(error))

    async def _reading(self, held: Held, number: int, report: PhotoReport) -> Reading:
        reading = await attempt(self._looked_for_text(held, number, report))
        if isinstance(reading, Failure):  # it costs what it would have read, not the photo
            log.error("job %s: its text could not be looked for: %s", held.job.id, blind(reading.error))
            # Its codes were not checked for secrets, either.
            return Reading(report.model_copy(update={"text": "crashed", "codes_read": False}))
        return reading

    async def _looked_for_text(self, held: Held, number: int, report: PhotoReport) -> Reading:
        readers, frame = self.readers, held.frames[number]
        with metrics.JOB_SECONDS.labels("gate").time():
            printed = await self._in(self.looking, lambda: readers.has_text(report, frame))
        child = await held.found[number]
        if child.codes is None:
            log.warning("job %s: the reader of codes did not finish", held.job.id)
        if not printed and not child.codes:
            return await self._in(self.looking, lambda: readers.without_text(report, child))
        within = held.job.expires - time.time() - FOR_THE_ANSWER_S
        with metrics.JOB_SECONDS.labels("text").time():
            return await self._in(self.waiting, lambda: readers.read(report, child, self.text_seconds, within))

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    async def _unpacked(self, job: Job) -> tuple[bytes, str, bool] | None:
        """What client.unpack finds; None when the job is already answered with why not."""
        sealed = await self.redis.get(job.input_key)
        if sealed is None:
            # It was put twice and is done, or was withdrawn.
            if not job.waited_for or await self.redis.exists(job.result_key):
                await self.jobs.drop(job)
            else:
                await self.jobs.fail(job, "its photo is no longer kept")
            return None
        try:
            return unpack(self.sealer.open(job.input_key, sealed))
        except SealError as error:
            await self.jobs.fail(job, f"its photo does not open: {error}")
            return None

    async def _open(self, job: Job, photo: bytes, hint: str, as_file: bool) -> Held | None:
        """None when the job is already answered with why not."""
        since, start = time.time(), time.perf_counter()
        try:
            looked = await asyncio.to_thread(self.sandbox.open, photo)
        except Unreadable as error:
            log.info("job %s: %s: %s", job.id, error.trouble, error.reason)
            await self._finish(job, PhotoReport.failed(error.trouble, error.reason, film=moving(photo)))
            return None
        spent = time.perf_counter() - start
        metrics.JOB_SECONDS.labels("film" if looked.film else "decode").observe(spent)
        found = tuple(asyncio.create_task(self._found(frame, film=bool(looked.film))) for frame in looked.frames)
        return Held(job, looked.frames, found, looked.film, hint, as_file, round(spent * 1000, 1), since)

    async def _found(self, frame: Frame, *, film: bool) -> Frame:
        with metrics.JOB_SECONDS.labels("codes").time():
            return await self._in(self.finding, lambda: self.sandbox.found_in(frame, film=film))

    async def _describe(self, frames: Sequence[Frame], hints: Sequence[str]) -> list[PhotoReport | None]:
        """One pass for all; if that fails, one each, so that one photo never spoils its batch."""
        if not frames:
            return []
        pixels = np.stack([child.pixels for child in frames])
        metrics.BATCH.observe(len(frames))
        async with self.describing:
            with metrics.JOB_SECONDS.labels("model").time():
                done = await attempt(asyncio.to_thread(self.eyes.describe, pixels, hints))
            if not isinstance(done, Failure):
                return list(done)
            metrics.MODEL_ERRORS.labels("batch").inc()  # the photos are not to blame together
            log.error("a batch of %d failed; trying one by one: %s", len(frames), blind(done.error))
            return [await self._describe_one(row, hint) for row, hint in zip(pixels, hints, strict=True)]

    async def _describe_one(self, row: Pixels, hint: str) -> PhotoReport | None:
        done = await attempt(asyncio.to_thread(self.eyes.describe, row[None], [hint]))
        if isinstance(done, Failure):  # this photo alone: it is tried again, and the others have their reports
            metrics.MODEL_ERRORS.labels("photo").inc()
            log.error("the model failed on one photo: %s", blind(done.error))
            return None
        return done[0]

    async def _finish(self, job: Job, report: PhotoReport, safe_copy: bytes | None = None) -> None:
        if not await self.redis.exists(job.input_key):  # the customer was forgotten meanwhile, or another has done it
            await self.jobs.drop(job)
            return
        if safe_copy:
            key = customer(customer_of(job.result_key), "safe", job.id)
            await self.redis.set(key, self.sealer.seal(key, safe_copy), ex=self.retention["safe"])
            report = report.model_copy(update={"safe_copy": key})
        # "unreadable" may be a decoder that had no time on a busy machine; the same bytes are asked about again.
        unread = report.error == "unreadable" or report.text in ("late", "crashed") or not report.codes_read
        keep = TRY_AGAIN_S if unread else self.retention["safe" if safe_copy else "report"] or 0
        sealed = self.sealer.seal(job.result_key, report.model_dump_json().encode())
        await self.jobs.finish(job, sealed, keep)
        metrics.REPORTS.labels(report.error or "described").inc()


def _beside(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def _timed(report: PhotoReport, held: Held) -> PhotoReport:
    whole = time.time() - held.since
    metrics.JOB_SECONDS.labels("whole").observe(whole)
    spent = {"decode": held.decode_ms, "worker": round(whole * 1000, 1)}
    return report.model_copy(update={"milliseconds": report.milliseconds | spent})
