"""When somebody is there: business hours in the shop's time zone, and its holidays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))  # an editor or a phone makes an en dash of a minus
_TIME = r"(\d{1,2})(?:[:.](\d\d))?\s*([ap]m)?"
_SPAN = re.compile(rf"(?:([a-z]+)(?:\s*-\s*([a-z]+))?\s+)?{_TIME}\s*-\s*{_TIME}")
_ALONE = re.compile(r"([a-z]+)(?:\s*-\s*([a-z]+))?")  # Sat, Sun 10-14
AHEAD = 400  # days that are searched for the next opening

Span = tuple[time, time]
"""From, until. An end that is not later than the beginning is the next day's: 18:00-2:00, and 9:00-0:00."""


@dataclass(frozen=True, slots=True)
class Hours:
    """``spans`` a weekday (0 is Monday); none at all means always."""

    spans: tuple[tuple[Span, ...], ...] = ()
    holidays: frozenset[date] = frozenset()
    zone: tzinfo = UTC

    @classmethod
    def read(cls, text: str, holidays: str, zone: str) -> Hours:
        """``"Mon-Fri 9-18, Sat 10:00-2:00"``, ``"2026-12-25, 1 Jan 2027"``. Raises ValueError with what is wrong."""
        try:
            where = UTC if zone == "UTC" else ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{zone!r} is no time zone, or this system has no list of them (package tzdata)") from None
        free = frozenset(_day(day.strip()) for day in holidays.split(",") if day.strip())
        return cls(_spans(text), free, where)

    def at(self, moment: float) -> datetime:
        """Unix seconds in the shop's zone."""
        return datetime.fromtimestamp(moment, self.zone)

    def open_at(self, moment: float) -> bool:
        return self._opens(self.at(moment)) is None

    def opens(self, moment: float) -> datetime | None:
        """When somebody is there again; None when somebody is there now."""
        return self._opens(self.at(moment))

    def _opens(self, now: datetime) -> datetime | None:
        if not self.spans:
            return None
        for ahead in range(-1, AHEAD):  # last night's hours may not be over
            day = now.date() + timedelta(days=ahead)
            for start, end in self.spans[day.weekday()] if day not in self.holidays else ():
                begins = datetime.combine(day, start, self.zone)
                if now < begins:
                    return begins
                if now < datetime.combine(day + timedelta(days=end <= start), end, self.zone):
                    return None
        return now + timedelta(days=AHEAD)  # nothing but holidays


def _spans(text: str) -> tuple[tuple[Span, ...], ...]:
    week: list[list[Span]] = [[] for _ in DAYS]
    days, waiting = list[int](), list[int]()  # of the part before; named, and still without a time
    for part in filter(None, (part.strip() for part in re.split(r"[,;\n]", text.translate(_DASHES).lower()))):
        alone, found = _ALONE.fullmatch(part), _SPAN.fullmatch(part)
        if alone and (named := _days(alone[1], alone[2])):
            waiting += named
            continue
        named = _days(found[1], found[2]) if found and found[1] else days
        if not found or not named:
            raise ValueError(f"{part!r} is not like “Mon-Fri 9:00-18:00”")
        start, end = _time(part, *found.group(3, 4, 5)), _time(part, *found.group(6, 7, 8))
        if start == end and start != time(0):
            raise ValueError(f"{part!r} ends when it begins; all day is 0-24")
        days, waiting = waiting + named, []
        for day in days:
            week[day].append((start, end))
    if waiting:
        raise ValueError(f"{text!r} ends with a day that has no time; it is not like “Mon-Fri 9:00-18:00”")
    return tuple(tuple(sorted(day)) for day in week) if any(week) else ()


def _days(first: str, last: str | None) -> list[int]:
    """Weekdays of "mon", "fri-mon", "daily"; [] when it is none."""
    if first == "daily" and last is None:
        return list(range(7))
    named = [_weekday(name) for name in (first, last or first)]
    begin, end = named
    if begin is None or end is None:
        return []
    return [day % 7 for day in range(begin, end + 1 + (7 if end < begin else 0))]


def _weekday(name: str) -> int | None:
    return next((at for at, full in enumerate(_FULL) if len(name) >= 3 and full.startswith(name)), None)


def _time(part: str, hour: str, minute: str | None, half: str | None) -> time:
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError(f"{part!r}: an hour with {half} must be in 1..12")
        number = number % 12 + (12 if half == "pm" else 0)
    if number > 24 or (number == 24 and int(minute or 0)):
        raise ValueError(f"{part!r}: an hour must be in 0..24")
    if int(minute or 0) > 59:
        raise ValueError(f"{part!r}: a minute must be in 0..59")
    return time(number % 24, int(minute or 0))


def _day(text: str) -> date:
    """2026-12-25, 25.12.2026, 25 Dec 2026, December 25 2026. 3/4/2026 is two days, and refused."""
    plain = text.translate(_DASHES)
    try:
        if found := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", plain):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", plain):
            day, month = _day_and_month(int(found[1]), int(found[2]))
            return date(int(found[3]), month, day)
        words = re.fullmatch(
            r"(?:(\d{1,2})\.?\s+([a-z]+)|([a-z]+)\s+(\d{1,2})(?:st|nd|rd|th)?),?\s+(\d{4})", plain.lower()
        )
        if words:
            month = _MONTHS.index((words[2] or words[3])[:3]) + 1
            return date(int(words[5]), month, int(words[1] or words[4]))
        return date.fromisoformat(plain)
    except ValueError:
        raise ValueError(f"{text!r} is not a day like 2026-12-25") from None


def _day_and_month(one: int, other: int) -> tuple[int, int]:
    """25/12 and 12/25 are one day; of 3/4 nobody knows which is the month."""
    if one != other and (one > 12) == (other > 12):
        raise ValueError("which of them is the month?")
    return max(one, other), min(one, other)
