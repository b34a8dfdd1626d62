from __future__ import annotations

import pytest
from rapidfuzz.distance import OSA

from dialogue.text import Words, one_slip


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


def stems(words: Words, text: str) -> list[str]:
    return [term.stem for term in words.terms(text)]


def test_words_without_a_topic_are_dropped_and_numbers_too(words: Words) -> None:
    assert stems(words, "Could you help me, please? Order 00123 is the one!") == ["order"]


def test_a_fixed_phrase_is_one_term(words: Words) -> None:
    assert stems(words, "I want my money back") == ["money_back"]


def test_the_words_of_a_phrase_can_be_had_apart(words: Words) -> None:
    (term,) = words.terms("credit card")
    assert [part.stem for part in words.parts(term)] == ["credit", "card"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bananas", "banana"), ("Red & White Beets", "red and white beet"), ("red-beet", "Red Beet"), ("CAFÉ", "café")],
)
def test_names_are_compared_whatever_their_case_plural_and_marks(words: Words, one: str, other: str) -> None:
    assert words.name(one) == words.name(other)


def test_weak_words_count_less(words: Words) -> None:
    check, invoice = words.terms("check invoice")
    assert check.weight < invoice.weight == 1


def test_synonyms_go_both_ways(words: Words) -> None:
    assert words.stem("invoice") in words.synonyms[words.stem("bill")]
    assert words.stem("bill") in words.synonyms[words.stem("invoice")]


def test_names_of_people_are_seen_by_their_capital(words: Words) -> None:
    assert words.proper("the bill from Anna Freeman") == {"anna", "freeman"}
    assert words.proper("Refund me") == frozenset()


@pytest.mark.parametrize(
    ("typed", "meant", "slip"),
    [("oredr", "order", True), ("ordr", "order", True), ("border", "order", False), ("live", "lime", False)],
)
def test_a_real_word_is_no_typing_error(typed: str, meant: str, slip: bool) -> None:
    assert OSA.distance(typed, meant) == 1
    assert one_slip(typed, meant) is slip
