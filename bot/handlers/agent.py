"""The agents' group: a reply to a tagged message goes to that customer; /bot there gives the conversation back."""

from __future__ import annotations

from typing import Any

from aiogram import F, Router
from aiogram.types import Message

from bot import ownership
from bot.agents import AgentsGroup
from bot.card import tag, tagged
from bot.lanes import Entry
from bot.outbox import Queue
from bot.ownership import State
from bot.texts import Texts
from bot.turn import Turns


def agent_router(group: int) -> Router:
    router = Router(name="agent")
    router.message.filter(F.chat.id == group)
    router.message.register(on_reply, F.reply_to_message.from_user.is_bot)
    router.message.register(on_talk)
    return router


async def on_reply(
    message: Message, *, entry: Entry, turns: Turns, texts: Texts, queue: Queue, agents: AgentsGroup
) -> None:
    quoted = message.reply_to_message
    customer = tagged((quoted.text or quoted.caption or "") if quoted else "")
    if customer is None:
        await on_talk(message, entry, turns)
        return
    text, agent = message.text or "", message.from_user.first_name if message.from_user else ""
    name = tag(customer)
    if text.split("@")[0].strip() == "/bot":
        owner = await ownership.read(turns.redis, customer)
        line = "agent-not-yours" if owner.state is State.BOT else "agent-sent-back"

        def queued(pipe: Any) -> None:
            if line == "agent-sent-back":
                ownership.change(pipe, customer, State.BOT)
                queue.text(pipe, customer, customer, texts("returned"))
            agents.tell(pipe, customer, texts(line, tag=name, name=name))
    elif text:

        def queued(pipe: Any) -> None:
            ownership.change(pipe, customer, State.HUMAN)
            queue.text(pipe, customer, customer, texts("agent-says", agent=agent, text=text))
    else:

        def queued(pipe: Any) -> None:
            agents.tell(pipe, customer, texts("agent-only-text", tag=name))

    await turns.finish(entry, queued)


async def on_talk(_: Message, entry: Entry, turns: Turns) -> None:
    """Agents talking among themselves: none of ours."""
    await turns.finish(entry, lambda _: None)
