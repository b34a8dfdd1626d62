"""A worker's process: what it is made of, from its settings to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import TYPE_CHECKING

import numpy as np

from storage.jobs import JobStream
from storage.keys import VISION_JOBS, keep_words
from storage.redis import StorageError, connect
from storage.settings import StorageSettings
from vision.children import Children
from vision.readers.gate import Gate
from vision.readers.ocr import Ocr
from vision.readers.read import Readers
from vision.readers.references import patterns
from vision.worker import Eyes, Worker
from watch import logs, pulse
from watch.status import serving

if TYPE_CHECKING:
    from vision.describe import Describer
    from vision.settings import VisionSettings

log = logging.getLogger(__name__)


async def serve(storage: StorageSettings, settings: VisionSettings) -> None:
    async with contextlib.AsyncExitStack() as open_things:
        # The store first: a wrong address should be told at once, not after torch has loaded a model.
        keep_words(storage.keep_days)
        patterns()  # a mistake in the shop's file ends the process here, and does not cost every photo its text
        redis = await connect(storage.url())
        open_things.push_async_callback(redis.aclose)
        await open_things.enter_async_context(serving(settings.status, "VISION_STATUS", problems))
        readers = Readers(Gate(), Ocr(settings.text_threads))
        # Beside torch, in a process of its own. Nobody waits for it: a photo without text does not need it.
        warming = asyncio.create_task(asyncio.to_thread(readers.warm))
        open_things.push_async_callback(asyncio.wait, {warming})
        open_things.callback(readers.close)
        describer = await asyncio.to_thread(_describer, settings)
        children = Children(describer.size, settings.decode_seconds)
        open_things.callback(children.close)
        worker = Worker(
            redis,
            storage.sealer(),
            describer,
            children,
            settings.batch,
            readers=readers,
            text_seconds=settings.text_seconds,
        )
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, worker.leaving.set)
        await asyncio.to_thread(warm, describer, children)
        await worker.run()


def _describer(settings: VisionSettings) -> Describer:
    import torch

    from vision.describe import Describer

    if settings.threads:
        torch.set_num_threads(settings.threads)
    return Describer.load(settings.model, settings.beams, settings.catalogue)


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
