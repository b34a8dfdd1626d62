"""The buttons under the agents' cards and drafts."""

from __future__ import annotations

import contextlib

from aiogram import F, Router
from aiogram.exceptions import AiogramError
from aiogram.types import CallbackQuery

from bot.drafts import Drafts
from bot.handlers.agent import act
from bot.handover.group import Group
from bot.handover.handover import Handover
from bot.handover.ownership import Agent
from bot.message import shown_name
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns


def buttons_router(group: Group) -> Router:
    router = Router(name="buttons")
    router.callback_query.filter(lambda query: query.message is not None and query.message.chat.id == group.id)
    router.callback_query.register(on_state, F.data.regexp(r"^(claim|back|close|ban|unban):\d+$"))
    router.callback_query.register(on_suggest, F.data.regexp(r"^suggest:\d+$"))
    router.callback_query.register(on_draft, F.data.regexp(r"^(send|drop):\d+:\w+$"))
    return router


async def on_state(query: CallbackQuery, entry: Entry, turns: Turns, handover: Handover, texts: Texts) -> None:
    command, chat = _parts(query)
    toast = await act(command, int(chat), presser(query, texts), entry=entry, turns=turns, handover=handover)
    await answered(query, texts(toast), alert=command == "ban")


async def on_suggest(query: CallbackQuery, entry: Entry, turns: Turns, texts: Texts, drafts: Drafts) -> None:
    """The draft comes as a message of its own, when it is ready: nobody waits for the model."""
    drafts.begin(int(_parts(query)[1]))
    await turns.finish(entry)
    await answered(query, texts("toast-thinking"))


async def on_draft(query: CallbackQuery, entry: Entry, turns: Turns, texts: Texts, drafts: Drafts) -> None:
    what, chat, name = _parts(query)
    message, agent = query.message.message_id if query.message else 0, presser(query, texts)
    toast = await drafts.decided(
        int(chat), name, sent=what == "send", message=message, agent=agent, entry=entry, turns=turns
    )
    await answered(query, texts(toast))


async def answered(query: CallbackQuery, text: str = "", *, alert: bool = False) -> None:
    with contextlib.suppress(AiogramError):  # too old to be answered: the button's work is done all the same
        await query.answer(text or None, show_alert=alert or None)


def presser(query: CallbackQuery, texts: Texts) -> Agent:
    return Agent(query.from_user.id, shown_name(query.from_user.first_name, texts("agent-team")))


def _parts(query: CallbackQuery) -> list[str]:
    return (query.data or "").split(":")
