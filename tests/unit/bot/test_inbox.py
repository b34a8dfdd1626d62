from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from patience import PATIENCE
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ConnectionError as Away
from redis.exceptions import DataError

from bot.telegram.inbox import Inbox
from bot.telegram.stream import Entry
from storage import keys
from storage.redis import cancelled
from storage.seal import Sealer


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.inbox.PAUSE_S", 0.01)


class Told:
    """What was said about updates that were given up."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, pipe: Any, entry: Entry) -> None:
        self.keys.append(entry.key)


def inbox_of(redis: Redis, sealer: Sealer, handle: Callable[[Entry, bytes], Awaitable[None]]) -> tuple[Inbox, Told]:
    told = Told()
    return Inbox(redis, sealer, handle, told), told


def updates(*numbers: int) -> list[tuple[int, int, bytes]]:
    return [(number, 42, json.dumps({"update_id": number}).encode()) for number in numbers]


async def never(*_: Any) -> None:
    raise AssertionError


async def drained(inbox: Inbox) -> None:
    task = asyncio.create_task(inbox.reader.run())
    async with asyncio.timeout(PATIENCE):
        while await inbox.redis.xlen(keys.INBOX):
            await asyncio.sleep(0.01)
    await cancelled(task)
    await inbox.reader.drain(5)


async def test_an_update_is_written_once(redis: Redis, sealer: Sealer) -> None:
    inbox, _ = inbox_of(redis, sealer, never)
    assert await inbox.write([]) == 0
    assert await inbox.write(updates(1, 2)) == 2
    assert await inbox.write(updates(2, 3)) == 1
    assert await inbox.write(updates(1, 2, 3)) == 0
    assert await redis.xlen(keys.INBOX) == 3
    sealed = await redis.get(keys.customer(42, "update", 3))
    assert sealer.open(keys.customer(42, "update", 3), sealed) == b'{"update_id": 3}'
    assert 0 < await redis.ttl(keys.customer(42, "update", 3)) <= keys.RETENTION["update"]


async def test_all_are_written_or_none(redis: Redis, sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, _ = inbox_of(redis, sealer, never)
    real = Pipeline.execute

    async def lost(self: Pipeline, *args: Any) -> Any:
        raise Away("gone")

    monkeypatch.setattr(Pipeline, "execute", lost)
    with pytest.raises(Away):
        await inbox.write(updates(1, 2))
    monkeypatch.setattr(Pipeline, "execute", real)
    assert not await redis.keys("*")
    assert await inbox.write(updates(1, 2)) == 2


async def test_written_though_the_answer_was_lost_is_not_written_again(
    redis: Redis, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, _ = inbox_of(redis, sealer, never)
    lose_answers(monkeypatch, 1)
    with pytest.raises(Away):
        await inbox.write(updates(1))
    assert await inbox.write(updates(1)) == 0


def lose_answers(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The next EXECs take place, and nobody hears of it."""
    real, left = Pipeline.execute, [times]

    async def execute(self: Pipeline, *args: Any) -> Any:
        done = await real(self, *args)
        if left[0]:
            left[0] -= 1
            raise Away("gone")
        return done

    monkeypatch.setattr(Pipeline, "execute", execute)


async def test_one_that_always_fails_is_given_up_once_and_said_in_the_log_without_its_words(
    redis: Redis, sealer: Sealer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def fails(entry: Entry, body: bytes) -> None:
        raise ValueError(body.decode())  # as pydantic's do

    inbox, told = inbox_of(redis, sealer, fails)
    await inbox.write([(1, 42, b'{"text": "XYZZY"}')])
    lose_answers(monkeypatch, 1)
    await drained(inbox)
    assert told.keys == [keys.customer(42, "update", 1)]
    assert await redis.xlen(keys.INBOX_DEAD) == 1
    assert await redis.exists(keys.customer(42, "update", 1))  # it can be replayed
    assert "XYZZY" not in caplog.text
    assert "ValueError" in caplog.text and " in fails (" in caplog.text


async def test_one_that_fails_after_it_was_answered_is_not_given_up(redis: Redis, sealer: Sealer) -> None:
    async def answers_and_fails(entry: Entry, _: bytes) -> None:
        async with redis.pipeline(transaction=True) as pipe:
            entry.off(pipe)
            await pipe.execute()
        raise RuntimeError("afterwards")

    inbox, told = inbox_of(redis, sealer, answers_and_fails)
    await inbox.write(updates(1))
    await drained(inbox)
    assert not told.keys


async def test_a_store_that_is_away_uses_up_no_try(
    redis: Redis, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    real = asyncio.sleep
    monkeypatch.setattr("bot.telegram.inbox.asyncio.sleep", lambda seconds: real(min(seconds, 0.01)))

    async def away(entry: Entry, _: bytes) -> None:
        tries.append(1)
        if len(tries) < 6:
            raise Away("gone")
        async with redis.pipeline(transaction=True) as pipe:
            entry.off(pipe)
            await pipe.execute()

    inbox, told = inbox_of(redis, sealer, away)
    await inbox.write(updates(1))
    await drained(inbox)
    assert len(tries) == 6 and not told.keys


async def test_what_the_store_refuses_for_good_blocks_nobody(redis: Redis, sealer: Sealer) -> None:
    async def refused(_: Entry, __: bytes) -> None:
        raise DataError("Invalid input of type: 'NoneType'")

    inbox, told = inbox_of(redis, sealer, refused)
    await inbox.write(updates(1, 2))
    await drained(inbox)
    assert len(told.keys) == 2


async def test_one_that_is_no_longer_kept_or_does_not_open_is_taken_off(redis: Redis, sealer: Sealer) -> None:
    inbox, told = inbox_of(redis, sealer, never)
    await inbox.write(updates(1, 2))
    await redis.delete(keys.customer(42, "update", 1))
    await redis.set(keys.customer(42, "update", 2), b"\x01 sealed by somebody else, long ago")
    await drained(inbox)
    assert told.keys == [keys.customer(42, "update", 2)]


class Killed(BaseException):
    """Like kill -9: no handler of ours may catch it."""


async def started(inbox: Inbox) -> None:
    """One life of the bot: until what it works on ends it."""
    reading = asyncio.create_task(inbox.reader.run())
    async with asyncio.timeout(PATIENCE):
        while not (tasks := [task for task in inbox.reader.tasks.values() if task.done()]):
            if not await inbox.redis.xlen(keys.INBOX):
                break
            await asyncio.sleep(0.01)
    await cancelled(reading)
    await asyncio.gather(*tasks, return_exceptions=True)


class Gone:
    """A store that a dead process reaches no more."""

    def __getattr__(self, name: str) -> Any:
        raise Away(name)


async def killed(inbox: Inbox, reading: asyncio.Task[None]) -> None:
    """All of its work ends where it is, and nothing is tidied up."""
    inbox.redis = inbox.reader.redis = Gone()
    await cancelled(reading, *inbox.reader.tasks.values())


async def test_one_that_ends_the_process_is_given_up_after_three_lives(redis: Redis, sealer: Sealer) -> None:
    """It ended the bot again and again, for two days: nothing was counted outside its memory."""
    begun: list[str] = []

    async def dies(entry: Entry, _: bytes) -> None:
        begun.append(entry.key)
        raise Killed

    inbox, told = inbox_of(redis, sealer, dies)
    await inbox.write(updates(1))
    for _ in range(5):
        inbox, told = inbox_of(redis, sealer, dies)
        await started(inbox)
        if told.keys:
            break
    assert len(begun) == 3
    assert told.keys == [keys.customer(42, "update", 1)]
    assert await redis.xlen(keys.INBOX_DEAD) == 1
    assert not await redis.exists(keys.INBOX_TRIES)


async def test_who_stood_beside_it_is_not_given_up(redis: Redis, sealer: Sealer) -> None:
    """A bot that was killed three times within a minute gave up 71 customers' messages, and all of them had to wait
    for a person: whatever had been read ahead was counted as begun."""
    answered: list[str] = []
    begun = asyncio.Event()

    async def handle(entry: Entry, _: bytes) -> None:
        begun.set()
        if life < 4:
            await asyncio.sleep(PATIENCE)
        answered.append(entry.key)
        async with redis.pipeline(transaction=True) as pipe:
            entry.off(pipe)
            await pipe.execute()

    await inbox_of(redis, sealer, handle)[0].write([(n, n, b"{}") for n in range(1, 9)])
    for life in (1, 2, 3):  # noqa: B007 - handle reads it
        inbox, _ = inbox_of(redis, sealer, handle)
        reading = asyncio.create_task(inbox.reader.run())
        await asyncio.wait_for(begun.wait(), PATIENCE)
        await asyncio.sleep(0.2)  # for the others to begin, where they may
        await killed(inbox, reading)
        begun.clear()
    life = 4
    inbox, told = inbox_of(redis, sealer, handle)
    await drained(inbox)
    assert len(told.keys) == 1
    assert len(answered) == 7


async def test_the_next_suspect_waits_a_moment_and_no_longer(
    redis: Redis, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An album that waits for its photos must not hold up everybody's texts."""
    monkeypatch.setattr("bot.telegram.inbox.ALONE_S", 0.05)
    both = asyncio.Barrier(2)

    async def handle(entry: Entry, _: bytes) -> None:
        await both.wait()
        async with redis.pipeline(transaction=True) as pipe:
            entry.off(pipe)
            await pipe.execute()

    inbox, told = inbox_of(redis, sealer, handle)
    await inbox.write([(chat, chat, b"{}") for chat in (1, 2)])
    for number, _ in await redis.xrange(keys.INBOX):
        await redis.hset(keys.INBOX_TRIES, number.decode(), "2")
    await drained(inbox)
    assert not told.keys and not inbox.alone.locked()


async def test_all_parts_of_such_an_album_go(redis: Redis, sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.inbox.ALBUM_QUIET_S", 0.1)
    inbox, told = inbox_of(redis, sealer, never)
    parts = [(n, 42, json.dumps({"message": {"media_group_id": "7"}}).encode()) for n in (1, 2, 3)]
    await inbox.write(parts)
    [[first, _], *_] = await redis.xrange(keys.INBOX)
    await redis.hset(keys.INBOX_TRIES, first.decode(), "3")
    await drained(inbox)
    assert len(told.keys) == 1
    assert await redis.xlen(keys.INBOX_DEAD) == 3


async def test_a_bot_that_is_asked_to_stop_uses_up_no_try(redis: Redis, sealer: Sealer) -> None:
    begun = asyncio.Event()

    async def hangs(*_: Any) -> None:
        begun.set()
        await asyncio.sleep(PATIENCE)

    inbox, _ = inbox_of(redis, sealer, hangs)
    await inbox.write(updates(1))
    reading = asyncio.create_task(inbox.reader.run())
    await asyncio.wait_for(begun.wait(), PATIENCE)
    await cancelled(reading)
    await inbox.reader.drain(0.01)
    assert [int(n) for n in await redis.hvals(keys.INBOX_TRIES)] == [0]


async def test_a_full_store_is_not_asked_for_the_same_answer_every_second(
    redis: Redis, sealer: Sealer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """17 calls of a chat model in 20 s for one message; and the log held what was to be written."""
    asked, real = [0], asyncio.sleep
    monkeypatch.setattr("bot.telegram.inbox.asyncio.sleep", lambda seconds: real(min(seconds, 0.01)))

    async def answers(entry: Entry, _: bytes) -> None:
        asked[0] += 1
        async with redis.pipeline(transaction=True) as pipe:
            pipe.set("c:42:history", "XYZZY")
            entry.off(pipe)
            await pipe.execute()

    inbox, _ = inbox_of(redis, sealer, answers)
    await inbox.write(updates(1))
    begin = inbox._begun

    async def filled(entry: Entry, tries: int | None = None) -> tuple[int, bytes | None]:
        begun = await begin(entry, tries)
        if tries is None:
            await redis.config_set("maxmemory", 1)
        return begun

    monkeypatch.setattr(inbox, "_begun", filled)
    reading = asyncio.create_task(inbox.reader.run())
    await real(0.5)
    await redis.config_set("maxmemory", 0)
    await cancelled(reading)
    await drained(inbox)
    assert asked[0] == 2
    assert "maxmemory" in caplog.text and "XYZZY" not in caplog.text
