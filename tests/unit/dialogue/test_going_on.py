"""A question that names nothing, after an answer about one thing, is about that thing; in every language."""

from __future__ import annotations

from typing import Any

import pytest

from dialogue.encode import Encoders
from dialogue.going_on import GoingOn
from dialogue.turn import Fact

APPLE = Fact("product", "Granny Smith", 0.95, "photo 1")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("what is this?", "how long will it last?"),
        ("Was ist das?", "Wie lange hält sich das?"),  # was offered leek and pear, then a person
        ("Was ist das?", "Kann man sie einfrieren?"),
        ("Was ist das?", "Muss ich sie schälen?"),  # was answered with cabbage
        ("¿Qué es esto?", "¿Se puede congelar?"),
        ("Qu'est-ce que c'est ?", "Combien de temps ça se garde ?"),
        ("O que é isto?", "Posso congelar?"),
        ("Что это такое?", "Сколько это хранится?"),
        ("Bu nedir acaba?", "Bunu dondurabilir miyim?"),
        ("ما هذا الشيء؟", "هل يمكن تجميدها؟"),
        ("これは何ですか？", "冷凍できますか？"),
        ("这是什么东西？", "能放多久？"),
        ("यह क्या है?", "क्या इसे फ्रीज कर सकते हैं?"),
    ],
)
async def test_after_a_photo_it_is_about_what_the_photo_showed(shown: Any, first: str, then: str) -> None:
    await shown.say(first, APPLE)
    reply = await shown.say(then)
    assert reply.action == "answer"
    assert [citation.article for citation in reply.citations] == ["apple"], str(shown)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("what is this?", "how long does milk last?"),
        ("what is this?", "should I keep cheese in the fridge?"),
        ("Was ist das?", "Wie lange hält Milch?"),
        ("Was ist das?", "Kann ich Brot einfrieren?"),
        ("Was ist das?", "Wo ist mein Paket?"),
        ("¿Qué es esto?", "¿Cuánto dura el queso?"),
        ("Qu'est-ce que c'est ?", "Il faut éplucher les carottes ?"),
        ("Что это такое?", "Сколько хранится сыр?"),
        ("これは何ですか？", "チーズはどのくらい持ちますか？"),
        ("这是什么东西？", "奶酪能放多久？"),
        ("यह क्या है?", "दूध कितने दिन चलता है?"),
    ],
)
async def test_what_names_its_own_subject_is_about_that(shown: Any, first: str, then: str) -> None:
    await shown.say(first, APPLE)
    reply = await shown.say(then)
    assert "apple" not in [citation.article for citation in reply.citations], str(shown)


async def test_it_may_be_the_article_of_an_answer_in_words(shown: Any) -> None:
    await shown.say("Wie lange halten Karotten im Kühlschrank?")
    reply = await shown.say("carrots")
    assert [citation.article for citation in reply.citations] == ["carrots"]
    reply = await shown.say("Kann man sie auch einfrieren?")
    assert [citation.article for citation in reply.citations] == ["carrots"], str(shown)


async def test_a_first_message_has_nothing_to_go_on_about(shown: Any) -> None:
    reply = await shown.say("Kann man sie einfrieren?")
    assert reply.action == "clarify" and not reply.citations


def test_what_is_long_or_in_a_language_that_the_encoder_does_not_know_goes_on_about_nothing(meaning: Encoders) -> None:
    goes_on = GoingOn(meaning.wide)
    assert goes_on("wie lange hält es sich?", "de")
    assert not goes_on("wie lange hält es sich?", "hi")
    assert not goes_on("wie lange hält es sich? " * 5, "de")
    assert not goes_on(" ", "de")
