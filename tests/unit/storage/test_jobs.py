"""One contract, run on fakeredis, on this machine's server and on Redis 6.2."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from patience import PATIENCE, SOON, comes
from redis.asyncio import Redis

from storage import jobs as module
from storage import keys
from storage.job import DeadLetter, Job
from storage.jobs import JobFailed, JobStream, QueueFull

IDLE_MS = 250  # a dead worker is noticed after so long
TTL = 60


def job(name: str = "ab", chat: int = 42, expires_in: float = 60) -> Job:
    return Job(
        id=name,
        input_key=keys.customer(chat, "photo", name),
        result_key=keys.customer(chat, "report", name),
        reply_key=keys.customer(chat, "reply", name),
        expires=time.time() + expires_in,
    )


def ids(taken: list[Job]) -> list[str]:
    return [one.id for one in taken]


async def a_worker_dies() -> None:
    await asyncio.sleep(2 * IDLE_MS / 1000)


async def a_moment() -> None:
    """fakeredis finds an entry idle when it is so for longer than was asked, Redis when for as long."""
    await asyncio.sleep(0.005)


async def nothing_is_left(redis: Redis) -> bool:
    client: Any = redis
    pending = await client.xpending(keys.VISION_JOBS, module.GROUP)
    return bool(await client.xlen(keys.VISION_JOBS) == 0 and pending["pending"] == 0)


@pytest.fixture
async def stream(any_redis: Redis) -> JobStream:
    jobs = JobStream(any_redis, keys.VISION_JOBS, max_length=5, max_deliveries=3, idle_ms=IDLE_MS)
    await jobs.prepare()
    return jobs


@pytest.fixture
def take(stream: JobStream) -> Callable[..., Awaitable[list[Job]]]:
    async def taken(consumer: str = "w1", count: int = 8, block_ms: int = 20, linger_ms: int = 0) -> list[Job]:
        return await stream.take(consumer, count, block_ms, linger_ms)

    return taken


Take = Callable[..., Awaitable[list[Job]]]


class TestJobStream:
    # -- the way it should go --------------------------------------------------------------------------------------

    async def test_a_job_goes_there_and_back(self, stream: JobStream, any_redis: Redis, take: Take) -> None:
        sent = job()
        await stream.put(sent, b"sealed photo", TTL)
        waiting = asyncio.create_task(stream.wait(sent, 5))

        [taken] = await take()
        assert replace(taken, entry=b"", deliveries=0, consumer="") == sent
        assert await any_redis.get(taken.input_key) == b"sealed photo"
        await stream.finish(taken, b"sealed report", TTL)

        assert await waiting == b"sealed report"
        assert await any_redis.get(sent.input_key) is None
        assert 0 < await any_redis.ttl(sent.result_key) <= TTL
        assert 0 < await any_redis.ttl(sent.reply_key) <= 60
        assert await nothing_is_left(any_redis)

    async def test_a_job_put_before_the_first_worker_came_is_seen(self, any_redis: Redis) -> None:
        early = JobStream(any_redis, "jobs:other")
        await early.put(job(), b"x", TTL)
        await early.prepare()
        await early.prepare()  # harmless twice

        assert ids(await early.take("w1", 8)) == ["ab"]

    async def test_the_stream_holds_ids_and_keys_only(self, stream: JobStream, any_redis: Redis) -> None:
        await stream.put(job(), b"words of a customer", TTL)

        [(_, fields)] = await any_redis.xrange(stream.name)
        assert set(fields) == {b"id", b"input", b"result", b"reply", b"expires", b"size"}
        assert b"words of a customer" not in b"".join(fields.values())

    async def test_keys_of_two_customers_do_not_make_a_job(self) -> None:
        with pytest.raises(ValueError, match="several customers"):
            replace(job(chat=1), result_key=keys.customer(2, "report", "ab"))

    async def test_new_jobs_come_in_batches_in_order(self, stream: JobStream, take: Take) -> None:
        for name in "abcde":
            await stream.put(job(name), b"x", TTL)

        assert ids(await take(count=3)) == ["a", "b", "c"]
        assert ids(await take("w2", count=3)) == ["d", "e"]
        assert await take() == []

    async def test_a_batch_lingers_for_company(self, stream: JobStream, take: Take) -> None:
        await stream.put(job("a"), b"x", TTL)
        taking = asyncio.create_task(take(linger_ms=100))
        await asyncio.sleep(0.02)
        await stream.put(job("b"), b"x", TTL)

        assert ids(await taking) == ["a", "b"]

    # -- waiting ---------------------------------------------------------------------------------------------------

    async def test_a_wait_ends_at_its_deadline(self, stream: JobStream) -> None:
        await stream.put(job(), b"x", TTL)
        started = time.monotonic()

        assert await stream.wait(job(), 0.1) is None
        assert 0.09 < time.monotonic() - started < SOON

    async def test_a_result_that_is_there_is_not_waited_for(self, stream: JobStream, take: Take) -> None:
        await stream.put(job(), b"x", TTL)
        [taken] = await take()
        await stream.finish(taken, b"report", TTL)

        assert await stream.wait(job(), 0) == b"report"

    async def test_everybody_who_waits_is_woken(self, stream: JobStream, take: Take) -> None:
        await stream.put(job(), b"x", TTL)
        waiting = [asyncio.create_task(stream.wait(job(), PATIENCE)) for _ in range(3)]
        [taken] = await take()
        await asyncio.sleep(0.02)
        await stream.finish(taken, b"report", TTL)

        assert await asyncio.wait_for(asyncio.gather(*waiting), SOON) == [b"report"] * 3

    async def test_a_result_that_was_deleted_meanwhile_is_none(
        self, stream: JobStream, any_redis: Redis, take: Take
    ) -> None:
        await stream.put(job(), b"x", TTL)
        [taken] = await take()
        await stream.finish(taken, b"report", TTL)
        await any_redis.delete(taken.result_key)

        assert await asyncio.wait_for(stream.wait(job(), PATIENCE), SOON) is None

    # -- the same job twice ----------------------------------------------------------------------------------------

    async def test_put_twice_is_done_once(self, stream: JobStream, any_redis: Redis, take: Take) -> None:
        await stream.put(job(), b"x", TTL)
        await stream.put(job(), b"x", TTL)
        [taken] = await take()
        await stream.put(job(), b"x", TTL)
        await stream.finish(taken, b"report", TTL)

        assert await take() == []
        assert await stream.wait(job(), 0) == b"report"
        assert await any_redis.get(taken.input_key) is None
        assert await nothing_is_left(any_redis)

    async def test_a_worker_thought_dead_finishes_without_harm(
        self, stream: JobStream, any_redis: Redis, take: Take
    ) -> None:
        await stream.put(job(), b"x", TTL)
        [slow] = await take("slow")
        await a_worker_dies()
        [quick] = await take("quick")
        await stream.finish(quick, b"report", TTL)
        await stream.finish(slow, b"report", TTL)

        assert await stream.wait(job(), 0) == b"report"
        assert await any_redis.llen(quick.reply_key) == 1
        assert await nothing_is_left(any_redis)

    # -- workers die -----------------------------------------------------------------------------------------------

    async def test_the_jobs_of_a_dead_worker_are_taken_by_another(self, stream: JobStream, take: Take) -> None:
        for name in "ab":
            await stream.put(job(name), b"x", TTL)
        await take("dead")
        assert await take("alive") == []
        await a_worker_dies()

        [first] = await take("alive")
        [second] = await take("alive")
        assert (first.id, first.deliveries, second.id, second.deliveries) == ("a", 2, "b", 2)

    async def test_a_slow_worker_that_says_so_is_not_robbed(self, stream: JobStream, take: Take) -> None:
        await stream.put(job(), b"x", TTL)
        taken = await take("slow")
        async with stream.held(taken):
            await a_worker_dies()
            assert await take("other") == []
        await a_worker_dies()

        [robbed] = await take("other")
        assert robbed.deliveries == 2  # heartbeats are not deliveries

    async def test_a_poison_job_takes_nobody_with_it(self, stream: JobStream, any_redis: Redis, take: Take) -> None:
        """It used to be that the whole batch came back together, and died together three times."""
        for name in ("good", "poison", "fine"):
            await stream.put(job(name), b"x", TTL)
        finished = []
        for life in range(6):
            while taken := await take(f"w{life}"):
                if "poison" in ids(taken):
                    break  # the worker dies
                for one in taken:
                    await stream.finish(one, b"report", TTL)
                    finished.append(one.id)
            await a_worker_dies()

        assert sorted(finished) == ["fine", "good"]
        [letter] = await stream.dead()
        assert letter == DeadLetter("poison", "delivered 3 times without a result", 4, "c:42:report:poison")
        with pytest.raises(JobFailed, match="delivered 3 times"):
            await stream.wait(job("poison"), 5)
        assert await nothing_is_left(any_redis)

    async def test_a_worker_that_leaves_hands_its_jobs_over_at_once(
        self, stream: JobStream, any_redis: Redis, take: Take
    ) -> None:
        await stream.put(job(), b"x", TTL)
        await take("w1")
        await stream.leave("w1")
        await a_moment()

        assert ids(await take("w2")) == ["ab"]
        consumers = await any_redis.xinfo_consumers(stream.name, module.GROUP)
        assert b"w1" not in [consumer["name"] for consumer in consumers]

    async def test_empty_consumers_of_dead_workers_are_swept(
        self, stream: JobStream, any_redis: Redis, take: Take, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await stream.put(job(), b"x", TTL)
        await take("empty")
        await stream.leave("empty")
        await a_moment()
        await take("holding")
        await take("empty")
        monkeypatch.setattr(module, "GONE_MS", 0)
        await asyncio.sleep(0.01)
        await stream.prepare()

        consumers = await any_redis.xinfo_consumers(stream.name, module.GROUP)
        assert [consumer["name"] for consumer in consumers] == [b"holding"]

    # -- giving up -------------------------------------------------------------------------------------------------

    async def test_a_retry_comes_after_its_delay(self, stream: JobStream, take: Take) -> None:
        await stream.put(job(), b"x", TTL)
        [taken] = await take()
        await stream.retry(taken, 0.2, "out of memory")
        assert await take(block_ms=1) == []
        await asyncio.sleep(0.22)

        [again] = await take()
        assert again.deliveries == 2

    async def test_the_last_retry_is_a_dead_letter(self, stream: JobStream, take: Take) -> None:
        await stream.put(job(), b"x", TTL)
        for _ in range(3):
            [taken] = await take()
            await stream.retry(taken, 0, "out of memory")
            await a_moment()

        assert await take() == []
        assert await stream.dead() == [DeadLetter("ab", "out of memory", 3, "c:42:report:ab")]

    async def test_whoever_waits_for_a_failed_job_is_told(
        self, stream: JobStream, any_redis: Redis, take: Take
    ) -> None:
        await stream.put(job(), b"x", TTL)
        waiting = asyncio.create_task(stream.wait(job(), PATIENCE))
        [taken] = await take()
        await asyncio.sleep(0.02)
        await stream.fail(taken, "no such model")

        with pytest.raises(JobFailed, match="no such model"):
            await asyncio.wait_for(waiting, SOON)
        assert await any_redis.get(taken.input_key) is None
        assert await nothing_is_left(any_redis)

    async def test_a_failed_job_can_be_put_again(self, stream: JobStream, take: Take) -> None:
        await stream.put(job(), b"x", TTL)
        [taken] = await take()
        await stream.fail(taken, "no such model")
        await stream.put(job(), b"x", TTL)

        assert await stream.wait(job(), 0.02) is None
        [again] = await take()
        await stream.finish(again, b"report", TTL)
        assert await stream.wait(job(), 0) == b"report"

    async def test_a_full_queue_refuses_and_leaves_nothing_behind(
        self, stream: JobStream, any_redis: Redis, take: Take
    ) -> None:
        for name in "abcde":
            await stream.put(job(name), b"x", TTL)
        with pytest.raises(QueueFull, match="holds 5 jobs"):
            await stream.put(job("f"), b"x", TTL)

        assert await any_redis.get(job("f").input_key) is None
        assert ids(await take()) == ["a", "b", "c", "d", "e"]

    async def test_a_queue_that_holds_many_bytes_refuses_until_nobody_waits_for_them(
        self, stream: JobStream, any_redis: Redis
    ) -> None:
        stream.max_bytes = 100
        await stream.put(job("a", expires_in=0.2), b"x" * 60, TTL)
        with pytest.raises(QueueFull, match="holds 0 MB"):
            await stream.put(job("b"), b"x" * 60, TTL)
        assert await any_redis.get(job("b").input_key) is None
        await stream.put(job("c"), b"x" * 40, TTL)
        await asyncio.sleep(0.3)
        await stream.put(job("b"), b"x" * 60, TTL)

    async def test_a_large_input_arrives_whole_in_pieces(self, stream: JobStream, any_redis: Redis) -> None:
        await stream.put(job(), (17, iter([b"head", b"a body ", b"", b"in two"])), TTL)
        assert await any_redis.get(job().input_key) == b"heada body in two"
        assert 0 < await any_redis.ttl(job().input_key) <= TTL
        assert not [key async for key in any_redis.scan_iter("*:draft*")]

    async def test_what_is_withdrawn_leaves_nothing_and_can_be_put_again(
        self, stream: JobStream, any_redis: Redis, take: Take
    ) -> None:
        entry = await stream.put(job(), b"x", TTL)
        [taken] = await take()
        await stream.withdraw(job(), entry)
        assert not await any_redis.exists(job().input_key) and await nothing_is_left(any_redis)
        await stream.heartbeat([taken])
        await stream.drop(taken)
        await stream.put(job(), b"x", TTL)
        assert ids(await take()) == ["ab"]

    async def test_an_expired_job_is_dropped_and_can_be_put_again(
        self, stream: JobStream, any_redis: Redis, take: Take, caplog: pytest.LogCaptureFixture
    ) -> None:
        await stream.put(job(expires_in=-1), b"x", TTL)
        await stream.put(job(), b"x", TTL)

        [taken] = await take()
        assert await any_redis.get(taken.input_key) == b"x"
        assert "nobody waits for it any more" in caplog.text

    @pytest.mark.parametrize("fields", [{"id": "ab"}, {"words": b"\xff"}])
    async def test_an_entry_that_is_no_job_is_put_aside_unread(
        self, stream: JobStream, any_redis: Redis, take: Take, fields: dict[Any, Any]
    ) -> None:
        await any_redis.xadd(stream.name, fields)
        await stream.put(job(), b"x", TTL)

        assert ids(await take()) == ["ab"]
        [letter] = await stream.dead()
        assert "is not a job" in letter.reason

    async def test_an_entry_deleted_by_hand_does_not_stay_pending(
        self, stream: JobStream, any_redis: Redis, take: Take
    ) -> None:
        await stream.put(job(), b"x", TTL)
        [taken] = await take()
        await any_redis.xdel(stream.name, taken.entry)
        await a_worker_dies()

        assert await take() == []
        assert await nothing_is_left(any_redis)

    # -- the server --------------------------------------------------------------------------------------------------

    async def test_flushall_in_mid_run_loses_its_jobs_and_nothing_else(
        self, stream: JobStream, any_redis: Redis, take: Take
    ) -> None:
        await stream.put(job("lost"), b"x", TTL)
        [lost] = await take()
        await any_redis.flushall()
        await stream.heartbeat([lost])
        await stream.retry(lost, 0, "late")
        await stream.put(job("new"), b"x", TTL)

        assert await take() == []  # makes the group again
        assert ids(await take()) == ["new"]
        await stream.leave("w1")

    async def test_flushall_while_a_worker_waits(self, stream: JobStream, any_redis: Redis, take: Take) -> None:
        taking = asyncio.create_task(take(block_ms=300))
        await asyncio.sleep(0.02)
        await any_redis.flushall()
        await taking
        await stream.put(job(), b"x", TTL)

        assert ids(await take() or await take()) == ["ab"]


async def test_result_and_ack_are_one(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies while it finishes has done all of it or nothing: it is one MULTI on the wire."""
    stream = JobStream(redis, keys.VISION_JOBS)
    await stream.prepare()
    await stream.put(job(), b"x", TTL)
    [taken] = await stream.take("w1", 8)

    async with redis.monitor() as monitor:
        await stream.finish(taken, b"report", TTL)
        seen = []
        while not seen or seen[-1] != "EXEC":
            command = await monitor.next_command()
            seen.append(command["command"].split()[0])

    assert seen == ["MULTI", "SET", "DEL", "RPUSH", "EXPIRE", "XACK", "XDEL", "EXEC"]


async def test_a_heartbeat_that_fails_is_logged_and_tried_again(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from redis.exceptions import ConnectionError as LostConnection

    stream = JobStream(redis, keys.VISION_JOBS, idle_ms=30)
    calls = []

    async def lost(jobs: list[Job]) -> None:
        calls.append(jobs)
        raise LostConnection("gone")

    monkeypatch.setattr(stream, "heartbeat", lost)
    async with stream.held([job()]):
        await comes(lambda: len(calls) >= 2)
    assert "heartbeat failed: gone" in caplog.text


async def test_the_same_photo_twice_in_an_album_is_put_twice_at_once(stream: JobStream, any_redis: Redis) -> None:
    """Both wrote into one draft: "it is sealed with a key that is not here"."""
    client: Any = any_redis
    pieces = (b"nonce", b"a" * 1000, b"tag")
    await asyncio.gather(*(stream.put(job(), (1008, pieces), TTL) for _ in range(3)))
    assert await client.get(job().input_key) == b"".join(pieces)
