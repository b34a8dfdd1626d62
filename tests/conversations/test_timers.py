"""What fires later: reminders, taking back what lies idle, ending what nobody rates."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from house import House, ask, due, hand_over, quiet

from bot.handover import ownership
from bot.handover.hours import Hours
from bot.handover.ownership import State
from storage.keys import CLOCK


async def test_agents_are_asked_again_three_times_and_the_customer_hears_it_once(live: House) -> None:
    ana = live.ana
    topic, _ = await hand_over(live, ana)
    for what in ("remind", "remind2", "remind3"):
        assert await due(live, what)
        await topic.wait_for_message("⏰ Ana is still waiting")
    await quiet(live)
    assert sum("haven't been forgotten" in m.text for m in ana.messages()) == 1
    assert not await due(live, "remind") and not await due(live, "remind3")


async def test_nobody_is_asked_again_once_an_agent_wrote(live: House) -> None:
    topic, _ = await hand_over(live)
    await topic.agent("Kim").say("Hello")
    await live.ana.wait_for_message("Kim: Hello")
    assert not await due(live, "remind")
    await live.ana.say("are you there?")
    await topic.wait_for_message("are you there?")
    assert await due(live, "remind")  # now it is the customer who waits
    await topic.wait_for_message("⏰")


async def test_nobody_is_asked_out_of_hours(house: House) -> None:
    async with house.bot() as app:
        topic, _ = await hand_over(house)
        app.handover.hours = Hours.read(f"{datetime.now(UTC) - timedelta(days=1):%a} 9-10", "", "UTC")
        assert await due(house, "remind")
        assert (await house.redis.zscore(CLOCK, "remind:42") or 0) > time.time() + 3600
        await quiet(house)
        assert not any("⏰" in m.text for m in topic.messages())


async def test_what_lies_idle_goes_back_to_the_bot_with_a_line_to_both(live: House) -> None:
    ana = live.ana
    topic, _ = await hand_over(live, ana)
    assert not await due(live, "idle")  # nobody has it yet: it stays theirs
    await topic.agent("Kim").say("I'll look")
    await ana.wait_for_message("Kim: I'll look")
    assert await due(live, "idle")
    await ana.wait_for_message("It has been quiet here")
    await topic.wait_for_message("the bot answers again")
    assert "four to six days" in (await ask(ana, "how long do bananas keep?")).text


async def test_what_nobody_rates_is_over(live: House) -> None:
    topic, _ = await hand_over(live)
    await topic.agent("Kim").press("✅ Close")
    await live.ana.wait_for_message("closed this conversation")
    assert await due(live, "rate")
    assert (await ownership.read(live.redis, 42)).state is State.CLOSED


async def test_a_message_that_comes_with_the_alarm_wins(live: House) -> None:
    topic, _ = await hand_over(live)
    await topic.agent("Kim").say("Hello")
    await live.ana.wait_for_message("Kim: Hello")
    await topic.agent("Kim").say("/close")
    await live.ana.wait_for_message("closed this conversation")
    assert not await due(live, "idle")
    assert (await ownership.read(live.redis, 42)).state is State.WRAPUP
