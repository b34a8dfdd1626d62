"""The agents' forum: what is written in a customer's topic goes to that customer; // in front keeps it inside."""

from __future__ import annotations

from typing import Any

from aiogram import F, Router
from aiogram.enums import ContentType
from aiogram.types import Message

from bot.drafts import Drafts
from bot.handover import ownership
from bot.handover.group import Group
from bot.handover.handover import Desk
from bot.handover.ownership import Agent, Owner, State
from bot.telegram.outgoing import CAPTION, Queue, units
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns
from storage.keys import GROUP_HINT, TOPICS, customer

NOTE = ("//", "/note")  # an internal note: nobody but agents reads it
HINT_S = 600  # seconds before agents are told again where to write
COMMANDS = ("bot", "close", "claim", "ban", "unban", "suggest")
# What people say; everything else in a group is Telegram telling what happened.
SPOKEN = {
    ContentType.TEXT, ContentType.PHOTO, ContentType.VIDEO, ContentType.DOCUMENT, ContentType.ANIMATION,
    ContentType.AUDIO, ContentType.VOICE, ContentType.VIDEO_NOTE, ContentType.STICKER, ContentType.LOCATION,
    ContentType.VENUE, ContentType.CONTACT,
}  # fmt: skip


def agent_router(group: Group) -> Router:
    router = Router(name="agent")
    router.message.filter(lambda message: message.chat.id == group.id)
    router.edited_message.filter(lambda message: message.chat.id == group.id)
    router.message.register(on_moved, F.migrate_to_chat_id)
    router.message.register(on_closed, F.forum_topic_closed)
    router.message.register(on_opened, F.forum_topic_reopened)
    router.message.register(on_command, F.text.startswith("/") & ~F.text.startswith(NOTE))
    router.message.register(on_words, F.content_type.in_(SPOKEN))
    router.message.register(on_nothing)
    router.edited_message.register(on_edit)
    return router


async def on_words(
    message: Message, *, entry: Entry, turns: Turns, desk: Desk, group: Group, album: tuple[Message, ...] = ()
) -> None:
    chat, text = await group.customer_in(message.message_thread_id), message.text or message.caption or ""
    if chat is None:
        await in_general(message, entry, turns, desk)
    elif text.startswith(NOTE):
        await turns.finish(entry, lambda _: None)
    else:
        await turns.change(entry, chat, lambda pipe, owner: pass_on(pipe, chat, owner, (message, *album), desk))


def pass_on(pipe: Any, chat: int, owner: Owner, parts: tuple[Message, ...], desk: Desk) -> None:
    """An agent's words to the customer. Whoever writes has the conversation: nobody needs to claim first."""
    texts, people = desk.texts, desk.people
    assert people
    if owner.banned:
        people.tell(pipe, chat, texts("agent-banned"))
        return
    words = parts[0].text or "\n".join(part.caption for part in parts if part.caption)
    desk.replied(pipe, chat, owner, agent_of(parts[0], texts), words or texts("stretch-media"))
    send(pipe, chat, parts, desk.queue, texts)


def send(pipe: Any, chat: int, parts: tuple[Message, ...], queue: Queue, texts: Texts) -> None:
    """One message, or an album. Media are Telegram's own copies; one alone says in its caption who sent it."""
    message, name = parts[0], agent_of(parts[0], texts).name
    answered = message.reply_to_message
    real = answered and not answered.forum_topic_created  # in a topic everything answers its first message
    reply = ("g", answered.message_id) if answered and real else None
    numbers = sorted({part.message_id for part in parts})
    if message.text:
        line = texts("agent-says", agent=name, text=message.text)
        queue.text(pipe, chat, chat, line, pair=("g", numbers), reply=reply, tell=True)  # type: ignore[arg-type]
        return
    line = texts("agent-says", agent=name, text=message.caption) if message.caption else ""
    if len(numbers) == 1 and units(line) <= CAPTION:
        source: dict[str, Any] = {"from_chat_id": message.chat.id, "message_id": numbers[0]} | (
            {"caption": line} if line else {}
        )
        queue.plain(pipe, chat, "copyMessage", source, pair=("g", numbers), reply=reply, tell=True)
        return
    long = any(units(part.caption or "") > CAPTION for part in parts) or len(numbers) == 1
    source = {"from_chat_id": message.chat.id, "message_ids": numbers} | ({"remove_caption": True} if long else {})
    queue.plain(pipe, chat, "copyMessages", source, pair=("g", numbers), tell=True)
    said = "\n".join(part.caption for part in parts if part.caption) if long else ""
    if said:
        queue.text(pipe, chat, chat, texts("agent-says", agent=name, text=said), tell=True)


async def on_edit(message: Message, entry: Entry, turns: Turns, desk: Desk, group: Group) -> None:
    """A changed message of an agent's is changed at the customer's, too."""
    chat = await group.customer_in(message.message_thread_id)
    words = message.text or message.caption or ""
    line = desk.texts("agent-says", agent=agent_of(message, desk.texts).name, text=words)

    def queued(pipe: Any, owner: Owner) -> None:
        if chat is None or not words or words.startswith((*NOTE, "/")) or owner.banned:
            return
        method, field = ("editMessageText", "text") if message.text else ("editMessageCaption", "caption")
        if units(line) > (4096 if message.text else CAPTION):
            assert desk.people
            desk.people.tell(pipe, chat, desk.texts("agent-undelivered", why="part"))
            return
        desk.queue.plain(pipe, chat, method, {field: line}, edit=("g", message.message_id), tell=True)

    await turns.change(entry, chat or entry.chat, queued)


async def on_command(message: Message, *, entry: Entry, turns: Turns, desk: Desk, group: Group, drafts: Drafts) -> None:
    chat = await group.customer_in(message.message_thread_id)
    command = (message.text or "").split()[0][1:].partition("@")[0].lower()
    if chat is None or command not in COMMANDS:
        await turns.finish(entry, lambda pipe: explain(pipe, message, desk))
        return
    if command == "suggest":
        drafts.begin(chat)
        await turns.finish(entry, lambda _: None)
        return
    await act(command, chat, agent_of(message, desk.texts), entry=entry, turns=turns, desk=desk)


async def act(command: str, chat: int, agent: Agent, *, entry: Entry, turns: Turns, desk: Desk) -> str:
    """What a command or a button does. Returns the text (its name) that the agent gets for a button."""
    summary = await desk.summary(chat, await ownership.read(turns.redis, chat))
    told = [""]

    def queued(pipe: Any, owner: Owner) -> None:
        told[0] = step(pipe, command, chat, owner, agent=agent, summary=summary, desk=desk)

    await turns.change(entry, chat, queued)
    return told[0]


def step(pipe: Any, command: str, chat: int, owner: Owner, *, agent: Agent, summary: str, desk: Desk) -> str:
    people, told = desk.people, "toast-not-yours"
    assert people
    match command:
        case "claim":
            told = claim(pipe, chat, owner, agent, desk)
        case "bot" | "back" if owner.theirs:
            desk.give_back(pipe, chat, owner, by="agent", summary=summary, line=desk.texts("returned"))
            told = "toast-back"
        case "close" if owner.theirs:
            desk.close(pipe, chat, owner, by="agent", summary=summary)
            told = "toast-closed"
        case "ban" | "unban":
            ownership.ban(pipe, chat, banned=command == "ban")
            ownership.note(pipe, chat, owner, "banned" if command == "ban" else "unbanned")
            people.card(pipe, chat)
            told = "toast-ban" if command == "ban" else "toast-unban"
    return told


def claim(pipe: Any, chat: int, owner: Owner, agent: Agent, desk: Desk) -> str:
    if owner.banned:
        return "toast-banned"
    if owner.state is State.HUMAN and owner.agent.id == agent.id:
        return "toast-yours"
    if owner.state is State.HUMAN and desk.people:
        desk.people.tell(pipe, chat, desk.texts("agent-took-over", name=agent.name, owner=owner.agent.name))
    if not owner.theirs:  # nobody told the customer of a person yet, and the bot is silent from now on
        desk.queue.text(pipe, chat, chat, desk.texts("joined", agent=agent.name))
    desk.claim(pipe, chat, owner, agent)
    return "toast-claimed"


async def on_closed(message: Message, entry: Entry, turns: Turns, desk: Desk, group: Group) -> None:
    """A topic that is closed by hand is a conversation that is over."""
    chat = await group.customer_in(message.message_thread_id)
    if chat is None:
        await turns.finish(entry, lambda _: None)
        return
    owner = await ownership.read(turns.redis, chat)
    summary = await desk.summary(chat, owner)

    def queued(pipe: Any, owner: Owner) -> None:
        pipe.hset(customer(chat, "topic"), "closed", "1")
        if owner.theirs:
            desk.close(pipe, chat, owner, by="hand", summary=summary)

    await turns.change(entry, chat, queued)


async def on_opened(message: Message, entry: Entry, turns: Turns, group: Group) -> None:
    chat = await group.customer_in(message.message_thread_id)
    await turns.finish(entry, lambda pipe: pipe.hset(customer(chat, "topic"), "closed", "") if chat else None)


async def on_moved(message: Message, entry: Entry, turns: Turns, group: Group) -> None:
    assert message.migrate_to_chat_id
    await group.moved(message.migrate_to_chat_id)
    await turns.finish(entry, lambda pipe: pipe.delete(TOPICS))  # they did not come along


async def on_nothing(_: Message, entry: Entry, turns: Turns) -> None:
    """A topic was made, a message pinned, somebody joined: nothing to do."""
    await turns.finish(entry, lambda _: None)


async def in_general(message: Message, entry: Entry, turns: Turns, desk: Desk) -> None:
    """Agents among themselves; but who answers the bot there would wait for a customer who never read it."""
    answered = message.reply_to_message
    ours = bool(answered and answered.from_user and message.bot and answered.from_user.id == message.bot.id)
    store: Any = turns.redis
    waiting = ours and not (answered and answered.forum_topic_created)
    hint = waiting or not await store.exists(GROUP_HINT)

    def queued(pipe: Any) -> None:
        if hint and not message.message_thread_id:
            pipe.set(GROUP_HINT, "1", ex=HINT_S)
            explain(pipe, message, desk)

    await turns.finish(entry, queued)


def explain(pipe: Any, message: Message, desk: Desk) -> None:
    """How an agent answers, where it was asked."""
    thread: dict[str, Any] = {"message_thread_id": message.message_thread_id} if message.message_thread_id else {}
    desk.queue.text(pipe, message.chat.id, message.chat.id, desk.texts("agent-how"), **thread)


def agent_of(message: Message, texts: Texts) -> Agent:
    """An anonymous admin writes as the group: the title that admin has, or nobody in particular."""
    if message.sender_chat or not message.from_user:
        return Agent(0, message.author_signature or texts("agent-team"))
    return Agent(message.from_user.id, message.from_user.first_name)
