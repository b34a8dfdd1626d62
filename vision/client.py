"""Photos over the job stream: bytes in, PhotoReport out. No torch here: this is the half that the bot imports."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.job import Job
from storage.jobs import JobFailed, JobStream, QueueFull
from storage.keys import VISION_JOBS, VISION_MODEL, customer
from storage.redis import reason
from storage.seal import Sealer, SealError
from vision.report import PhotoReport

log = logging.getLogger(__name__)

AS_FILE = 1 << 31  # in a job's input, beside the hint's length
SPARE_S = 10  # seconds that the bytes are kept longer than somebody waits: clocks differ

Fetch = Callable[[], Awaitable[bytes]]


class PhotoClient:
    """Asks whichever worker is free. The bytes are sealed until the report is written, then deleted."""

    def __init__(self, redis: Redis, sealer: Sealer, jobs: JobStream | None = None) -> None:
        self.redis: Any = redis  # as in JobStream: redis-py types a reply as the union of all that may come
        self.sealer = sealer
        self.jobs = jobs or JobStream(redis, VISION_JOBS)

    async def describe(
        self, chat: int, photo: bytes | Fetch, hint: str, deadline: float, *, as_file: bool = False
    ) -> PhotoReport:
        """What is in ``photo``, within ``deadline`` seconds. A bad photo or a missing worker is a report, too.

        ``photo``: its bytes, or what fetches them; then nobody holds them while we wait.
        ``as_file``: it is as the camera wrote it, so the report names a copy that may be shown.
        The same photo with the same hint is looked at once by one model: a turn that is tried again finds its report.
        """
        try:
            job, entry = await self._queued(chat, photo, hint, deadline, as_file=as_file)
            return await self._report(job, entry, deadline)
        except QueueFull as error:
            log.warning("%s", error)
            return PhotoReport.failed("unavailable", "too many photos are waiting")
        except JobFailed as error:
            return PhotoReport.failed("unreadable", str(error))
        except SealError as error:
            log.error("%s", error)  # noqa: TRY400 - the message is all there is to know
            return PhotoReport.failed("unavailable", "the report does not open with our keys")
        except RedisError as error:
            log.warning("no photo can be described: %s", reason(error))
            return PhotoReport.failed("unavailable", "the store does not answer")
        except ValidationError as error:
            # Not its content: that is no log's.
            log.warning("a report is not one of this version's: %d faults", error.error_count())
            return PhotoReport.failed("unavailable", "the report was written by another version")

    async def _job(self, chat: int, plain: Sequence[bytes], deadline: float) -> Job:
        """Its id depends on the model, too: a new checkpoint looks again at what the last one saw."""
        model = await self.redis.get(VISION_MODEL) or b""  # no worker was ever here: it will be found when one comes
        digest = hashlib.sha256(len(model).to_bytes(4, "big") + model)
        for part in plain:
            digest.update(part)
        name = digest.hexdigest()[:32]
        return Job(
            id=name,
            input_key=customer(chat, "photo", name),
            result_key=customer(chat, "report", name),
            reply_key=customer(chat, "reply", name),
            expires=time.time() + deadline,
        )

    async def _queued(
        self, chat: int, photo: bytes | Fetch, hint: str, deadline: float, *, as_file: bool
    ) -> tuple[Job, bytes]:
        """The job and its entry, b"" when its report is there already. Of the bytes nothing is held afterwards."""
        plain = _packed(photo if isinstance(photo, bytes) else await photo(), hint, as_file=as_file)
        job = await self._job(chat, plain, deadline)
        if await self.redis.exists(job.result_key):
            return job, b""
        sealed = self.sealer.pieces(job.input_key, plain)
        del plain
        return job, await self.jobs.put(job, sealed, int(deadline) + SPARE_S)

    async def _report(self, job: Job, entry: bytes, deadline: float) -> PhotoReport:
        sealed = await self.jobs.wait(job, deadline)
        if sealed is None:
            log.warning("job %s: no worker answered within %.0f s", job.id, deadline)
            await self.jobs.withdraw(job, entry)
            return PhotoReport.failed("unavailable", f"no worker answered within {deadline:.0f} s")
        return PhotoReport.model_validate_json(self.sealer.open(job.result_key, sealed))


def pack(photo: bytes, hint: str, *, as_file: bool = False) -> bytes:
    """A job's input: the hint's length and whether the photo came as a file in 4 bytes, the hint, the encoded photo."""
    return b"".join(_packed(photo, hint, as_file=as_file))


def _packed(photo: bytes, hint: str, *, as_file: bool) -> tuple[bytes, bytes]:
    words = hint.encode("utf-8", "replace")  # half an emoji is no UTF-8; it says nothing, either
    return (len(words) | AS_FILE * as_file).to_bytes(4, "big") + words, photo


def unpack(plain: bytes) -> tuple[bytes, str, bool]:
    """(photo, hint, whether it came as a file)."""
    head = int.from_bytes(plain[:4], "big")
    end = 4 + (head & ~AS_FILE)
    return plain[end:], plain[4:end].decode(), bool(head & AS_FILE)
