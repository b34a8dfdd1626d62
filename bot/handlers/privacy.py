"""/privacy /export /forget, and consent: a customer's rights, in the chat."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import Any

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import AiogramError
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers.customer import fetcher, incoming
from bot.handover.corrections import Corrections, Wrong
from bot.handover.handover import Desk
from bot.handover.ownership import Owner
from bot.privacy import Rights
from bot.telegram.stream import Entry
from bot.turn import Turns
from storage.keys import RETENTION, customer

log = logging.getLogger(__name__)

KEPT = ("history", "photos", "case", "safe")  # whose days /privacy names


def rights_router() -> Router:
    router = Router(name="rights")
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.callback_query.filter(F.message.chat.type == ChatType.PRIVATE)
    router.message.register(on_privacy, Command("privacy"))
    router.message.register(on_export, Command("export"))
    router.message.register(on_forget, Command("forget"))
    router.callback_query.register(on_consent, F.data == "consent")
    router.callback_query.register(on_forget_sure, F.data.in_({"forget:yes", "forget:no"}))
    router.callback_query.register(on_keep, F.data.regexp(r"^(keep|nokeep):\w+$"))
    return router


async def on_privacy(message: Message, entry: Entry, turns: Turns, shop: str, chat_model: str) -> None:
    days = {kind: (seconds or 0) // 86_400 for kind, seconds in RETENTION.items() if kind in KEPT}
    text = turns.texts("privacy", shop=shop, model=chat_model, **days)
    await turns.say(entry, incoming(message, ""), text)


async def on_export(message: Message, entry: Entry, turns: Turns, rights: Rights) -> None:
    chat, data = message.chat.id, await rights.export(message.chat.id)
    texts = turns.texts
    await turns.finish(
        entry,
        lambda pipe: turns.queue.file(pipe, chat, "document", "photodesk.json", data, caption=texts("export")),
    )


async def on_forget(message: Message, entry: Entry, turns: Turns) -> None:
    texts = turns.texts
    keys = [
        [{"text": texts("forget-yes"), "callback_data": "forget:yes"}],
        [{"text": texts("forget-no"), "callback_data": "forget:no"}],
    ]
    await turns.say(entry, incoming(message, ""), texts("forget-sure"), reply_markup={"inline_keyboard": keys})


async def on_forget_sure(query: CallbackQuery, entry: Entry, turns: Turns, rights: Rights) -> None:
    chat, shown, texts = query.from_user.id, _shown(query), turns.texts
    if query.data == "forget:no":
        edit = {"message_id": shown, "text": texts("forget-kept")}
        await turns.finish(entry, lambda pipe: turns.queue.plain(pipe, chat, "editMessageText", edit))
    else:
        forgotten = await rights.forget(chat, entry.key)

        def queued(pipe: Any, _: Owner) -> None:
            forgotten(pipe)
            turns.queue.plain(pipe, chat, "editMessageText", {"message_id": shown, "text": texts("forgotten")})

        await turns.change(entry, chat, queued)
        await rights.rewrite()
    await _answered(query)


async def on_consent(query: CallbackQuery, entry: Entry, turns: Turns) -> None:
    chat = query.from_user.id
    when = f"{time.time():.0f}"
    await turns.finish(entry, lambda pipe: pipe.hset(customer(chat, "consent"), "tapped", when))
    await _answered(query, turns.texts("consent-thanks"))


async def on_keep(
    query: CallbackQuery, *, entry: Entry, turns: Turns, desk: Desk, corrections: Corrections, bot: Bot
) -> None:
    """The customer says whether a photo that vision got wrong may be kept to learn from."""
    chat, texts = query.from_user.id, turns.texts
    what, _, name = (query.data or "").partition(":")
    wrong = await desk.records.get(chat, "wrong", Wrong, name)
    picture = await fetcher(bot, wrong.file_id)() if wrong and what == "keep" else None
    try:
        one = await corrections.keep(name, wrong, picture) if wrong and picture else None
    except OSError as error:
        log.error("a photo could not be kept, see BOT_CORRECTIONS: %s", error)  # noqa: TRY400 - the message is all
        one = None
    line = texts("kept-thanks" if one else "kept-not" if what == "nokeep" else "kept-gone")

    def queued(pipe: Any, owner: Owner) -> None:
        if wrong:
            desk.records.drop(pipe, chat, "wrong", name)
            turns.queue.plain(pipe, chat, "editMessageText", {"message_id": _shown(query), "text": line})
        if one:
            corrections.record(pipe, chat, one)
            pipe.hset(customer(chat, "consent"), "photos", f"{time.time():.0f}")
            if desk.people and owner.theirs:
                desk.people.tell(pipe, chat, texts("agent-kept"))

    await turns.change(entry, chat, queued)
    await _answered(query)


def _shown(query: CallbackQuery) -> int:
    return query.message.message_id if query.message else 0


async def _answered(query: CallbackQuery, text: str = "") -> None:
    with contextlib.suppress(AiogramError):  # too old to be answered: the button's work is done all the same
        await query.answer(text or None)
