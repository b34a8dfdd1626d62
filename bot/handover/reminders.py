"""What the timers do: ask the agents again, take back what lies idle, end what nobody rates."""

from __future__ import annotations

import time
from functools import partial

from bot.handover import ownership, timers
from bot.handover.handover import Handover
from bot.handover.ownership import State
from bot.handover.timers import Reminder
from bot.texts import speaking
from storage.keys import CLOCK

NEXT: dict[str, timers.What] = {"remind": "remind2", "remind2": "remind3"}
REMINDERS: tuple[timers.What, ...] = ("remind", "remind2", "remind3")
LATER = 3  # each reminder waits so many times as long as the one before


def reminders(handover: Handover) -> dict[str, Reminder]:
    asking: dict[str, Reminder] = {what: partial(remind, handover, what) for what in REMINDERS}
    every: dict[str, Reminder] = {**asking, "idle": partial(idle, handover), "rate": partial(rate, handover)}
    return {what: partial(in_their_language, handover, reminder) for what, reminder in every.items()}


async def in_their_language(handover: Handover, reminder: Reminder, chat: int) -> None:
    with speaking(await handover.customers.language(chat)):
        await reminder(chat)


async def remind(handover: Handover, what: timers.What, chat: int) -> None:
    """Agents are asked again, three times at most; the customer is told once. Nobody is asked out of hours."""
    opens, wait = handover.hours.opens(time.time()), handover.waits.remind_s
    profile = await handover.customers.profile(chat)
    async for commit, owner in ownership.changes(handover.redis, chat):
        commit.zrem(CLOCK, f"{what}:{chat}")
        if not owner.theirs or not handover.agents:
            continue
        if opens:
            timers.start(commit, what, chat, opens.timestamp() + wait)
            continue
        name = profile.name if profile else f"#{chat}"
        handover.agents.tell(commit, chat, handover.texts("agent-remind", name=name))
        if what == "remind" and owner.state is State.PENDING:
            handover.outgoing.text(commit, chat, chat, handover.texts("still-waiting"))
        if what in NEXT:
            factor = LATER if what == "remind" else LATER**2
            timers.start(commit, NEXT[what], chat, time.time() + factor * wait)


async def idle(handover: Handover, chat: int) -> None:
    """Nobody has written for long: the bot takes it back, and says so to both."""
    summary = await handover.summary(chat, await ownership.read(handover.redis, chat))
    async for commit, owner in ownership.changes(handover.redis, chat):
        commit.zrem(CLOCK, f"idle:{chat}")
        if owner.state is State.HUMAN:
            line = handover.texts("returned-idle")
            handover.give_back(commit, chat, owner, by="idle", summary=summary, line=line)
            if handover.agents:
                handover.agents.aside(commit, chat, handover.texts("agent-idle"))


async def rate(handover: Handover, chat: int) -> None:
    """Nobody rated it: it is over."""
    async for commit, owner in ownership.changes(handover.redis, chat):
        commit.zrem(CLOCK, f"rate:{chat}")
        if owner.state is State.WRAPUP:
            ownership.change(commit, chat, State.CLOSED)
            if handover.agents:
                handover.agents.card(commit, chat)
