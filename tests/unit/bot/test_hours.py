from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.handover.hours import Hours

BERLIN = ZoneInfo("Europe/Berlin")
SHOP = Hours.read("Mon-Fri 9:00-18:00, Sat 10-14", "2026-12-25", "Europe/Berlin")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-24 10:00", None),  # Tuesday
        ("2026-11-24 08:59", "2026-11-24 09:00"),
        ("2026-11-24 18:00", "2026-11-25 09:00"),
        ("2026-11-28 13:59", None),  # Saturday
        ("2026-11-28 14:00", "2026-11-30 09:00"),  # then Monday
        ("2026-12-24 19:00", "2026-12-26 10:00"),  # Friday is a holiday
    ],
)
def test_when_somebody_is_there(now: str, opens: str | None) -> None:
    found = SHOP.opens(at(now))
    assert (found and f"{found:%Y-%m-%d %H:%M}") == opens
    assert SHOP.open_at(at(now)) is (opens is None)


def test_an_hour_is_the_shops_also_when_the_clocks_change() -> None:
    night = Hours.read("Sun 9-18", "", "Europe/Berlin")
    opens = night.opens(at("2026-10-25 01:30"))  # the night of 25 hours
    assert opens and opens.hour == 9 and (opens.timestamp() - at("2026-10-25 01:30")) / 3600 == 8.5


def test_until_midnight_over_the_weekend_and_always() -> None:
    assert Hours.read("Fri-Mon 20-24", "", "UTC").open_at(datetime.fromisoformat("2026-11-29T23:59Z").timestamp())
    assert Hours().opens(0.0) is None


@pytest.mark.parametrize(
    ("now", "there"),
    [
        ("2026-11-27 17:59", False),  # Friday
        ("2026-11-27 23:30", True),
        ("2026-11-28 01:59", True),  # Saturday, Friday's night
        ("2026-11-28 02:00", False),
        ("2026-11-29 01:00", True),  # Sunday, Saturday's night
        ("2026-11-30 01:00", False),
        ("2026-12-25 23:00", False),  # a holiday's evening
        ("2026-12-26 01:00", False),
    ],
)
def test_past_midnight(now: str, there: bool) -> None:
    """It used to be refused: "ends before it begins"."""
    bar = Hours.read("Fri-Sat 18:00-02:00", "2026-12-25", "Europe/Berlin")
    assert bar.open_at(at(now)) is there
    if now == "2026-11-28 02:00":
        opens = bar.opens(at(now))
        assert opens and f"{opens:%a %H:%M}" == "Sat 18:00"


@pytest.mark.parametrize(
    "text",
    [
        "Mon–Fri 9:00–18:00, Sat 10–14",
        "Monday - Friday 9.00 - 18.00; Saturday 10-14",
        "Mon-Fri 9am-6pm\nSat 10 am - 2 pm",
        "mon, tues, Wed-Fri 9-18, Sat 10-12, 12-14",
    ],
)
def test_other_ways_to_write_it(text: str) -> None:
    hours = Hours.read(text, "", "Europe/Berlin")
    for now, opens in (("2026-11-24 08:59", False), ("2026-11-24 17:59", True), ("2026-11-24 18:00", False),
                       ("2026-11-28 10:00", True), ("2026-11-28 13:59", True), ("2026-11-28 14:00", False),
                       ("2026-11-29 12:00", False)):  # fmt: skip
        assert hours.open_at(at(now)) is opens, now


def test_every_day_and_the_last_minute() -> None:
    assert all(Hours.read("daily 0-24", "", "UTC").open_at(3600.0 * hour) for hour in range(200))


@pytest.mark.parametrize(
    "text",
    ["9-18", "Mon-Foo 9-18", "Mon 25-26", "Mon 9:99-10", "Mon 13pm-15", "Mon 9-9", "Sat, Sun", "Mon 24:30-2", "closed"],
)
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not like|when it begins|must be in"):
        Hours.read(text, "", "UTC")


def test_a_wrong_zone_or_holiday_is_said() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Hours.read("", "", "Mars/Base")
    for day in ("Christmas", "31.2.2026", "3/4/2026", "2026-13-01", "25 Foo 2026"):
        with pytest.raises(ValueError, match=rf"'{day}' is not a day like 2026-12-25"):
            Hours.read("", day, "UTC")


@pytest.mark.parametrize(
    "day", ["2026-12-25", "25.12.2026", "25. 12. 2026", "25/12/2026", "12/25/2026", "25 Dec 2026", "December 25th 2026"]
)
def test_a_holiday_in_other_words(day: str) -> None:
    """25.12.2026 used to be answered with Python's own "Invalid isoformat string"."""
    assert not Hours.read("Mon-Fri 9-18", day, "Europe/Berlin").open_at(at("2026-12-25 12:00"))
    assert Hours.read("Mon-Fri 9-18", day, "Europe/Berlin").open_at(at("2026-12-24 12:00"))
