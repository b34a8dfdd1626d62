from __future__ import annotations

import logging
import secrets
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from dialogue.history import History, memory_of, messages_of
from dialogue.turn import Action, Citation, Fact, Reason, Reply, Turn
from storage import keys
from storage.seal import Sealer

FACT = Fact("product", "Banana", 0.8, "photo 1")
ANSWER = Reply("Yellow. [1]", "answer", 0.8, (Citation(1, "banana", "Banana", "Yellow."),))


@pytest.fixture
def redis() -> Any:
    return FakeAsyncRedis()


@pytest.fixture
def history(redis: Any) -> History:
    return History(redis, Sealer({1: secrets.token_bytes(32)}, 1), keep=4)


async def append(history: History, redis: Any, customer: int, messages: list[BaseMessage]) -> None:
    async with redis.pipeline(transaction=True) as pipe:
        history.append(pipe, customer, messages)
        await pipe.execute()


async def test_what_is_appended_is_read_with_its_facts_and_citations(history: History, redis: Any) -> None:
    await append(history, redis, 7, messages_of(Turn(7, "what is this?", (FACT,), 1), ANSWER))
    human, ai = await history.read(7)
    assert isinstance(human, HumanMessage)
    assert human.additional_kwargs["facts"][0]["value"] == "Banana"
    assert isinstance(ai, AIMessage)
    assert ai.additional_kwargs["citations"] == [{"article": "banana", "title": "Banana"}]


async def test_nothing_is_written_before_the_pipe_is_executed(history: History, redis: Any) -> None:
    async with redis.pipeline(transaction=True) as pipe:
        history.append(pipe, 7, [HumanMessage("hi")])
        assert await redis.keys("*") == []


async def test_it_is_sealed_trimmed_and_expires(history: History, redis: Any) -> None:
    for n in range(4):
        await append(history, redis, 7, messages_of(Turn(7, f"secret {n}"), ANSWER))
    key = keys.customer(7, "history")
    assert [m.content for m in await history.read(7)][::2] == ["secret 2", "secret 3"]
    assert all(b"secret" not in item for item in await redis.lrange(key, 0, -1))
    assert 0 < await redis.ttl(key) <= (keys.RETENTION["history"] or 0)


async def test_customers_are_apart_and_forgotten_alone(history: History, redis: Any) -> None:
    for customer in (7, 8):
        await append(history, redis, customer, [HumanMessage("hi")])
    async with redis.pipeline(transaction=True) as pipe:
        history.forget(pipe, 7)
        await pipe.execute()
    assert await history.read(7) == []
    assert len(await history.read(8)) == 1


async def test_an_item_that_does_not_open_is_left_out(
    history: History, redis: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await append(history, redis, 7, [HumanMessage("hi")])
    await redis.rpush(keys.customer(7, "history"), b"\x01broken")
    with caplog.at_level(logging.WARNING):
        assert [message.content for message in await history.read(7)] == ["hi"]
    assert "c:7:history" in caplog.text


def test_memory_of_nothing() -> None:
    memory = memory_of([])
    assert (memory.question, memory.facts, memory.action, memory.failures) == ("", (), None, 0)


def test_memory_keeps_the_photo_of_an_earlier_turn() -> None:
    messages = [*messages_of(Turn(7, "what is this?", (FACT,), 1), ANSWER), *messages_of(Turn(7, "thanks"), ANSWER)]
    memory = memory_of(messages)
    assert (memory.facts, memory.asked, memory.cited, memory.question) == ((FACT,), False, ("banana",), "thanks")


@pytest.mark.parametrize(
    ("replies", "failures"),
    [
        ([("clarify", None), ("refuse", "low_confidence")], 2),
        ([("clarify", None), ("answer", None), ("clarify", None)], 1),
        ([("clarify", None), ("refuse", "other")], 0),  # off-topic is no failure of ours
        ([("clarify", None), ("hand_over", "asked")], 0),
    ],
)
def test_failures_in_a_row(replies: list[tuple[Action, Reason | None]], failures: int) -> None:
    messages = [m for action, reason in replies for m in messages_of(Turn(7, "?"), Reply("", action, 0.1, (), reason))]
    assert memory_of(messages).failures == failures
