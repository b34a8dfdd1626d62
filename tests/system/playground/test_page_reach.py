"""The page for everybody: words that can be read, buttons that can be hit, and no need of a mouse."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

from playground import Playground

pytest.importorskip("playwright", reason="needs playwright (pip install playwright)")
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Page

MEASURE = Path(__file__).with_name("reach.js").read_text()
CARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Claim", callback_data="x")]])


async def lively(town: Playground, bot: Bot, picture: Callable[..., bytes]) -> None:
    """One of everything that the page draws."""
    town.server.people.settle()
    ana = town.customer(42)
    await ana.say("see https://example.org, /help and me@example.org")
    await ana.send_photo(picture(), "a photo")
    await ana.send_voice(b"OggS" + b"0" * 2000, 4)
    await ana.send_location(48.2, 16.37)
    await bot.send_poll(42, "Which?", ["Red", "Green"], is_anonymous=False)
    await ana.vote(ana.messages()[-1], "Green")
    await bot.send_message(42, "*bold* `code`", parse_mode="Markdown", reply_to_message_id=1, reply_markup=CARD)
    keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Yes"), KeyboardButton(text="No")]])
    await bot.send_message(42, "and now?", reply_markup=keys)
    await ana.edit(await ana.say("thaks"), "thanks")
    for number in range(6):  # each tone of the avatars
        town.customer(44 + number, f"Customer {number}")
    for name in ("Ana", "Ben"):
        thread = (await bot.create_forum_topic(town.group.id, name)).message_thread_id
        card = await bot.send_message(town.group.id, "card", message_thread_id=thread, reply_markup=CARD)
        await bot.pin_chat_message(town.group.id, card.message_id)
        for agent in ("Kim", "Alex", "Sam"):
            town.group.topics()[-1].agent(agent)
            await town.group.topics()[-1].agent(agent).say(f"{agent} here")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_contrast_and_size(
    town: Playground, bot: Bot, page: "Page", picture: Callable[..., bytes], scheme: str
) -> None:
    """Text 4.5 to 1 at least, targets 24 pixels: what WCAG 2.2 asks at level AA."""
    await lively(town, bot, picture)
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.goto(f"{town.url}/")
    await expect(page.locator("#customer .own").last).to_contain_text("thanks")
    await page.locator("#customer .more").click()
    for opened in ("", "#trouble-open", "#customer .others [value=location]"):
        if opened:
            await page.locator(opened).click()
        assert await page.evaluate(MEASURE) == {"faint": [], "small": []}
        if opened:
            await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 390, "height": 844})
    for tab in ("Agents", "Customer"):
        await page.get_by_role("tab", name=tab).click()
        assert await page.evaluate(MEASURE) == {"faint": [], "small": []}


async def test_arrow_keys_and_tab_panels(
    town: Playground, bot: Bot, page: "Page", picture: Callable[..., bytes]
) -> None:
    await lively(town, bot, picture)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{town.url}/")
    await expect(page.get_by_role("tabpanel")).to_have_count(1)
    await page.get_by_role("tab", name="Customer").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Agents")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_role("tab", name="Agents")).to_be_focused()
    await expect(page.get_by_role("tabpanel", name="Agents")).to_be_visible()
    topics = page.locator("#group .chip.topic")
    await topics.first.focus()
    await page.keyboard.press("ArrowRight")
    await expect(topics.nth(1)).to_be_focused()
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    await expect(topics.last).to_have_attribute("aria-current", "true")
    await page.keyboard.press("ArrowRight")  # round and round, and the focus outlives the drawing anew
    await expect(topics.first).to_be_focused()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await expect(page.get_by_role("tabpanel")).to_have_count(0)
