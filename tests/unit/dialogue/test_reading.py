"""What was read in a photo is a fact: it finds the article, and it is said as one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dialogue.chain import Dialogue
from dialogue.find import Finder
from dialogue.history import InMemory
from dialogue.replies import reading
from dialogue.texts import Texts
from dialogue.turn import Fact, Reply, Turn


def fact(slot: str, value: str) -> Fact:
    return Fact(slot, value, 1.0, "photo 1")


TOTAL = fact("total", "€18.90")


@pytest.fixture
def said(demo: Finder) -> Callable[..., Awaitable[Reply]]:
    def reply(text: str, *facts: Fact) -> Awaitable[Reply]:
        return Dialogue(demo, InMemory()).reply(Turn(1, text, facts, photos=1))

    return reply


@pytest.mark.parametrize(
    ("text", "facts", "article", "words"),
    [
        ("", [fact("error_code", "E-204")], "error-codes", "drip tray is full"),
        ("what does this mean?", [fact("error_code", "E-310"), fact("kind", "screenshot")], "error-codes", "too hot"),
        ("where is my parcel?", [fact("tracking", "RR473124829GB")], "tracking-a-parcel", "RR473124829GB"),
        (
            "",
            [fact("kind", "receipt"), fact("total", "€18.90"), fact("date", "2026-11-24")],
            "receipts",
            "Tuesday, 24 November 2026",
        ),
        (
            "how do I get my money back?",
            [fact("kind", "receipt"), fact("total", "€18.90")],
            "returns-and-refunds",
            "€18.90",
        ),
        ("how long does this keep?", [fact("printed", "OAT MILK")], "oat-milk", "That is Oat Milk"),
    ],
)
async def test_the_article_and_the_fact(said: Any, text: str, facts: list[Fact], article: str, words: str) -> None:
    reply = await said(text, *facts)
    assert (reply.action, reply.citations[0].article) == ("answer", article)
    assert words in reply.text


async def test_a_code_that_no_article_has_is_not_explained_by_another(said: Any) -> None:
    reply = await said("what is this?", fact("error_code", "E-999"))
    assert "error code E-999" in reply.text and "don't find that exact point" in reply.text
    assert "drip tray" not in reply.text


async def test_what_is_read_and_not_known_is_said_and_asked_about(said: Any) -> None:
    reply = await said("", fact("serial", "FT3517929"))
    assert reply.action == "clarify"
    assert "In your photo I read: serial number FT3517929." in reply.text


async def test_it_is_said_once_and_remembered(demo: Finder) -> None:
    memory = InMemory()
    dialogue = Dialogue(demo, memory)
    turn = Turn(1, "what is this?", (fact("error_code", "E-204"),), photos=1)
    first: Any = await dialogue.reply(turn)
    dialogue.remember(None, turn, first)
    second = await dialogue.reply(Turn(1, "and what do I do about it?"))
    assert second.citations[0].article == "error-codes" and "In your photo I read" not in second.text


def test_reading_is_one_sentence_of_at_most_four_things() -> None:
    facts = [
        fact("total", "€18.90"),
        fact("order", "4471-22"),
        fact("date", "2026-11-24"),
        fact("date", "soon"),
        fact("imei", "1"),
    ]
    assert (
        reading(Texts("en"), facts)
        == "In your photo I read: order 4471-22, Tuesday, 24 November 2026, soon, a total of €18.90."
    )
    assert reading(Texts("en"), []) == ""


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [
        ("en", "€1234.50", "€1234.50"),
        ("de", "€1234.50", "1.234,50\u00a0€"),
        ("fr", "€-5.00", "-5,00\u00a0€"),
        ("zh", "€18.90", "€18.90"),
        ("de", "$45.30", "$ 45,30"),  # of which country, nobody said
        ("pt", "BRL 45.30", "R$\u00a045,30"),
        ("es", "Rs 123456.00", "Rs 123.456,00"),
        ("de", "18.90", "18,90"),
        ("de", "no amount", "no amount"),
    ],
)
def test_an_amount_is_said_as_the_language_writes_it(language: str, value: str, shown: str) -> None:
    assert shown in reading(Texts(language), [fact("total", value)])
