from __future__ import annotations

from collections.abc import Callable

import pytest

from dialogue.context import Memory, Question, points_at_something, resolve
from dialogue.intents import Phrases
from dialogue.search import Knowledge
from dialogue.turn import Fact, Turn

Facts = Callable[..., tuple[Fact, ...]]


@pytest.fixture
def ask(knowledge: Knowledge, phrases: Phrases) -> Callable[..., Question]:
    def resolved(text: str, memory: Memory | None = None, facts: tuple[Fact, ...] = (), photos: int = 0) -> Question:
        return resolve(Turn(1, text, facts, photos), memory or Memory(), knowledge, phrases)

    return resolved


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("how long does this keep?", True),
        ("is it good for baking", True),
        ("where are they from", True),
        ("how long do these keep?", True),
        ("how do I do it", False),
        ("is it possible to pay later", False),
        ("what time is it", False),
        ("who won this week", False),
        ("I want to cancel this order", False),
        ("is it true that nicotine is harder to quit than heroin", False),
    ],
)
def test_points_at_something(knowledge: Knowledge, text: str, points: bool) -> None:
    assert points_at_something(text, knowledge) is points


def test_a_follow_up_goes_back_to_the_article_of_the_last_answer(ask: Callable[..., Question]) -> None:
    question = ask("and can I freeze it?", Memory(cited=("granny-smith",), action="answer"))
    assert question.follow_up
    assert [name for name, _ in question.leaning] == ["granny-smith"]


def test_without_an_answer_it_goes_back_to_the_photo(ask: Callable[..., Question], seen: Facts) -> None:
    question = ask("and can I freeze it?", Memory(facts=seen(Banana=0.9), action="answer"))
    assert [g.name for g in question.evidence.specific] == ["Banana"]


def test_this_without_a_photo_is_not_the_refund_of_before(ask: Callable[..., Question]) -> None:
    assert not ask("how long does this keep?", Memory(cited=("get-refund",), action="answer")).evidence


def test_an_article_that_is_gone_is_forgotten(ask: Callable[..., Question]) -> None:
    assert not ask("can I freeze it?", Memory(cited=("deleted",), action="answer")).evidence


def test_a_new_subject_is_no_follow_up(ask: Callable[..., Question]) -> None:
    assert not ask("cancel my order", Memory(cited=("granny-smith",), action="answer")).follow_up


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Granny Smith", "Granny Smith"),
        ("the golden one", "Golden Delicious"),
        ("the second", "Golden Delicious"),
        ("the first one", "Granny Smith"),
    ],
)
def test_an_answer_to_which_of_two(ask: Callable[..., Question], seen: Facts, text: str, name: str) -> None:
    memory = Memory(
        "how long does this keep?", seen(Granny_Smith=0.5, Golden_Delicious=0.4), asked=True, action="clarify"
    )
    question = ask(text, memory)
    assert question.chosen
    assert question.wording == "how long does this keep?"
    assert [(g.name, g.probability) for g in question.evidence.specific] == [(name, 1.0)]


def test_an_answer_is_about_the_photo_that_was_asked_about(ask: Callable[..., Question]) -> None:
    """ "The second one" of two guesses about photo 1 was the likeliest one of photo 2."""
    facts = (
        Fact("product", "Banana", 0.55, "photo 1"),
        Fact("product", "Oat Milk", 0.3, "photo 1"),
        Fact("product", "Granny Smith", 0.5, "photo 2"),
    )
    found = ask("the second one", Memory("what is this?", facts, asked=True, action="clarify")).evidence.specific
    assert [guess.name for guess in found] == ["Oat Milk"]


def test_yes_to_is_it_a_banana(ask: Callable[..., Question], seen: Facts) -> None:
    memory = Memory("what is this?", seen(Banana=0.5), asked=True, action="clarify")
    assert ask("yes", memory).chosen
    assert not ask("no", memory).chosen


def test_the_name_after_which_product_completes_the_question(ask: Callable[..., Question]) -> None:
    question = ask("granny smith", Memory("how long does this keep?", action="clarify"))
    assert question.wording == "how long does this keep? granny smith"


def test_a_photo_after_which_product_brings_the_question_along(ask: Callable[..., Question], seen: Facts) -> None:
    question = ask("", Memory("how long does this keep?", action="clarify"), seen(Banana=0.9), 1)
    assert question.wording == "how long does this keep?"
