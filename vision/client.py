"""Photos over the job stream: bytes in, PhotoReport out. No torch here: this is the half that the bot imports."""

from __future__ import annotations

import hashlib
import logging
import time

from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.jobs import Job, JobFailed, JobStream, QueueFull
from storage.keys import RETENTION, VISION_JOBS, customer
from storage.seal import Sealer, SealError
from vision.report import PhotoReport

log = logging.getLogger(__name__)


class PhotoClient:
    """Asks whichever worker is free. The bytes are sealed until the report is written, then deleted."""

    def __init__(self, redis: Redis, sealer: Sealer, jobs: JobStream | None = None) -> None:
        self.redis, self.sealer = redis, sealer
        self.jobs = jobs or JobStream(redis, VISION_JOBS)

    async def describe(self, chat: int, photo: bytes, hint: str, deadline: float) -> PhotoReport:
        """What is in ``photo``, within ``deadline`` seconds. A bad photo or a missing worker is a report, too.

        The same photo with the same hint is looked at once: a turn that is tried again finds its report.
        """
        name = hashlib.sha256(hint.encode() + b"\0" + photo).hexdigest()[:32]
        job = Job(
            id=name,
            input_key=customer(chat, "photo", name),
            result_key=customer(chat, "report", name),
            reply_key=customer(chat, "reply", name),
            expires=time.time() + deadline,
        )
        try:
            return await self._ask(job, pack(photo, hint), deadline)
        except QueueFull as error:
            log.warning("%s", error)
            return PhotoReport.failed("unavailable", "too many photos are waiting")
        except JobFailed as error:
            return PhotoReport.failed("unreadable", str(error))
        except SealError as error:
            log.error("report %s: %s", job.result_key, error)  # noqa: TRY400 - the message is all there is to know
            return PhotoReport.failed("unavailable", "the report does not open with our keys")
        except RedisError as error:
            log.warning("no photo can be described: %s", error)
            return PhotoReport.failed("unavailable", "the store does not answer")

    async def _ask(self, job: Job, plain: bytes, deadline: float) -> PhotoReport:
        sealed = await self.redis.get(job.result_key)
        if sealed is None:
            await self.jobs.put(job, self.sealer.seal(job.input_key, plain), RETENTION["photo"] or 0)
            sealed = await self.jobs.wait(job, deadline)
        if sealed is None:
            log.warning("job %s: no worker answered within %.0f s", job.id, deadline)
            return PhotoReport.failed("unavailable", f"no worker answered within {deadline:.0f} s")
        return PhotoReport.model_validate_json(self.sealer.open(job.result_key, sealed))


def pack(photo: bytes, hint: str) -> bytes:
    """A job's input: the hint's length in 4 bytes, the hint, the encoded photo."""
    words = hint.encode()
    return len(words).to_bytes(4, "big") + words + photo


def unpack(plain: bytes) -> tuple[bytes, str]:
    end = 4 + int.from_bytes(plain[:4], "big")
    return plain[end:], plain[4:end].decode()
