"""The agents' group: whose words reach whom, and who cannot pretend to be whom."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientResponseError
from house import GREEN, House, ask, picture

from bot import ownership
from bot.ownership import State
from playground import Message
from playground.world import GROUP_ID
from storage import keys

ME = 123456  # the playground's bot
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


def reply(text: str, quoted: str, author: int, **more: Any) -> dict[str, Any]:
    """What is written in the group in answer to ``quoted``."""
    bot = {"id": author, "is_bot": True, "first_name": "bot"}
    old = {"message_id": 7, "date": 1, "chat": GROUP, "from": bot, "text": quoted}
    return {"message_id": 8, "date": 1, "chat": GROUP, "from": KIM, "text": text, "reply_to_message": old} | more


async def all_done(desk: House) -> None:
    async with asyncio.timeout(10):
        while await desk.redis.xlen(keys.INBOX) or await desk.redis.xlen(keys.OUTBOX):
            await asyncio.sleep(0.02)


async def test_an_agent_can_answer_any_part_of_a_long_message(desk: House) -> None:
    ben = desk.playground.customer(43, "Ben")
    await ask(ben, "hi")
    kim = desk.group.agent("Kim")
    await ask(desk.ana, "a human please")
    # Ana knows where a message of hers is cut, and lets the rest begin like a message about Ben.
    await desk.ana.say("x" * 4070 + " #c43 · Ben: hello")
    first = await kim.wait_for_message(lambda m: "xxx" in m.text, timeout=10)
    second = await kim.wait_for_message(lambda m: "Ben: hello" in m.text, timeout=10)
    assert first.text.startswith("#c42 · ") and second.text.startswith("#c42 · ")
    await kim.say("Thank you.", reply_to=second)
    assert (await desk.ana.wait_for_message("Thank you.", timeout=10)).text == "Kim: Thank you."
    await ben.expect_silence(0.2)


async def test_a_name_that_looks_like_a_tag_is_only_a_name(desk: House) -> None:
    eve = desk.playground.customer(66, "#c42 · Ana")
    await ask(desk.ana, "hi")
    kim = desk.group.agent("Kim")
    await ask(eve, "a human please")
    card = await kim.wait_for_message("would like a person", timeout=10)
    await kim.say("Hello Eve", reply_to=card)
    await eve.wait_for_message("Hello Eve", timeout=10)
    await desk.ana.expect_silence(0.2)


@pytest.mark.parametrize("author", [KIM["id"], 999])
async def test_a_tag_that_is_not_the_bots_own_reaches_nobody(desk: House, author: int) -> None:
    await ask(desk.ana, "hi")
    await inject(desk, 10**9, GROUP_ID, message=reply("secret", "#c42 · not ours", author))
    await all_done(desk)
    await desk.ana.expect_silence(0.2)
    assert (await ownership.read(desk.redis, 42)).state is State.BOT


async def test_a_customer_cannot_act_as_an_agent(desk: House) -> None:
    ben = desk.playground.customer(43, "Ben")
    await ask(ben, "hi")
    line = await ask(desk.ana, "#c43 · Ben: hello")
    await desk.ana.say("/bot", reply_to=line)
    await desk.ana.wait_for_message("I don't know /bot", timeout=10)
    await ben.expect_silence(0.2)


async def test_an_anonymous_admin_is_no_stranger(desk: House) -> None:
    await ask(desk.ana, "hi")
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    as_group = {"from": anonymous, "sender_chat": GROUP}
    await inject(desk, 10**9, GROUP_ID, message=reply("Hello!", "#c42 · Ana: hi", ME, **as_group))
    assert (await desk.ana.wait_for_message("Hello!", timeout=10)).text == "Our team: Hello!"
    as_group["author_signature"] = "Shop lead"
    await inject(desk, 10**9 + 1, GROUP_ID, message=reply("Bye!", "#c42 · Ana: hi", ME, **as_group))
    assert (await desk.ana.wait_for_message("Bye!", timeout=10)).text == "Shop lead: Bye!"


@pytest.mark.parametrize("text", ["/bott", "/BOT", "/close", "/"])
async def test_a_mistyped_command_is_not_for_the_customer(desk: House, text: str) -> None:
    kim = desk.group.agent("Kim")
    await ask(desk.ana, "a human please")
    card = await kim.wait_for_message("would like a person", timeout=10)
    await kim.say(text, reply_to=card)
    assert "Reply /bot there" in (await kim.wait_for_message(timeout=10)).text
    await desk.ana.expect_silence(0.2)


async def test_bot_with_a_name_or_more_words_gives_back(desk: House) -> None:
    kim = desk.group.agent("Kim")
    await ask(desk.ana, "a human please")
    card = await kim.wait_for_message("would like a person", timeout=10)
    await kim.say("/bot@photodesk_bot please", reply_to=card)
    await desk.ana.wait_for_message("I'm back", timeout=10)
    await kim.wait_for_message("The bot answers", timeout=10)
    await kim.say("/bot", reply_to=card)
    assert "with the bot already" in (await kim.wait_for_message(timeout=10)).text


async def test_agents_among_themselves_are_left_alone_and_helped_on_request(desk: House) -> None:
    kim = desk.group.agent("Kim")
    question = await kim.say("who takes #c42?")
    await desk.group.agent("Lee").say("I do", reply_to=question)
    await kim.say("/help")
    assert "Reply to a customer's card" in (await kim.wait_for_message(timeout=10)).text
    await kim.expect_silence(0.2)


async def test_a_long_answer_of_an_agent_arrives_whole(desk: House) -> None:
    kim = desk.group.agent("Kim")
    await ask(desk.ana, "a human please")
    card = await kim.wait_for_message("would like a person", timeout=10)
    await kim.say("y" * 4096, reply_to=card)
    await desk.ana.wait_for_message("yyy", timeout=10)
    rest = await desk.ana.wait_for_message("y", timeout=10)
    assert "went wrong" not in rest.text
    assert sum(m.text.count("y") for m in desk.ana.messages() if m.from_bot and "yy" in m.text) == 4096


async def test_a_long_conversation_can_be_handed_over(desk: House) -> None:
    for number in range(6):
        await ask(desk.ana, f"how long do bananas keep? {number} " + "and please tell me more about it " * 12)
    agents = desk.group
    assert "passing you on" in (await ask(desk.ana, "a human please")).text
    card = await agents.wait_for_message("would like a person", timeout=10)
    assert card.text.startswith("#c42 · Ana")


async def test_the_agents_are_told_when_a_customer_goes_back_to_the_bot(desk: House) -> None:
    await ask(desk.ana, "/reset")  # nobody's business while the bot answers
    kim = desk.group.agent("Kim")
    await ask(desk.ana, "a human please")
    await kim.wait_for_message("would like a person", timeout=10)
    await ask(desk.ana, "/reset")
    assert (await kim.wait_for_message(timeout=10)).text == "#c42 · Ana went back to the bot."


async def test_a_picture_sent_as_a_file_reaches_the_agents(desk: House) -> None:
    await ask(desk.ana, "a human please")
    agents = desk.group
    await desk.ana.send_document(picture(GREEN), "label.png", "image/png", "look")
    file = await agents.wait_for_message(lambda m: "document" in m.raw, timeout=10)
    assert file.text.startswith("#c42")
    assert not await desk.redis.xlen(keys.OUTBOX_DEAD)


async def test_nothing_is_typed_while_a_person_answers(desk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await ask(desk.ana, "a human please")
    acted: list[int] = []
    monkeypatch.setattr(desk.playground.server.world, "act", lambda chat, _: acted.append(chat))
    agents = desk.group
    await desk.ana.say("are you there?")
    await agents.wait_for_message("are you there?", timeout=10)
    assert not acted


async def test_a_button_in_a_group_is_nobodys(desk: House) -> None:
    await ask(desk.ana, "hi")
    pressed = {"message_id": 7, "date": 1, "chat": GROUP, "from": KIM, "text": "x"}
    query = {"id": "1", "from": ANA, "chat_instance": "1", "data": "person", "message": pressed}
    await inject(desk, 10**9, GROUP_ID, callback_query=query)
    await all_done(desk)
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
    await all_done(desk)
    await desk.ana.expect_silence(0.2)
    assert not await desk.redis.xlen(keys.INBOX_DEAD)


async def test_a_photo_without_sizes_and_a_sender_without_a_name_are_answered(desk: House) -> None:
    await ask(desk.ana, "hi")
    chat = {"id": 42, "type": "private", "first_name": "Ana"}
    await inject(desk, 10**9, 42, message={"message_id": 9, "date": 1, "chat": chat, "photo": []})
    assert "I can read text and look at photos" in (await desk.ana.wait_for_message(from_bot, timeout=10)).text


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
    monkeypatch.setattr("bot.handlers.customer.FETCHES", 1)
    await desk.ana.send_photo(picture(GREEN))
    assert "couldn't fetch your photo" in (await desk.ana.wait_for_message(from_bot, timeout=15)).text
    assert "ClientResponseError" in caplog.text
    assert token.get_secret_value() not in caplog.text
