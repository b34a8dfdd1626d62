from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ConnectionError as Away

from bot.handover import ownership
from bot.handover.ownership import Owner, State
from bot.telegram.stream import Entry
from storage import keys
from storage.commit import Commit, execute

UPDATE = keys.customer(42, "update", 1)


async def change(redis: Redis, state: State) -> None:
    commit = Commit()
    ownership.change(commit, 42, state)
    await execute(redis, commit)


@pytest.fixture
async def entry(redis: Redis) -> Entry:
    number = await redis.xadd(keys.INBOX, {"key": UPDATE, "chat": 42})
    await redis.set(UPDATE, b"sealed")
    return Entry(keys.INBOX, number, UPDATE, 42)


async def answer(redis: Redis, entry: Entry) -> bool:
    """The end of a turn that began while the bot had the conversation."""
    commit = Commit()
    commit.set("answered", 1)
    commit.incr("answers")
    entry.off(commit)
    return await ownership.commit_for(redis, 42, Owner(), commit, entry)


async def test_a_conversation_is_the_bots_until_it_changes_hands(redis: Redis) -> None:
    assert await ownership.read(redis, 42) == Owner(State.BOT, 0)
    await change(redis, State.PENDING)
    await change(redis, State.HUMAN)
    assert await ownership.read(redis, 42) == Owner(State.HUMAN, 2)
    assert await ownership.read(redis, 43) == Owner()


async def test_a_turn_is_one_transaction(redis: Redis, entry: Entry) -> None:
    assert await answer(redis, entry)
    assert await redis.exists("answered")
    assert not await redis.exists(UPDATE)
    assert not await redis.xlen(keys.INBOX)


async def test_an_answer_for_an_earlier_owner_is_dropped(redis: Redis, entry: Entry) -> None:
    await change(redis, State.HUMAN)
    assert not await answer(redis, entry)
    await change(redis, State.BOT)  # and back: the same owner, another version
    assert not await answer(redis, entry)
    assert not await redis.exists("answered")
    assert await redis.exists(UPDATE)


async def test_a_person_who_comes_between_reading_and_exec_wins(
    redis: Redis, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Pipeline.execute

    async def execute(self: Pipeline, *args: Any) -> Any:
        monkeypatch.setattr(Pipeline, "execute", real)
        await change(redis, State.HUMAN)
        return await real(self, *args)

    monkeypatch.setattr(Pipeline, "execute", execute)
    assert not await answer(redis, entry)
    assert not await redis.exists("answered")
    assert await redis.exists(UPDATE)


async def test_a_transaction_whose_answer_was_lost_is_not_made_again(
    redis: Redis, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Pipeline.execute

    async def execute(self: Pipeline, *args: Any) -> Any:
        await real(self, *args)
        raise Away("gone")

    monkeypatch.setattr(Pipeline, "execute", execute)
    with pytest.raises(Away):
        await answer(redis, entry)
    monkeypatch.setattr(Pipeline, "execute", real)
    assert await answer(redis, entry)
    assert await redis.get("answers") == b"1"


async def test_a_change_is_decided_anew_when_the_owner_changes_under_it(redis: Redis, entry: Entry) -> None:
    owners = []
    async for commit, owner in ownership.changes(redis, 42, entry):
        owners.append(owner.state)
        if len(owners) == 1:
            await change(redis, State.HUMAN)  # a person comes between
        commit.rpush("decided", owner.state.value)
    assert owners == [State.BOT, State.HUMAN]
    assert await redis.lrange("decided", 0, -1) == [b"human"]
    assert not await redis.exists(UPDATE) and not await redis.xlen(keys.INBOX)


async def test_a_change_happens_once_for_an_update(redis: Redis, entry: Entry) -> None:
    for _ in range(2):
        async for commit, _owner in ownership.changes(redis, 42, entry):
            commit.incr("answers")
    assert await redis.get("answers") == b"1"
