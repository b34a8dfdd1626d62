"""Private chats: text, photos, videos, either sent as files, the button; and a kind word about everything else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import AiogramError
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from bot.customers import Customers
from bot.handlers.carried import UNCARRIED, in_words, marks_of
from bot.handlers.files import fetcher
from bot.handover.handover import Handover
from bot.handover.ownership import State
from bot.message import LARGEST, Incoming, Photo, shown_name
from bot.ports import Agents
from bot.records import Line
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.translating import Translating
from bot.turn import Turns
from storage.redact import masked_words
from vision.report import HEARD_S

PICTURES = ("image/", "video/")
TYPING_S = 4.5  # Telegram shows "typing" for five seconds
AT_ONCE_S = 0.2  # words that are answered by then need no "typing": it would come after the answer


def customer_router() -> Router:
    router = Router(name="customer")
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.message.register(on_photo, F.photo)
    router.message.register(on_picture_file, F.func(picture_of))
    router.message.register(on_text, F.text)
    router.message.register(on_voice, F.voice | F.audio)
    router.message.register(on_other)
    router.edited_message.filter(F.chat.type == ChatType.PRIVATE)
    router.edited_message.register(on_edit)
    router.my_chat_member.filter(F.chat.type == ChatType.PRIVATE)
    router.my_chat_member.register(on_blocked, F.new_chat_member.status == "kicked")
    private = F.message.chat.type == ChatType.PRIVATE
    router.callback_query.register(on_person_button, F.data == "person", private)
    router.callback_query.register(on_offer, F.data.startswith("offer:"), private)
    router.callback_query.register(on_stars, F.data.regexp(r"^rate:[1-5]$"), private)
    return router


async def on_text(message: Message, entry: Entry, turns: Turns, others: tuple[Message, ...] = ()) -> None:
    await turns.take(entry, *(incoming(part, part.text or "") for part in (message, *others)))


async def on_photo(
    message: Message, entry: Entry, turns: Turns, texts: Texts, others: tuple[Message, ...] = ()
) -> None:
    await _with_photos(entry, turns, texts, message, *others)


async def on_picture_file(
    message: Message, entry: Entry, turns: Turns, texts: Texts, others: tuple[Message, ...] = ()
) -> None:
    await _with_photos(entry, turns, texts, message, *others)


async def _with_photos(entry: Entry, turns: Turns, texts: Texts, *parts: Message) -> None:
    """One photo, or an album: its parts are one turn, its captions one text."""
    request = incoming(parts[0], *(part.caption for part in parts if part.caption))
    request = replace(request, media=True, messages=tuple(part.message_id for part in parts))
    otherwise = texts("unsupported", kind="document")
    photos = tuple(
        replace(photo, otherwise=otherwise) if photo.as_file and not _is_called_picture(part) else photo
        for part in parts
        if (photo := picture_of(part))
    )
    if all(photo.too_large for photo in photos):
        video = any(photo.moves for photo in photos)
        request = replace(request, cannot=texts("photo-too_large", what="video" if video else "photo"))
    await turns.take(entry, replace(request, photos=photos))


def picture_of(message: Message) -> Photo | None:
    """What can be looked at: of a photo the largest size, because labels are small print."""

    def found(file: Any, *, as_file: bool = False, moves: bool = False) -> Photo:
        return Photo(
            file.file_id,
            fetcher(message.bot, file.file_id),
            message.message_id,
            as_file=as_file,
            moves=moves,
            size=file.file_size or LARGEST,
        )

    live = message.live_photo
    if sizes := (live and live.photo) or message.photo:  # smallest first, but that is not promised
        # Of a live photo agents get a copy of the still, as of a file: nobody has looked at what moves.
        return found(max(sizes, key=lambda size: size.width * size.height), as_file=bool(live))
    if moving := live or message.video or message.animation or message.video_note:
        return found(moving, moves=True)
    if message.sticker and message.sticker.is_video:  # the others are single drawings, and Lottie's, which are vectors
        return found(message.sticker, moves=True)
    document = message.document
    kind = (document and document.mime_type) or ""
    if document and (_is_called_picture(message) or (document.file_size or 0) <= LARGEST):
        return found(document, as_file=True, moves=kind.startswith("video/"))
    return None


def _is_called_picture(message: Message) -> bool:
    """Whether the sender's program says so. Any other file is known by its first bytes alone, whatever its name."""
    kind = (message.document and message.document.mime_type) or ""
    return not message.document or kind.startswith(PICTURES)


async def on_voice(
    message: Message, entry: Entry, turns: Turns, texts: Texts, others: tuple[Message, ...] = ()
) -> None:
    """What is said in it becomes the turn's words; a person gets it as it is, too."""
    sound = message.voice or message.audio
    assert sound
    request = replace(incoming(message, message.caption or ""), media=True, messages=(message.message_id,))
    voice = Photo(
        sound.file_id,
        fetcher(message.bot, sound.file_id),
        message.message_id,
        size=sound.file_size or LARGEST,
        voice=True,
    )
    if voice.too_large or sound.duration > HEARD_S:
        request = replace(request, cannot=texts("voice-not-heard", why="long"))
    else:
        request = replace(request, photos=(voice,))
    await turns.take(entry, request, *(incoming(part, part.text or part.caption or "") for part in others))


async def on_other(
    message: Message, entry: Entry, turns: Turns, texts: Texts, others: tuple[Message, ...] = ()
) -> None:
    if any(picture_of(part) for part in others):  # something else first, photos behind it
        await _with_photos(entry, turns, texts, message, *others)
        return
    request = incoming(message, message.caption or "")
    numbers = tuple(part.message_id for part in (message, *others))
    drawn = message.sticker and message.sticker.is_animated
    cannot = texts("unsupported", kind="drawn" if drawn else message.content_type)
    file = any(part.document for part in (message, *others))
    line = masked_words(in_words(message))
    uncarried = message.content_type in UNCARRIED
    request = replace(request, media=not (line or uncarried), messages=numbers, unchecked=file, cannot=cannot)
    await turns.take(entry, replace(request, in_words=line, uncarried=uncarried))


async def on_edit(
    message: Message,
    *,
    entry: Entry,
    turns: Turns,
    customers: Customers,
    agents: Agents | None,
    translating: Translating | None,
) -> None:
    """While a person has it, they see what was changed. The bot answers what was written first. A picture was checked
    as it was then, with the words of then."""
    now = incoming(message, message.text or message.caption or "")
    picture = picture_of(message)
    chat, number = message.chat.id, message.message_id
    async for commit, owner in turns.changes(entry, chat):
        await customers.edited(commit, chat, number, picture.file_id if picture else "")
        if owner.theirs and agents and now.text and not owner.banned:
            translated = await translating.for_agents(chat, now.text) if translating and message.text else ""
            line = Line(who=now.name, text=now.text, marks=now.marks, translated=translated)
            agents.edited(commit, chat, line, number, media=not message.text)


async def on_blocked(
    change: ChatMemberUpdated, entry: Entry, turns: Turns, agents: Agents | None, texts: Texts
) -> None:
    async for commit, owner in turns.changes(entry, change.chat.id):
        if owner.theirs and agents:
            agents.tell(
                commit,
                change.chat.id,
                texts("agent-blocked", name=shown_name(change.from_user.full_name, f"#{change.chat.id}")),
            )


async def on_stars(
    query: CallbackQuery, *, entry: Entry, turns: Turns, handover: Handover, outgoing: Outgoing, texts: Texts
) -> None:
    """One rating for one conversation: the buttons go with it."""
    chat, stars = query.from_user.id, int((query.data or "")[5:])
    shown = query.message.message_id if query.message else 0
    edit = {"message_id": shown, "text": texts("rated", stars=stars)}
    async for commit, owner in turns.changes(entry, chat):
        if owner.state is State.WRAPUP:
            handover.rated(commit, chat, owner, stars)
            outgoing.plain(commit, chat, "editMessageText", edit)
    with contextlib.suppress(AiogramError):
        await query.answer()


async def on_person_button(query: CallbackQuery, entry: Entry, turns: Turns, texts: Texts) -> None:
    with contextlib.suppress(AiogramError):  # too old to be answered: the button's work is done all the same
        await query.answer()
    user = query.from_user
    request = Incoming(
        user.id,
        shown_name(user.full_name, f"#{user.id}"),
        texts("person-button"),
        username=user.username or "",
        language=user.language_code or "",
        thread=thread_of(query),
    )
    await turns.take(entry, request)


async def on_offer(query: CallbackQuery, entry: Entry, turns: Turns) -> None:
    """A title that was offered: what stands on the button is what the customer says."""
    with contextlib.suppress(AiogramError):
        await query.answer()
    keys = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = keys.inline_keyboard if keys else []
    title = next((key.text for row in rows for key in row if key.callback_data == query.data), "")
    if not title:
        await turns.finish(entry)
        return
    user = query.from_user
    name, language = user.username or "", user.language_code or ""
    request = Incoming(user.id, user.full_name, title, username=name, language=language, thread=thread_of(query))
    await turns.take(entry, request)


def thread_of(query: CallbackQuery) -> int:
    """The topic of the private chat whose button was pressed; 0 where there are none."""
    return (isinstance(query.message, Message) and query.message.message_thread_id) or 0


def incoming(message: Message, *texts: str) -> Incoming:
    """The words as they may be kept and shown: a card's number is in no history and before no agent."""
    text, words = "\n".join(texts), "\n".join(map(masked_words, texts))
    name = message.from_user.full_name if message.from_user else message.chat.full_name
    whole = words == text and words in (message.text, message.caption)
    return Incoming(
        message.chat.id,
        shown_name(name, f"#{message.chat.id}"),
        words,
        marks=marks_of(message) if whole else (),
        masked=words != text,
        thread=message.message_thread_id or 0,
        quoted=message.message_id,
        busy=partial(
            typing, message.bot, message.chat.id, message.message_thread_id, AT_ONCE_S if message.text else 0.0
        ),
        username=(message.from_user and message.from_user.username) or "",
        language=(message.from_user and message.from_user.language_code) or "",
        messages=(message.message_id,),
        reply=message.reply_to_message.message_id if message.reply_to_message else None,
        forwarded=origin(message),
        replied=_ours(message.reply_to_message),
    )


def origin(message: Message) -> str:
    """Who wrote a message that the customer passed on; "" when they wrote it themselves."""
    match message.forward_origin:
        case MessageOriginUser(sender_user=user):
            return shown_name(user.full_name, f"#{user.id}")
        case MessageOriginHiddenUser(sender_user_name=name):
            return shown_name(name, "?")
        case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
            return shown_name(chat.full_name, f"#{chat.id}")
        case _:
            return ""


def _ours(message: Message | None) -> str:
    """What the bot wrote there."""
    return (message.text or "") if message and message.from_user and message.from_user.is_bot else ""


@contextlib.asynccontextmanager
async def typing(bot: Bot | None, chat: int, thread: int | None, after: float) -> AsyncIterator[None]:
    """Shows "typing…" from ``after`` seconds on until the body is done. Its own failures are nobody's business."""

    async def show() -> None:
        assert bot
        await asyncio.sleep(after)
        while True:
            with contextlib.suppress(AiogramError):
                await bot.send_chat_action(chat, "typing", message_thread_id=thread)
            await asyncio.sleep(TYPING_S)

    task = asyncio.create_task(show())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
