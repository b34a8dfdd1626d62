"""The agents' forum: what is written in a customer's topic goes to that customer; // in front keeps it inside."""

from __future__ import annotations

import re

from aiogram import F, Router
from aiogram.enums import ContentType
from aiogram.types import Message
from redis.asyncio import Redis

from bot.drafts import Drafts
from bot.handlers.carried import UNCARRIED, in_words, marks_of
from bot.handover import ownership
from bot.handover.group import Group
from bot.handover.handover import Handover
from bot.handover.ownership import Agent, Owner, State
from bot.marks import units, within
from bot.message import Extras, shown_name
from bot.ports import Agents
from bot.telegram.message_map import Side
from bot.telegram.outgoing import CAPTION, TEXT, Outgoing
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.translating import Translating
from bot.turn import Turns
from storage.commit import Commit
from storage.keys import GROUP_HINT, TOPICS, customer

NOTE = re.compile(r"//|/note(?:@\w+)?(?:\s|$)")  # an internal note: nobody but agents reads it; /noted is none
HINT_S = 600  # seconds before agents are told again where to write
COMMANDS = ("bot", "close", "claim", "ban", "unban", "suggest")
# What people say; everything else in a group is Telegram telling what happened.
SPOKEN = {
    ContentType.TEXT, ContentType.PHOTO, ContentType.LIVE_PHOTO, ContentType.VIDEO, ContentType.DOCUMENT,
    ContentType.ANIMATION, ContentType.AUDIO, ContentType.VOICE, ContentType.VIDEO_NOTE, ContentType.STICKER,
    ContentType.LOCATION, ContentType.VENUE, ContentType.CONTACT, ContentType.POLL, ContentType.DICE,
    ContentType.CHECKLIST,
}  # fmt: skip


def agent_router(group: Group) -> Router:
    router = Router(name="agent")
    router.message.filter(lambda message: message.chat.id == group.id)
    router.edited_message.filter(lambda message: message.chat.id == group.id)
    router.message.register(on_moved, F.migrate_to_chat_id)
    router.message.register(on_closed, F.forum_topic_closed)
    router.message.register(on_opened, F.forum_topic_reopened)
    router.message.register(on_command, is_command)
    router.message.register(on_words, F.content_type.in_(SPOKEN))
    router.message.register(on_uncarried, F.content_type.in_(UNCARRIED))
    router.message.register(on_nothing)
    router.edited_message.register(on_edit)
    return router


def is_command(message: Message) -> bool:
    """What somebody else wrote, and an agent passed on, orders nothing."""
    text = message.text or ""
    return text.startswith("/") and not NOTE.match(text) and message.forward_origin is None


async def on_words(
    message: Message,
    *,
    entry: Entry,
    turns: Turns,
    handover: Handover,
    agents: Agents,
    outgoing: Outgoing,
    texts: Texts,
    group: Group,
    redis: Redis,
    translating: Translating | None,
    others: tuple[Message, ...] = (),
) -> None:
    """An agent's words to the customer. Whoever writes has the conversation: nobody needs to claim first."""
    chat, parts = await group.customer_in(message.message_thread_id), (message, *others)
    if chat is None:
        await in_general(message, entry=entry, turns=turns, outgoing=outgoing, texts=texts, redis=redis)
        return
    if any(NOTE.match(part.text or part.caption or "") for part in parts):  # one in an album keeps all of it inside
        await turns.finish(entry)
        return
    words = message.text or in_words(message) or "\n".join(part.caption for part in parts if part.caption)
    own = message.text or "\n".join(part.caption for part in parts if part.caption)
    translated = await translating.for_customer(chat, own) if translating else ""
    async for commit, owner in turns.changes(entry, chat):
        if owner.banned:
            agents.tell(commit, chat, texts("agent-banned"))
            continue
        handover.replied(commit, chat, owner, agent_of(message, texts), words or texts("stretch-media"))
        pass_on(commit, chat, parts, outgoing, texts, translated=translated)


def pass_on(
    commit: Commit, chat: int, parts: tuple[Message, ...], outgoing: Outgoing, texts: Texts, *, translated: str = ""
) -> None:
    """One message, or an album. Media are Telegram's own copies; one alone says in its caption who sent it.

    ``translated``: a line that stands below the words, or is sent after the media."""
    message = parts[0]
    if message.text or in_words(message):
        _pass_on_words(commit, chat, message, outgoing, texts, translated=translated)
        return
    _pass_on_media(commit, chat, parts, outgoing, texts)
    if translated:
        outgoing.text(commit, chat, chat, translated, tell=True)


def _pass_on_words(
    commit: Commit, chat: int, message: Message, outgoing: Outgoing, texts: Texts, *, translated: str
) -> None:
    words = message.text or in_words(message)
    line = texts("agent-says", agent=agent_of(message, texts).name, text=words)
    marks = within(line, words, marks_of(message))
    both = f"{line}\n\n{translated}" if translated else line
    reply = answered_message(message)
    outgoing.text(commit, chat, chat, both, pair=("g", [message.message_id]), reply=reply, tell=True, marks=marks)


def _pass_on_media(commit: Commit, chat: int, parts: tuple[Message, ...], outgoing: Outgoing, texts: Texts) -> None:
    message, name = parts[0], agent_of(parts[0], texts).name
    numbers, reply = sorted({part.message_id for part in parts}), answered_message(message)
    line = texts("agent-says", agent=name, text=message.caption) if message.caption else ""
    source: dict[str, object] = {"from_chat_id": message.chat.id}
    if len(numbers) == 1 and units(line) <= CAPTION:
        marks = within(line, message.caption or "", marks_of(message))
        source |= {"message_id": numbers[0]} | ({"caption": line} if line else {})
        source |= {"caption_entities": marks} if marks else {}
        outgoing.plain(commit, chat, "copyMessage", source, pair=("g", numbers), reply=reply, tell=True)
        return
    long = any(units(part.caption or "") > CAPTION for part in parts) or len(numbers) == 1
    source |= {"message_ids": numbers} | ({"remove_caption": True} if long else {})
    outgoing.plain(commit, chat, "copyMessages", source, pair=("g", numbers), tell=True)
    if long and (captions := "\n".join(part.caption for part in parts if part.caption)):
        outgoing.text(commit, chat, chat, texts("agent-says", agent=name, text=captions), tell=True)


def answered_message(message: Message) -> tuple[Side, int] | None:
    """What it is an answer to, on the group's side. In a topic everything answers the topic's first message."""
    answered = message.reply_to_message
    return ("g", answered.message_id) if answered and not answered.forum_topic_created else None


async def on_edit(
    message: Message,
    *,
    entry: Entry,
    turns: Turns,
    agents: Agents,
    outgoing: Outgoing,
    texts: Texts,
    group: Group,
    translating: Translating | None,
) -> None:
    """A changed message of an agent's is changed at the customer's, too."""
    chat = await group.customer_in(message.message_thread_id)
    words = message.text or message.caption or ""
    line = texts("agent-says", agent=agent_of(message, texts).name, text=words)
    method, field, room = (
        ("editMessageText", "text", TEXT) if message.text else ("editMessageCaption", "caption", CAPTION)
    )
    marks = within(line, words, marks_of(message))
    if chat is None or not words or words.startswith("/"):
        await turns.finish(entry)
        return
    if translating and message.text and (translated := await translating.for_customer(chat, words)):
        line = f"{line}\n\n{translated}"
    edit = {field: line} | ({"entities" if message.text else "caption_entities": marks} if marks else {})
    async for commit, owner in turns.changes(entry, chat):
        if owner.banned:
            continue
        if units(line) > room:
            agents.tell(commit, chat, texts("agent-undelivered", why="part"))
        else:
            outgoing.plain(commit, chat, method, edit, edit=("g", message.message_id), tell=True)


async def on_command(
    message: Message,
    *,
    entry: Entry,
    turns: Turns,
    handover: Handover,
    outgoing: Outgoing,
    texts: Texts,
    group: Group,
    drafts: Drafts,
) -> None:
    chat = await group.customer_in(message.message_thread_id)
    command = (message.text or "").split()[0][1:].partition("@")[0].lower()
    if chat is None or command not in COMMANDS:
        commit = Commit()
        explain(commit, message, outgoing, texts)
        await turns.finish(entry, commit)
    elif command == "suggest":
        drafts.begin(chat)
        await turns.finish(entry)
    else:
        await act(command, chat, agent_of(message, texts), entry=entry, turns=turns, handover=handover)


async def act(command: str, chat: int, agent: Agent, *, entry: Entry, turns: Turns, handover: Handover) -> str:
    """What a command or a button does. Returns the text (its name) that the agent gets for a button."""
    toast, summary = "", await handover.summary(chat, await ownership.read(handover.redis, chat))
    async for commit, owner in turns.changes(entry, chat):
        toast = step(commit, command, chat, owner, agent=agent, summary=summary, handover=handover)
    return toast


def step(
    commit: Commit, command: str, chat: int, owner: Owner, *, agent: Agent, summary: str, handover: Handover
) -> str:
    match command:
        case "claim":
            return claim(commit, chat, owner, agent, handover)
        case "bot" | "back" if owner.theirs:
            line = handover.texts("returned")
            handover.give_back(commit, chat, owner, by="agent", summary=summary, line=line)
            return "toast-back"
        case "close" if owner.theirs:
            handover.close(commit, chat, owner, by="agent", summary=summary)
            return "toast-closed"
        case "ban" | "unban" if owner.known:
            handover.ban(commit, chat, owner, banned=command == "ban")
            return "toast-ban" if command == "ban" else "toast-unban"
    return "toast-not-yours"


def claim(commit: Commit, chat: int, owner: Owner, agent: Agent, handover: Handover) -> str:
    if owner.banned:
        return "toast-banned"
    if owner.state is State.HUMAN and owner.agent.id == agent.id:
        return "toast-yours"
    handover.take_over(commit, chat, owner, agent)
    return "toast-claimed"


async def on_closed(message: Message, entry: Entry, turns: Turns, handover: Handover, group: Group) -> None:
    """A topic that is closed by hand is a conversation that is over."""
    chat = await group.customer_in(message.message_thread_id)
    if chat is None:
        await turns.finish(entry)
        return
    summary = await handover.summary(chat, await ownership.read(handover.redis, chat))
    async for commit, owner in turns.changes(entry, chat):
        commit.hset(customer(chat, "topic"), "closed", "1")
        if owner.theirs:
            handover.close(commit, chat, owner, by="hand", summary=summary)


async def on_opened(message: Message, entry: Entry, turns: Turns, group: Group) -> None:
    chat, commit = await group.customer_in(message.message_thread_id), Commit()
    if chat:
        commit.hset(customer(chat, "topic"), "closed", "")
    await turns.finish(entry, commit)


async def on_moved(message: Message, entry: Entry, turns: Turns, group: Group) -> None:
    assert message.migrate_to_chat_id
    await group.moved(message.migrate_to_chat_id)
    commit = Commit()
    commit.delete(TOPICS)  # they did not come along
    await turns.finish(entry, commit)


async def on_uncarried(
    message: Message, entry: Entry, turns: Turns, agents: Agents, *, texts: Texts, group: Group
) -> None:
    """A story, say: no bot may copy it, and it says nothing in words."""
    chat, commit = await group.customer_in(message.message_thread_id), Commit()
    if chat is not None:
        agents.tell(commit, chat, texts("agent-undelivered", why="kind"))
    await turns.finish(entry, commit)


async def on_nothing(_: Message, entry: Entry, turns: Turns) -> None:
    """A topic was made, a message pinned, somebody joined: nothing to do."""
    await turns.finish(entry)


async def in_general(
    message: Message, *, entry: Entry, turns: Turns, outgoing: Outgoing, texts: Texts, redis: Redis
) -> None:
    """Agents among themselves; but who answers the bot there would wait for a customer who never read it."""
    answered, commit = message.reply_to_message, Commit()
    ours = bool(answered and answered.from_user and message.bot and answered.from_user.id == message.bot.id)
    waiting = ours and not (answered and answered.forum_topic_created)
    if not message.message_thread_id and (waiting or not await redis.exists(GROUP_HINT)):
        commit.set(GROUP_HINT, "1", ex=HINT_S)
        explain(commit, message, outgoing, texts)
    await turns.finish(entry, commit)


def explain(commit: Commit, message: Message, outgoing: Outgoing, texts: Texts) -> None:
    """How an agent answers, where it was asked."""
    thread: Extras = {"message_thread_id": message.message_thread_id} if message.message_thread_id else {}
    outgoing.text(commit, message.chat.id, message.chat.id, texts("agent-how"), **thread)


def agent_of(message: Message, texts: Texts) -> Agent:
    """An anonymous admin writes as the group: the title that admin has, or nobody in particular."""
    if message.sender_chat or not message.from_user:
        return Agent(0, message.author_signature or texts("agent-team"))
    return Agent(message.from_user.id, shown_name(message.from_user.first_name, texts("agent-team")))
