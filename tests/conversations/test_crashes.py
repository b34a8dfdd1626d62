"""Killed at any point: nothing lost, nothing answered twice but in the one stated window."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from house import GREEN, House, picture
from patience import PATIENCE

from bot.handover import ownership
from bot.telegram.outbox import Outbox
from playground import Fault
from storage import keys


class Killed(BaseException):
    """Like kill -9: no handler of ours may catch it."""


async def silence(house: House) -> int:
    """Wait until nothing is under way; how many messages the bot has sent to Ana."""
    async with asyncio.timeout(PATIENCE):
        while await house.redis.xlen(keys.INBOX) or await house.redis.xlen(keys.OUTBOX):
            await asyncio.sleep(0.05)
    return sum(m.from_bot for m in house.ana.messages())


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_around_the_transaction(house: House, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    real, died = ownership.commit_for, asyncio.Event()

    async def dies(*args: Any) -> bool:
        if when == "after":
            await real(*args)
        died.set()
        raise Killed

    monkeypatch.setattr(ownership, "commit_for", dies)
    async with house.bot():
        await house.ana.send_photo(picture(GREEN), "how long does this keep?")
        await asyncio.wait_for(died.wait(), PATIENCE)
    monkeypatch.setattr(ownership, "commit_for", real)
    async with house.bot():
        assert await silence(house) == 1
    assert await house.redis.llen(keys.customer(42, "history")) == 2  # one turn, written once


async def test_killed_between_sending_and_taking_off_is_the_stated_window(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Outbox._done

    async def dies(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(Outbox, "_done", dies)
    await house.ana.say("how long do bananas keep?")
    async with house.bot():
        await house.ana.wait_for_message(lambda m: m.from_bot)
    monkeypatch.setattr(Outbox, "_done", real)
    async with house.bot():
        assert await silence(house) == 2  # a double is better than silence


async def test_an_answer_lost_on_the_way_is_sent_again_and_counted(live: House) -> None:
    live.playground.fail(Fault("sendMessage", drop=True, when="before", times=1))
    await live.ana.say("how long do bananas keep?")
    assert live.app
    await live.ana.wait_for_message(lambda m: m.from_bot)
    assert live.app.outbox.doubtful == 1
    assert await silence(live) == 1


async def test_the_same_update_twice_is_answered_once(live: House) -> None:
    live.playground.fail(Fault("getUpdates", drop=True, when="after", times=1))
    await live.ana.say("how long do bananas keep?")
    await live.ana.wait_for_message(lambda m: m.from_bot)
    assert await silence(live) == 1


async def test_the_store_is_flushed_under_the_running_bot(live: House) -> None:
    await live.ana.say("how long do bananas keep?")
    await live.ana.wait_for_message(lambda m: m.from_bot)
    await live.redis.flushall()
    await live.ana.say("when do you deliver?")
    answer = await live.ana.wait_for_message(lambda m: m.from_bot)
    assert "two working days" in answer.text
