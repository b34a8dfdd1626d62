"""/start /help /reset, for customers."""

from __future__ import annotations

from dataclasses import replace

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import Message

from bot.handlers.customer import incoming
from bot.handover.handover import Handover
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns
from storage.keys import DAY, Retention
from vision.report import shown

SUBJECT = 64  # characters, as many as Telegram lets a link carry


def commands_router() -> Router:
    router = Router(name="commands")
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.message.register(on_start, CommandStart(ignore_case=True))
    router.message.register(on_help, Command("help", ignore_case=True))
    router.message.register(on_reset, Command("reset", ignore_case=True))
    router.message.register(on_person, Command("person", "human", "agent", ignore_case=True))
    router.message.register(on_unknown, F.text.startswith("/"))
    return router


async def on_start(
    message: Message,
    *,
    entry: Entry,
    turns: Turns,
    texts: Texts,
    shop: str,
    retention: Retention,
    command: CommandObject,
) -> None:
    """``/start order_4471``: what a link of the shop's says it is about, for whoever answers."""
    subject = incoming(message, command.args or "").text  # a number that nobody may see is hidden in it
    who = replace(incoming(message, ""), subject=shown(subject, SUBJECT))
    days = (retention["history"] or 0) // DAY
    keys = {"inline_keyboard": [[{"text": texts("consent-button"), "callback_data": "consent"}]]}
    await turns.say(entry, who, texts("start", name=who.name, shop=shop, days=days), reply_markup=keys)


async def on_help(message: Message, entry: Entry, turns: Turns, texts: Texts) -> None:
    await turns.say(entry, incoming(message, ""), texts("help"))


async def on_reset(
    message: Message, *, entry: Entry, turns: Turns, handover: Handover, outgoing: Outgoing, texts: Texts
) -> None:
    who = incoming(message, "")
    async for commit, owner in turns.changes(entry, who.chat):
        await handover.reset(commit, who.chat, owner, who.name)
        outgoing.answer(commit, who, texts("reset"))


async def on_person(message: Message, entry: Entry, turns: Turns, texts: Texts) -> None:
    await turns.take(entry, incoming(message, texts("person-button")))


async def on_unknown(message: Message, entry: Entry, turns: Turns, texts: Texts) -> None:
    command = (message.text or "").split()[0][:40]
    await turns.say(entry, incoming(message, ""), texts("command-unknown", command=command))
