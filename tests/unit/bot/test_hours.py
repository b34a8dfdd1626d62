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


@pytest.mark.parametrize("text", ["9-18", "Mon 18-9", "Mon-Foo 9-18", "Mon 25-26", "Mon 9:99-10"])
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not like|before it begins|must be in"):
        Hours.read(text, "", "UTC")


def test_a_wrong_zone_or_holiday_is_said() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Hours.read("", "", "Mars/Base")
    with pytest.raises(ValueError, match="Invalid isoformat"):
        Hours.read("", "Christmas", "UTC")
