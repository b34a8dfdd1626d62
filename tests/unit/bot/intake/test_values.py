"""What customers type, as values."""

from __future__ import annotations

from datetime import date

import pytest

from bot.intake import talk
from bot.intake.forms import FormField
from bot.intake.values import Value, read, spoken
from dialogue.intents import Phrases

TODAY = date(2026, 11, 29)
PHRASES, DAYS = Phrases(), talk.days()


def field(kind: str, **more: object) -> FormField:
    return FormField.model_validate({"name": "x", "type": kind, "label": "X", **more})


def got(one: FormField, text: str) -> str:
    found = read(one, text, PHRASES, DAYS, TODAY)
    return found.plain if isinstance(found, Value) else f"!{found}"


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", "3"), ("about 12 people", "12"), ("1,5", "1.5"), ("1.000", "1000"), ("1,250.50", "1250.5"), ("٣", "3"),
     ("-2", "!range"), ("900000", "!range"), ("3 or 4", "!number"), ("many", "!number"), ("🙂", "!empty")],
)  # fmt: skip
def test_numbers(text: str, value: str) -> None:
    assert got(field("number", least=0, most=2000), text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("24.11.2026", "2026-11-24"), ("on 24 November 2026", "2026-11-24"), ("2026-11-24", "2026-11-24"),
     ("24.11.", "2026-11-24"), ("30/12", "2025-12-30"), ("yesterday", "2026-11-28"), ("Gestern!", "2026-11-28"),
     ("昨天", "2026-11-28"), ("hoy", "2026-11-29"), ("31.02.", "!date"), ("next year", "!date"),
     ("3 December 2026", "!past")],
)  # fmt: skip
def test_days_in_the_past(text: str, value: str) -> None:
    assert got(field("date", when="past"), text) == value


def test_days_to_come() -> None:
    one = field("date", when="future")
    assert got(one, "3.1.") == "2027-01-03"
    assert got(one, "tomorrow") == "2026-11-30"
    assert got(one, "24.11.2026") == "!future"


@pytest.mark.parametrize(
    ("text", "value"),
    [("4471-22", "4471-22"), ("it is #ab-1234", "AB-1234"), ("my order is 4471-22, sent to 5", "4471-22"),
     ("I don't know", "!order"), ("A", "!order"), ("ORDER", "!order"), ("1" * 40, "!order")],
)  # fmt: skip
def test_order_numbers(text: str, value: str) -> None:
    assert got(field("order"), text) == value


def test_a_shop_s_own_order_number() -> None:
    one = field("order", pattern=r"CC-\d{6}")
    assert got(one, "it's cc-123456") == "CC-123456"
    assert got(one, "4471-22") == "!order"


@pytest.mark.parametrize(
    ("text", "value"),
    [("Broken", "broken"), ("kaputt", "broken"), ("2", "wrong"), ("the second one", "wrong"), ("the last", "wrong"),
     ("it came broken", "broken"), ("broken and the wrong thing", "!choice"), ("7", "!choice"), ("blue", "!choice")],
)  # fmt: skip
def test_choices(text: str, value: str) -> None:
    choices = {"broken": {"en": "Broken", "de": "Kaputt"}, "wrong": {"en": "The wrong thing"}}
    assert got(field("choice", choices=choices), text) == value


def test_a_text_is_kept_within_bounds() -> None:
    assert len(got(field("text"), "a" * 5000)) == 1000
    assert got(field("text"), "...") == "!empty"


def test_values_are_said_in_the_customer_s_language() -> None:
    assert spoken(field("date"), "2026-11-24", "de") == "24. November 2026"
    assert spoken(field("date"), "2026-11-24", "xx") == "2026-11-24"
