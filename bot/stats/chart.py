"""The figures as one picture, to be read on a phone: six numbers, the days, the reasons."""

from __future__ import annotations

import io
import unicodedata
from typing import Any

from bot.stats.figures import Figures

WIDE, HIGH = 1080, 1080
INK, QUIET, ACCENT, SOFT, PAPER = "#1b2421", "#66736e", "#0d766b", "#e0f1ed", "#ffffff"
DAYS = 31  # at most
NONE = "-"  # in place of a number that there is not
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


def draw(figures: Figures, title: str, words: dict[str, str]) -> bytes:
    """A PNG. ``words``: what stands under the numbers, and the reasons' names."""
    from PIL import Image, ImageDraw, ImageFont  # here alone: the bot has no other use for it

    image = Image.new("RGB", (WIDE, HIGH), PAPER)
    pen = ImageDraw.Draw(image)

    def text(x: float, y: float, said: str, size: int, *, colour: str = INK, anchor: str = "la") -> None:
        font = ImageFont.load_default(size)
        pen.text((x, y), drawable(font, said), colour, font, anchor=anchor)

    text(60, 50, title, 44)
    tiles = [
        (str(figures.talks), words["talks"]),
        (_share(figures.resolved, figures.talks - figures.undecided), words["resolved"]),
        (str(sum(figures.reasons.values())), words["handed_over"]),
        (_minutes(figures.reply_median), words["first_reply"]),
        (f"{figures.rating:.1f}" if figures.rating else NONE, words["rating"]),
        (str(figures.undecided), words["undecided"]),
    ]
    for at, (number, said) in enumerate(tiles):
        x, y = 60 + at % 3 * 330, 130 + at // 3 * 160
        pen.rounded_rectangle((x, y, x + 300, y + 140), 20, SOFT)
        text(x + 24, y + 20, number, 56, colour=ACCENT)
        text(x + 24, y + 94, said, 26, colour=QUIET)
    _days(pen, text, figures, words)
    _reasons(pen, text, figures, words)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def drawable(font: Any, text: str) -> str:
    """``text`` in letters that ``font`` has. Pillow's own has few: it draws a crossed box for a dash and for an é."""
    lacking = bytes(font.getmask("\ue000"))

    def has(letter: str) -> bool:
        return letter == " " or bytes(font.getmask(letter)) != lacking

    def nearest(letter: str) -> str:
        plain = unicodedata.normalize("NFKD", letter.translate(_DASHES))
        return "".join(part for part in plain if not unicodedata.combining(part) and has(part))

    return "".join(letter if has(letter) else nearest(letter) for letter in text)


def _days(pen: Any, text: Any, figures: Figures, words: dict[str, str]) -> None:
    text(60, 480, words["days"], 30)
    days = sorted(figures.days.items())[-DAYS:]
    most = max((counts["talks"] for _, counts in days), default=1)
    step = (WIDE - 120) / max(7, len(days))
    for at, (day, counts) in enumerate(days):
        x, foot = 60 + at * step, 700
        for name, colour in (("talks", ACCENT), ("handed_over", "#e8926d")):
            top = foot - 150 * counts[name] / most
            if counts[name]:
                pen.rectangle((x, top, x + step * 0.7, foot), colour)
        text(
            x + step * 0.35,
            foot - 150 * counts["talks"] / most - 4,
            str(counts["talks"]),
            20,
            colour=QUIET,
            anchor="ms",
        )
        if len(days) <= 14 or at % 5 == 0:
            text(x + step * 0.35, foot + 8, f"{day[8:]}.{day[5:7]}.", 20, colour=QUIET, anchor="ma")


def _reasons(pen: Any, text: Any, figures: Figures, words: dict[str, str]) -> None:
    text(60, 770, words["reasons"], 30)
    most = max(figures.reasons.values(), default=1)
    for at, (reason, count) in enumerate(figures.reasons.most_common(5)):
        y = 820 + at * 48
        pen.rectangle((560, y, 560 + 400 * count / most, y + 32), "#e8926d")
        said = words.get(f"reason:{reason}", reason)
        text(60, y + 2, said if len(said) <= 38 else said[:37] + "…", 26)
        text(572 + 400 * count / most, y + 2, str(count), 26, colour=QUIET)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole > 0 else NONE


def _minutes(seconds: float | None) -> str:
    if seconds is None:
        return NONE
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.1f} h"
    )
