"""/start /help /reset /language /person, for customers."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import AiogramError
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, Message

from bot.customers import Customers
from bot.handlers.customer import incoming
from bot.handover.handover import Handover
from bot.message import Incoming
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry
from bot.texts import Texts, speaking
from bot.turn import Turns
from dialogue.language import NAMES
from storage.keys import DAY, Retention
from vision.report import shown

SUBJECT = 64  # characters, as many as Telegram lets a link carry


def commands_router() -> Router:
    router = Router(name="commands")
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.message.register(on_start, CommandStart(ignore_case=True))
    router.message.register(on_help, Command("help", ignore_case=True))
    router.message.register(on_reset, Command("reset", ignore_case=True))
    router.message.register(on_language, Command("language", ignore_case=True))
    router.message.register(on_person, Command("person", "human", "agent", ignore_case=True))
    private = F.message.chat.type == ChatType.PRIVATE
    router.callback_query.register(on_language_chosen, F.data.startswith("language:"), private)
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
        if owner.banned:
            continue
        await handover.reset(commit, who.chat, owner, who.name)
        outgoing.answer(commit, who, texts("reset"))


async def on_language(message: Message, entry: Entry, turns: Turns, texts: Texts) -> None:
    keys = [[{"text": name, "callback_data": f"language:{code}"}] for code, name in NAMES.items()]
    await turns.say(entry, incoming(message, ""), texts("language-ask"), reply_markup={"inline_keyboard": keys})


async def on_language_chosen(
    query: CallbackQuery, *, entry: Entry, turns: Turns, customers: Customers, outgoing: Outgoing, texts: Texts
) -> None:
    """From now on it is that one, whatever the words are in."""
    code, user = (query.data or "")[9:], query.from_user
    async for commit, owner in turns.changes(entry, user.id):
        if code not in NAMES or owner.banned:
            continue
        said = Incoming(user.id, user.full_name, username=user.username or "", language=user.language_code or "")
        customers.speak(commit, said.chat, await customers.meet(commit, said), chosen=code)
        with speaking(code):
            edit = {"message_id": query.message.message_id if query.message else 0, "text": texts("language-set")}
        outgoing.plain(commit, user.id, "editMessageText", edit)
    with contextlib.suppress(AiogramError):
        await query.answer()


async def on_person(message: Message, entry: Entry, turns: Turns, texts: Texts) -> None:
    await turns.take(entry, incoming(message, texts("person-button")))


async def on_unknown(message: Message, entry: Entry, turns: Turns, texts: Texts) -> None:
    command = (message.text or "").split()[0][:40]
    await turns.say(entry, incoming(message, ""), texts("command-unknown", command=command))
