""" "Are you sure?" after an answer."""

from __future__ import annotations

from typing import Any

import pytest

from dialogue.intents import Phrases
from dialogue.turn import Fact


@pytest.mark.parametrize(
    ("first", "doubt", "said", "offer"),
    [
        ("how long do bananas keep?", "are you sure?", "This is what I go by:", "Shall I get a person"),
        ("how long do bananas keep?", "Really?", "This is what I go by:", "Shall I get a person"),
        ("how long do bananas keep?", "can I really rely on that?", "This is what I go by:", "Shall I get a person"),
        ("Was kostet die Lieferung?", "Sind Sie sicher?", "Darauf stütze ich mich:", "Soll ich jemanden"),
        ("Was kostet die Lieferung?", "stimmt das wirklich so?", "Darauf stütze ich mich:", "Soll ich jemanden"),
        ("¿Cuánto cuesta el envío?", "¿Está seguro?", "Me baso en esto:", "¿Quiere que avise"),
        ("Combien coûte la livraison ?", "Vous êtes sûr ?", "Voici sur quoi", "Voulez-vous que j'appelle"),
        ("送货要多少钱？", "你确定吗？", "我的依据是：", "要我请一位"),
        ("Сколько стоит доставка?", "Вы уверены?", "Вот на что", "Позвать сотрудника?"),
    ],
)
async def test_it_says_again_what_it_stands_on_and_offers_a_person(
    shown: Any, first: str, doubt: str, said: str, offer: str
) -> None:
    """It was refused: "I can only help with the shop"."""
    answer = await shown.say(first)
    again = await shown.say(doubt)
    assert answer.citations and again.citations == answer.citations, str(shown)
    assert again.action == "answer" and again.offers_person
    assert again.text.startswith(said) and offer in again.text
    assert (await shown.say("ja" if "Soll" in offer else "yes")).reason == "accepted_offer"


async def test_what_a_photo_showed_is_said_again_as_surely_as_before(shown: Any) -> None:
    await shown.say("what is this?", Fact("product", "Granny Smith", 0.7, "photo 1"))
    again = await shown.say("are you sure about that?")
    assert again.text.startswith("This is what I go by: That looks like Granny Smith. Apples keep")


async def test_after_no_answer_a_person_is_offered(shown: Any) -> None:
    assert (await shown.say("tell me a joke")).action == "refuse"
    again = await shown.say("are you sure?")
    assert again.offers_person and "I don't find an answer" in again.text


async def test_a_first_message_doubts_nothing(shown: Any) -> None:
    assert not (await shown.say("are you sure?")).citations


@pytest.mark.parametrize(
    "text", ["are you sure you deliver to Bonn?", "is it true that bananas are berries?", "sure", "really good, thanks"]
)
def test_a_question_of_its_own_is_no_doubt(phrases: Phrases, text: str) -> None:
    assert not phrases.doubts(text)
