"""Words of other languages are looked up among the shop's own by what they mean."""

from __future__ import annotations

import numpy as np
import pytest

from dialogue.encode import Encoders
from dialogue.find import Finder
from dialogue.search import Knowledge
from dialogue.wordbook import Wordbook


@pytest.fixture(scope="module")
def wordbook(demo: Finder, meaning: Encoders) -> Wordbook:
    return Wordbook(demo.knowledge, meaning.wide)


def best(demo: Finder, wordbook: Wordbook, question: str) -> str:
    return list(demo.knowledge.articles)[int(np.argmax(wordbook.scores(question)))]


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("Zahlungsmethode", "payment-methods"),
        ("когда вы открыты", "opening-hours"),
        ("payer avec une carte", "payment-methods"),
        ("配送の時間", "delivery-times"),
        ("موعد التوصيل", "delivery-times"),
    ],
)
def test_a_word_finds_what_it_means(demo: Finder, wordbook: Wordbook, question: str, article: str) -> None:
    assert best(demo, wordbook, question) == article


def test_words_without_a_topic_find_nothing(wordbook: Wordbook) -> None:
    assert wordbook.scores("ich und du").max() == 0
    assert wordbook.scores("4471 ?!").max() == 0


def test_a_word_may_be_kept_from_standing_for_itself(meaning: Encoders, demo: Finder, wordbook: Wordbook) -> None:
    other = Wordbook(demo.knowledge, meaning.wide, itself=False)
    assert 0 < other.scores("mango").max() < wordbook.scores("mango").max()


def test_meanings_score_as_the_words_themselves_would(knowledge: Knowledge) -> None:
    """The likeliest meaning says how much the word counts; an unknown one takes nothing away."""
    same = knowledge.by_meanings([{"refund": 1.0}, {"track": 1.0}])
    assert np.allclose(same, knowledge.by_article("refund track"))
    less = knowledge.by_meanings([{"refund": 0.5}, {"track": 0.5}])
    assert 0 < less.max() < same.max()
    assert np.array_equal(knowledge.by_meanings([{"refund": 1.0}, {}]), knowledge.by_meanings([{"refund": 1.0}]))
    assert knowledge.by_meanings([{"the": 1.0}]).max() == 0


def test_a_question_in_another_language_is_answered_by_its_words(demo: Finder) -> None:
    hits = demo.find("оплата картой", "ru")
    assert hits.found[0].passage.article == "payment-methods"
    assert hits.signals[3] > 0.2  # the words' score, which no Russian word had
