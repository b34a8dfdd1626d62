from __future__ import annotations

import asyncio
import itertools
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe
from aiohttp import ClientConnectorError, ServerDisconnectedError
from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE
from redis.asyncio import Redis

from bot.telegram.outbox import Outbox
from bot.telegram.outgoing import Outgoing, split
from bot.telegram.rate_limit import GROUP, KEEP, Bucket, RateLimiter
from storage import keys
from storage.redis import cancelled
from storage.seal import Sealer

ANY = GetMe()


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# -- split --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["a" * 10_000, "🍏" * 5000, "é🍏" * 4000, "word " * 3000, "line\n" * 2000, "x"])
def test_parts_fit_telegrams_count_and_nothing_is_lost(text: str) -> None:
    parts = split(text, 4096)
    assert all(0 < units(part) <= 4096 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(max_size=300), st.integers(2, 40))
def test_any_text_is_split_whole(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_text_is_cut_between_paragraphs_rather_than_words() -> None:
    assert split("one two\n\nthree four five", 16) == ["one two", "three four five"]
    assert split("one two three", 9) == ["one two", "three"]


def test_nothing_has_no_part() -> None:
    assert split(" \n ", 10) == []


# -- Queue --------------------------------------------------------------------------------------------------------
class Pipe:
    def __init__(self, sealer: Sealer) -> None:
        self.sealer, self.bodies = sealer, list[dict[str, Any]]()

    def set(self, key: str, sealed: bytes, ex: int) -> None:
        self.bodies.append(json.loads(self.sealer.open(key, sealed)))

    def xadd(self, stream: str, fields: dict[str, Any]) -> None:
        assert stream == keys.OUTBOX
        assert set(fields) <= {"key", "chat", keys.QUEUE}


def test_a_long_message_goes_in_parts_and_its_buttons_with_the_last(sealer: Sealer) -> None:
    pipe = Pipe(sealer)
    Outgoing(sealer).text(pipe, 42, -100, "Ana: " + "a" * 9000, reply_markup={"x": 1})
    assert all(units(body["text"]) <= 4096 for body in pipe.bodies)
    assert ["reply_markup" in body for body in pipe.bodies] == [False, False, True]


def test_an_empty_message_is_a_mistake_of_ours(sealer: Sealer) -> None:
    with pytest.raises(ValueError, match="empty message"):
        Outgoing(sealer).text(Pipe(sealer), 42, 42, "  ")


# -- Bucket -------------------------------------------------------------------------------------------------------
def test_a_bucket_lets_so_many_go_in_so_many_seconds() -> None:
    bucket = Bucket(2, 10.0)
    assert bucket.wait(100.0) == 0
    bucket.take(100.0)
    bucket.take(104.0)
    assert bucket.wait(105.0) == pytest.approx(5.0)
    assert bucket.wait(110.0) == 0
    bucket.take(110.0)
    assert bucket.wait(111.0) == pytest.approx(3.0)
    bucket.closed_until = 200.0
    assert bucket.wait(150.0) == pytest.approx(50.0)


def test_a_groups_bucket_is_never_used_up_in_one_go() -> None:
    bucket, now, sent = Bucket(20, 61.0, burst=4), 0.0, list[float]()
    while now < 300:
        while (wait := bucket.wait(now)) > 0:
            now += max(wait, 1e-6)
        bucket.take(now)
        sent.append(now)
    assert sent[3] == 0 < sent[4]
    assert max(later - earlier for earlier, later in itertools.pairwise(sent)) <= 4
    assert all(sent[at + 20] - sent[at] >= 60.99 for at in range(len(sent) - 20))


def test_a_group_that_telegram_says_is_full_is_full() -> None:
    """After a restart we have counted nothing: one refusal is enough to know."""
    bucket = Bucket(20, 61.0, burst=4)
    bucket.take(100.0)
    bucket.refused(100.0, 3)
    assert bucket.wait(100.0) == pytest.approx(3.05, abs=0.2)
    assert len(bucket.sent) == 20
    private = Bucket(3, 3.0)
    private.refused(100.0, 3)
    assert len(private.sent) == 0 and private.wait(100.0) == 3


def test_what_can_wait_leaves_room_for_what_cannot() -> None:
    bucket = Bucket(20, 60.0, keep=4)
    bucket.take(0.0, 15)
    assert bucket.wait(1.0, spare=True) == 0
    bucket.take(1.0)
    assert bucket.wait(2.0, spare=True) == pytest.approx(58.0)
    assert bucket.wait(2.0, 4) == 0


async def test_what_can_wait_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.rate_limit.LATER_S", 5.0)
    now, calls = [0.0], RateLimiter(None, clock=lambda: now[0])  # type: ignore[arg-type]
    calls.bucket(-1).take(0.0, GROUP - KEEP)
    now[0] = 30.0  # the minute is not over for another 31 seconds
    waiting = asyncio.create_task(calls.turn(-1, later=True))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await asyncio.wait_for(calls.turn(-1), PATIENCE)  # words go at once, and before it
    assert not waiting.done()
    now[0] = 45.0
    await asyncio.wait_for(waiting, PATIENCE)
    assert len(calls.bucket(-1).sent) == GROUP - KEEP + 2


async def test_what_can_wait_goes_behind_who_is_already_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.rate_limit.KEEP", 0)
    calls, order = RateLimiter(None), list[str]()  # type: ignore[arg-type]
    calls.bucket(-1).refused(calls.clock(), 0.3)
    calls.bucket(-1).sent.clear()

    async def turn(name: str, *, later: bool) -> None:
        await calls.turn(-1, later=later)
        order.append(name)

    await asyncio.gather(turn("card", later=True), turn("words", later=False), turn("more words", later=False))
    assert order == ["words", "more words", "card"]


async def test_a_bot_that_was_killed_knows_what_the_group_was_sent(redis: Redis) -> None:
    before = RateLimiter(None, redis)  # type: ignore[arg-type]
    for _ in range(5):
        await before.turn(-1)
    await before.turn(-1, 3)
    after = RateLimiter(None, redis)  # type: ignore[arg-type]
    await asyncio.gather(after.turn(-1), after.turn(-1))
    assert len(after.bucket(-1).sent) == 10
    assert 0 <= after.clock() - after.bucket(-1).sent[0] < 30
    assert 0 < await redis.ttl(keys.GROUP_SENT.format(-1)) <= 62
    assert await redis.llen(keys.GROUP_SENT.format(-1)) == 10


def test_an_album_counts_as_many() -> None:
    bucket = Bucket(20, 60.0)
    bucket.take(0.0, 15)
    assert bucket.wait(1.0, 5) == 0
    assert bucket.wait(1.0, 6) == pytest.approx(59.0)


# -- Outbox -------------------------------------------------------------------------------------------------------
class Telegram:
    """A bot whose calls end as scripted for their chat, then well."""

    def __init__(self) -> None:
        self.script: dict[int, list[Exception]] = {}
        self.sent: list[tuple[int, str]] = []
        self.methods: list[str] = []

    async def __call__(self, method: Any) -> None:
        if script := self.script.get(method.chat_id):
            raise script.pop(0)
        self.methods.append(method.__api_method__)
        self.sent.append((method.chat_id, getattr(method, "text", "")))

    def texts(self, chat: int) -> list[str]:
        return [text for to, text in self.sent if to == chat]


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
async def outbox(redis: Redis, sealer: Sealer, telegram: Telegram) -> AsyncIterator[Outbox]:
    outbox = Outbox(redis, sealer, telegram)  # type: ignore[arg-type]
    task = asyncio.create_task(outbox.reader.run())
    yield outbox
    await cancelled(task)
    await outbox.reader.drain(0)


@pytest.fixture
def say(redis: Redis, sealer: Sealer) -> Callable[..., Any]:
    async def queue(chat: int, *texts: str) -> None:
        async with redis.pipeline(transaction=True) as pipe:
            for text in texts:
                Outgoing(sealer).text(pipe, abs(chat), chat, text)
            await pipe.execute()

    return queue


async def quiet(redis: Redis) -> None:
    async with asyncio.timeout(PATIENCE):
        while await redis.xlen(keys.OUTBOX):
            await asyncio.sleep(0.01)


async def dead(redis: Redis) -> list[bytes]:
    return [letter[b"reason"] for _, letter in await redis.xrange(keys.OUTBOX_DEAD)]


async def test_a_flood_wait_pauses_one_chat_and_keeps_its_order(
    outbox: Outbox, telegram: Telegram, say: Any, redis: Redis
) -> None:
    telegram.script[1] = [TelegramRetryAfter(ANY, "Too Many Requests", 1)]
    await say(1, "a", "b")
    await say(2, "c")
    await quiet(redis)
    assert telegram.sent[0] == (2, "c")
    assert telegram.texts(1) == ["a", "b"]
    assert outbox.doubtful == 0


async def test_order_is_kept_across_a_retry_and_only_what_may_have_arrived_is_doubtful(
    outbox: Outbox, telegram: Telegram, say: Any, redis: Redis
) -> None:
    refused = TelegramNetworkError(ANY, "Cannot connect")
    refused.__cause__ = ClientConnectorError(None, OSError())  # type: ignore[arg-type]
    lost = TelegramNetworkError(ANY, "ServerDisconnectedError")
    lost.__cause__ = ServerDisconnectedError()
    telegram.script = {1: [refused], 2: [lost], 3: [TelegramServerError(ANY, "Bad Gateway")]}
    telegram.script[4] = [ClientDecodeError("Failed to decode object", ValueError(), "<html>")]
    telegram.script[5] = [TelegramUnauthorizedError(ANY, "Unauthorized")]
    for chat in range(1, 6):
        await say(chat, "a", "b")
    await quiet(redis)
    assert [telegram.texts(chat) for chat in range(1, 6)] == [["a", "b"]] * 5
    assert outbox.doubtful == 3


async def test_an_answer_that_only_aiogram_cannot_read_is_not_sent_again(
    outbox: Outbox, telegram: Telegram, say: Any, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    answer = {"ok": True, "result": {"text": "XYZZY"}}
    telegram.script[1] = [ClientDecodeError("Failed to deserialize object", ValueError(), answer)]
    await say(1, "XYZZY")
    await quiet(redis)
    assert not telegram.sent and not await dead(redis)
    assert "XYZZY" not in caplog.text


@pytest.mark.parametrize("error", [
    TelegramForbiddenError(ANY, "Forbidden: bot was blocked by the user"),
    TelegramBadRequest(ANY, "Bad Request: chat not found"),
    TypeError("XYZZY"),
])  # fmt: skip
async def test_what_will_never_be_sent_is_a_dead_letter_and_the_next_one_goes(
    outbox: Outbox, telegram: Telegram, say: Any, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    redis: Redis = outbox.redis
    caplog.set_level(logging.DEBUG)
    telegram.script[1] = [error]
    await say(1, "XYZZY", "b")
    await quiet(redis)
    assert telegram.texts(1) == ["b"]
    assert len(await dead(redis)) == 1
    assert "XYZZY" not in caplog.text and b"XYZZY" not in (await dead(redis))[0]


async def test_a_group_that_became_a_supergroup_still_gets_its_card(
    outbox: Outbox, telegram: Telegram, say: Any, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.script[-1] = [TelegramMigrateToChat(ANY, "group chat was upgraded", -1001)]
    await say(-1, "#c1")
    await quiet(redis)
    assert telegram.sent == [(-1001, "#c1")]
    assert "goes to -1001: the group was upgraded" in caplog.text


async def test_a_message_that_is_no_longer_kept_leaves_a_dead_letter(
    outbox: Outbox, redis: Redis, telegram: Telegram
) -> None:
    await redis.xadd(keys.OUTBOX, {"key": keys.customer(1, "out", "gone"), "chat": 1})
    await quiet(redis)
    assert await dead(redis) == [b"it is no longer kept"]


async def test_chats_are_not_remembered_for_ever(
    outbox: Outbox, telegram: Telegram, say: Any, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.rate_limit.CHATS", 5)
    for chat in range(1, 30):
        await say(chat, "hello")
        await quiet(redis)
    assert len(outbox.limiter.chats) <= 7
    assert len(telegram.sent) == 29
