from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from house import House, ask, hand_over, quiet
from PIL import Image

from bot.stats.chart import draw
from bot.stats.events import Event
from bot.stats.figures import BACK_S, Figures, figures, table, talks

HOUR, NOW = 3600.0, 1_000_000.0
WORDS = dict.fromkeys(
    ("talks", "resolved", "handed_over", "first_reply", "rating", "undecided", "days", "reasons"), "words"
)


def event(what: str, at: float, who: str = "a", **more: str) -> Event:
    return Event(who, what, at, more)


def told(*events: Event, now: float = NOW) -> Figures:
    return figures(events, now, lambda at: datetime.fromtimestamp(at, UTC))


def test_a_greeting_is_not_an_answer() -> None:
    assert told(event("talked", 0)).resolved == 0
    assert told(event("answered", 0), event("talked", 10)).resolved == 1  # "thanks" at the end takes nothing away
    assert told(event("answered", 0), event("refused", 10)).resolved == 0


def test_coming_back_within_a_day_uncounts_a_resolution() -> None:
    assert told(event("answered", 0), event("asked_back", BACK_S - 1)).resolved == 0
    assert told(event("answered", 0), event("asked_back", BACK_S + 1)).resolved == 1
    assert told(event("answered", 0), event("answered", BACK_S - 1)).resolved == 1  # the second one holds


def test_what_is_fresh_is_not_decided_yet() -> None:
    fresh = told(event("answered", NOW - HOUR))
    assert (fresh.resolved, fresh.undecided) == (0, 1)


def test_a_hand_over_is_no_resolution_and_has_a_reason_and_a_first_reply() -> None:
    one = told(
        event("answered", 0), event("handed_over", 10, reason="asked"), event("wrote", 20),
        event("replied", 70, agent="5"), event("replied", 80, agent="5"), event("closed", 90, by="agent"),
        event("rated", 100, stars="4"),
    )  # fmt: skip
    assert (one.resolved, dict(one.reasons), one.first_reply, one.rating, one.closed) == (
        0,
        {"asked": 1},
        [60.0],
        4.0,
        1,
    )


def test_an_hours_pause_begins_another_conversation_and_an_agents_word_alone_does_not() -> None:
    mine = talks([event("answered", 0), event("answered", 3599), event("answered", 3599 + HOUR), event("replied", 9e5)])
    assert [len(talk.events) for talk in mine["a"]] == [2, 2]
    assert talks([event("rated", 0)]) == {"a": []}


def test_two_customers_are_two() -> None:
    assert told(event("answered", 0), event("answered", 1, who="b")).talks == 2


@pytest.mark.parametrize("days", [0, 1, 40])
def test_the_picture_can_be_drawn_of_little_and_much(days: int) -> None:
    events = [event("answered", day * 86_400.0, who=str(n)) for day in range(days) for n in range(day % 7)]
    events += [event("handed_over", 5.0, who="z", reason="asked")] * bool(days)
    shown = Image.open(io.BytesIO(draw(told(*events, now=1e9), "The last days", WORDS)))
    assert shown.format == "PNG" and shown.size == (1080, 1080)
    assert len(shown.getcolors(100_000) or ()) > 3


def test_the_table_has_every_figure() -> None:
    one = told(event("answered", 0), event("handed_over", 10, reason="asked"), event("replied", 70))
    lines = table(one).decode().splitlines()
    assert lines[0] == "figure,of,value" and "talks,,1" in lines and "handed_over,asked,1" in lines
    assert "first_reply_median_s,,60" in lines and "talks,1970-01-01,1" in lines


async def test_stats_in_the_group(live: House) -> None:
    await ask(live.ana, "how long do bananas keep?")
    topic, _ = await hand_over(live)
    await topic.agent("Kim").say("Hello")
    await live.ana.wait_for_message("Kim: Hello")
    await live.group.agent("Kim").say("/stats 30")
    group = live.group
    await quiet(live)
    shown = [m for m in group.messages() if m.thread == 0 and m.from_bot and not m.service]
    picture: Any = next(m for m in shown if "photo" in m.raw)
    lines = next(m for m in shown if "document" in m.raw).file().decode().splitlines()
    assert Image.open(io.BytesIO(picture.file())).size[0] > 0
    assert "talks,,1" in lines and "handed_over,asked,1" in lines and "answered,,1" in lines
    assert not any("XYZZY" in line for line in lines)
