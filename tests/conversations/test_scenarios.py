"""What has gone wrong with hand-overs in known products, each as it would happen here."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from house import GREEN, House, ask, hand_over, picture, quiet
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from patience import PATIENCE
from PIL import Image
from pydantic import SecretStr

from bot.handover import ownership
from bot.handover.ownership import State
from bot.handover.topics import Topics
from playground import Fault, Person
from playground.world import GROUP_ID
from storage import keys
from storage.server import EmbeddedServer
from storage.settings import StorageSettings
from vision.report import Finding, PhotoReport


def from_bot(person: Person) -> list[str]:
    return [message.text for message in person.messages() if message.from_bot]


async def state(house: House, chat: int = 42) -> State:
    return (await ownership.read(house.redis, chat)).state


async def test_an_agent_replies_without_claiming(live: House) -> None:
    """chatwoot 13673: the bot talked over the person, because nobody had changed a status."""
    topic, card = await hand_over(live)
    ana = live.ana
    await topic.agent("Kim").say("Hello, this is Kim.")
    assert (await ana.wait_for_message()).text == "Kim: Hello, this is Kim."
    assert await state(live) is State.HUMAN
    await ana.say("how long do bananas keep?")
    await topic.wait_for_message("Ana: how long do bananas keep?")
    await ana.expect_silence(0.3)
    assert "Kim has it" in (await topic.wait_for_edit(card)).text


async def test_an_agent_takes_over_while_the_model_generates(live: House) -> None:
    """The same, within one answer: what was being generated is dropped, and the question reaches the person."""
    topic, _ = await hand_over(live)
    ana, kim = live.ana, topic.agent("Kim")
    await kim.press("🤖 Back to bot")
    await ana.wait_for_message("I'm back")
    loop = asyncio.get_running_loop()
    done = False

    def write() -> None:
        nonlocal done
        if not done:
            done = True
            asyncio.run_coroutine_threadsafe(taken_over(), loop).result(10)

    async def taken_over() -> None:
        await kim.say("Let me look at that photo.")
        await ana.wait_for_message("Kim: Let me look")

    live.eyes.before = write
    other = live.ana
    await ana.send_photo(picture(GREEN), "how long does this keep?")
    await topic.wait_for_message(lambda m: "photo" in m.raw)
    await other.wait_for_message("Kim: Let me look")
    await other.expect_silence(0.5)


def promising(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    class Model(GenericFakeChatModel):
        def bind_tools(self, *_: Any, **__: Any) -> Any:
            return self

    said = iter(AIMessage(words) for _ in range(10))
    monkeypatch.setattr("bot.app.chat_model", lambda _: Model(messages=said))


async def test_the_model_says_that_it_transfers_in_words_only(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """chatwoot 13178: the customer waited for nobody. Here no word of the model is said: the article is quoted."""
    promising(monkeypatch, "Bananas [1.1]? I'm transferring you to a colleague now.")
    house.settings = house.settings.model_copy(update={"chat_model": "fake:model"})
    async with house.bot():
        line = await ask(house.ana, "how long do bananas keep?")
        assert line.text.startswith("Bananas keep four to six days")
        assert await state(house) is State.BOT
    assert not any("transferring you" in text for text in from_bot(house.ana))


async def test_an_articles_own_words_are_no_promise(house: House) -> None:
    text = "# Parcel lockers\n\nChoose one near you. Our team will contact you within a day about your parcel locker.\n"
    (house.settings.knowledge / "parcel-lockers.md").write_text(text, encoding="utf-8")
    async with house.bot():
        assert "will contact you" in (await ask(house.ana, "how do I get a parcel locker?")).text
        await house.ana.expect_silence(0.2)
        assert await state(house) is State.BOT


async def test_a_hand_over_is_never_silent_and_said_once(live: House) -> None:
    """chatwoot 13881: typing, then nothing; fazer 158: the line twice."""
    ana = live.ana
    await hand_over(live, ana)
    await ana.say("hello?")
    await quiet(live)
    assert sum("passing you on" in text for text in from_bot(ana)) == 1


async def test_a_reopened_conversation_is_the_bots_and_does_not_loop(live: House) -> None:
    """chatwoot 15068, 5668: after closing, the old "I want a human" fired again, or the old person got it."""
    topic, _ = await hand_over(live)
    ana, kim = live.ana, topic.agent("Kim")
    await kim.say("All done?")
    await ana.wait_for_message("All done?")
    await kim.press("✅ Close")
    await ana.wait_for_message("closed this conversation")
    assert await state(live) is State.WRAPUP
    assert "four to six days" in (await ask(ana, "how long do bananas keep?")).text
    assert "two working days" in (await ask(ana, "when do you deliver?")).text
    assert await state(live) is State.BOT
    assert len(live.group.topics()) == 1


async def test_the_bot_speaks_again_after_it_was_given_back_and_knows_that_a_person_helped(live: House) -> None:
    """fazer 457, 452: silent for ever, because nothing marked the end of the person's stretch."""
    ana = live.ana
    topic, _ = await hand_over(live, ana)
    await ana.say("my order 4471 is late")
    await topic.wait_for_message("4471")
    await topic.agent("Kim").say("It comes on Friday.")
    await ana.wait_for_message("Friday")
    await topic.agent("Kim").say("/bot")
    await ana.wait_for_message("I'm back")
    assert live.app
    history = await live.app.handover.answers.transcript(42)
    assert history[-1][0] == "bot" and "A person of our team had this conversation from" in history[-1][1]
    assert "Customer: my order 4471 is late\nKim: It comes on Friday." in history[-1][1]
    assert "four to six days" in (await ask(ana, "how long do bananas keep?")).text
    # The turn budget starts anew: one question back, not a hand-over.
    assert "passing" not in (await ask(ana, "flurbl garble wuzz")).text


async def test_closed_twice_is_closed_once(live: House) -> None:
    """fazer 158: the closing sentence twice."""
    topic, _ = await hand_over(live)
    ana = live.ana
    for agent in ("Kim", "Lee"):
        await topic.agent(agent).press("✅ Close")
    await ana.wait_for_message("closed this conversation")
    await quiet(live)
    assert sum("closed this conversation" in text for text in from_bot(ana)) == 1


async def test_human_please_as_the_first_message(live: House) -> None:
    """saas-starter 684: it notified nobody."""
    topic, card = await hand_over(live, text="human please")
    assert "Why: asked for a person" in card.text and topic.name == "Ana"


async def test_two_first_messages_at_once_make_one_topic(live: House) -> None:
    """feedback-bot-topics 13."""
    ana = live.ana
    for text in ("a human please", "hello?", "anybody?", "please!"):
        await ana.say(text)
    topic = await live.group.wait_for_topic("Ana")
    await topic.wait_for_message("please!")
    await quiet(live)
    assert len(live.group.topics()) == 1
    for text in ("hello?", "anybody?", "please!"):  # on the card: they were written in one go
        assert sum(text in m.text for m in topic.messages()) == 1


async def test_a_deleted_topic_is_made_anew_with_its_card(live: House) -> None:
    """Telegram-interactive-bot 1: that customer was lost for ever."""
    topic, _ = await hand_over(live)
    await quiet(live)
    topic.delete()
    await live.ana.say("are you there?")
    again = await live.group.wait_for_topic("Ana")
    assert "Why: asked for a person" in (await again.wait_for_message("Why:")).text
    assert (await again.wait_for_message("Ana: ")).text == "Ana: are you there?"
    await again.agent("Kim").say("I am.")
    assert (await live.ana.wait_for_message("Kim")).text == "Kim: I am."
    assert not [m for m in live.group.messages() if m.thread == 0 and m.from_bot and not m.service]


async def test_a_card_that_was_deleted_is_posted_anew(live: House) -> None:
    topic, card = await hand_over(live)
    await quiet(live)
    assert live.app
    await live.app.bot.delete_message(GROUP_ID, card.id)
    await topic.agent("Kim").say("Hello")
    again = await topic.wait_for_message("Kim has it")
    assert again.id != card.id and not again.edited


async def test_a_topic_closed_by_hand_is_a_closed_conversation(live: House) -> None:
    topic, card = await hand_over(live)
    ana = live.ana
    topic.close("Kim")
    await ana.wait_for_message("closed this conversation")
    assert "Closed" in (await topic.wait_for_edit(card)).text
    await ask(ana, "how long do bananas keep?")
    await ana.say("a human please")  # and once more: the same topic, open again
    await topic.wait_for_message("Waiting since")
    await quiet(live)
    assert not topic.closed and len(live.group.topics()) == 1


async def test_an_upgraded_group_is_found_where_it_went(live: House) -> None:
    await hand_over(live)
    await quiet(live)
    new = live.playground.migrate()
    await live.ana.say("are you there?")
    topic = await live.group.wait_for_topic("Ana")
    assert topic.id == new
    await topic.wait_for_message("Ana: are you there?")
    await topic.agent("Kim").say("Yes.")
    await live.ana.wait_for_message("Kim: Yes.")
    assert live.app and live.app.group and live.app.group.id == new


async def test_an_agent_edits_an_answer_and_a_customer_a_question(live: House) -> None:
    topic, _ = await hand_over(live)
    ana, kim = live.ana, topic.agent("Kim")
    first = await kim.say("It is 5 euros.")
    arrived = await ana.wait_for_message("5 euros")
    await quiet(live)
    await kim.edit(first, "It is 6 euros.")
    assert (await ana.wait_for_edit(arrived)).text == "Kim: It is 6 euros."
    asked = await ana.say("Realy?")
    there = await topic.wait_for_message("Realy?")
    await quiet(live)
    await ana.edit(asked, "Really?")
    assert (await topic.wait_for_edit(there)).text == "Ana (edited): Really?"


async def test_quotes_are_quotes_on_the_other_side(live: House) -> None:
    topic, _ = await hand_over(live)
    ana, kim = live.ana, topic.agent("Kim")
    question = await ana.say("red or green?")
    there = await topic.wait_for_message("red or green?")
    await quiet(live)
    await kim.say("green", reply_to=there)
    answer = await ana.wait_for_message("green")
    assert answer.reply_to == question.id
    await quiet(live)
    await ana.say("thanks", reply_to=answer)
    thanks = await topic.wait_for_message("thanks")
    assert next(m for m in topic.messages() if m.id == thanks.reply_to).text == "green"


async def test_a_mixed_album_from_an_agent_arrives_as_one(live: House) -> None:
    """support-bot lost the first message of an album with a second kind."""
    topic, _ = await hand_over(live)
    ana = live.ana
    media = [(picture(GREEN), "image/jpeg"), (b"moving", "video/mp4"), (picture(GREEN), "image/jpeg")]
    await topic.agent("Kim").send_media(media, "how to ripen them")
    first = await ana.wait_for_message("ripen")
    await quiet(live)
    parts = [m for m in ana.messages() if m.media_group_id == first.media_group_id]
    assert ["photo" in m.raw for m in parts] == [True, False, True] and first.media_group_id


async def test_an_album_of_a_customers_is_one_turn_and_one_album(live: House) -> None:
    """hermes 74965, chatwoot 14071: as many turns and conversations as photos."""
    ana = live.ana
    await ana.send_album([picture((60, 170, 60 + n)) for n in (0, 10, 20)], "how long do they keep?")
    answer = await ana.wait_for_message()
    assert "four weeks" in answer.text and live.eyes.looked == 3
    await ana.expect_silence(0.3)
    topic, _ = await hand_over(live, ana)
    await quiet(live)
    await ana.send_album([picture(GREEN)] * 2, "and these?")
    there = await topic.wait_for_message("and these?")
    await quiet(live)
    assert sum(m.media_group_id == there.media_group_id for m in topic.messages()) == 2


async def test_a_customer_who_blocked_the_bot_is_told_to_the_agents(live: House) -> None:
    topic, _ = await hand_over(live)
    await live.ana.block_bot()
    await topic.wait_for_message("Ana has blocked the bot")
    await topic.agent("Kim").say("Hello?")
    assert (await topic.wait_for_message("Not delivered")).text.endswith("the customer has blocked the bot")


async def test_two_agents_answer_at_once(live: House) -> None:
    topic, _ = await hand_over(live)
    ana = live.ana
    await topic.agent("Kim").say("Hello from Kim")
    await topic.agent("Lee").say("Hello from Lee")
    await ana.wait_for_message("Kim: Hello from Kim")
    await ana.wait_for_message("Lee: Hello from Lee")
    assert "Kim has this conversation" in (await topic.wait_for_message("ℹ️")).text
    assert (await ownership.read(live.redis, 42)).agent.name == "Kim"


async def test_nobody_on_duty_is_said_with_when(house: House) -> None:
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%a}"
    house.settings = house.settings.model_copy(update={"hours": f"{yesterday} 9-10"})
    async with house.bot():
        line = await ask(house.ana, "a human please")
        assert "Nobody is there right now; they are back" in line.text and "at 09:00 (UTC)" in line.text
        topic = await house.group.wait_for_topic("Ana")
        await topic.wait_for_message("Why:")


@pytest.mark.parametrize("fault", [
    Fault("sendMessage", 400, "Bad Request: message thread not found", chat_id=GROUP_ID),
    Fault("sendMessage", 400, "Bad Request: can't parse entities: x", chat_id=GROUP_ID),
    Fault("createForumTopic", 500, "Internal Server Error"),
    Fault("createForumTopic", 429, retry_after=1),
    Fault("pinChatMessage", 400, "Bad Request: not enough rights to manage pinned messages in the chat"),
])  # fmt: skip
async def test_a_telegram_that_stumbles_still_hands_over(live: House, fault: Fault) -> None:
    live.playground.fail(fault)
    ana = live.ana
    await ana.say("a human please")
    await ana.wait_for_message("passing you on")
    async with asyncio.timeout(PATIENCE):
        while not (cards := [m for m in live.group.messages() if "Why: asked for a person" in m.text]):
            await asyncio.sleep(0.05)
    assert len(cards) == 1
    await quiet(live)
    assert not await live.redis.xlen(keys.OUTBOX_DEAD)


async def test_killed_between_topic_and_card_there_is_one_of_each(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Like kill -9."""

    real, died = Topics._post_card, asyncio.Event()

    async def dies(*_: Any) -> None:
        died.set()
        raise Killed

    monkeypatch.setattr(Topics, "_post_card", dies)
    async with house.bot():
        await house.ana.say("a human please")
        await asyncio.wait_for(died.wait(), PATIENCE)
    monkeypatch.setattr(Topics, "_post_card", real)
    async with house.bot():
        await quiet(house)
    assert len(house.group.topics()) == 1
    assert sum("Why:" in m.text for m in house.group.messages()) == 1


async def test_a_caption_that_grows_too_long_with_the_agents_name_goes_as_text(live: House) -> None:
    topic, _ = await hand_over(live)
    ana = live.ana
    await topic.agent("Kim").send_photo(picture(GREEN), "z" * 1024)
    text = await ana.wait_for_message("zzz")
    assert text.text == "Kim: " + "z" * 1024
    await quiet(live)
    assert any("photo" in m.raw and m.from_bot for m in ana.messages())


async def test_a_voice_message_is_the_bots_no_and_a_persons_yes(live: House) -> None:
    ana = live.ana
    await ana.send_document(b"RIFF", "hello.wav", "audio/wav")
    assert "can read text" in (await ana.wait_for_message()).text
    topic, _ = await hand_over(live, ana)
    await ana.send_document(b"RIFF", "hello.wav", "audio/wav")
    there = await topic.wait_for_message(lambda m: "document" in m.raw)
    assert there.file() == b"RIFF"
    await ana.expect_silence(0.2)


async def test_a_ban_is_silence_both_ways_until_it_is_undone(live: House) -> None:
    topic, card = await hand_over(live)
    ana, kim = live.ana, topic.agent("Kim")
    await ana.say("how long do bananas keep?")
    await topic.wait_for_message("bananas")
    await kim.press("💡 Suggest a reply")
    draft = await topic.wait_for_message("💡 Draft")
    await kim.press("⛔ Ban")
    await topic.wait_for_edit(card, "Banned")
    await ana.say("how long do bananas keep?")
    await kim.say("Hello?")
    await topic.wait_for_message("Not sent: this customer is banned")
    query = await kim.press("Send", draft)
    assert "banned" in (await kim.wait_for_answer(query)).text  # and not "Sent."
    await quiet(live)
    await ana.expect_silence(0.2)
    await kim.press("Unban")
    await kim.say("Hello again")
    await ana.wait_for_message("Kim: Hello again")


async def test_a_suggestion_is_sent_by_a_tap_and_once(live: House) -> None:
    topic, _ = await hand_over(live)
    ana, kim = live.ana, topic.agent("Kim")
    await ana.say("how long do bananas keep?")
    await topic.wait_for_message("bananas")
    await kim.press("💡 Suggest a reply")
    draft = await topic.wait_for_message("💡 Draft")
    assert "four to six days" in draft.text
    await ana.expect_silence(0.3)
    await kim.press("Send", draft)
    query = await topic.agent("Lee").press("Send", draft)
    answer = await ana.wait_for_message("four to six days")
    assert answer.text.startswith("Kim: ")
    assert (await kim.wait_for_answer(query)).text == "This draft was sent or discarded already."
    await quiet(live)
    assert sum("four to six days" in text for text in from_bot(ana)) == 1


async def test_the_second_unreadable_photo_is_a_persons(live: House) -> None:
    ana = live.ana
    await ana.send_photo(b"not a picture", raw=True)
    assert "couldn't open" in (await ana.wait_for_message()).text
    await ana.send_photo(b"nor is this", raw=True)
    assert "passing you on" in (await ana.wait_for_message()).text
    topic = await live.group.wait_for_topic("Ana")
    await topic.wait_for_message("two photos in a row could not be read")


async def test_a_rule_of_the_shop_decides(live: House) -> None:
    assert "passing you on" in (await ask(live.ana, "I will tell my LAWYER about these bananas")).text
    topic = await live.group.wait_for_topic("Ana")
    card = await topic.wait_for_message("Why:")
    assert "a rule of the shop" in card.text and "Asks: I will tell my LAWYER" in card.text


async def test_a_dialogue_that_fails_ends_with_a_person(live: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert live.app

    async def fails(_: Any) -> Any:
        raise ValueError("secret words")

    monkeypatch.setattr(live.app.handover.answers, "reply", fails)
    assert "passing you on" in (await ask(live.ana, "how long do bananas keep?")).text
    topic = await live.group.wait_for_topic("Ana")
    await topic.wait_for_message("Why: the bot failed")


async def test_a_rating_ends_it_and_counts_once(live: House) -> None:
    topic, card = await hand_over(live)
    ana = live.ana
    await topic.agent("Kim").press("✅ Close")
    closing = await ana.wait_for_message("closed this conversation")
    await ana.press("4 ⭐", closing)
    assert "4 of 5" in (await ana.wait_for_edit(closing)).text
    await topic.wait_for_message("⭐ 4 of 5")
    assert await state(live) is State.CLOSED
    assert "Closed" in (await topic.wait_for_edit(card, "Closed")).text


async def test_a_photo_that_must_not_be_shown_reaches_agents_blurred(
    live: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after the hand-over: they get the copy that vision made, never the customer's photo."""
    assert live.app
    blurred, key = picture((1, 2, 3)), keys.customer(42, "safe", "x")
    await live.redis.set(key, live.app.handover.records.sealer.seal(key, blurred))
    found = Finding(type="card", box=(0.0, 0.0, 1.0, 1.0))

    async def describe(*_: Any, **__: Any) -> PhotoReport:
        return PhotoReport(sensitive=(found,), safe_copy=key)

    monkeypatch.setattr("vision.client.PhotoClient.describe", describe)
    await live.ana.send_photo(picture(GREEN), "is this my card?")
    await live.ana.wait_for_message()
    topic, _ = await hand_over(live)
    await live.ana.send_photo(picture(GREEN), "and this?")
    await topic.wait_for_message("Ana: and this?")
    await quiet(live)
    photos = [m for m in topic.messages() if "photo" in m.raw]
    assert len(photos) == 2
    for photo in photos:
        assert "blurred" in photo.text
        pixel = Image.open(io.BytesIO(photo.file())).convert("RGB").getpixel((5, 5))
        assert isinstance(pixel, tuple) and max(pixel) < 20


async def test_redis_restarts_in_the_middle_of_a_hand_over(house: House, tmp_path: Path) -> None:
    """Nothing is lost, nothing doubled: updates wait with Telegram or in the stream, messages in the outbox."""
    server = EmbeddedServer(tmp_path / "store")
    house.storage = StorageSettings(redis_url=SecretStr(server.url), data=tmp_path / "keys")
    try:
        async with house.bot() as app:
            ana = house.ana
            await ask(ana, "how long do bananas keep?")
            await ana.say("a human please")
            await ana.say("it is urgent")
            server.stop()
            await asyncio.sleep(1)
            server = EmbeddedServer(tmp_path / "store")
            topic = await house.group.wait_for_topic("Ana")
            await topic.wait_for_message("it is urgent")
            while await app.inbox.redis.xlen(keys.OUTBOX):
                await asyncio.sleep(0.05)
    finally:
        server.stop()
    assert len(house.group.topics()) == 1
    assert sum("Why:" in m.text for m in topic.messages()) == 1
    assert sum("passing you on" in text for text in from_bot(ana)) == 1
    assert sum("urgent" in m.text for m in topic.messages()) == 1


async def test_a_claim_out_of_the_blue_is_told_to_the_customer(live: House) -> None:
    """Else the bot would be silent all of a sudden, and nobody would have said why."""
    topic, card = await hand_over(live)
    ana, kim = live.ana, topic.agent("Kim")
    await kim.press("🤖 Back to bot")
    await ana.wait_for_message("I'm back")
    await topic.wait_for_edit(card, "With the bot")
    await kim.press("✋ Claim")
    assert (await ana.wait_for_message("joined")).text == ("Kim from our team has joined and answers from now on.")
    assert await state(live) is State.HUMAN
