"""/stats in the agents' group: a picture and a table."""

from __future__ import annotations

import asyncio
import time
from typing import Any, get_args

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.handover.group import Group
from bot.handover.handover import Desk
from bot.stats import events
from bot.stats.chart import draw
from bot.stats.figures import figures, table
from bot.telegram.stream import Entry
from bot.turn import Turns
from dialogue.turn import Reason

LONGEST = 400  # days that events are kept


def figures_router(group: Group) -> Router:
    router = Router(name="figures")
    router.message.filter(lambda message: message.chat.id == group.id)
    router.message.register(on_stats, Command("stats"))
    return router


async def on_stats(message: Message, command: CommandObject, entry: Entry, turns: Turns, desk: Desk) -> None:
    """``/stats 7``: the last seven days."""
    asked = (command.args or "").strip()
    days = min(max(int(asked), 1), LONGEST) if asked.isdecimal() else 7
    now, texts = time.time(), desk.texts
    found = [event async for event in events.since(turns.redis, now - days * 86_400)]
    told = figures(found, now, desk.hours.at)
    words = {name.removeprefix("stats-"): texts(name) for name in NAMES}
    words |= {f"reason:{reason}": texts("reason", code=reason) for reason in get_args(Reason)}
    shown = await asyncio.to_thread(draw, told, texts("stats", days=days), words)
    chat = message.chat.id
    thread: dict[str, Any] = {"message_thread_id": message.message_thread_id} if message.message_thread_id else {}

    def queued(pipe: Any) -> None:
        desk.queue.file(pipe, chat, "photo", "stats.png", shown, caption=texts("stats-caption"), **thread)
        desk.queue.file(pipe, chat, "document", f"stats-{days}-days.csv", table(told), **thread)

    await turns.finish(entry, queued)


NAMES = (
    "stats-talks", "stats-resolved", "stats-handed_over", "stats-first_reply", "stats-rating", "stats-undecided",
    "stats-days", "stats-reasons",
)  # fmt: skip
