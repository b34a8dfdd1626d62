from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from patience import PATIENCE
from redis.asyncio import Redis
from redis.exceptions import (
    BusyLoadingError,
    DataError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from redis.exceptions import ConnectionError as Away

from bot.telegram.stream import GROUP, Entry, StreamReader, passes
from storage.redis import cancelled


async def put(redis: Redis, name: str, chat: int = 1) -> bytes:
    return bytes(await redis.xadd("s", {"key": f"c:{chat}:update:{name}", "chat": chat}))


@asynccontextmanager
async def running(redis: Redis, work: Callable[[StreamReader, Entry], Awaitable[None]]) -> AsyncIterator[StreamReader]:
    reader = StreamReader(redis, "s", lambda entry: work(reader, entry))
    task = asyncio.create_task(reader.run())
    yield reader
    await cancelled(task)
    await reader.drain(0)


async def take_off(redis: Redis, entry: Entry) -> None:
    async with redis.pipeline(transaction=True) as pipe:
        entry.off(pipe)
        await pipe.execute()


async def empty(redis: Redis) -> None:
    async with asyncio.timeout(PATIENCE):
        while await redis.xlen("s"):
            await asyncio.sleep(0.01)


async def test_one_queue_is_in_order_and_does_not_hold_up_another(redis: Redis) -> None:
    done: list[str] = []
    gate = asyncio.Event()

    async def work(_: StreamReader, entry: Entry) -> None:
        if entry.chat == 1:
            await gate.wait()
        done.append(entry.key)
        await take_off(redis, entry)
        if entry.chat == 2:
            gate.set()

    for name, chat in (("a", 1), ("b", 1), ("c", 2)):
        await put(redis, name, chat)
    async with running(redis, work) as reader:
        await empty(redis)
        async with asyncio.timeout(PATIENCE):
            while reader.tasks:
                await asyncio.sleep(0.01)
    assert done == ["c:2:update:c", "c:1:update:a", "c:1:update:b"]
    assert not reader.queues and not reader.in_hand  # nothing is remembered of a queue that is done


async def test_what_was_in_hand_comes_first_at_the_next_start(redis: Redis) -> None:
    done: list[str] = []
    begun = asyncio.Event()

    async def hang(_: StreamReader, entry: Entry) -> None:
        begun.set()
        await asyncio.sleep(60)

    async def work(_: StreamReader, entry: Entry) -> None:
        done.append(entry.key[-1])
        await take_off(redis, entry)

    await put(redis, "a")
    async with running(redis, hang):
        await asyncio.wait_for(begun.wait(), PATIENCE)
    await put(redis, "b")
    async with running(redis, work):
        await empty(redis)
    assert done == ["a", "b"]


async def test_an_entry_that_is_not_ours_is_taken_off(redis: Redis) -> None:
    done: list[str] = []

    async def work(_: StreamReader, entry: Entry) -> None:
        done.append(entry.key[-1])
        await take_off(redis, entry)

    await redis.xadd("s", {"hello": "world"})
    await redis.xadd("s", {"key": b"\xff", "chat": "1"})
    await redis.xadd("s", {"key": "c:1:update:x", "chat": "one"})
    await put(redis, "a")
    async with running(redis, work):
        await empty(redis)
    assert done == ["a"]
    assert (await redis.xpending("s", GROUP))["pending"] == 0


class Stumbling:
    """A client whose reads fail first."""

    def __init__(self, redis: Redis, *errors: Exception) -> None:
        self.redis, self.errors = redis, list(errors)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.redis, name)

    async def xreadgroup(self, *args: Any, **more: Any) -> Any:
        if self.errors:
            raise self.errors.pop(0)
        return await self.redis.xreadgroup(*args, **more)

    async def xgroup_create(self, *args: Any, **more: Any) -> Any:
        if isinstance(self.errors[0] if self.errors else None, OSError):
            self.errors.pop(0)
            raise Away("gone")
        return await self.redis.xgroup_create(*args, **more)


@pytest.mark.parametrize("errors", [
    (Away("gone"), BusyLoadingError("LOADING")),
    (ResponseError("MISCONF Redis is configured to save"), ReadOnlyError("You can't write against a read only")),
    (ResponseError("NOGROUP No such key"), OSError("while the group is made")),
])  # fmt: skip
async def test_no_trouble_of_the_store_ends_the_reader(
    redis: Redis, errors: tuple[Exception, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(_: StreamReader, entry: Entry) -> None:
        await take_off(redis, entry)

    await put(redis, "a")
    async with running(Stumbling(redis, *errors), work):  # type: ignore[arg-type]
        await empty(redis)


class Slow:
    """A client whose answer to the second read of pending entries arrives when the work on them is done."""

    def __init__(self, redis: Redis, done: asyncio.Event) -> None:
        self.redis, self.done = redis, done

    def __getattr__(self, name: str) -> Any:
        return getattr(self.redis, name)

    async def xreadgroup(self, *args: Any, **more: Any) -> Any:
        found = await self.redis.xreadgroup(*args, **more)
        await self.done.wait()
        await asyncio.sleep(0.05)
        return found


async def test_an_entry_that_is_finished_while_it_is_read_again_is_not_worked_twice(redis: Redis) -> None:
    worked: list[str] = []
    go, done = asyncio.Event(), asyncio.Event()

    async def work(entry: Entry) -> None:
        worked.append(entry.key)
        await go.wait()
        async with redis.pipeline(transaction=True) as pipe:
            entry.ack(pipe)  # a dead letter: its body is kept, so nothing else would stop a second time
            await pipe.execute()
        done.set()

    reader = StreamReader(redis, "s", work)
    await reader._prepare()
    await put(redis, "a")
    await reader._more(">")
    reader.redis = Slow(redis, done)
    again = asyncio.create_task(reader._more("0"))
    await asyncio.sleep(0.05)
    go.set()
    await again
    await reader.drain(5)
    assert len(worked) == 1


async def test_drain_finishes_what_is_in_hand_and_begins_nothing(redis: Redis) -> None:
    worked: list[str] = []
    go, begun = asyncio.Event(), asyncio.Event()

    async def work(_: StreamReader, entry: Entry) -> None:
        begun.set()
        await go.wait()
        worked.append(entry.key[-1])
        await take_off(redis, entry)

    for name in "abc":
        await put(redis, name)
    async with running(redis, work) as reader:
        await asyncio.wait_for(begun.wait(), PATIENCE)
        draining = asyncio.create_task(reader.drain(5))
        await asyncio.sleep(0)
        go.set()
        await draining
    assert worked == ["a"]
    assert await redis.xlen("s") == 2


async def test_the_sender_also_sends_what_nobody_has_read_yet(redis: Redis) -> None:
    worked: list[str] = []

    async def work(entry: Entry) -> None:
        worked.append(entry.key[-1])
        await take_off(redis, entry)

    reader = StreamReader(redis, "s", work)
    await reader._prepare()
    for number in range(120):
        await put(redis, str(number % 10), chat=number)
    await reader.drain(5, unread=True)
    assert len(worked) == 120


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Away(), True),
        (BusyLoadingError(), True),
        (OutOfMemoryError(), True),
        (ReadOnlyError(), True),
        (ResponseError("Command # 1 (…) of pipeline caused error: MISCONF Redis"), True),
        (ResponseError("WRONGTYPE Operation against a key"), False),
        (DataError("Invalid input of type"), False),
        (ValueError(), False),
    ],
)
def test_what_passes_and_what_would_come_back_for_ever(error: Exception, expected: bool) -> None:
    assert passes(error) is expected


async def test_a_task_that_swallows_its_cancellation_is_asked_again() -> None:
    async def deaf() -> None:
        for _ in range(2):
            with contextlib.suppress(asyncio.CancelledError):  # as redis-py 8 does now and then
                await asyncio.sleep(60)
        await asyncio.sleep(60)

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await asyncio.wait_for(cancelled(task), PATIENCE)
    assert task.cancelled()
