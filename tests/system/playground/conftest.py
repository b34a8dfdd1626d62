"""The page in a real browser, with a small bot that answers."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from patience import PATIENCE
from town import bot, picture, town

from playground import Playground

try:
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=PATIENCE * 1000)
except ImportError:
    async_playwright = None
if TYPE_CHECKING:
    from playwright.async_api import Page

__all__ = ["bot", "picture", "town"]

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",  # a microphone that beeps
]  # fmt: skip
KEYS = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Press me", callback_data="pressed")]])
GROUP_ID = -1001000000001


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each of these tests needs a browser."""
    missing = "" if async_playwright else "needs playwright (pip install playwright)"
    missing = missing or ("" if shutil.which(CHROMIUM) else f"needs Debian's package chromium ({CHROMIUM} is missing)")
    for item in items:
        if "system/playground" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason=missing))


def echo_bot() -> Dispatcher:
    """Answers words, looks at photos, notices buttons, tells the group."""
    dispatcher = Dispatcher()

    @dispatcher.message(F.photo)
    async def photo(message: Message, bot: Bot) -> None:
        data = await bot.download(message.photo[-1])
        await bot.copy_message(GROUP_ID, message.chat.id, message.message_id)
        await message.reply(f"a photo of {len(data.read())} bytes: {message.caption}")

    @dispatcher.message(F.text, F.chat.type == "private")
    async def words(message: Message) -> None:
        await message.answer(f"you said <b>{message.html_text}</b>", parse_mode="HTML", reply_markup=KEYS)

    @dispatcher.callback_query()
    async def pressed(query: CallbackQuery) -> None:
        await query.answer("noted")
        await query.message.edit_text("you pressed it")

    return dispatcher


@pytest.fixture
async def answering(town: Playground) -> AsyncIterator[None]:
    """The echo bot, polling."""
    town.server.people.settle()
    bot = Bot(town.token, session=AiohttpSession(api=TelegramAPIServer.from_base(town.url)))
    dispatcher = echo_bot()
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=5))
    yield
    await dispatcher.stop_polling()
    await polling
    await bot.session.close()


@pytest.fixture
async def page() -> AsyncIterator["Page"]:
    """A browser page whose script may not complain."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        yield page
        await browser.close()
    assert complaints == []
