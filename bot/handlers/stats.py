"""/stats in the agents' group: a picture and a table."""

from __future__ import annotations

import asyncio
import time
from typing import get_args

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message
from redis.asyncio import Redis

from bot.handover.group import Group
from bot.handover.hours import Hours
from bot.stats import events
from bot.stats.chart import draw
from bot.stats.figures import figures, table
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns
from dialogue.turn import Reason
from storage.commit import Commit

LONGEST = 400  # days that events are kept


def stats_router(group: Group) -> Router:
    router = Router(name="stats")
    router.message.filter(lambda message: message.chat.id == group.id)
    router.message.register(on_stats, Command("stats", ignore_case=True))
    return router


async def on_stats(
    message: Message,
    command: CommandObject,
    *,
    entry: Entry,
    turns: Turns,
    redis: Redis,
    outgoing: Outgoing,
    hours: Hours,
    texts: Texts,
) -> None:
    """``/stats 7``: the last seven days."""
    asked = (command.args or "").strip()
    days = min(max(int(asked), 1), LONGEST) if asked.isdecimal() else 7
    now = time.time()
    found = [event async for event in events.since(redis, now - days * 86_400)]
    shown = figures(found, now, hours.at)
    words = {name.removeprefix("stats-"): texts(name) for name in NAMES}
    words |= {f"reason:{reason}": texts("reason", code=reason) for reason in get_args(Reason)}
    chart = await asyncio.to_thread(draw, shown, texts("stats", days=days), words)
    chat = message.chat.id
    thread: dict[str, object] = {"message_thread_id": message.message_thread_id} if message.message_thread_id else {}
    commit = Commit()
    outgoing.file(commit, chat, "photo", "stats.png", chart, caption=texts("stats-caption"), **thread)
    outgoing.file(commit, chat, "document", f"stats-{days}-days.csv", table(shown), **thread)
    await turns.finish(entry, commit)


NAMES = (
    "stats-talks", "stats-resolved", "stats-handed_over", "stats-first_reply", "stats-rating", "stats-undecided",
    "stats-days", "stats-reasons",
)  # fmt: skip
