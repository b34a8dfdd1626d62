"""Updates: long poll, offset, two pollers, and what a restart keeps."""

import asyncio
import time
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramConflictError
from patience import PATIENCE, SOON

from playground import Playground


async def test_a_long_poll_waits_for_an_update(town: Playground, bot: Bot) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=round(PATIENCE)))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    begun = time.monotonic()
    await town.customer(42, "Ana").say("/start now")
    (update,) = await waiting
    assert time.monotonic() - begun < SOON
    assert (update.message.text, update.message.from_user.first_name) == ("/start now", "Ana")
    assert update.message.entities[0].type == "bot_command"


async def test_an_empty_poll_ends_in_time(bot: Bot) -> None:
    begun = time.monotonic()
    assert await bot.get_updates(timeout=1) == []
    assert 0.9 < time.monotonic() - begun < SOON
    assert await bot.get_updates() == []


async def test_the_offset_confirms(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    for text in "abcd":
        await customer.say(text)
    first, *_ = await bot.get_updates()
    assert len(await bot.get_updates(limit=2)) == 2
    assert [update.message.text for update in await bot.get_updates(offset=first.update_id + 2)] == ["c", "d"]
    assert (await bot.get_webhook_info()).pending_update_count == 2
    assert [update.message.text for update in await bot.get_updates(offset=-1)] == ["d"]
    assert await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_only_allowed_updates_come(town: Playground, bot: Bot) -> None:
    customer = town.customer(42)
    await bot.get_updates(allowed_updates=["edited_message"])
    message = await customer.say("helo")
    await customer.edit(message, "hello")
    (update,) = await bot.get_updates()
    assert (update.event_type, update.edited_message.text) == ("edited_message", "hello")


async def test_of_two_pollers_the_first_is_told_to_go(town: Playground, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=round(PATIENCE)))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(bot.get_updates(timeout=round(PATIENCE)))
    with pytest.raises(TelegramConflictError, match="Conflict: terminated by other getUpdates request; make sure that"):
        await first
    await town.customer(42).say("for the second")
    assert len(await second) == 1


async def test_a_stopping_playground_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with Playground(tmp_path) as town:
        bot = Bot(town.token, session=_session(town))
        waiting = asyncio.create_task(bot.get_updates(timeout=round(PATIENCE)))
        await asyncio.sleep(0.1)
        begun = time.monotonic()
    assert await waiting == []
    assert time.monotonic() - begun < SOON
    await bot.session.close()


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    async with Playground(tmp_path) as town:
        customer = town.customer(42, "Ana")
        await customer.say("first")
        document = await customer.send_document(b"kept", "kept.txt")
        async with Bot(town.token, session=_session(town)) as bot:
            before = await bot.get_updates()
            await bot.get_updates(offset=before[0].update_id + 1)
            answer = await bot.send_message(42, "answer")
    async with Playground(tmp_path) as town, Bot(town.token, session=_session(town)) as bot:
        (again,) = await bot.get_updates()
        assert (again.update_id, again.message.document.file_name) == (before[1].update_id, "kept.txt")
        assert (await bot.download(document.raw["document"]["file_id"])).read() == b"kept"
        customer = town.customer(42, "Ana")
        assert [message.text for message in customer.messages()] == ["first", "", "answer"]
        message = await customer.say("next")
        assert message.id == answer.message_id + 1
        assert (await bot.get_updates())[-1].update_id == again.update_id + 1


def _session(town: Playground) -> AiohttpSession:
    return AiohttpSession(api=TelegramAPIServer.from_base(town.url))
