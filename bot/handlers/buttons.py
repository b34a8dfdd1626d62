"""The buttons under the agents' cards and drafts."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from aiogram import F, Router
from aiogram.exceptions import AiogramError
from aiogram.types import CallbackQuery

from bot.customers import Customers
from bot.drafts import Drafts
from bot.handlers.agent import act
from bot.handover.group import Group
from bot.handover.handover import Handover
from bot.handover.ownership import Agent
from bot.message import shown_name
from bot.ports import Agents
from bot.records import Line
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns


def buttons_router(group: Group) -> Router:
    router = Router(name="buttons")
    router.callback_query.filter(lambda query: query.message is not None and query.message.chat.id == group.id)
    router.callback_query.register(on_state, F.data.regexp(r"^(claim|back|close|ban|unban):\d+$"))
    router.callback_query.register(on_suggest, F.data.regexp(r"^suggest:\d+$"))
    router.callback_query.register(on_draft, F.data.regexp(r"^(send|drop):\d+:\w+$"))
    router.callback_query.register(on_again, F.data.regexp(r"^again:\d+:\d+(\+\d+)*$"))
    return router


def again(text: str, chat: int, messages: Sequence[int]) -> dict[str, object]:
    """The button that has these messages of the customer's copied anew. Telegram lets it carry 64 bytes."""
    first, *others = sorted(messages)
    numbers = "".join([str(first), *(f"+{other - first}" for other in others)])
    return {"inline_keyboard": [[{"text": text, "callback_data": f"again:{chat}:{numbers}"[:64].rstrip("+")}]]}


async def on_again(
    query: CallbackQuery, *, entry: Entry, turns: Turns, customers: Customers, agents: Agents, texts: Texts
) -> None:
    """What must not be shown was never copied; but it may have been changed since."""
    _, number, rest = _parts(query)
    chat, (first, *others) = int(number), [int(one) for one in rest.split("+")]
    guarded = {photo.message for photo in await customers.recent_photos(chat) if photo.guarded}
    messages = [one for one in (first, *(first + other for other in others)) if one not in guarded]
    async for commit, _owner in turns.changes(entry, chat):
        if messages:
            agents.relay(commit, chat, Line(who="", text=""), messages=messages, media=True, reply=None)
        else:
            agents.tell(commit, chat, texts("agent-withheld", what="message", why="other", reason=""))
    await answered(query, texts("toast-again"))


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
