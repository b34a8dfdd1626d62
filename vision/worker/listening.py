"""What is said in a voice message or in a video: decoded in a child, then transcribed; or why there is nothing."""

from __future__ import annotations

import asyncio
import logging
import time

from monitoring.attempt import Failure, attempt
from vision.report import PhotoReport, Speech
from vision.worker.decode import Unreadable
from vision.worker.sandbox import Sandbox
from vision.worker.sound import RATE, Samples
from vision.worker.transcriber import Transcriber

log = logging.getLogger(__name__)

FOR_THE_REST_S = 2.0  # of a job's time that listening leaves


class Listening:
    """``transcriber``: None where nobody configured one."""

    def __init__(self, sandbox: Sandbox, transcriber: Transcriber | None) -> None:
        self.sandbox, self.transcriber = sandbox, transcriber

    @property
    def identity(self) -> str:
        """Of the transcriber: another one is asked again about the same sound."""
        return f"+{self.transcriber.identity}" if self.transcriber else ""

    async def to_voice(self, data: bytes, expires: float) -> PhotoReport:
        """A report with nothing but what was said. ``expires``: unix seconds at which nobody waits any more."""
        if self.transcriber is None:
            return PhotoReport(speech=Speech(state="off"))
        try:
            samples = await asyncio.to_thread(self.sandbox.hear, data)
        except Unreadable as error:
            return PhotoReport.failed(error.trouble, error.reason)
        return PhotoReport(speech=await self._speech(samples, expires))

    async def to_film(self, data: bytes, expires: float) -> Speech | None:
        """None where there is no sound, or nobody to hear it: what is seen is told all the same."""
        if self.transcriber is None:
            return None
        try:
            samples = await asyncio.to_thread(self.sandbox.hear, data)
        except Unreadable as error:
            log.info("the sound of a video is left out: %s", error.reason)
            return None
        return await self._speech(samples, expires) if len(samples) else None

    async def _speech(self, samples: Samples, expires: float) -> Speech:
        assert self.transcriber
        left = expires - time.time() - FOR_THE_REST_S
        late = Speech(state="late", seconds=round(len(samples) / RATE, 2))
        if left <= 0:
            return late
        # A thread cannot be stopped: it ends by itself, and its words come too late.
        words = asyncio.to_thread(self.transcriber.transcribe, samples)
        said = await attempt(asyncio.wait_for(words, left))
        if isinstance(said, Failure):
            log.error("a recording could not be transcribed: %s", type(said.error).__name__)
            return late
        return said
