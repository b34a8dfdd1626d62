"""The job stream: work for another process, done at least once and answered once.

The stream carries ids and keys, never words or bytes: input and result lie sealed under the customer's keys. An entry
stays in the stream until its result is written, in the same MULTI, so its length is the backlog.
Reclaiming is XPENDING IDLE + XCLAIM, not XAUTOCLAIM: the number of deliveries is needed anyway, and Redis 6.2's
XAUTOCLAIM does not say which entry was deleted. A retry is an entry that becomes idle early, so there is no second
queue for delayed jobs.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from storage.job import DeadLetter, Fields, Job, bytes_of, job_of
from storage.keys import RETENTION
from storage.redis import StorageError, cancelled, reason

log = logging.getLogger(__name__)

GROUP = "workers"
NOBODY = "nobody"  # the consumer that holds what a leaving worker did not finish
DONE = b"done"
LOOK_S = 2.0  # a waiter looks for the result this often even if nobody wakes it
GONE_MS = 3_600_000  # an empty consumer silent for an hour is dead
ALIVE_MS = 10_000  # a worker that asked for jobs so recently is alive
DEAD_KEPT = 10_000  # dead letters; the oldest go first
MOST_BYTES = 128 * 2**20  # of inputs in the queue
TOO_SLOW = "Start more workers, or see why they are slow."


class QueueFull(StorageError):  # what happened, not what went wrong
    """The backlog is at its limit: answer the customer without the job, or later."""


class JobFailed(StorageError):
    """The job went to the dead letters; the message is the reason."""


class JobStream:
    """One stream, one group of workers. ``put`` and ``wait`` are the client's half, the rest is the worker's.

    ``idle_ms``: a job that nobody held for so long belongs to a dead worker. Live ones say so with ``held``, so it
    need not cover the slowest batch. It is also the longest delay of a retry.
    """

    def __init__(
        self,
        redis: Redis,
        name: str,
        *,
        max_length: int = 1000,
        max_bytes: int = MOST_BYTES,
        max_deliveries: int = 3,
        idle_ms: int = 6000,
    ) -> None:
        self._redis: Any = redis  # redis-py types a reply as the union of what any protocol and decoding may give
        self.name, self.dead_name, self.alive_name = name, f"{name}:dead", f"{name}:alive"
        self.max_length, self.max_bytes = max_length, max_bytes
        self.max_deliveries, self.idle_ms = max_deliveries, idle_ms

    # -- the client's half -----------------------------------------------------------------------------------------

    async def put(self, job: Job, sealed: bytes | tuple[int, Iterable[bytes]], ttl: int) -> bytes:
        """Store the input for ``ttl`` seconds and queue the job, both or neither → its entry. Twice is harmless.
        ``sealed``: the input, or its size and the pieces that make it: neither side holds a second copy of a video.

        Raises QueueFull at ``max_length`` jobs or ``max_bytes``: XADD MAXLEN would drop the oldest job without a word.
        """
        size, pieces = (len(sealed), (sealed,)) if isinstance(sealed, bytes) else sealed
        await self._room_for(size)
        # One of its own: a job that is put twice, even at once, is not read while it is written anew.
        draft = f"{job.input_key}:draft:{uuid.uuid4().hex}"
        for number, piece in enumerate(pieces):
            if number == 0:
                await self._redis.set(draft, piece, ex=ttl)
            else:
                await self._redis.append(draft, piece)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.rename(draft, job.input_key)
            pipe.delete(job.reply_key)  # how an earlier try ended
            pipe.xadd(self.name, job.fields(size))
            *_, entry = await pipe.execute()
        return bytes(entry)

    async def withdraw(self, job: Job, entry: bytes) -> None:
        """Nobody waits for it any more: its bytes go now, and whoever works on it will find that out."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(job.input_key)
            self._ack(pipe, entry)
            await pipe.execute()

    async def _room_for(self, size: int) -> None:
        queued = await self._redis.xrange(self.name)
        if len(queued) >= self.max_length:
            raise QueueFull(f"{self.name} holds {self.max_length} jobs. {TOO_SLOW}")
        if queued and sum(bytes_of(fields) for _, fields in queued) + size > self.max_bytes:
            raise QueueFull(f"{self.name} holds {self.max_bytes >> 20} MB. {TOO_SLOW}")

    async def wait(self, job: Job, seconds: float) -> bytes | None:
        """The sealed result, or None when it did not come in time. Raises JobFailed when the job was given up."""
        until = time.monotonic() + seconds
        marker: bytes | None = None
        while True:
            result: bytes | None = await self._redis.get(job.result_key)
            if result is not None or marker == DONE:  # done without a result: it was deleted meanwhile (/forget)
                return result
            if marker is not None:
                raise JobFailed(marker.decode())
            left = until - time.monotonic()
            if left <= 0:
                return None
            # Onto itself: a blocking look that leaves the marker for other waiters. Zero would block for ever.
            marker = await self._redis.blmove(
                job.reply_key, job.reply_key, max(0.01, min(left, LOOK_S)), "LEFT", "RIGHT"
            )

    # -- the worker's half -----------------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """Make the group, at 0 so that it sees what was put before the first worker came; sweep dead consumers."""
        try:
            await self._redis.xgroup_create(self.name, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        for consumer in await self._redis.xinfo_consumers(self.name, GROUP):
            if consumer["pending"] == 0 and consumer["idle"] > GONE_MS:
                await self._redis.xgroup_delconsumer(self.name, GROUP, consumer["name"])

    async def holders(self) -> list[str]:
        """Consumers that have jobs in hand."""
        known = await self._redis.xinfo_consumers(self.name, GROUP)
        return [bytes(each["name"]).decode() for each in known if each["pending"]]

    async def take(self, consumer: str, count: int, block_ms: int = 1000, linger_ms: int = 10) -> list[Job]:
        """Up to ``count`` new jobs, or one that was handed out before; [] after ``block_ms``.

        A job that comes back comes alone: if it kills its worker, it takes no other job with it.
        A batch that is not full waits ``linger_ms`` for company. ``consumer`` names one process and is never reused.
        """
        await self._redis.set(self.alive_name, consumer, px=ALIVE_MS)
        try:
            if jobs := await self._reclaim(consumer):
                return await self._worth_doing(jobs)
            jobs = await self._read(consumer, count, block_ms)
            if 0 < len(jobs) < count and linger_ms:
                await asyncio.sleep(linger_ms / 1000)  # BLOCK is no use: a server looks at its timeouts every 100 ms
                jobs += await self._read(consumer, count - len(jobs), None)
        except ResponseError as error:
            self._raise_unless_flushed(error)
            await self.prepare()
            return []
        return await self._worth_doing(jobs)

    async def finish(self, job: Job, sealed: bytes, ttl: int) -> None:
        """Result, wake-up and ack in one MULTI: a job has a result exactly when it is no longer queued."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(job.result_key, sealed, ex=ttl)
            self._close(pipe, job, DONE)
            await pipe.execute()

    async def fail(self, job: Job, reason: str) -> None:
        """Give up: a dead letter, and whoever waits is told. ``reason`` says nothing of the content."""
        log.warning("%s: job %s is given up: %s", self.name, job.id, reason)
        async with self._redis.pipeline(transaction=True) as pipe:
            self._bury(pipe, reason, job)
            self._close(pipe, job, reason.encode())
            await pipe.execute()

    async def retry(self, job: Job, delay_s: float, reason: str) -> None:
        """Hand it out again after ``delay_s`` (at most ``idle_ms``), or give up when it had its deliveries."""
        if job.deliveries >= self.max_deliveries:
            await self.fail(job, reason)
            return
        log.info("%s: job %s is tried again in %.1f s: %s", self.name, job.id, delay_s, reason)
        idle = max(0, self.idle_ms - int(delay_s * 1000))
        await self._claim(job.consumer, [job.entry], idle)

    async def drop(self, job: Job) -> None:
        """It is done, or nobody waits for it any more: it leaves the queue, and its input stays until it expires."""
        log.warning("%s: job %s: done already, or nobody waits for it any more", self.name, job.id)
        await self._end(job, None)

    async def heartbeat(self, jobs: Iterable[Job]) -> None:
        """These jobs are still being worked on. Does not count as a delivery."""
        held = list(jobs)
        if held:
            await self._claim(held[0].consumer, [job.entry for job in held], 0)

    @asynccontextmanager
    async def held(self, jobs: list[Job]) -> AsyncIterator[None]:
        """Heartbeats while the body runs, which must leave the event loop free (torch: in a thread).

        ``retry`` comes after the body: a heartbeat would undo its delay.
        """
        beat = asyncio.create_task(self._beat(jobs))
        try:
            yield
        finally:
            await cancelled(beat)

    async def leave(self, consumer: str) -> None:
        """What ``consumer`` still holds can be taken at once; then it is removed."""
        # XGROUP DELCONSUMER alone would lose its jobs for ever.
        count = 10 * self.max_length
        try:
            held = await self._redis.xpending_range(self.name, GROUP, "-", "+", count, consumername=consumer)
            if held:
                await self._claim(NOBODY, [entry["message_id"] for entry in held], self.idle_ms)
            await self._redis.xgroup_delconsumer(self.name, GROUP, consumer)
        except ResponseError as error:
            self._raise_unless_flushed(error)

    async def alive(self) -> bool:
        """Has any worker asked for jobs within the last ``ALIVE_MS``?"""
        # Not XINFO CONSUMERS: before Redis 7.2 it does not see who waits at an empty stream.
        return bool(await self._redis.exists(self.alive_name))

    async def dead(self, count: int = 100) -> list[DeadLetter]:
        """The newest dead letters."""
        return [
            DeadLetter(f[b"id"].decode(), f[b"reason"].decode(), int(f[b"deliveries"]), f[b"result"].decode())
            for _, f in await self._redis.xrevrange(self.dead_name, count=count)
        ]

    # -- inside ----------------------------------------------------------------------------------------------------

    async def _reclaim(self, consumer: str) -> list[Job]:
        idle = await self._redis.xpending_range(self.name, GROUP, "-", "+", 1, idle=self.idle_ms)
        if not idle:
            return []
        entry, earlier = idle[0]["message_id"], idle[0]["times_delivered"]
        claimed = await self._redis.xclaim(self.name, GROUP, consumer, self.idle_ms, [entry])
        if claimed and claimed[0][0] is not None:
            return await self._parse(consumer, claimed, earlier)
        if not await self._redis.xrange(self.name, entry, entry):  # deleted by hand, not won by another consumer
            await self._redis.xack(self.name, GROUP, entry)  # Redis 6.2 would keep it pending for ever
        return []

    async def _read(self, consumer: str, count: int, block_ms: int | None) -> list[Job]:
        response = await self._redis.xreadgroup(GROUP, consumer, {self.name: ">"}, count=count, block=block_ms)
        return await self._parse(consumer, [entry for _, entries in response or [] for entry in entries])

    async def _parse(self, consumer: str, entries: list[tuple[bytes, Fields]], earlier: int = 0) -> list[Job]:
        jobs = []
        for entry, fields in entries:
            try:
                job = job_of(fields)
            except (KeyError, ValueError):
                await self._refuse(entry)
            else:
                jobs.append(replace(job, entry=entry, deliveries=earlier + 1, consumer=consumer))
        return jobs

    async def _refuse(self, entry: bytes) -> None:
        log.warning("%s: entry %s is not a job", self.name, entry.decode())
        async with self._redis.pipeline(transaction=True) as pipe:
            self._bury(pipe, f"entry {entry.decode()} is not a job")
            self._ack(pipe, entry)
            await pipe.execute()

    async def _worth_doing(self, jobs: list[Job]) -> list[Job]:
        """Without those that are done, expired, worn out, or twice in the batch."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for job in jobs:
                pipe.exists(job.result_key)
            done = await pipe.execute()
        kept: dict[str, Job] = {}
        for job, finished in zip(jobs, done, strict=True):
            if finished:
                await self._end(job, DONE)
            elif job.result_key in kept:
                await self._end(job, None)
            elif not job.waited_for:
                await self.drop(job)
            elif job.deliveries > self.max_deliveries:
                await self.fail(job, f"delivered {self.max_deliveries} times without a result")
            else:
                kept[job.result_key] = job
        return list(kept.values())

    async def _end(self, job: Job, marker: bytes | None) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            if marker is None:
                self._ack(pipe, job.entry)  # the input stays: the same job, put again, needs it and wakes the waiter
            else:
                self._close(pipe, job, marker)
            await pipe.execute()

    async def _beat(self, jobs: list[Job]) -> None:
        while True:
            await asyncio.sleep(self.idle_ms / 3000)
            try:
                await self.heartbeat(jobs)
            except RedisError as error:  # the next beat may get through; at worst another worker takes the jobs
                log.warning("%s: heartbeat failed: %s", self.name, reason(error))

    async def _claim(self, consumer: str, entries: list[bytes], idle_ms: int) -> None:
        # JUSTID: does not raise the number of deliveries.
        try:
            await self._redis.xclaim(self.name, GROUP, consumer, 0, entries, idle=idle_ms, justid=True)
        except ResponseError as error:
            self._raise_unless_flushed(error)

    def _raise_unless_flushed(self, error: ResponseError) -> None:
        # UNBLOCKED: what Redis 7.0 says to whoever was reading when FLUSHALL came.
        if not str(error).startswith(("NOGROUP", "UNBLOCKED")):
            raise error
        log.warning("%s: its jobs are gone (FLUSHALL?): %s", self.name, error)

    def _close(self, pipe: Any, job: Job, marker: bytes) -> None:
        pipe.delete(job.input_key, job.reply_key)
        pipe.rpush(job.reply_key, marker)
        pipe.expire(job.reply_key, RETENTION["reply"])
        self._ack(pipe, job.entry)

    def _ack(self, pipe: Any, entry: bytes) -> None:
        pipe.xack(self.name, GROUP, entry)
        pipe.xdel(self.name, entry)

    def _bury(self, pipe: Any, reason: str, job: Job | None = None) -> None:
        letter = {
            "id": job.id if job else "",
            "reason": reason,
            "deliveries": job.deliveries if job else 0,
            "result": job.result_key if job else "",
        }
        pipe.xadd(self.dead_name, letter, maxlen=DEAD_KEPT, approximate=True)
