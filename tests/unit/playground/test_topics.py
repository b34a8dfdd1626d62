"""The forum: topics, what stands in them, what is pinned, and how all of it can be gone."""

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramMigrateToChat

from playground import Playground
from playground.world import GROUP_ID


async def test_a_topic_holds_its_messages(town: Playground, bot: Bot) -> None:
    created = await bot.create_forum_topic(GROUP_ID, "Ana")
    sent = await bot.send_message(GROUP_ID, "a card", message_thread_id=created.message_thread_id)
    await bot.send_message(GROUP_ID, "in General")
    topic = town.group.topics()[0]
    assert (topic.name, topic.thread) == ("Ana", created.message_thread_id)
    assert [m.text or m.service for m in topic.messages()] == ["forum_topic_created", "a card"]
    # As on Telegram: what answers nothing else answers the topic's first message.
    assert sent.is_topic_message and sent.reply_to_message.forum_topic_created.name == "Ana"
    assert topic.messages()[1].reply_to is None
    reply = await bot.send_message(GROUP_ID, "more", reply_to_message_id=sent.message_id)
    assert reply.message_thread_id == created.message_thread_id


async def test_agents_write_in_topics_and_the_bot_is_told_which(town: Playground, bot: Bot) -> None:
    thread = (await bot.create_forum_topic(GROUP_ID, "Ana")).message_thread_id
    kim = town.group.topics()[0].agent("Kim")
    await kim.say("hello")
    update = (await bot.get_updates(timeout=1))[-1]
    assert (update.message.message_thread_id, update.message.text) == (thread, "hello")
    assert town.customer(42).messages() == []


async def test_closed_by_hand_is_told_and_deleted_is_not(town: Playground, bot: Bot) -> None:
    thread = (await bot.create_forum_topic(GROUP_ID, "Ana")).message_thread_id
    await bot.send_message(GROUP_ID, "a card", message_thread_id=thread)
    topic = town.group.topics()[0]
    topic.close("Kim")
    with pytest.raises(ValueError, match="closed"):
        await topic.agent("Kim").say("too late")
    assert (await bot.get_updates(timeout=1))[-1].message.forum_topic_closed
    await bot.send_message(GROUP_ID, "an administrator may", message_thread_id=thread)
    with pytest.raises(TelegramBadRequest, match="TOPIC_NOT_MODIFIED"):
        await bot.close_forum_topic(GROUP_ID, thread)
    await bot.reopen_forum_topic(GROUP_ID, thread)
    before = len(await bot.get_updates())
    topic.delete()
    assert len(await bot.get_updates()) == before
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(GROUP_ID, "lost", message_thread_id=thread)
    assert all("card" not in m.text for m in town.group.messages())


async def test_general_has_no_number(bot: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(GROUP_ID, "x", message_thread_id=1)


async def test_pinning_is_told_once(town: Playground, bot: Bot) -> None:
    thread = (await bot.create_forum_topic(GROUP_ID, "Ana")).message_thread_id
    card = await bot.send_message(GROUP_ID, "a card", message_thread_id=thread)
    for _ in range(2):
        await bot.pin_chat_message(GROUP_ID, card.message_id, disable_notification=True)
    topic = town.group.topics()[0]
    assert [m.text for m in topic.pinned()] == ["a card"]
    assert [m.service for m in topic.messages()].count("pinned_message") == 1
    await bot.unpin_chat_message(GROUP_ID, message_id=card.message_id)
    assert topic.pinned() == []


async def test_a_group_that_was_upgraded_says_where_it_is(town: Playground, bot: Bot) -> None:
    await bot.create_forum_topic(GROUP_ID, "Ana")
    new = town.migrate()
    with pytest.raises(TelegramMigrateToChat) as moved:
        await bot.send_message(GROUP_ID, "x")
    assert moved.value.migrate_to_chat_id == new
    assert town.group.id == new and town.group.topics() == []
    assert [u.message.migrate_to_chat_id for u in await bot.get_updates()] == [new, None]
    assert (await bot.create_forum_topic(new, "Ana")).name == "Ana"


async def test_a_plain_group_has_no_topics() -> None:
    async with Playground(forum=False) as town, Bot(town.token) as bot:
        from aiogram.client.session.aiohttp import AiohttpSession
        from aiogram.client.telegram import TelegramAPIServer

        await bot.session.close()
        bot.session = AiohttpSession(api=TelegramAPIServer.from_base(town.url))
        with pytest.raises(TelegramBadRequest, match="not a forum"):
            await bot.create_forum_topic(GROUP_ID, "Ana")
        assert not (await bot.get_chat(GROUP_ID)).is_forum


async def test_photos_and_videos_are_one_album(town: Playground, bot: Bot, picture) -> None:
    ana = town.customer(42)
    await ana.say("hi")
    thread = (await bot.create_forum_topic(GROUP_ID, "Ana")).message_thread_id
    kim = town.group.topics()[0].agent("Kim")
    sent = await kim.send_media([(picture(), "image/jpeg"), (b"moving", "video/mp4")], "look")
    copies = await bot.copy_messages(42, GROUP_ID, [m.id for m in sent])
    arrived = ana.messages()[-2:]
    assert [m.id for m in arrived] == [c.message_id for c in copies]
    assert ["photo" in m.raw for m in arrived] == [True, False] and arrived[1].file() == b"moving"
    assert len({m.media_group_id for m in arrived}) == 1 and arrived[0].text == "look"
    assert sent[0].thread == thread
