"""A worker's process: what it is made of, from its settings to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from typing import TYPE_CHECKING

import numpy as np
from redis.exceptions import NoPermissionError

from monitoring import logs
from monitoring.health import Heartbeat, serving
from storage import canary
from storage.jobs import JobStream
from storage.keys import VISION_JOBS
from storage.redis import StorageError, connect
from storage.settings import StorageSettings, read, read_both
from vision import memory
from vision.readers.ocr import Ocr
from vision.readers.read import Readers
from vision.readers.references import patterns
from vision.readers.text_detector import TextDetector
from vision.worker import cell
from vision.worker.sandbox import Sandbox
from vision.worker.worker import Eyes, Worker

if TYPE_CHECKING:
    from vision.model.predictor import Predictor
    from vision.settings import VisionSettings
    from vision.worker.transcriber import Transcriber

log = logging.getLogger(__name__)

YIELDS = 5  # niceness: where a processor is short, words are answered before photos


async def serve(storage: StorageSettings, settings: VisionSettings) -> None:
    os.nice(YIELDS)  # this thread, and so all threads and children that it begins
    heartbeat = Heartbeat()
    async with contextlib.AsyncExitStack() as open_things:
        # The store first: a wrong address should be told at once, not after a model has been loaded.
        patterns()  # a mistake in the shop's file ends the process here, and does not cost every photo its text
        redis = await connect(storage.url())
        open_things.push_async_callback(redis.aclose)
        with contextlib.suppress(NoPermissionError):  # an ACL of a release before: the bot looks, too
            await canary.check(redis, storage.sealer(), write=False)
        await open_things.enter_async_context(serving(settings.status, "VISION_STATUS", lambda: problems(heartbeat)))
        readers = Readers(TextDetector(), Ocr(settings.text_threads))
        # Beside the network, in a process of its own. Nobody waits for it: a photo without text does not need it.
        warming = asyncio.create_task(asyncio.to_thread(readers.warm))
        open_things.push_async_callback(asyncio.wait, {warming})
        open_things.callback(readers.close)
        predictor = await asyncio.to_thread(_predictor, settings)
        readers.catalogue = predictor.catalogue
        if lacking := cell.missing():
            log.warning("decoders are locked up with limits alone: this kernel has no %s", " and no ".join(lacking))
        sandbox = Sandbox(predictor.size, settings.decode_seconds)
        open_things.callback(sandbox.close)
        transcriber = await asyncio.to_thread(_transcriber, settings)
        worker = Worker(
            redis,
            storage.sealer(),
            predictor,
            sandbox,
            settings.batch,
            readers=readers,
            transcriber=transcriber,
            text_seconds=settings.text_seconds,
            retention=storage.retention(),
            heartbeat=heartbeat,
        )
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, worker.leaving.set)
        await asyncio.to_thread(warm, predictor, sandbox)
        await worker.run()


def _predictor(settings: VisionSettings) -> Predictor:
    from vision.model.predictor import Predictor

    return Predictor.load(
        settings.model,
        settings.beams,
        settings.catalogue,
        settings.add_on,
        adapted=settings.adapted,
        name=settings.runtime,
        threads=settings.threads,
    )


def _transcriber(settings: VisionSettings) -> Transcriber | None:
    from vision.worker.transcriber import FasterWhisper

    return FasterWhisper(settings.voice, settings.text_threads) if settings.voice else None


async def problems(jobs: Heartbeat) -> list[str]:
    """Why this worker is not ready. A batch may take long on a slow machine; a minute is not a batch."""
    silent = jobs.silence
    if silent == float("inf"):
        return ["the model is being loaded"]
    return [f"no jobs were asked for in {silent:.0f} s: see the log for the store or the model"] if silent > 60 else []


def warm(eyes: Eyes, sandbox: Sandbox) -> None:
    """One blank photo through everything, so that no customer pays for first-time initialisation."""
    sandbox.warm()
    eyes.describe(np.zeros((1, eyes.size, eyes.size, 3), np.uint8), [""])


async def check(storage: StorageSettings) -> bool:
    """Is there a worker that looked for jobs within the last 10 seconds?"""
    try:
        redis = await connect(storage.url())
    except StorageError as error:
        log.error("%s", error)  # noqa: TRY400 - it says what to do; a traceback would hide that
        return False
    try:
        return await JobStream(redis, VISION_JOBS).alive()
    finally:
        await redis.aclose()


def main(only_check: bool) -> int:
    from vision.settings import VisionSettings

    if only_check:
        return 0 if asyncio.run(check(read(StorageSettings))) else 1
    settings, storage = read_both(VisionSettings, StorageSettings)
    logs.set_up(settings.logs)
    memory.one_heap()
    asyncio.run(serve(storage, settings))
    return 0
