"""The agents' forum: whose words reach whom, and who cannot pretend to be whom."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import ClientResponseError
from house import GREEN, House, ask, hand_over, picture, quiet

from bot.handover import ownership
from bot.handover.ownership import State
from playground import Message
from playground.world import GROUP_ID
from storage import keys

GROUP = {"id": GROUP_ID, "type": "supergroup", "title": "Agents"}
KIM = {"id": 5_000_001, "is_bot": False, "first_name": "Kim"}
ANA = {"id": 42, "is_bot": False, "first_name": "Ana"}


def from_bot(message: Message) -> bool:
    return message.from_bot


async def inject(desk: House, number: int, chat: int, **update: Any) -> None:
    """An update that no playground page can make, as if Telegram had sent it."""
    assert desk.app
    body = {"update_id": number, **update}
    await desk.app.inbox.write([(number, chat, json.dumps(body).encode())])


async def test_two_customers_have_two_topics_and_are_not_mixed(desk: House) -> None:
    ana, ben = desk.ana, desk.playground.customer(43, "Ben")
    anas, _ = await hand_over(desk, ana)
    bens, _ = await hand_over(desk, ben)
    await anas.agent("Kim").say("for Ana")
    await bens.agent("Kim").say("for Ben")
    assert (await ana.wait_for_message()).text == "Kim: for Ana"
    assert (await ben.wait_for_message()).text == "Kim: for Ben"
    await ben.say("hello")
    assert (await bens.wait_for_message("Ben: ")).text == "Ben: hello"
    await anas.expect_silence(0.2)


@pytest.mark.parametrize("name", ["</b><b>Eve", "<script>", "#c42 · Ana", "&amp;", "🍏" * 64])
async def test_a_customers_name_is_only_a_name(desk: House, name: str) -> None:
    eve = desk.playground.customer(66, name)
    topic, card = await hand_over(desk, eve)
    assert name.strip() in card.text
    await topic.agent("Kim").say("Hello!")
    assert (await eve.wait_for_message("Hello")).text == "Kim: Hello!"


async def test_a_topic_that_is_not_ours_reaches_nobody(desk: House) -> None:
    await ask(desk.ana, "hi")
    other = await desk.app.bot.create_forum_topic(GROUP_ID, "Lunch")
    kim = next(t for t in desk.group.topics() if t.thread == other.message_thread_id).agent("Kim")
    await kim.say("pizza?")
    await quiet(desk)
    await desk.ana.expect_silence(0.2)
    assert (await ownership.read(desk.redis, 42)).state is State.BOT


async def test_an_anonymous_admin_is_no_stranger(desk: House) -> None:
    topic, _ = await hand_over(desk)
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    as_group = {"from": anonymous, "sender_chat": GROUP, "message_thread_id": topic.thread, "is_topic_message": True}
    body = {"message_id": 9000, "date": 1, "chat": GROUP, "text": "Hello!"} | as_group
    await inject(desk, 10**9, GROUP_ID, message=body)
    assert (await desk.ana.wait_for_message("Hello!")).text == "Our team: Hello!"
    await inject(desk, 10**9 + 1, GROUP_ID, message=body | {"author_signature": "Shop lead", "text": "Bye!"})
    assert (await desk.ana.wait_for_message("Bye!")).text == "Shop lead: Bye!"


@pytest.mark.parametrize("text", ["/bott", "/help", "/"])
async def test_a_mistyped_command_is_not_for_the_customer(desk: House, text: str) -> None:
    topic, _ = await hand_over(desk)
    await topic.agent("Kim").say(text)
    assert "// in front keeps a note" in (await topic.wait_for_message()).text
    await desk.ana.expect_silence(0.2)


async def test_bot_with_a_name_or_more_words_gives_back(desk: House) -> None:
    topic, card = await hand_over(desk)
    await topic.agent("Kim").say("/bot@photodesk_bot please")
    await desk.ana.wait_for_message("I'm back")
    await topic.wait_for_edit(card, "With the bot")


async def test_a_note_stays_among_agents(desk: House) -> None:
    topic, _ = await hand_over(desk)
    for note in ("// she called yesterday, too", "/note and was angry"):
        await topic.agent("Kim").say(note)
    await quiet(desk)
    await desk.ana.expect_silence(0.2)
    assert (await ownership.read(desk.redis, 42)).state is State.PENDING


async def test_who_answers_in_general_is_told_where_to_write(desk: House) -> None:
    await hand_over(desk)
    kim = desk.group.agent("Kim")
    await kim.say("Hello Ana, how can I help?")
    hint = await desk.group.agent("Lee").wait_for_message("reaches no customer")
    assert hint.thread == 0
    await desk.ana.expect_silence(0.2)
    await kim.say("who takes the late shift?")  # once is enough
    await quiet(desk)
    assert sum("reaches no customer" in m.text for m in desk.group.messages()) == 1


async def test_a_long_answer_of_an_agent_arrives_whole(desk: House) -> None:
    topic, _ = await hand_over(desk)
    await topic.agent("Kim").say("y" * 4096)
    await desk.ana.wait_for_message("yyy")
    await desk.ana.wait_for_message("y")
    assert sum(m.text.count("y") for m in desk.ana.messages() if m.from_bot and "yy" in m.text) == 4096


async def test_a_long_message_of_a_customer_arrives_whole(desk: House) -> None:
    topic, _ = await hand_over(desk)
    await desk.ana.say("x" * 4096)
    await topic.wait_for_message("xxx")
    await topic.wait_for_message("x")
    assert sum(m.text.count("x") for m in topic.messages() if "xx" in m.text) == 4096


async def test_a_long_conversation_can_be_handed_over(desk: House) -> None:
    for number in range(6):
        await ask(desk.ana, f"how long do bananas keep? {number} " + "and please tell me more about it " * 12)
    _, card = await hand_over(desk)
    assert "Customer: how long do bananas keep? 5" in card.text


async def test_the_agents_are_told_when_a_customer_goes_back_to_the_bot(desk: House) -> None:
    await ask(desk.ana, "/reset")  # nobody's business while the bot answers
    assert desk.group.topics() == []
    topic, _ = await hand_over(desk)
    await ask(desk.ana, "/reset")
    assert (await topic.wait_for_message("went back")).text == "ℹ️ Ana went back to the bot."


async def test_a_picture_sent_as_a_file_reaches_the_agents(desk: House) -> None:
    topic, _ = await hand_over(desk)
    await desk.ana.send_document(picture(GREEN), "label.png", "image/png", "look")
    await topic.wait_for_message("Ana: look")
    await topic.wait_for_message(lambda m: "photo" in m.raw)
    await quiet(desk)
    assert not await desk.redis.xlen(keys.OUTBOX_DEAD)


async def test_nothing_is_typed_while_a_person_answers(desk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    topic, _ = await hand_over(desk)
    acted: list[int] = []
    monkeypatch.setattr(desk.playground.server.world, "act", lambda chat, _: acted.append(chat))
    await desk.ana.say("are you there?")
    await topic.wait_for_message("are you there?")
    assert not acted


async def test_a_button_in_a_group_is_nobodys(desk: House) -> None:
    await ask(desk.ana, "hi")
    pressed = {"message_id": 7, "date": 1, "chat": GROUP, "from": KIM, "text": "x"}
    query = {"id": "1", "from": ANA, "chat_instance": "1", "data": "person", "message": pressed}
    await inject(desk, 10**9, GROUP_ID, callback_query=query)
    await quiet(desk)
    await desk.ana.expect_silence(0.2)
    assert not await desk.redis.xlen(keys.INBOX_DEAD)


@pytest.mark.parametrize("update", [
    {"edited_message": {"message_id": 1, "date": 1, "edit_date": 2, "chat": {"id": 42, "type": "private"},
                        "from": ANA, "text": "edited"}},
    {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}, "text": "post"}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": -6, "type": "group"}, "text": "in another group"}},
    {"message": {"message_id": 1, "date": 1, "chat": GROUP, "sender_chat": {"id": -5, "type": "channel"},
                 "text": "from the linked channel"}},
    {"my_chat_member": {"chat": {"id": 42, "type": "private"}, "from": ANA, "date": 1,
                        "old_chat_member": {"user": ANA, "status": "member"},
                        "new_chat_member": {"user": ANA, "status": "kicked", "until_date": 0}}},
])  # fmt: skip
async def test_what_needs_no_answer_gets_none_and_is_not_lost_in_the_works(desk: House, update: Any) -> None:
    await ask(desk.ana, "hi")
    await inject(desk, 10**9, 42, **update)
    await quiet(desk)
    await desk.ana.expect_silence(0.2)
    assert not await desk.redis.xlen(keys.INBOX_DEAD)


async def test_a_photo_without_sizes_and_a_sender_without_a_name_are_answered(desk: House) -> None:
    await ask(desk.ana, "hi")
    chat = {"id": 42, "type": "private", "first_name": "Ana"}
    await inject(desk, 10**9, 42, message={"message_id": 9, "date": 1, "chat": chat, "photo": []})
    assert "I can read text and look at photos" in (await desk.ana.wait_for_message(from_bot)).text


async def test_a_photo_that_telegram_does_not_give_is_told_and_the_token_is_in_no_log(
    desk: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert desk.app
    token = desk.settings.token
    assert token

    async def refuse(*_: Any) -> None:
        url: Any = f"https://api.telegram.org/file/bot{token.get_secret_value()}/1.jpg"
        raise ClientResponseError(url, (), status=404, message=str(url))

    monkeypatch.setattr(type(desk.app.bot), "download", refuse)
    monkeypatch.setattr("bot.handlers.files.FETCHES", 1)
    await desk.ana.send_photo(picture(GREEN))
    assert "couldn't fetch your photo" in (await desk.ana.wait_for_message(from_bot)).text
    assert "ClientResponseError" in caplog.text
    assert token.get_secret_value() not in caplog.text
