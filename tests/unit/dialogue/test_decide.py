from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dialogue.context import Memory, resolve
from dialogue.decide import Judge
from dialogue.encode import Encoders
from dialogue.find import Calibration, Finder
from dialogue.intents import Phrases
from dialogue.judgement import Judgement
from dialogue.turn import Action, Fact, Reason, Turn

Judged = Callable[..., Judgement]
Facts = Callable[..., tuple[Fact, ...]]


@pytest.fixture
def judged(finder: Finder, phrases: Phrases) -> Judged:
    def judge(text: str, *facts: Fact, memory: Memory | None = None, photos: int = 0, sure: float = 0.55) -> Judgement:
        memory = memory or Memory()
        question = resolve(Turn(1, text, facts, photos or bool(facts)), memory, finder.knowledge, phrases)
        return Judge(finder, sure=sure).judge(question, memory)

    return judge


def articles(judgement: Judgement) -> list[str]:
    return [found.passage.article for found in judgement.passages[: judgement.quote]]


def test_a_clear_question_is_answered(judged: Judged) -> None:
    judgement = judged("how do I cancel my order?")
    assert (judgement.action, articles(judgement)) == ("answer", ["cancel-order"])


@pytest.mark.parametrize(
    ("text", "memory", "reason"),
    [
        ("let me talk to a human", Memory(), "asked"),
        ("yes please", Memory(action="refuse", offered=True, failures=1), "accepted_offer"),
        ("no, that's not it", Memory(action="clarify", failures=1), "repeated_failure"),
        ("how much is it?", Memory(action="refuse", failures=2), "repeated_failure"),
    ],
)
def test_hands_over(judged: Judged, text: str, memory: Memory, reason: Reason) -> None:
    judgement = judged(text, memory=memory)
    assert (judgement.action, judgement.reason) == ("hand_over", reason)


@pytest.mark.parametrize(
    ("failures", "action"), [(0, "clarify"), (1, "refuse"), (2, "hand_over")], ids=["asks", "offers", "hands over"]
)
def test_one_question_back_then_the_offer_then_a_person(judged: Judged, failures: int, action: Action) -> None:
    judgement = judged("I need help", memory=Memory(action="clarify" if failures else None, failures=failures))
    assert judgement.action == action
    assert judgement.offers_person is (action == "refuse")


def test_off_topic_is_refused_with_a_button_however_often(judged: Judged) -> None:
    for failures in (0, 1, 2):
        judgement = judged("what is naval engineering", memory=Memory(action="refuse", failures=failures))
        assert (judgement.action, judgement.reason, judgement.offers_person) == ("refuse", "other", True)


def test_words_after_our_question_are_on_topic(judged: Judged) -> None:
    judgement = judged("the zorblax one", memory=Memory("?", action="clarify", failures=1))
    assert (judgement.action, judgement.about, judgement.reason) == ("refuse", "unknown", "low_confidence")


def test_thanks_after_an_offer_is_no_yes(judged: Judged) -> None:
    assert judged("thanks", memory=Memory(action="refuse", offered=True)).action == "answer"


def test_a_no_with_a_question_of_its_own_is_a_question(judged: Judged) -> None:
    judgement = judged("no, that's not it, I want to cancel the order", memory=Memory(action="clarify", failures=1))
    assert articles(judgement) == ["cancel-order"]


@pytest.mark.parametrize("text", ["what is this?", "how long does this keep?", "is it good for baking?", ""])
def test_a_sure_photo_is_answered_from_its_article(judged: Judged, seen: Facts, text: str) -> None:
    judgement = judged(text, *seen(Granny_Smith=0.71, Golden_Delicious=0.2))
    assert (judgement.action, articles(judgement)) == ("answer", ["granny-smith"])
    assert judgement.confidence == 0.71


def test_a_refund_for_what_is_in_the_photo_is_about_refunds(judged: Judged, seen: Facts) -> None:
    assert articles(judged("I want to get a refund for this", *seen(Granny_Smith=0.9))) == ["get-refund"]


@pytest.mark.parametrize(
    ("text", "article"), [("cancel my order", "cancel-order"), ("can I return this?", "get-refund")]
)
def test_words_about_the_shop_beside_a_photo_are_about_the_shop(
    judged: Judged, seen: Facts, text: str, article: str
) -> None:
    assert articles(judged(text, *seen(Granny_Smith=0.9))) == [article]


def test_it_is_what_the_photo_shows_whatever_is_said_of_others(
    tmp_path: Path, meaning: Encoders, phrases: Phrases, seen: Facts
) -> None:
    """Of 60 products each was answered from the one milk whose article speaks of organic labels."""
    (tmp_path / "banana.md").write_text("# Banana\n\nBananas are good as snacks.\n")
    (tmp_path / "milk.md").write_text("# Farm milk\n\nOrganic skimmed milk. The organic label tells you so.\n")
    (tmp_path / "delivery.md").write_text("# Delivery time\n\nParcels arrive within 3-5 business days.\n")
    finder = Finder.read(tmp_path, meaning)
    for text, article in (("is it organic?", "banana"), ("is the farm milk organic?", "milk")):
        question = resolve(Turn(1, text, seen(Banana=0.9), True), Memory(), finder.knowledge, phrases)
        assert articles(Judge(finder).judge(question, Memory())) == [article]


def test_an_unsure_photo_is_asked_about(judged: Judged, seen: Facts) -> None:
    judgement = judged("how long does this keep?", *seen(Granny_Smith=0.45, Golden_Delicious=0.4))
    assert (judgement.action, judgement.about) == ("clarify", "choice")
    assert [guess.name for guess in judgement.guesses] == ["Granny Smith", "Golden Delicious"]
    assert judgement.passages == ()


def test_the_customer_s_word_settles_an_unsure_photo(judged: Judged, seen: Facts) -> None:
    judgement = judged("is this golden delicious sweet?", *seen(Granny_Smith=0.45, Golden_Delicious=0.4))
    assert articles(judgement) == ["golden-delicious"]


def test_how_sure_is_sure_is_the_shop_s_choice(judged: Judged, seen: Facts) -> None:
    assert judged("what is this?", *seen(Granny_Smith=0.45), sure=0.4).action == "answer"


def test_two_photos_two_articles(judged: Judged) -> None:
    facts = Fact("product", "Banana", 0.9, "photo 1"), Fact("product", "Granny Smith", 0.8, "photo 2")
    assert articles(judged("how long do these keep?", *facts)) == ["banana", "granny-smith"]


@pytest.mark.parametrize(
    ("facts", "about"),
    [
        ((Fact("product", "Kiwi", 0.9, "photo 1"),), "no_article"),
        ((Fact("kind", "receipt", 0.9, "photo 1"),), "no_article"),
        ((Fact("kind", "scene", 0.9, "photo 1"),), "not_sure"),
        ((Fact("caption", "a dog on grass", 0.5, "photo 1"),), "only_caption"),
        ((Fact("product", "Banana", 0.1, "photo 1"),), "not_sure"),
        ((Fact("photo", "unreadable", 1.0, "photo 1"),), "unreadable"),
        ((Fact("photo", "unsure", 1.0, "photo 1"),), "not_sure"),
    ],
)
def test_what_it_cannot_tell_it_says(judged: Judged, facts: tuple[Fact, ...], about: str) -> None:
    judgement = judged("how long does this keep?", *facts)
    assert (judgement.action, judgement.about) == ("clarify", about)


def test_a_photo_that_nobody_looked_at(judged: Judged) -> None:
    assert judged("what is this?", photos=1).about == "not_sure"


@pytest.mark.parametrize(
    "text", ["how long does this keep?", "what is this?", "is it good for baking?", "how much is it?"]
)
def test_this_without_a_photo_is_asked_about_not_guessed(judged: Judged, text: str) -> None:
    assert judged(text).about == "which"


def test_a_threshold_above_everything_answers_nothing(shop: Path, meaning: Encoders, phrases: Phrases) -> None:
    usual = Calibration.read()
    never = replace(usual, answer=dict.fromkeys(usual.answer, 1.1), refuse=dict.fromkeys(usual.refuse, 0.0))
    finder = Finder.read(shop, meaning, never)
    question = resolve(Turn(1, "cancel my order"), Memory(), finder.knowledge, phrases)
    judgement = Judge(finder).judge(question, Memory())
    assert judgement.action == "clarify"
    assert "cancel-order" in judgement.offers
