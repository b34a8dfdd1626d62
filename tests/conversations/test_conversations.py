"""Whole conversations, as a customer and an agent have them."""

from __future__ import annotations

import asyncio

import pytest
from house import GREEN, GREY, RED, House, ask, hand_over, picture, show
from patience import PATIENCE

from bot.handover import ownership
from bot.handover.ownership import State
from playground import Fault, Message
from storage import keys


def from_bot(message: Message) -> bool:
    return message.from_bot


async def test_a_photo_with_a_question_gets_the_article_about_what_is_in_it(live: House) -> None:
    answer = await show(live.ana, GREEN, "how long does this keep?")
    assert "Granny Smith" in answer.text
    assert "four weeks" in answer.text
    assert "[1] Granny Smith" in answer.text


async def test_typing_is_shown_while_the_photo_is_looked_at(live: House) -> None:
    shown: list[bool] = []
    ana = live.ana
    live.eyes.before = lambda: shown.append(ana.typing)
    await show(ana, GREEN, "how long does this keep?")
    assert shown == [True]


async def test_a_follow_up_without_a_photo_is_understood(live: House) -> None:
    await show(live.ana, GREEN, "what is this?")
    answer = await ask(live.ana, "and can I freeze it?")
    assert "slice the apples" in answer.text


async def test_what_the_shop_does_not_know_is_not_named(live: House) -> None:
    answer = await show(live.ana, GREY, "how long does this keep?")
    assert "can't tell" in answer.text
    assert "Banana" not in answer.text
    assert "[1]" not in answer.text


async def test_two_likely_products_are_asked_about(live: House) -> None:
    answer = await show(live.ana, RED, "how long does this keep?")
    assert "Granny Smith" in answer.text
    assert "Banana" in answer.text
    assert "?" in answer.text


async def test_history_is_still_there_after_a_restart(house: House) -> None:
    async with house.bot():
        await show(house.ana, GREEN, "what is this?")
    async with house.bot():
        answer = await ask(house.ana, "how long does it keep?")
    assert "four weeks" in answer.text


async def test_what_was_written_while_the_bot_was_away_is_answered_together(house: House) -> None:
    ana = house.ana
    await ana.say("how long do bananas keep?")
    await ana.say("when do you deliver?")
    async with house.bot():
        answer = await ana.wait_for_message(from_bot)
    assert answer.text.index("four to six days") < answer.text.index("two working days")


async def test_a_person_is_one_line_for_the_customer_and_a_card_for_the_agents(live: House) -> None:
    await ask(live.ana, "how long do bananas keep?")
    _, card = await hand_over(live, text="I want to talk to a person")
    assert "Waiting since" in card.text and "Ana" in card.text
    assert "Why: asked for a person" in card.text
    assert "Asks: how long do bananas keep?" in card.text
    assert "Articles quoted: Banana" in card.text
    assert "Customer: how long do bananas keep?" in card.text and "four to six days" in card.text
    await live.ana.expect_silence(0.5)  # exactly one transfer line
    assert (await ownership.read(live.redis, 42)).state is State.PENDING


async def test_agents_answer_in_the_topic_and_give_back(live: House) -> None:
    topic, card = await hand_over(live)
    kim = topic.agent("Kim")
    await live.ana.say("are you there?")
    assert (await topic.wait_for_message()).text == "Ana: are you there?"
    await live.ana.expect_silence(0.5)  # the bot stays out of it

    await kim.say("Yes! One moment.")
    assert (await live.ana.wait_for_message()).text == "Kim: Yes! One moment."
    assert "Kim has it" in (await topic.wait_for_edit(card, "Kim has it")).text

    await kim.press("🤖 Back to bot")
    assert "I'm back" in (await live.ana.wait_for_message()).text
    await topic.wait_for_edit(card, "With the bot")
    again = await ask(live.ana, "how long do bananas keep?")  # the old "a human please" does not fire again
    assert "four to six days" in again.text


async def test_photos_reach_the_agents_while_the_conversation_is_theirs(live: House) -> None:
    topic, _ = await hand_over(live)
    await live.ana.send_photo(green := picture(GREEN), "look", raw=True)
    photo = await topic.wait_for_message(lambda m: "photo" in m.raw)
    assert photo.text == "look" and photo.file() == green
    await live.ana.send_photo(b"not a picture at all", "and this", raw=True)
    await topic.wait_for_message("is not shown here")  # another program may open it


async def test_an_answer_generated_while_a_person_took_over_is_dropped(live: House) -> None:
    loop = asyncio.get_running_loop()

    def take_over() -> None:
        asyncio.run_coroutine_threadsafe(_take_over(live), loop).result(5)

    live.eyes.before = take_over
    agents = live.group
    await live.ana.send_photo(picture(GREEN), "how long does this keep?")
    relayed = await agents.wait_for_message("how long does this keep?")
    assert "photo" in relayed.raw
    await live.ana.expect_silence(0.5)


async def _take_over(live: House) -> None:
    async with live.redis.pipeline(transaction=True) as pipe:
        ownership.change(pipe, 42, State.HUMAN)
        await pipe.execute()


async def test_without_a_group_nobody_is_promised(house: House) -> None:
    house.settings = house.settings.model_copy(update={"agents_group": None})
    async with house.bot():
        answer = await ask(house.ana, "I want to talk to a person")
        assert "nobody from the team can be reached" in answer.text
        assert not answer.buttons
        again = await ask(house.ana, "how long do bananas keep?")
    assert "four to six days" in again.text


async def test_the_button_that_offers_a_person_hands_over(live: House) -> None:
    offer = await ask(live.ana, "what is the capital of France?")
    assert [button.text for button in offer.buttons] == ["Talk to a person"]
    await live.ana.press("Talk to a person", offer)
    line = await live.ana.wait_for_message(from_bot)
    assert "passing you on" in line.text


async def test_reset_forgets_and_brings_the_bot_back(live: House) -> None:
    await ask(live.ana, "a human please")
    answer = await ask(live.ana, "/reset")
    assert "forgotten" in answer.text
    assert not await live.redis.exists(keys.customer(42, "history"))
    assert "four to six days" in (await ask(live.ana, "how long do bananas keep?")).text


async def test_start_help_and_an_unknown_command(live: House) -> None:
    assert "Hello Ana!" in (await ask(live.ana, "/start")).text
    assert "Send a photo" in (await ask(live.ana, "/help")).text
    assert "/frobnicate" in (await ask(live.ana, "/frobnicate now")).text


async def test_two_customers_at_once_are_not_mixed(live: House) -> None:
    ana, ben = live.ana, live.playground.customer(43, "Ben")
    for _ in range(3):  # one after the other: what one of them writes in one go is one turn
        await ana.say("how long do bananas keep?")
        await ben.say("when do you deliver?")
        assert "four to six days" in (await ana.wait_for_message(from_bot)).text
        assert "two working days" in (await ben.wait_for_message(from_bot)).text


@pytest.mark.parametrize("fault", [
    Fault("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1),
    Fault("sendMessage", 500, "Internal Server Error", times=1),
    Fault("getFile", 502, "Bad Gateway", times=1),
    Fault("getUpdates", 502, "Bad Gateway", times=1),
    Fault("sendChatAction", 400, "Bad Request: chat not found", times=5),
])  # fmt: skip
async def test_a_telegram_that_stumbles_loses_nothing(live: House, fault: Fault) -> None:
    live.playground.fail(fault)
    answer = await show(live.ana, GREEN, "how long does this keep?")
    assert "four weeks" in answer.text


async def test_a_customer_who_blocked_the_bot_ends_in_the_dead_letters(live: House) -> None:
    live.playground.fail(Fault("sendMessage", 403, "Forbidden: bot was blocked by the user", times=1))
    await live.ana.say("how long do bananas keep?")
    async with asyncio.timeout(PATIENCE):
        while not (dead := await live.redis.xrange(keys.OUTBOX_DEAD)):
            await asyncio.sleep(0.05)
    assert b"blocked" in dead[0][1][b"reason"]
    assert "two working days" in (await ask(live.ana, "when do you deliver?")).text
