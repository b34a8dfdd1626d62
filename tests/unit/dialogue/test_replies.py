from __future__ import annotations

from typing import Any, get_args

import pytest

from dialogue.evidence import Guess
from dialogue.judgement import About
from dialogue.replies import choice, naming
from dialogue.texts import Texts

SAY = Texts("en")


def guess(name: str, probability: float, slot: str = "product", source: str = "photo 1") -> Guess:
    return Guess(name, probability, slot, source)


@pytest.mark.parametrize(
    ("guesses", "colour", "said"),
    [
        ([guess("Kiwi", 0.95)], "", "That is Kiwi."),
        ([guess("Kiwi", 0.7)], "", "That looks like Kiwi."),
        ([guess("T-shirt", 0.9, "article")], "Navy", "That is T-shirt (navy)."),
        ([guess("receipt", 0.9, "kind")], "", "That is a receipt."),
        ([guess("severe", 0.9, "damage")], "", "I can see severe damage."),
        ([guess("Kiwi", 1.0, source="customer")], "", "Kiwi, thank you."),
        ([guess("Kiwi", 0.9), guess("Plum", 0.6)], "", "That looks like Kiwi and Plum."),
        ([], "", ""),
    ],
)
def test_naming_shows_how_sure_it_is(guesses: list[Guess], colour: str, said: str) -> None:
    assert naming(SAY, guesses, colour) == said


def test_choice() -> None:
    assert choice(SAY, [guess("A", 0.4), guess("B", 0.3)]).endswith("Is it A or B?")
    assert choice(SAY, [guess("A", 0.4)]).endswith("Is it A?")


def test_there_are_words_for_everything_it_may_be_about() -> None:
    composed = {"passages", "choice", "which_title", "no_article", "only_caption", "only_read", "not_sure"}
    assert {about for about in get_args(About) if not SAY.has(about)} == composed


async def test_the_quote_is_the_section_that_answers(conversation: Any) -> None:
    reply = await conversation.say("how long does a granny smith keep?")
    assert reply.citations[0].passage.startswith("Granny Smith keeps for about four weeks")
    assert reply.text.endswith("[1]\n\n[1] Granny Smith")


async def test_it_says_when_the_article_is_silent_on_the_point(conversation: Any) -> None:
    await conversation.say("how are beets prepared? red and white beets")
    reply = await conversation.say("and are they radioactive?")
    assert "I don't find that exact point" in reply.text
