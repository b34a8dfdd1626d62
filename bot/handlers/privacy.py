"""/privacy /export /forget, and consent: a customer's rights, in the chat."""

from __future__ import annotations

import contextlib
import logging
import time

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import AiogramError
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers.customer import incoming
from bot.handlers.files import fetcher
from bot.handover.corrections import Corrections, PendingCorrection
from bot.ports import Agents
from bot.privacy import CustomerData
from bot.records import Records
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns
from storage.commit import Commit
from storage.keys import Retention, customer, seconds

log = logging.getLogger(__name__)

KEPT = ("history", "photos", "case", "safe", "intake")  # whose days /privacy names


def privacy_router() -> Router:
    router = Router(name="privacy")
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.callback_query.filter(F.message.chat.type == ChatType.PRIVATE)
    router.message.register(on_privacy, Command("privacy", ignore_case=True))
    router.message.register(on_export, Command("export", ignore_case=True))
    router.message.register(on_forget, Command("forget", ignore_case=True))
    router.callback_query.register(on_consent, F.data == "consent")
    router.callback_query.register(on_forget_sure, F.data.in_({"forget:yes", "forget:no"}))
    router.callback_query.register(on_keep, F.data.regexp(r"^(keep|nokeep):\w+$"))
    return router


async def on_privacy(
    message: Message, *, entry: Entry, turns: Turns, texts: Texts, shop: str, chat_model: str, retention: Retention
) -> None:
    days = {kind: (seconds or 0) // 86_400 for kind, seconds in retention.items() if kind in KEPT}
    text = texts("privacy", shop=shop, model=chat_model, **days)
    await turns.say(entry, incoming(message, ""), text)


async def on_export(
    message: Message, *, entry: Entry, turns: Turns, customer_data: CustomerData, outgoing: Outgoing, texts: Texts
) -> None:
    """Once an hour: it reads all that is kept, and whoever asks on and on takes that time from the others."""
    chat, commit = message.chat.id, Commit()
    mark = customer(chat, "exported")
    if await customer_data.redis.exists(mark):
        outgoing.text(commit, chat, chat, texts("export-wait"))
    else:
        data = await customer_data.export(chat)
        outgoing.file(commit, chat, "document", "photodesk.json", data, caption=texts("export"))
        commit.set(mark, "1", ex=seconds("exported"))
    await turns.finish(entry, commit)


async def on_forget(message: Message, entry: Entry, turns: Turns, texts: Texts) -> None:
    keys = [
        [{"text": texts("forget-yes"), "callback_data": "forget:yes"}],
        [{"text": texts("forget-no"), "callback_data": "forget:no"}],
    ]
    await turns.say(
        entry, incoming(message, ""), texts("forget-sure"), always=True, reply_markup={"inline_keyboard": keys}
    )


async def on_forget_sure(
    query: CallbackQuery, *, entry: Entry, turns: Turns, customer_data: CustomerData, outgoing: Outgoing, texts: Texts
) -> None:
    chat, shown = query.from_user.id, _shown(query)
    if query.data == "forget:no":
        commit = Commit()
        edit = {"message_id": shown, "text": texts("forget-kept")}
        outgoing.plain(commit, chat, "editMessageText", edit)
        await turns.finish(entry, commit)
    else:
        edit = {"message_id": shown, "text": texts("forgotten")}
        async for commit, owner in turns.changes(entry, chat):
            await customer_data.forget(commit, chat, entry.key)
            if owner.banned:
                customer_data.customers.stays_banned(commit, chat)
            outgoing.plain(commit, chat, "editMessageText", edit)
        await _answered(query)


async def on_consent(query: CallbackQuery, entry: Entry, turns: Turns, texts: Texts) -> None:
    commit = Commit()
    commit.hset(customer(query.from_user.id, "consent"), "tapped", f"{time.time():.0f}")
    await turns.finish(entry, commit)
    await _answered(query, texts("consent-thanks"))


async def on_keep(
    query: CallbackQuery,
    *,
    entry: Entry,
    turns: Turns,
    records: Records,
    outgoing: Outgoing,
    corrections: Corrections,
    agents: Agents | None,
    texts: Texts,
    bot: Bot,
) -> None:
    """The customer says whether a photo that vision got wrong may be kept to learn from."""
    chat = query.from_user.id
    what, _, name = (query.data or "").partition(":")
    pending = await records.get(chat, "wrong", PendingCorrection, name)
    picture = await fetcher(bot, pending.file_id)() if pending and what == "keep" else None
    try:
        one = await corrections.keep(name, pending, picture) if pending and picture else None
    except OSError as error:
        log.error("a photo could not be kept, see BOT_CORRECTIONS: %s", error)  # noqa: TRY400 - the message is all
        one = None
    line = texts("kept-thanks" if one else "kept-not" if what == "nokeep" else "kept-gone")
    async for commit, owner in turns.changes(entry, chat):
        if pending:
            records.drop(commit, chat, "wrong", name)
            outgoing.plain(commit, chat, "editMessageText", {"message_id": _shown(query), "text": line})
        if one:
            corrections.record(commit, chat, one)
            commit.hset(customer(chat, "consent"), "photos", f"{time.time():.0f}")
            if agents and owner.theirs:
                agents.tell(commit, chat, texts("agent-kept"))
    await _answered(query)


def _shown(query: CallbackQuery) -> int:
    return query.message.message_id if query.message else 0


async def _answered(query: CallbackQuery, text: str = "") -> None:
    with contextlib.suppress(AiogramError):  # too old to be answered: the button's work is done all the same
        await query.answer(text or None)
