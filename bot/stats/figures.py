"""What the events add up to. The definitions are in docs/operations.md, and these functions are them."""

from __future__ import annotations

import csv
import io
import statistics as st
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.stats.events import Event

QUIET_S = 3600.0  # a conversation is over when nothing happened for so long
BACK_S = 86_400.0  # who comes back so soon was not helped
BOT = {"answered", "talked", "asked_back", "refused"}


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation: a customer's events without an hour's pause."""

    events: tuple[Event, ...]

    @property
    def handed_over(self) -> bool:
        return any(event.what == "handed_over" for event in self.events)

    @property
    def answered(self) -> bool:
        """Its last word of the bot's, small talk aside, is an answer: a greeting is none."""
        said = [event.what for event in self.events if event.what in BOT - {"talked"}]
        return bool(said) and said[-1] == "answered"


@dataclass
class Figures:
    days: dict[str, Counter[str]] = field(default_factory=dict)  # day → talks, handed_over
    talks: int = 0
    answered: int = 0  # conversations with an answer of the bot's
    resolved: int = 0
    undecided: int = 0  # would be resolved, but the customer may still come back
    reasons: Counter[str] = field(default_factory=Counter)
    first_reply: list[float] = field(default_factory=list)  # seconds from hand-over to an agent's first words
    stars: Counter[int] = field(default_factory=Counter)
    upset: int = 0  # conversations with a message that sounds so
    closed: int = 0
    returned: int = 0

    @property
    def rating(self) -> float | None:
        count = sum(self.stars.values())
        return sum(star * n for star, n in self.stars.items()) / count if count else None

    @property
    def reply_median(self) -> float | None:
        return st.median(self.first_reply) if self.first_reply else None


def talks(events: Sequence[Event]) -> dict[str, list[Talk]]:
    """Each customer's conversations, oldest first."""
    runs: defaultdict[str, list[list[Event]]] = defaultdict(list)
    for event in sorted(events, key=lambda one: one.at):
        mine = runs[event.who]
        if mine and event.at - mine[-1][-1].at < QUIET_S:
            mine[-1].append(event)
        elif event.what in BOT | {"handed_over"}:  # what an agent or the clock does alone begins nothing
            mine.append([event])
        elif mine:
            mine[-1].append(event)
    return {who: [Talk(tuple(run)) for run in mine] for who, mine in runs.items()}


def figures(events: Sequence[Event], now: float, day_of: Callable[[float], datetime]) -> Figures:
    """``day_of``: a moment in the shop's time zone."""
    figures = Figures()
    for mine in talks(events).values():
        for at, talk in enumerate(mine):
            after = mine[at + 1].events[0].at if at + 1 < len(mine) else None
            _count(figures, talk, after, now, f"{day_of(talk.events[0].at):%Y-%m-%d}")
    return figures


def _count(figures: Figures, talk: Talk, back: float | None, now: float, day: str) -> None:
    figures.talks += 1
    figures.days.setdefault(day, Counter())["talks"] += 1
    figures.days[day]["handed_over"] += talk.handed_over
    figures.upset += any(event.more.get("mood") == "negative" for event in talk.events)
    figures.answered += any(event.what == "answered" for event in talk.events)
    _resolution(figures, talk, back, now)
    waiting: float | None = None
    for event in talk.events:
        match event.what:
            case "handed_over":
                figures.reasons[event.more.get("reason", "other")] += 1
                waiting = event.at
            case "replied" if waiting is not None:
                figures.first_reply.append(event.at - waiting)
                waiting = None
            case "rated":
                figures.stars[int(event.more["stars"])] += 1
            case "closed":
                figures.closed += 1
            case "returned":
                figures.returned += 1


def _resolution(figures: Figures, talk: Talk, back: float | None, now: float) -> None:
    if not talk.answered or talk.handed_over:
        return
    end = talk.events[-1].at
    if back is not None and back - end < BACK_S:
        return
    if now - end < BACK_S:
        figures.undecided += 1
    else:
        figures.resolved += 1


def table(figures: Figures) -> bytes:
    """The same as CSV: figure, of what, value."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["figure", "of", "value"])
    whole = ("talks", "answered", "resolved", "undecided", "closed", "returned", "upset")
    rows.writerows([name, "", getattr(figures, name)] for name in whole)
    rows.writerows(["handed_over", reason, count] for reason, count in figures.reasons.most_common())
    rows.writerow(["first_reply_median_s", "", "" if figures.reply_median is None else f"{figures.reply_median:.0f}"])
    rows.writerows(["stars", star, figures.stars[star]] for star in range(1, 6))
    for day, counts in sorted(figures.days.items()):
        rows.writerow(["talks", day, counts["talks"]])
        rows.writerow(["handed_over", day, counts["handed_over"]])
    return out.getvalue().encode()
