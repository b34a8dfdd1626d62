from __future__ import annotations

import asyncio
import hashlib
import io
from pathlib import Path

import pytest
from redis.asyncio import Redis

from storage.backup import MAGIC, BackupError, _number, backup, backup_to, restore
from storage.job import Job
from storage.jobs import JobStream
from storage.keys import customer
from storage.seal import Sealer

SEALER = Sealer({1: bytes(range(32))}, 1)


async def everything(redis: Redis) -> dict[bytes, bytes]:
    return {key: await redis.dump(key) async for key in redis.scan_iter()}


async def fill(redis: Redis) -> Job:
    key = customer(42, "history")
    await redis.rpush(key, SEALER.seal(key, b"hello"), SEALER.seal(key, b"hello, Ana"))
    await redis.expire(key, 1000)
    await redis.hset(customer(42, "owner"), mapping={"state": "human", "version": 3})
    for n in range(1200):  # more than a batch
        await redis.set(customer(n, "failures"), n)
    job = Job("j", customer(42, "photo", "j"), customer(42, "report", "j"), customer(42, "reply", "j"), 2e9)
    jobs = JobStream(redis, "jobs:test")
    await jobs.put(job, b"sealed", 900)
    await jobs.prepare()
    await jobs.take("w", 1)  # it is in a worker's hands
    await redis.persist(jobs.alive_name)  # its ten seconds may be over before the backup is
    return job


async def test_what_is_saved_comes_back_as_it_was(redis: Redis, tmp_path: Path) -> None:
    await fill(redis)
    before = await everything(redis)
    count = await backup_to(redis, tmp_path / "b")
    assert count == len(before) > 1200
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    assert not (tmp_path / ".b.part").exists()
    assert b"hello" not in (tmp_path / "b").read_bytes()
    await redis.flushall()
    with (tmp_path / "b").open("rb") as file:
        assert await restore(redis, file) == (count, 0)
    assert await everything(redis) == before
    assert 900 < await redis.ttl(customer(42, "history")) <= 1000
    assert await redis.ttl(customer(42, "owner")) == -1


async def test_a_job_in_hand_goes_on_after_the_restore(redis: Redis) -> None:
    await fill(redis)
    file = io.BytesIO()
    await backup(redis, file)
    await redis.flushall()
    file.seek(0)
    await restore(redis, file)
    jobs = JobStream(redis, "jobs:test", idle_ms=10)
    found: list[Job] = []
    while not found:
        found = await jobs.take("another", 1, block_ms=20)
    assert found[0].id == "j" and found[0].deliveries == 2


async def test_what_had_its_time_stays_away(redis: Redis) -> None:
    await redis.set(customer(1, "out"), b"x", px=2000)
    await redis.set(customer(2, "owner"), b"y")
    file = io.BytesIO()
    assert await backup(redis, file) == 2
    await redis.flushall()
    await asyncio.sleep(2.01)
    file.seek(0)
    assert await restore(redis, file) == (1, 1)
    assert await redis.get(customer(2, "owner")) == b"y"


async def test_nothing_is_mixed_and_nothing_broken_is_read(redis: Redis) -> None:
    await redis.set(customer(2, "owner"), b"y")
    file = io.BytesIO()
    await backup(redis, file)
    whole = file.getvalue()
    with pytest.raises(BackupError, match="not empty"):
        await restore(redis, io.BytesIO(whole))
    await redis.flushall()
    changed = whole.replace(b"owner", b"OWNER")
    for broken in (whole[:-1], whole[:40], changed, b"", b"hello", whole + b"x"):
        with pytest.raises(BackupError, match=r"no backup|cut short"):
            await restore(redis, io.BytesIO(broken))
    assert await redis.dbsize() == 0


async def test_a_newer_servers_file_is_refused_with_a_sentence(redis: Redis) -> None:
    body = MAGIC + _number(3) + b"k:1" + _number(0) + _number(4) + b"\x00\xff\xff\xff" + _number(0) + _number(1)
    with pytest.raises(BackupError, match="a newer Redis wrote"):
        await restore(redis, io.BytesIO(body + hashlib.sha256(body).digest()))
