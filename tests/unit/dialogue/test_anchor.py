"""A model's sentence keeps to one sentence of what it cites, so that the article's own words cannot be made a lie."""

from __future__ import annotations

import pytest

from dialogue.anchor import anchored

SHOP = (
    "You can return unopened cups within 30 days of delivery and get your money back.",
    "Fresh fish cannot be sent back, but if it arrived damaged we replace it: send us a photo within 48 hours.",
    "Parcels up to 5 kg cost €4; parcels over that cost €9.",
    "Tickets are valid until noon, unless the driver says otherwise.",
    "Only members must show their card.",
    "It is checked at the gate.",
)


@pytest.mark.parametrize(
    "said",
    [
        "You can return unopened cups within 30 days.",
        "Yes, unopened cups can be returned within 30 days, and you get your money back.",
        "If your fresh fish arrived damaged, send us a photo within 48 hours.",
        "Fresh fish can't be sent back.",
        "Only members must show their card, and the card is checked at the gate.",
        "Tickets are valid until noon unless the driver says otherwise.",
    ],
)
def test_a_paraphrase_keeps_to_it(said: str) -> None:
    assert anchored(said, SHOP)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("You can return opened cups within 30 days.", "the opposite word"),
        ("You can return unopened cups within 48 hours.", "another one's number"),
        ("You can return fresh fish within 30 days.", "another one's object"),
        ("Fresh fish can be sent back.", "a not that is gone"),
        ("Unopened cups cannot be returned within 30 days.", "a not that is new"),
        ("Fresh fish cannot be sent back if it did not arrive damaged.", "a not more"),
        ("Tickets are valid after noon.", "after for until"),
        ("Members must show their card.", "an only that is gone"),
        ("Members must show their tickets at the gate.", "two sentences in one"),
        ("The card is checked at the gate, and you get your money back.", "halves of two"),
        ("Get back cups and return your money within 30 days.", "another order"),
        ("Unopened cups may be burnt.", "a strange word"),
    ],
)  # fmt: skip
def test_a_lie_of_its_own_words_does_not(said: str, what: str) -> None:
    """ "Household goods may be burnt for a refund" reached customers."""
    assert not anchored(said, SHOP), what


def test_chinese_is_compared_by_characters() -> None:
    passage = ("生鲜食品不能退回。", "礼品卡三年内有效。")
    assert anchored("生鲜食品不能退回", passage)
    assert not anchored("生鲜食品能退回", passage)
