from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ConnectionError as Away

from bot.handover import ownership
from bot.handover.handover import Desk
from bot.handover.ownership import Owner, State
from bot.records import Records
from bot.telegram.outgoing import Queue
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns
from storage import keys
from storage.seal import Sealer

UPDATE = keys.customer(42, "update", 1)


async def change(redis: Redis, state: State) -> None:
    async with redis.pipeline(transaction=True) as pipe:
        ownership.change(pipe, 42, state)
        await pipe.execute()


@pytest.fixture
def turns(redis: Redis, sealer: Sealer) -> Turns:
    nobody: Any = None
    desk = Desk(redis, Queue(sealer), Records(redis, sealer), answers=nobody, people=None, texts=Texts())
    return Turns(redis, desk, photos=nobody)


@pytest.fixture
async def entry(redis: Redis) -> Entry:
    number = await redis.xadd(keys.INBOX, {"key": UPDATE, "chat": 42})
    await redis.set(UPDATE, b"sealed")
    return Entry(keys.INBOX, number, UPDATE, 42)


def answer(pipe: Any) -> None:
    pipe.set("answered", 1)


async def test_a_conversation_is_the_bots_until_it_changes_hands(redis: Redis) -> None:
    assert await ownership.read(redis, 42) == Owner(State.BOT, 0)
    await change(redis, State.PENDING)
    await change(redis, State.HUMAN)
    assert await ownership.read(redis, 42) == Owner(State.HUMAN, 2)
    assert await ownership.read(redis, 43) == Owner()


async def test_a_turn_is_one_transaction(redis: Redis, turns: Turns, entry: Entry) -> None:
    assert await turns.commit(entry, 42, Owner(), answer)
    assert await redis.exists("answered")
    assert not await redis.exists(UPDATE)
    assert not await redis.xlen(keys.INBOX)


async def test_an_answer_for_an_earlier_owner_is_dropped(redis: Redis, turns: Turns, entry: Entry) -> None:
    await change(redis, State.HUMAN)
    assert not await turns.commit(entry, 42, Owner(), answer)
    await change(redis, State.BOT)  # and back: the same owner, another version
    assert not await turns.commit(entry, 42, Owner(), answer)
    assert not await redis.exists("answered")
    assert await redis.exists(UPDATE)


async def test_a_person_who_comes_between_reading_and_exec_wins(
    redis: Redis, turns: Turns, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Pipeline.execute

    async def execute(self: Pipeline, *args: Any) -> Any:
        monkeypatch.setattr(Pipeline, "execute", real)
        await change(redis, State.HUMAN)
        return await real(self, *args)

    monkeypatch.setattr(Pipeline, "execute", execute)
    assert not await turns.commit(entry, 42, Owner(), answer)
    assert not await redis.exists("answered")
    assert await redis.exists(UPDATE)


async def test_a_transaction_whose_answer_was_lost_is_not_made_again(
    redis: Redis, turns: Turns, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Pipeline.execute

    async def execute(self: Pipeline, *args: Any) -> Any:
        await real(self, *args)
        raise Away("gone")

    monkeypatch.setattr(Pipeline, "execute", execute)
    with pytest.raises(Away):
        await turns.commit(entry, 42, Owner(), lambda pipe: pipe.incr("answers"))
    monkeypatch.setattr(Pipeline, "execute", real)
    assert await turns.commit(entry, 42, Owner(), lambda pipe: pipe.incr("answers"))
    assert await redis.get("answers") == b"1"
