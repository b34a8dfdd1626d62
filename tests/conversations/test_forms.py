"""Forms, as a customer fills them in and as an agent gets them."""

from __future__ import annotations

import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from house import GREEN, House, picture, quiet
from PIL import Image, ImageDraw, ImageFont
from repository import ROOT

from playground import Message


@pytest.fixture
def shop(house: House, knowledge: Path) -> House:
    """The demo shop's forms, with the articles that they name."""
    for name in ("returns-and-refunds", "missing-or-damaged-items", "made-to-your-drawing"):
        shutil.copy(ROOT / "shop" / "articles" / f"{name}.md", knowledge)
    (knowledge / "returns.md").unlink()
    return house


def from_bot(message: Message) -> bool:
    return message.from_bot


async def say(house: House, text: str) -> Message:
    await house.ana.say(text)
    return await house.ana.wait_for_message(from_bot)


async def press(house: House, message: Message, label: str) -> Message:
    await house.ana.press(label, message)
    return await house.ana.wait_for_message(from_bot)


def labels(message: Message) -> list[str]:
    return [key["text"] for row in message.raw["reply_markup"]["inline_keyboard"] for key in row]


def drawing() -> bytes:
    image = Image.new("RGB", (1000, 800), "#fbfaf5")
    pen = ImageDraw.Draw(image)
    pen.ellipse((120, 120, 480, 480), outline="#c02020", width=14)
    pen.rectangle((560, 150, 900, 420), fill="#1c40b0")
    pen.text((150, 560), "Happy Birthday Mia", fill="#111", font=ImageFont.load_default(60))
    pen.text((150, 660), "30 x 40 cm", fill="#111", font=ImageFont.load_default(60))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


async def test_a_return_from_the_first_wish_to_the_agents_dossier(shop: House) -> None:
    async with shop.bot():
        kim = shop.group.agent("Kim")
        said = await say(shop, "I want to return something")
        assert "Return something" in said.text and "Order number?" in said.text
        said = await say(shop, "I have no idea")  # no number, and no question
        assert "doesn't look like such a number" in said.text
        said = await say(shop, "how long do I have to return it?")  # answered, and back
        assert "30 days" in said.text and "Back to “Return something”" in said.text and "Order number?" in said.text
        said = await say(shop, "it is 4471-22")
        assert "What do you want to return?" in said.text
        said = await say(shop, "the blue kettle")
        said = await press(shop, said, "Broken or damaged")
        assert "Day it arrived?" in said.text
        said = await say(shop, (datetime.now(UTC) + timedelta(3)).date().isoformat())
        assert "still to come" in said.text
        said = await say(shop, "yesterday")
        assert "Photo of it: please send a photo." in said.text and "Skip" in labels(said)
        await shop.ana.send_photo(picture(GREEN))
        said = await shop.ana.wait_for_message(from_bot)
        assert "• Order number: 4471-22" in said.text and "• Photo of it: 1 📷" in said.text
        said = await press(shop, said, "Change something")
        said = await press(shop, said, "What do you want to return")
        said = await say(shop, "the red kettle")
        assert "the red kettle" in said.text and "blue" not in said.text
        said = await press(shop, said, "✅ Send to the team")
        assert "goes to our team" in said.text and "passing you on" in said.text
        card = await kim.wait_for_message("Why: a form was filled in")
        assert "Form: Return something" in card.text and "Order number: 4471-22" in card.text
        file = await kim.wait_for_message(lambda m: "document" in m.raw)
        assert file.file().startswith(b"%PDF-") and b"/DCTDecode" in file.file()
        await quiet(shop)
    assert not await shop.redis.exists("c:42:intake")


async def test_a_design_brief_takes_what_the_sketch_shows(shop: House) -> None:
    async with shop.bot():
        await shop.ana.say("/form design")
        said = await shop.ana.wait_for_message("Your sketch")
        await shop.ana.send_photo(drawing())
        said = await shop.ana.wait_for_message(from_bot)
        for taken in ("Size: 30 x 40 cm", "Words on it: Happy Birthday Mia", "red", "blue", "1 × circle"):
            assert taken in said.text
        assert "For how many people?" in said.text
        asked = await say(shop, "400")
        assert "between 1 and 200" in asked.text
        said = await say(shop, "cancel")
        assert "nothing was sent" in said.text
        said = await press(shop, asked, "Later")
        assert "no longer open" in said.text


async def test_leaving_coming_back_and_a_person_in_the_middle(shop: House) -> None:
    async with shop.bot():
        kim = shop.group.agent("Kim")
        await say(shop, "/form return")
        said = await say(shop, "4471-22")
        said = await press(shop, said, "Later")
        assert "stays as it is" in said.text
        said = await say(shop, "how do I return something?")  # answered as ever, and the form is at hand
        assert "[1]" in said.text and "▶️ Go on: Return something" in labels(said)
    async with shop.bot():  # another day, another process
        said = await press(shop, said, "▶️ Go on: Return something")
        assert "What do you want to return?" in said.text
        said = await say(shop, "a human please")
        assert "passing you on" in said.text
        card = await kim.wait_for_message("Why: asked for a person")
        assert "Order number: 4471-22" in card.text and "What do you want to return: not asked yet" in card.text
        await kim.press("🤖 Back to bot", card)
        await shop.ana.wait_for_message("I'm back")
        said = await say(shop, "the blue kettle")
        assert "Why?" in said.text
        await shop.ana.say("/export")
        export = await shop.ana.wait_for_message(lambda m: "document" in m.raw)
        assert json.loads(export.file())["kept"]["c:42:intake"]["answers"][0]["value"] == "4471-22"
        said = await say(shop, "/forget")
        await shop.ana.press("Yes, forget everything", said)
        await shop.ana.wait_for_message("Done. Nothing about you")
        assert not [key async for key in shop.redis.scan_iter("c:42:intake*")]


async def test_a_shop_without_forms_says_so(house: House, tmp_path: Path) -> None:
    (empty := tmp_path / "no forms").mkdir()
    house.settings = house.settings.model_copy(update={"forms": empty})
    async with house.bot():
        said = await say(house, "/form")
        assert "nothing to fill in" in said.text
