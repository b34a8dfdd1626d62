"""When somebody is there: business hours in the shop's time zone, and its holidays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d{1,2})(?::(\d\d))?-(\d{1,2})(?::(\d\d))?")
AHEAD = 400  # days that are searched for the next opening


@dataclass(frozen=True, slots=True)
class Hours:
    """``spans`` a weekday (0 is Monday); none at all means always."""

    spans: tuple[tuple[tuple[time, time], ...], ...] = ()
    holidays: frozenset[date] = frozenset()
    zone: tzinfo = UTC

    @classmethod
    def read(cls, text: str, holidays: str, zone: str) -> Hours:
        """``"Mon-Fri 9-18, Sat 10:00-14:00"``, ``"2026-12-25, 2027-01-01"``. Raises ValueError with what is wrong."""
        try:
            where = UTC if zone == "UTC" else ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{zone!r} is no time zone, or this system has no list of them (package tzdata)") from None
        free = frozenset(date.fromisoformat(day.strip()) for day in holidays.split(",") if day.strip())
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
        for ahead in range(AHEAD):
            day = now.date() + timedelta(days=ahead)
            for start, end in self.spans[day.weekday()] if day not in self.holidays else ():
                begins = datetime.combine(day, start, self.zone)
                if now < begins:
                    return begins
                if now < _until(day, end, self.zone):
                    return None
        return now + timedelta(days=AHEAD)  # nothing but holidays


def _until(day: date, end: time, zone: tzinfo) -> datetime:
    """24:00 is written 0:00 and is the next day's."""
    return datetime.combine(day + timedelta(days=end == time(0)), end, zone)


def _spans(text: str) -> tuple[tuple[tuple[time, time], ...], ...]:
    week: list[list[tuple[time, time]]] = [[] for _ in DAYS]
    for part in filter(None, (part.strip().lower() for part in text.split(","))):
        found = _SPAN.fullmatch(part)
        if not found or found[1] not in DAYS or (found[2] or found[1]) not in DAYS:
            raise ValueError(f"{part!r} is not like “Mon-Fri 9:00-18:00”")
        first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
        start = time(int(found[3]), int(found[4] or 0))
        end = time(int(found[5]) % 24, int(found[6] or 0))
        if start >= end and end != time(0):
            raise ValueError(f"{part!r} ends before it begins")
        for day in range(first, last + 1 + (7 if last < first else 0)):
            week[day % 7].append((start, end))
    return tuple(tuple(sorted(day)) for day in week) if any(week) else ()
