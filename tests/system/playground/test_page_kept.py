"""What a reload leaves where it was, what a second click does not do again, and other things that customers send."""

import re
from typing import TYPE_CHECKING

import pytest
from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    KeyboardButton,
    ReplyKeyboardMarkup,
)

from playground import Playground

pytest.importorskip("playwright", reason="needs playwright (pip install playwright)")
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Page

CARD = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Back to bot", callback_data="back:42")]])


async def topic(town: Playground, bot: Bot, name: str) -> int:
    """A customer's topic with a pinned card and a question."""
    thread = (await bot.create_forum_topic(town.group.id, name)).message_thread_id
    card = await bot.send_message(town.group.id, f"card of {name}", message_thread_id=thread, reply_markup=CARD)
    await bot.pin_chat_message(town.group.id, card.message_id)
    await bot.send_message(town.group.id, f"{name} asks", message_thread_id=thread)
    return thread


async def test_the_waiting_topic_and_its_badge_are_there_after_a_reload(
    town: Playground, bot: Bot, page: "Page"
) -> None:
    """General used to be open, under "Nobody is waiting", and every badge was gone."""
    town.server.people.settle()
    for name in ("Ana", "Ben"):
        await topic(town, bot, name)
    await page.goto(f"{town.url}/")
    chips = page.locator("#group .chip.topic")
    await expect(chips.filter(has_text="Ben")).to_have_attribute("aria-current", "true")
    await expect(chips.filter(has_text="Ana").locator(".badge")).to_have_text("2")
    await page.reload()
    await expect(chips.filter(has_text="Ben")).to_have_attribute("aria-current", "true")
    await expect(chips.filter(has_text="Ana").locator(".badge")).to_have_text("2")

    await chips.filter(has_text="Ana").click()
    await expect(chips.locator(".badge:visible")).to_have_count(0)
    await page.reload()
    await expect(chips.filter(has_text="Ana")).to_have_attribute("aria-current", "true")
    await expect(chips.locator(".badge:visible")).to_have_count(0)


async def test_another_customers_badge_is_there_after_a_reload(town: Playground, bot: Bot, page: "Page") -> None:
    town.server.people.settle()
    ben = town.customer(43, "Ben")
    await ben.say("hi")
    await page.goto(f"{town.url}/?customer=42")
    await expect(page.locator("#link")).to_have_text("Live")
    await bot.send_message(43, "hello Ben")
    badge = page.locator("#customers .chip").filter(has_text="Ben").locator(".badge")
    await expect(badge).to_have_text("1")
    await page.reload()
    await expect(badge).to_have_text("1")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_role("tab", name="Agents").click()
    await expect(page.locator("#tab-customer .badge")).to_have_text("1")
    await page.reload()
    await expect(page.locator("#group")).to_be_visible()  # the tab, too, is as it was


async def test_a_draft_survives_a_reload_and_a_look_elsewhere(town: Playground, bot: Bot, page: "Page") -> None:
    town.server.people.settle()
    for name in ("Ana", "Ben"):
        await topic(town, bot, name)
    await page.goto(f"{town.url}/")
    group, customer = page.locator("#group textarea"), page.locator("#customer textarea")
    await customer.fill("my parcel is")
    await group.fill("dear Ben")
    await page.locator("#group .chip.topic").filter(has_text="Ana").click()
    await expect(group).to_have_value("")
    await page.reload()
    await expect(customer).to_have_value("my parcel is")
    await page.locator("#group .chip.topic").filter(has_text="Ben").click()
    await expect(group).to_have_value("dear Ben")
    await group.press("Enter")
    await expect(page.locator("#group .own")).to_contain_text("dear Ben")
    await expect(group).to_have_value("")
    await page.reload()
    await expect(page.locator("#group .own")).to_contain_text("dear Ben")
    await expect(group).to_have_value("")


async def test_giving_back_is_one_click_away(town: Playground, bot: Bot, page: "Page") -> None:
    """The card had to be scrolled to."""
    town.server.people.settle()
    thread = await topic(town, bot, "Ana")
    for number in range(30):
        await bot.send_message(town.group.id, f"line {number}", message_thread_id=thread)
    await page.goto(f"{town.url}/")
    await page.locator("#group .pinned").get_by_role("button", name="Back to bot").click()
    update = (await bot.get_updates(offset=-1))[0]
    assert update.callback_query.data == "back:42"


async def test_a_double_click_acts_once(town: Playground, bot: Bot, page: "Page") -> None:
    """Two presses reached the bot, two greetings were sent, two customers came."""
    town.server.people.settle()
    await page.goto(f"{town.url}/")
    await page.get_by_role("button", name="Start", exact=True).dblclick()
    await expect(page.locator("#customer .own")).to_have_count(1)
    await bot.send_message(42, "choose", reply_markup=CARD)
    await page.locator("#customer").get_by_role("button", name="Back to bot").dblclick()
    await page.locator("#customer textarea").fill("once")
    await page.locator("#customer textarea").evaluate("""box => {
        for (let n = 0; n < 2; n++) box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    }""")
    await expect(page.locator("#customer .own")).to_have_count(2)
    await page.get_by_role("button", name="New customer").dblclick()
    await expect(page.locator("#customers .chip")).to_have_count(2)
    kinds = [update.event_type for update in await bot.get_updates()]
    assert kinds == ["message", "callback_query", "message"]


async def test_an_edit_gets_its_tick_when_the_bot_has_it(town: Playground, bot: Bot, page: "Page") -> None:
    """It kept the tick of the words before the edit."""
    town.server.people.settle()
    said = await town.customer(42).say("helo")
    await bot.get_updates(offset=(await bot.get_updates())[-1].update_id + 1)
    await page.goto(f"{town.url}/")
    await expect(page.locator("#customer .own .ticks.seen")).to_have_count(1)
    await town.customer(42).edit(said, "hello")
    await expect(page.locator("#customer .own")).to_contain_text("edited")
    await expect(page.locator("#customer .own .ticks.seen")).to_have_count(0)
    await bot.get_updates(offset=(await bot.get_updates())[-1].update_id + 1)
    await expect(page.locator("#customer .own .ticks.seen")).to_have_count(1)


async def test_keys_in_place_of_letters(town: Playground, bot: Bot, page: "Page") -> None:
    town.server.people.settle()
    await town.customer(42).say("hi")
    rows = [
        [KeyboardButton(text="Yes"), KeyboardButton(text="No")],
        [KeyboardButton(text="My number", request_contact=True)],
    ]
    await page.goto(f"{town.url}/")
    await bot.send_message(42, "?", reply_markup=ReplyKeyboardMarkup(keyboard=rows, one_time_keyboard=True))
    keys = page.locator("#customer .reply-keys")
    await keys.get_by_role("button", name="Yes").click()
    await expect(page.locator("#customer .own").last).to_contain_text("Yes")
    await expect(keys).to_be_hidden()  # one_time_keyboard
    await page.get_by_role("button", name="Show the bot's keys").first.click()
    await keys.get_by_role("button", name="My number").click()
    await page.locator("#give").get_by_role("button", name="Send").click()
    await expect(page.locator("#customer .own").last).to_contain_text("Ana")
    assert town.customer(42).messages()[-1].raw["contact"]["user_id"] == 42


async def test_a_voice_message_a_place_and_a_contact(town: Playground, bot: Bot, page: "Page") -> None:
    town.server.people.settle()
    await page.goto(f"{town.url}/")
    customer, dialog = page.locator("#customer"), page.locator("#give")

    async def other(name: str) -> None:
        await customer.get_by_role("button", name="Voice, place, contact").click()
        await customer.locator(".others").get_by_role("button", name=name).click()

    await other("Voice message")
    await dialog.get_by_role("button", name="Record").click()
    await expect(dialog.get_by_role("status")).to_have_text("Recording…")
    await page.wait_for_timeout(1200)
    await dialog.get_by_role("button", name="Stop").click()
    await expect(dialog.get_by_role("status")).to_have_text(re.compile(r"Recorded: \d+ s\."))
    await dialog.get_by_role("button", name="Send").click()
    await expect(customer.locator(".recording audio")).to_have_count(1)
    await other("Place")
    await dialog.get_by_label("Latitude").fill("91")
    await dialog.get_by_role("button", name="Send").click()
    await expect(page.locator("#toasts")).to_contain_text("wrong coordinates")
    await dialog.get_by_label("Latitude").fill("47.5")
    await dialog.get_by_role("button", name="Send").click()
    await expect(customer.locator(".own").last).to_contain_text("47.50000, 16.37380")
    await other("Contact")
    await dialog.get_by_role("button", name="Send").click()
    await expect(customer.locator(".own").last).to_contain_text("Bob")
    voice, place, contact = [update.message for update in await bot.get_updates()]
    assert len((await bot.download(voice.voice)).read()) > 500
    assert voice.voice.duration >= 1
    assert (place.location.latitude, contact.contact.user_id) == (47.5, None)
    await bot.send_voice(42, BufferedInputFile(b"no sound", "x.ogg"), duration=2)
    await expect(customer.locator(".recording")).to_have_count(2)


async def test_polls_of_both_sides_and_reactions(town: Playground, bot: Bot, page: "Page") -> None:
    town.server.people.settle()
    await town.customer(42).say("hi")
    await page.goto(f"{town.url}/")
    asked = await bot.send_poll(42, "Which day?", ["Monday", "Tuesday"], is_anonymous=False)
    option = page.locator("#customer").get_by_role("button", name="Tuesday")
    await option.click()
    await expect(option).to_have_attribute("aria-pressed", "true")
    assert [u.poll_answer.option_ids for u in await bot.get_updates() if u.poll_answer] == [[1]]
    await bot.stop_poll(42, asked.message_id)
    await expect(option).to_be_disabled()

    group = page.locator("#group")
    await group.get_by_role("button", name="Voice, place, contact").click()
    await group.locator(".others").get_by_role("button", name="Poll").click()
    await page.locator("#give").get_by_label("Question").fill("Lunch?")
    await page.locator("#give").get_by_label("Answers").fill("Yes\nNo")
    await page.locator("#give").get_by_role("button", name="Send").click()
    await expect(group.locator(".poll")).to_contain_text("Lunch?")

    await page.locator("#customer .message").filter(has_text="Which day?").hover()
    await page.get_by_role("button", name="React with a thumb: Poll: Which day?").click()
    await expect(page.locator("#customer .reaction")).to_have_text("👍")


async def test_what_the_bot_finds_is_offered(town: Playground, bot: Bot, page: "Page") -> None:
    town.server.people.settle()
    await page.goto(f"{town.url}/")
    await page.locator("#customer textarea").fill("@photodesk_bot apples")
    query = (await bot.get_updates(timeout=5))[0].inline_query
    content = InputTextMessageContent(message_text=f"All about {query.query}")
    await bot.answer_inline_query(
        query.id, [InlineQueryResultArticle(id="1", title="Apples", input_message_content=content)]
    )
    await page.locator("#customer .suggestions").get_by_role("button", name="Apples").click()
    await expect(page.locator("#customer .own")).to_contain_text("via @photodesk_bot")
    await expect(page.locator("#customer textarea")).to_have_value("")


async def test_two_bots_have_a_page_each(page: "Page") -> None:
    async with Playground(bots=["777:second"]) as both:
        both.server.people.settle()
        await both.beside("777:second").customer(42, "Zoe").say("to the second")
        await page.goto(f"{both.url}/")
        await page.get_by_label("Bot", exact=True).select_option("Bot 777")
        await expect(page).to_have_url(f"{both.url}/?bot=777")
        await expect(page.locator("#customer .log")).to_contain_text("to the second")
        await page.locator("#customer textarea").fill("and again")
        await page.locator("#customer textarea").press("Enter")
        await expect(page.locator("#customer .own").last).to_contain_text("and again")
        assert both.customer(42).messages() == []
