"""What a customer types, as the value of a field: checked, in one form, with a reason where it is none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from bot.intake.forms import FormField, said
from dialogue.intents import Phrases, plain
from vision.readers.dates import dates
from vision.readers.layout import Row
from vision.report import shown

Wrong = Literal["empty", "number", "range", "date", "past", "future", "order", "choice"]
TEXT = 1_000  # characters that are kept of a text
ORDER = r"(?=[A-Z/-]*\d)[A-Z0-9](?:[A-Z0-9/-]{1,28})[A-Z0-9]"  # something with a digit, as shops print it
NUMBER = re.compile(r"[-+]?\d+(?:[.,'’\u00a0]\d+)*")
THOUSANDS = re.compile(r"\d{1,3}(?:[.,'’\u00a0]\d{3})+")
SHORT_DAY = re.compile(r"^\D{0,12}(?P<d>\d{1,2})\s?[./-]\s?(?P<m>\d{1,2})\.?\D{0,12}$")


@dataclass(frozen=True, slots=True)
class Value:
    """``plain`` is the same in every language: 3.5, 2026-11-24, a choice's name."""

    plain: str


Read = Value | Wrong


def read(field: FormField, text: str, phrases: Phrases, days: Mapping[str, int], today: date | None = None) -> Read:
    """``text`` as the value of ``field``; else what is wrong. ``days``: "yesterday" -> -1, in any language."""
    text = text.strip()
    if not any(letter.isalnum() for letter in text):
        return "empty"
    match field.type:
        case "number":
            return _number(field, text)
        case "date":
            return _date(field, text, days, today or datetime.now(UTC).date())
        case "order":
            return _order(field, text)
        case "choice":
            return _choice(field, text, phrases)
        case _:
            return Value(text[:TEXT])


def _number(field: FormField, text: str) -> Read:
    found = NUMBER.findall(text)
    if len(found) != 1:  # "3 or 4" is for the customer to decide
        return "number"
    number = _float(found[0])
    low, high = field.least, field.most
    if (low is not None and number < low) or (high is not None and number > high):
        return "range"
    return Value(f"{number:g}" if abs(number) < 1e6 else str(number))


def _float(text: str) -> float:
    """ "1.000" is a thousand and "1,5" one and a half: where only three digits follow, they are thousands."""
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
    if THOUSANDS.fullmatch(digits):
        return float(sign + re.sub(r"\D", "", digits))
    whole, _, rest = re.sub(r"[,’'\u00a0]", ".", digits).rpartition(".")
    number = float(f"{sign}{re.sub(r'[.]', '', whole)}.{rest}" if whole else sign + rest)
    return number if math.isfinite(number) else 0.0


def _date(field: FormField, text: str, days: Mapping[str, int], today: date) -> Read:
    day = _day(text, days, today, future=field.when == "future")
    if day is None:
        return "date"
    if field.when == "past" and day > today:
        return "past"
    if field.when == "future" and day < today:
        return "future"
    return Value(day.isoformat())


def _day(text: str, days: Mapping[str, int], today: date, *, future: bool) -> date | None:
    if (shift := days.get(plain(text))) is not None:
        return today + timedelta(shift)
    found = [one for _, _, one in dates([Row(text, (0,), (0,), 20.0)]) if one]
    if found:
        return date.fromisoformat(found[0].normal)
    if short := SHORT_DAY.match(text):  # no year: the nearest such day on the side that is meant
        for year in (today.year, today.year + (1 if future else -1)):
            day = _of(year, int(short["m"]), int(short["d"]))
            if day and (day >= today if future else day <= today):
                return day
    return None


def _of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _order(field: FormField, text: str) -> Read:
    """The number alone, or the one piece of a sentence that is such a number."""
    pattern = re.compile(field.pattern or ORDER, re.IGNORECASE)
    whole = text.lstrip("#").strip()
    pieces = [whole, *(piece.strip("#.,;:()") for piece in text.split())]
    found = next((piece for piece in pieces if pattern.fullmatch(piece)), None)
    return Value(shown(found.upper(), 64)) if found else "order"


def _choice(field: FormField, text: str, phrases: Phrases) -> Read:
    """By its words in any language, or by its place."""
    wanted = plain(text)
    for name, words in field.choices.items():
        if wanted == name or wanted in {plain(one) for one in words.values()}:
            return Value(name)
    names = list(field.choices)
    number = int(wanted) - 1 if wanted.isdecimal() and len(wanted) < 3 else phrases.place(text)
    if number is not None and -1 <= number < len(names):
        return Value(names[number])
    named = [n for n, words in field.choices.items() if any(_within(plain(one), wanted) for one in words.values())]
    return Value(named[0]) if len(named) == 1 else "choice"


def _within(words: str, text: str) -> bool:
    return bool(words) and f" {words} " in f" {text} "


def spoken(field: FormField, value: str, language: str) -> str:
    """``value`` as people read it in ``language``: a day's name of the month, a choice's words."""
    if field.type == "choice" and value in field.choices:
        return said(field.choices[value], language)
    if field.type == "date":
        try:
            return str(format_date(date.fromisoformat(value), "long", locale=Locale.parse(language or "en")))
        except (ValueError, UnknownLocaleError):
            return value
    return value
