"""What the clock does: asks the agents again, takes back what lies idle, ends what nobody rates."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bot.handover import ownership, timers
from bot.handover.handover import Desk
from bot.handover.ownership import Owner, State
from bot.handover.timers import Alarm
from storage.keys import CLOCK

NEXT: dict[str, timers.What] = {"remind": "remind2", "remind2": "remind3"}
REMINDERS: tuple[timers.What, ...] = ("remind", "remind2", "remind3")
LATER = 3  # each reminder waits so many times as long as the one before


def alarms(desk: Desk) -> dict[str, Alarm]:
    def reminder(what: timers.What) -> Alarm:
        return lambda chat: remind(desk, what, chat)

    reminders: dict[str, Alarm] = {what: reminder(what) for what in REMINDERS}
    return {**reminders, "idle": lambda chat: idle(desk, chat), "rate": lambda chat: rate(desk, chat)}


async def remind(desk: Desk, what: timers.What, chat: int) -> None:
    """Agents are asked again, three times at most; the customer is told once. Nobody is asked out of hours."""
    opens, people = desk.hours.opens(time.time()), desk.people
    profile = await desk.profile(chat)

    def decide(owner: Owner) -> Callable[[Any], None]:
        def queued(pipe: Any) -> None:
            pipe.zrem(CLOCK, f"{what}:{chat}")
            if not owner.theirs or people is None:
                return
            if opens:
                timers.start(pipe, what, chat, opens.timestamp() + desk.waits.remind_s)
                return
            people.tell(pipe, chat, desk.texts("agent-remind", name=profile.name if profile else f"#{chat}"))
            if what == "remind" and owner.state is State.PENDING:
                desk.queue.text(pipe, chat, chat, desk.texts("still-waiting"))
            if what in NEXT:
                factor = LATER if what == "remind" else LATER**2
                timers.start(pipe, NEXT[what], chat, time.time() + factor * desk.waits.remind_s)

        return queued

    await ownership.settle(desk.redis, chat, decide)


async def idle(desk: Desk, chat: int) -> None:
    """Nobody has written for long: the bot takes it back, and says so to both."""
    summary = await desk.summary(chat, await ownership.read(desk.redis, chat))

    def decide(owner: Owner) -> Callable[[Any], None]:
        def queued(pipe: Any) -> None:
            pipe.zrem(CLOCK, f"idle:{chat}")
            if owner.state is not State.HUMAN:
                return
            desk.give_back(pipe, chat, owner, by="idle", summary=summary, line=desk.texts("returned-idle"))
            if desk.people:
                desk.people.aside(pipe, chat, desk.texts("agent-idle"))

        return queued

    await ownership.settle(desk.redis, chat, decide)


async def rate(desk: Desk, chat: int) -> None:
    """Nobody rated it: it is over."""

    def decide(owner: Owner) -> Callable[[Any], None]:
        def queued(pipe: Any) -> None:
            pipe.zrem(CLOCK, f"rate:{chat}")
            if owner.state is State.WRAPUP:
                ownership.change(pipe, chat, State.CLOSED)
                if desk.people:
                    desk.people.card(pipe, chat)

        return queued

    await ownership.settle(desk.redis, chat, decide)
