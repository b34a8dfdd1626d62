"""A conversation is led in the customer's language, with articles in it or with the shop's own; titles are buttons."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

from house import House, ask, due

from dialogue.find import CALIBRATION, KINDS

GERMAN = "# Lieferzeiten\n\nWir liefern innerhalb von zwei Werktagen. Was vor Mittag bestellt wird, geht gleich raus.\n"
CHINESE = "# 退货和退款\n\n您可以在 30 天内退回任何商品，我们会退款。\n"


def translated(knowledge: Path) -> None:
    for name, text in {"de/delivery-times": GERMAN, "zh/returns": CHINESE}.items():
        path = knowledge / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


async def test_in_german(house: House, knowledge: Path) -> None:
    translated(knowledge)
    async with house.bot():
        answer = await ask(house.ana, "Wie lange dauert die Lieferung zu mir nach Hause?")
        assert answer.text.startswith("Wir liefern innerhalb von zwei Werktagen.")
        assert answer.text.endswith("[1] Lieferzeiten")
        thanks = await ask(house.ana, "vielen Dank!")
        assert thanks.text.startswith("Gern geschehen")
        other = await ask(house.ana, "Wie lange halten sich Bananen bei Zimmertemperatur?")
        assert "in einer anderen Sprache" in other.text and other.text.endswith("[1] Banana")
        person = await ask(house.ana, "ich möchte mit einem Menschen sprechen")
        assert person.text.startswith("Ich gebe Sie an jemanden aus unserem Team weiter")


async def test_in_chinese(house: House, knowledge: Path) -> None:
    translated(knowledge)
    async with house.bot():
        answer = await ask(house.ana, "怎么退货，多久能退款？")
        assert "30 天内退回" in answer.text and answer.text.endswith("[1] 退货和退款")
        assert (await ask(house.ana, "/HELP")).text.startswith("您可以在这里")


async def test_a_language_that_was_chosen_is_spoken_whatever_the_words_are_in(live: House) -> None:
    asked = await ask(live.ana, "/language")
    await live.ana.press("Español", asked)
    await live.ana.say("how long do bananas keep at room temperature?")
    answer = await live.ana.wait_for_message(lambda m: m.from_bot and "[1]" in m.text)
    assert "otro idioma" in answer.text and answer.text.endswith("[1] Banana")
    assert (await ask(live.ana, "gracias, muy amable")).text.startswith("¡De nada!")


async def test_what_an_agent_or_a_timer_does_is_said_in_the_customers_language(live: House) -> None:
    ana = live.ana
    await ana.say("ich möchte bitte mit einem Menschen sprechen")
    topic = await live.group.wait_for_topic("Ana")
    card = await topic.wait_for_message("Why:")
    assert "Deutsch" in card.text
    assert await due(live, "remind")
    await ana.wait_for_message("Sie sind nicht vergessen")
    await topic.wait_for_message("⏰ Ana is still waiting")  # agents read the shop's language
    await topic.agent("Kim").press("✅ Close")
    await ana.wait_for_message("Unser Team hat dieses Gespräch beendet")


async def test_a_title_is_a_button_and_an_answer(house: House, tmp_path: Path) -> None:
    coefficients = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    for kind in KINDS:
        coefficients[kind]["answer"] = 1.1  # never sure enough
    (shy := tmp_path / "shy.json").write_text(json.dumps(coefficients), encoding="utf-8")
    house = replace(house, settings=house.settings.model_copy(update={"calibration": shy}))
    async with house.bot():
        asked = await ask(house.ana, "how long do bananas keep at room temperature?")
        titles = [button.text for button in asked.buttons]
        assert (titles[0], titles[-1]) == ("Banana", "Talk to a person")
        await house.ana.press("Banana", asked)
        answer = await house.ana.wait_for_message(lambda m: m.from_bot and "[1]" in m.text)
        assert answer.text.endswith("[1] Banana")


async def test_a_changed_article_is_answered_from_without_a_restart(house: House, knowledge: Path) -> None:
    async with house.bot():
        before = await ask(house.ana, "how long do bananas keep at room temperature?")
        assert "four to six days" in before.text
        path = knowledge / "banana.md"
        path.write_text("# Banana\n\nBananas keep nine days at room temperature.\n", encoding="utf-8")
        os.utime(path, (1, 1))
        await asyncio.sleep(2)
        assert "nine days" in (await ask(house.ana, "how long do bananas keep at room temperature?")).text


async def test_an_articles_picture_comes_with_the_answer(house: House, knowledge: Path) -> None:
    address = "https://shop.example/banana.jpg"
    (knowledge / "banana.md").write_text(f"# Banana\n\n![yellow]({address})\n\nBananas keep for a week.\n")
    async with house.bot():
        answer = await ask(house.ana, "how long do bananas keep at room temperature?")
        assert answer.raw["link_preview_options"]["url"] == address
