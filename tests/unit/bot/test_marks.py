"""What is bold or a link stays where it was: in another line, in a burst, in a text that is sent in parts."""

from __future__ import annotations

import re

import pytest

from bot.handlers.buttons import again
from bot.marks import Mark, cut, moved, units, within


def under(text: str, mark: Mark) -> str:
    """What ``mark`` marks."""
    at, length = 2 * int(mark["offset"]), 2 * int(mark["length"])
    return text.encode("utf-16-le")[at : at + length].decode("utf-16-le")


@pytest.mark.parametrize("name", ["Kim", "Kim 😀", "here"])
def test_in_another_line(name: str) -> None:
    text = "🎁 see here"
    mark: Mark = {"type": "text_link", "offset": units("🎁 see "), "length": 4, "url": "https://x.example"}
    line = f"{name}: {text}"
    (found,) = within(line, text, [mark])
    assert under(line, found) == "here"
    assert found["url"] == "https://x.example"
    assert within("a line without it", text, [mark]) == []


def test_in_a_text_that_is_cut() -> None:
    text = "one two three"
    marks: list[Mark] = [{"type": "bold", "offset": 4, "length": 9}, {"type": "code", "offset": 0, "length": 3}]
    first, second = text[:7], text[8:]
    assert [under(first, mark) for mark in cut(marks, 0, 7)] == ["two", "one"]
    assert [under(second, mark) for mark in cut(marks, 8, 13)] == ["three"]
    assert moved(marks[:1], 2)[0]["offset"] == 6


@pytest.mark.parametrize("count", [1, 2, 10])
def test_the_button_to_try_again_names_all_of_an_album(count: int) -> None:
    messages = [123_456_789 + n for n in range(count)]
    (row,) = again("Try again", 7_123_456_789, messages)["inline_keyboard"]  # type: ignore[misc, attr-defined]
    data = row[0]["callback_data"]
    assert len(data.encode()) <= 64
    first, *others = re.split(r"[:+]", data)[2:]
    assert [int(first), *(int(first) + int(other) for other in others)] == messages
