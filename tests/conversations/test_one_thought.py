"""What is written in one go is one turn, and what others wrote is theirs (docs/decisions/0043-one-thought.md)."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiogram.types import User
from house import GREEN, GREY, House, ask, hand_over, picture, quiet
from patience import HALF, PATIENCE, comes

from bot.message import Incoming, together
from bot.telegram.inbox import continues, said
from playground import Message
from storage import keys

PARCELS = User(id=900, is_bot=False, first_name="Parcel Service").model_dump(exclude_none=True)


def forward(house: House, text: str) -> None:
    """The customer passes on what somebody else wrote."""
    world = house.playground.server.world
    origin = {"type": "user", "sender_user": PARCELS, "date": 1}
    world.post(world.person(42), 42, {"text": text, "forward_origin": origin})


async def answers(house: House) -> list[Message]:
    await quiet(house)
    return [message for message in house.ana.messages() if message.from_bot]


async def test_one_thought_in_four_messages_is_answered_once(live: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four answers came: a greeting, a question back, the offer of a person, and the article."""
    ana = live.ana
    monkeypatch.setattr("bot.telegram.inbox.HOLD_S", PATIENCE)
    monkeypatch.setattr("bot.telegram.inbox.QUIET_S", 3.0)
    for words in ("hi", "I ordered last Friday", "and nothing came", "how do I get my money back"):
        await ana.say(words)
        await asyncio.sleep(0.2)
    answer = await ana.wait_for_message(lambda m: m.from_bot)
    assert "we refund your money" in answer.text
    assert len(await answers(live)) == 1


async def test_an_answer_waits_for_nothing(live: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a person: only a word that is no answer does."""
    ana = live.ana
    monkeypatch.setattr("bot.telegram.inbox.HOLD_S", PATIENCE)
    async with asyncio.timeout(HALF):
        assert "two working days" in (await ask(ana, "when do you deliver?")).text
        assert "passing you on" in (await ask(ana, "a human please")).text


async def test_a_greeting_alone_is_answered_after_a_moment(live: House) -> None:
    ana = live.ana
    assert (await ask(ana, "hi")).text


async def test_each_question_written_in_one_go_is_answered(live: House) -> None:
    ana = live.ana
    for words in ("when do you deliver?", "how long do bananas keep?", "can I return things?"):
        await ana.say(words)
    text = (await ana.wait_for_message(lambda m: m.from_bot)).text
    assert "two working days" in text
    assert "four to six days" in text
    assert "within 30 days" in text
    assert len(await answers(live)) == 1


async def test_forwards_say_what_a_question_is_about(live: House) -> None:
    """Six answers came, twice "I can't help with that" to what the carrier had written."""
    ana = live.ana
    for text in ("Your order 4471 is packed.", "A new date of delivery will follow.", "Sorry, we could not deliver."):
        forward(live, text)
    await ana.say("can you tell me what is going on?")
    await ana.wait_for_message(lambda m: m.from_bot)
    assert len(await answers(live)) == 1


async def test_a_question_that_somebody_else_asked_is_answered(live: House) -> None:
    ana = live.ana
    forward(live, "how long do bananas keep?")
    assert "four to six days" in (await ana.wait_for_message(lambda m: m.from_bot)).text


@pytest.mark.parametrize(
    "text", ["I want to talk to a human", "a human please", "thank you!", "My lawyer will call you"]
)
async def test_others_words_ask_for_no_person(live: House, text: str) -> None:
    ana = live.ana
    forward(live, text)
    answer = await ana.wait_for_message(lambda m: m.from_bot)
    assert "passing you on" not in answer.text
    assert "can't help with that" not in answer.text


async def test_others_words_agree_to_nothing(live: House) -> None:
    ana = live.ana
    for words in ("flurbl garble", "flurbl garble wuzz"):
        await ask(ana, words)
    forward(live, "yes please")
    assert "passing you on" not in (await ana.wait_for_message(lambda m: m.from_bot)).text


async def test_the_card_says_whose_words_they_were(live: House) -> None:
    ana = live.ana
    forward(live, "Your parcel is lost.")
    await ana.say("a human please")
    await ana.wait_for_message("passing you on")
    topic = await live.group.wait_for_topic("Ana")
    assert "↪ Parcel Service: Your parcel is lost." in (await topic.wait_for_message("Why:")).text


async def test_commands_and_photos_stay_what_they_are(live: House) -> None:
    ana = live.ana
    await ana.say("hello")
    await ana.say("/help")
    await ana.say("when do you deliver?")
    await ana.send_photo(picture(GREEN), "how long does this keep?")
    await comes(lambda: len([message for message in ana.messages() if message.from_bot]) == 4)
    said_by_bot = [message.text for message in await answers(live)]
    assert "/person" in said_by_bot[1]
    assert "two working days" in said_by_bot[2]
    assert "four weeks" in said_by_bot[3]


async def test_a_person_gets_each_of_them(live: House) -> None:
    ana = live.ana
    topic, _ = await hand_over(live)
    for words in ("hello?", "it is urgent", "please call me"):
        await ana.say(words)
    await topic.wait_for_message("Ana: please call me")
    await quiet(live)
    there = "\n".join(message.text for message in topic.messages())
    assert [there.count(f"Ana: {words}") for words in ("hello?", "it is urgent", "please call me")] == [1, 1, 1]


async def test_a_bot_that_is_killed_answers_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = house.ana
    monkeypatch.setattr("bot.telegram.inbox.QUIET_S", PATIENCE)
    monkeypatch.setattr("bot.app.GRACE_S", 0.0)
    async with house.bot():
        for words in ("hi", "I have a question", "when do you deliver?"):
            await ana.say(words)
        async with asyncio.timeout(HALF):
            while await house.redis.xlen("inbox") < 3:
                await asyncio.sleep(0.02)
    monkeypatch.setattr("bot.telegram.inbox.QUIET_S", 0.2)
    async with house.bot():
        assert "two working days" in (await ana.wait_for_message(lambda m: m.from_bot)).text
        assert len(await answers(house)) == 1


_NUMBERS = itertools.count(1)


def private(text: str = "hello", **more: Any) -> bytes:
    message = {"message_id": next(_NUMBERS), "chat": {"id": 42, "type": "private"}, "text": text, **more}
    return json.dumps({"update_id": 1, "message": message}).encode()


def test_what_belongs_together() -> None:
    first = private()
    assert continues(first, private("more"))
    assert not continues(first, private("/help"))
    assert not continues(first, private("", photo=[{}]))
    assert not continues(first, private("yes", reply_to_message={"message_id": 7}))  # begins anew
    assert not continues(first, b"")  # no longer kept
    assert not continues(first, b'{"callback_query": {}}')
    assert not said(b'{"message": {"chat": {"id": -1, "type": "supergroup"}, "text": "agents"}}')


def test_topics_of_a_private_chat_are_told_apart() -> None:
    first = private(message_thread_id=5)
    assert continues(first, private(message_thread_id=5))
    assert continues(first, private(message_thread_id=5, reply_to_message={"message_id": 5}))  # its first message
    assert not continues(first, private(message_thread_id=6))
    assert not continues(first, private())


def test_own_words_and_others_words() -> None:
    one = Incoming(42, "Ana", "Your order is packed.", forwarded="Parcel Service", messages=(1,))
    two = Incoming(42, "Ana", "and when does it come?", messages=(2,), masked=True)
    whole = together(one, two)
    assert whole.text == "and when does it come?"
    assert whole.passed_on == (("Parcel Service", "Your order is packed."),)
    assert whole.messages == (1, 2)
    assert whole.masked
    assert whole.words == "↪ Parcel Service: Your order is packed.\nand when does it come?"


async def test_a_reply_to_an_older_photo_is_about_that_photo(live: House) -> None:
    """“I don't find an answer to that”: the newer photo, of nothing, was taken for the one that was meant."""
    ana = live.ana
    older = await ana.send_photo(picture(GREEN), "what is this?")
    told = await ana.wait_for_message(lambda m: m.from_bot)
    await ana.send_photo(picture(GREY))
    await ana.wait_for_message(lambda m: m.from_bot)
    for answered in (older, told):
        await ana.say("how long does it keep?", reply_to=answered)
        assert "four weeks" in (await ana.wait_for_message(lambda m: m.from_bot)).text


async def test_a_reply_to_an_older_answer_is_about_that_answer(live: House) -> None:
    ana = live.ana
    older = await ask(ana, "how long do bananas keep?")
    await ask(ana, "when do you deliver?")
    await ana.say("can I put them in the fridge?", reply_to=older)
    assert "Never put them in a fridge" in (await ana.wait_for_message(lambda m: m.from_bot)).text


# -- albums whose parts come late --------------------------------------------------------------------------------
def another_part(house: House, of: Message) -> Callable[[], Message]:
    """What sends one more photo of the album of ``of`` when it is called."""
    world = house.playground.town.world
    late = {"photo": of.raw["photo"], "media_group_id": of.media_group_id}
    return lambda: Message(world.post(world.person(of.chat_id), of.chat_id, late).body, world)


async def test_a_part_that_comes_after_its_albums_answer_is_answered(live: House) -> None:
    parts = await live.ana.send_album([picture(GREEN)] * 2, "how long do they keep?")
    assert "four weeks" in (await live.ana.wait_for_message(lambda m: m.from_bot)).text
    another_part(live, parts[0])()
    assert "Granny Smith" in (await live.ana.wait_for_message(lambda m: m.from_bot)).text
    assert len(await answers(live)) == 2
    assert not await live.redis.xlen(keys.INBOX_DEAD)


async def test_a_part_that_comes_while_its_album_is_looked_at_is_answered(live: House) -> None:
    loop, sent = asyncio.get_running_loop(), list[asyncio.Handle]()
    parts = await live.ana.send_album([picture(GREEN), picture(GREEN, (640, 480))], "how long do they keep?")

    def in_the_middle() -> None:
        if not sent:
            sent.append(loop.call_soon_threadsafe(another_part(live, parts[0])))

    live.eyes.before = in_the_middle
    assert "four weeks" in (await live.ana.wait_for_message(lambda m: m.from_bot)).text
    assert "Granny Smith" in (await live.ana.wait_for_message(lambda m: m.from_bot)).text
    assert sent and len(await answers(live)) == 2


async def test_a_late_part_that_nobody_looks_at_is_told(house: House) -> None:
    """And the second in a row is a person's."""
    house.settings = house.settings.model_copy(update={"photo_seconds": 0.05})
    async with house.bot():
        parts = await house.ana.send_album([picture(GREEN, (1600, 1200))] * 2)
        assert "can't look at photos right now" in (await house.ana.wait_for_message(lambda m: m.from_bot)).text
        another_part(house, parts[0])()
        assert "passing you on" in (await house.ana.wait_for_message(lambda m: m.from_bot)).text


async def test_a_late_part_for_a_person_reaches_the_person(live: House) -> None:
    topic, _ = await hand_over(live)
    await quiet(live)
    parts = await live.ana.send_album([picture(GREEN)] * 2, "and these?")
    await topic.wait_for_message("and these?")
    await quiet(live)
    before = sum("photo" in m.raw for m in topic.messages())
    another_part(live, parts[0])()
    await asyncio.sleep(0.2)
    await quiet(live)
    assert sum("photo" in m.raw for m in topic.messages()) == before + 1
