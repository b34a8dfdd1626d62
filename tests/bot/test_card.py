from __future__ import annotations

import pytest

from bot.card import LINES, WIDTH, card, tag, tagged
from bot.texts import Texts


def test_a_tag_is_read_back() -> None:
    assert tagged(f"{tag(42)} · Ana: hello") == 42


@pytest.mark.parametrize("text", ["", "hello #c42", "·#c42", " #c42", "#c-100123 · x", "#c42x", "#C42", "c42", "#c"])
def test_only_the_first_word_can_be_a_tag(text: str) -> None:
    assert tagged(text) is None


def test_a_card_begins_with_its_tag_whatever_the_customers_name() -> None:
    text = card(Texts(), 42, "#c43 · Eve\n#c44", "asked", [("customer", "#c45 · hi"), ("bot", "Hello!")])
    assert tagged(text) == 42
    assert "Why: the customer asked for a person" in text
    assert "Customer: #c45 · hi\nBot: Hello!" in text


def test_a_card_has_the_newest_lines_and_no_endless_one() -> None:
    said = [("customer", f"line {number} " + "x" * 1000) for number in range(30)]
    text = card(Texts(), 42, "Ana", "other", said)
    assert "line 29" in text and f"line {30 - LINES}" in text
    assert f"line {29 - LINES} " not in text
    assert max(map(len, text.splitlines())) <= WIDTH + len("Customer: ")


def test_a_card_without_a_word_says_so() -> None:
    assert "(nothing was said before)" in card(Texts(), 42, "Ana", "something new", [])
