from __future__ import annotations

import io

import pytest
from PIL import Image, ImageFont

from bot.stats import chart
from bot.stats.figures import Figures

FONT = ImageFont.load_default(40)
BOX = bytes(FONT.getmask("\ue000"))


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("–", "-"), ("9–18 — Café", "9-18 - Cafe"), ("Łódź ✓", "odz "), ("Shop 24", "Shop 24"), ("1…", "1…")],
)
def test_letters_that_the_font_lacks_become_ones_that_it_has(text: str, drawn: str) -> None:
    assert chart.drawable(FONT, text) == drawn


def test_no_box_is_drawn_where_there_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop without a talk saw crossed boxes: the font has no en dash."""
    drawn: list[str] = []
    whole = chart.drawable
    monkeypatch.setattr(chart, "drawable", lambda font, text: drawn.append(whole(font, text)) or drawn[-1])
    names = ("talks", "resolved", "handed_over", "first_reply", "rating", "undecided", "days", "reasons")
    picture = chart.draw(nothing(), "Statistics – Café", {name: name for name in names})
    assert Image.open(io.BytesIO(picture)).size == (chart.WIDE, chart.HIGH)
    assert drawn.count("-") == 3  # nobody resolved, replied, rated
    assert all(bytes(FONT.getmask(letter)) != BOX for text in drawn for letter in text.replace(" ", ""))


def nothing() -> Figures:
    return Figures()
