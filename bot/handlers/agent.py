"""The agents' group: a reply to a tagged message goes to that customer; /bot there gives the conversation back."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import Message

from bot import ownership
from bot.agents import AgentsGroup
from bot.card import tag, tagged
from bot.lanes import Entry
from bot.outbox import Queue
from bot.ownership import State
from bot.texts import Texts
from bot.turn import Queued, Turns


def agent_router(group: int, me: int) -> Router:
    """``me``: the bot's own id. Only what it wrote itself is tagged; other bots and people can write tags, too."""
    router = Router(name="agent")
    router.message.filter(F.chat.id == group)
    router.message.register(on_reply, F.reply_to_message.from_user.id == me)
    router.message.register(on_help, Command("start", "help"))
    router.message.register(on_talk)
    return router


async def on_reply(
    message: Message, *, entry: Entry, turns: Turns, texts: Texts, queue: Queue, agents: AgentsGroup
) -> None:
    quoted, text = message.reply_to_message, message.text or ""
    customer = tagged((quoted.text or quoted.caption or "") if quoted else "")
    command = text.split()[0].partition("@")[0] if text.startswith("/") else ""
    if customer is None or command not in ("", "/bot"):  # a mistyped command is not for the customer to read
        await turns.finish(entry, agents.explain)
    elif command:
        await turns.finish(entry, await given_back(customer, turns, texts, queue, agents))
    elif text:
        await turns.finish(entry, said(customer, texts("agent-says", agent=name_of(message, texts), text=text), queue))
    else:
        line = texts("agent-only-text", tag=tag(customer))
        await turns.finish(entry, lambda pipe: agents.tell(pipe, customer, line))


def said(customer: int, line: str, queue: Queue) -> Queued:
    def queued(pipe: object) -> None:
        ownership.change(pipe, customer, State.HUMAN)
        queue.text(pipe, customer, customer, line)

    return queued


async def given_back(customer: int, turns: Turns, texts: Texts, queue: Queue, agents: AgentsGroup) -> Queued:
    owner = await ownership.read(turns.redis, customer)
    line = "agent-not-yours" if owner.state is State.BOT else "agent-sent-back"

    def queued(pipe: object) -> None:
        if owner.state is not State.BOT:
            ownership.change(pipe, customer, State.BOT)
            queue.text(pipe, customer, customer, texts("returned"))
        agents.tell(pipe, customer, texts(line, tag=tag(customer), name=tag(customer)))

    return queued


def name_of(message: Message, texts: Texts) -> str:
    """An anonymous admin writes as the group: the title that admin has, or nobody in particular."""
    if message.sender_chat or not message.from_user:
        return message.author_signature or texts("agent-team")
    return message.from_user.first_name


async def on_help(_: Message, entry: Entry, turns: Turns, agents: AgentsGroup) -> None:
    await turns.finish(entry, agents.explain)


async def on_talk(_: Message, entry: Entry, turns: Turns) -> None:
    """Agents talking among themselves: none of ours."""
    await turns.finish(entry, lambda _: None)
