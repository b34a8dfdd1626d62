"""Bots of other people's making, II: pyTelegramBotAPI, asynchronous and, in a thread of its own, synchronous."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from playground import Playground

telebot = pytest.importorskip("telebot", reason="needs pyTelegramBotAPI")
async_telebot = pytest.importorskip("telebot.async_telebot")
types = telebot.types


@pytest.fixture(autouse=True)
def pointed_here(town: Playground) -> Iterator[None]:
    """Both clients keep the server's address in a module."""
    from telebot import apihelper, asyncio_helper

    kept = [(module, module.API_URL, module.FILE_URL) for module in (apihelper, asyncio_helper)]
    for module, *_ in kept:
        module.API_URL, module.FILE_URL = f"{town.url}/bot{{0}}/{{1}}", f"{town.url}/file/bot{{0}}/{{1}}"
    yield
    for module, api, files in kept:
        module.API_URL, module.FILE_URL = api, files


@asynccontextmanager
async def polling(bot: Any) -> AsyncIterator[None]:
    """The bot at work."""
    task = asyncio.create_task(bot.polling(non_stop=True, interval=0, timeout=5))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await bot.close_session()


async def test_an_asynchronous_bot(town: Playground, picture: Callable[..., bytes]) -> None:
    bot = async_telebot.AsyncTeleBot(town.token)

    @bot.message_handler(commands=["start"])
    async def start(message: Any) -> None:
        keys = types.ReplyKeyboardMarkup(resize_keyboard=True)
        keys.add(types.KeyboardButton("My number", request_contact=True))
        await bot.send_message(message.chat.id, "*Welcome*, `user_name`", parse_mode="Markdown", reply_markup=keys)

    @bot.message_handler(content_types=["contact", "photo", "voice"])
    async def got(message: Any) -> None:
        if message.content_type == "contact":
            await bot.reply_to(message, f"you are {message.contact.first_name}")
            return
        file = await bot.get_file((message.voice or message.photo[-1]).file_id)
        data = await bot.download_file(file.file_path)
        await bot.send_voice(message.chat.id, b"OggS back", duration=2, caption=f"{len(data)} bytes")

    async with polling(bot):
        ana = town.customer(42, "Ana")
        await ana.say("/start")
        welcome = await ana.wait_for_message("Welcome, user_name")
        assert [entity["type"] for entity in welcome.entities] == ["bold", "code"]
        await ana.tap("My number")
        await ana.wait_for_message("you are Ana")
        await ana.send_voice(b"OggS hello")
        assert (await ana.wait_for_message("10 bytes")).raw["voice"]["duration"] == 2
        await ana.send_photo(picture())
        await ana.wait_for_message("bytes")


async def test_a_synchronous_bot_in_a_thread(town: Playground) -> None:
    bot = telebot.TeleBot(town.token, threaded=False)

    @bot.message_handler(func=lambda message: True)
    def echo(message: Any) -> None:
        keys = types.InlineKeyboardMarkup()
        keys.add(types.InlineKeyboardButton("Like", callback_data="like"))
        bot.reply_to(message, message.text, reply_markup=keys)
        bot.set_message_reaction(message.chat.id, message.message_id, [types.ReactionTypeEmoji("👍")])

    @bot.callback_query_handler(func=lambda call: call.data == "like")
    def liked(call: Any) -> None:
        bot.answer_callback_query(call.id, "liked")
        bot.send_poll(call.message.chat.id, "More?", [types.InputPollOption("Yes"), types.InputPollOption("No")])

    def run() -> None:
        bot.polling(non_stop=False, interval=0, timeout=1, long_polling_timeout=1)

    working = asyncio.create_task(asyncio.to_thread(run))
    ana = town.customer(42)
    said = await ana.say("hello")
    answer = await ana.wait_for_message("hello")
    assert answer.reply_to == said.id
    query = await ana.press("Like")
    assert (await ana.wait_for_answer(query)).text == "liked"
    await ana.wait_for_message(lambda message: "poll" in message.raw)
    assert ana.reactions(said) == {123456: ["👍"]}
    bot.stop_polling()
    await asyncio.wait_for(working, 10)


async def test_a_method_that_is_not_there_says_so(town: Playground) -> None:
    bot = async_telebot.AsyncTeleBot(town.token)
    with pytest.raises(async_telebot.asyncio_helper.ApiTelegramException, match="the playground has no method"):
        await bot.get_my_star_balance()
    await bot.close_session()
