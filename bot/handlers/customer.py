"""Private chats: text, photos, pictures sent as files, the button; and a kind word about everything else."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import CallbackQuery, Message

from bot.lanes import Entry
from bot.texts import Texts
from bot.turn import Incoming, Photo, Turns

log = logging.getLogger(__name__)

LARGEST = 20 * 2**20  # bytes; what Telegram lets a bot download (https://core.telegram.org/bots/api#getfile)
TYPING_S = 4.5  # Telegram shows "typing" for five seconds


def customer_router() -> Router:
    router = Router(name="customer")
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.message.register(on_photo, F.photo)
    router.message.register(on_picture_file, F.document.mime_type.startswith("image/"))
    router.message.register(on_text, F.text)
    router.message.register(on_other)
    router.callback_query.register(on_person_button, F.data == "person")
    return router


async def on_text(message: Message, entry: Entry, turns: Turns) -> None:
    async with typing(message.bot, message.chat.id):
        await turns.take(entry, incoming(message, message.text or ""))


async def on_photo(message: Message, entry: Entry, turns: Turns) -> None:
    sizes = message.photo or []
    # The largest: labels are small print. Sizes come smallest first, but that is not promised.
    best = max(sizes, key=lambda size: size.width * size.height)
    await _with_photo(message, entry, turns, best.file_id, best.file_size)


async def on_picture_file(message: Message, entry: Entry, turns: Turns) -> None:
    document = message.document
    assert document
    await _with_photo(message, entry, turns, document.file_id, document.file_size)


async def _with_photo(message: Message, entry: Entry, turns: Turns, file_id: str, size: int | None) -> None:
    said = incoming(message, message.caption or "")
    if size is not None and size > LARGEST:
        await turns.say(entry, said, turns.texts("photo-too_large"))
        return
    async with typing(message.bot, message.chat.id):
        photo = Photo(file_id, fetcher(message.bot, file_id))
        await turns.take(entry, Incoming(said.chat, said.name, said.text, (photo,), said.quoted))


async def on_other(message: Message, entry: Entry, turns: Turns, texts: Texts) -> None:
    await turns.say(entry, incoming(message, ""), texts("unsupported", kind=message.content_type))


async def on_person_button(query: CallbackQuery, entry: Entry, turns: Turns, texts: Texts) -> None:
    with contextlib.suppress(TelegramAPIError):  # too old to be answered: the button's work is done all the same
        await query.answer()
    said = Incoming(query.from_user.id, query.from_user.full_name, texts("person-button"))
    await turns.take(entry, said)


def incoming(message: Message, text: str) -> Incoming:
    name = message.from_user.full_name if message.from_user else message.chat.full_name
    return Incoming(message.chat.id, name, text, quoted=message.message_id)


def fetcher(bot: Bot | None, file_id: str) -> Callable[[], Awaitable[bytes | None]]:
    """Downloads the file when it is needed. None when Telegram refuses it; network errors pass, the turn is retried."""

    async def fetch() -> bytes | None:
        assert bot
        buffer = io.BytesIO()
        try:
            await bot.download(file_id, buffer)
        except TelegramBadRequest as error:
            log.warning("file %s: %s", file_id, error.message)
            return None
        return buffer.getvalue()

    return fetch


@contextlib.asynccontextmanager
async def typing(bot: Bot | None, chat: int) -> AsyncIterator[None]:
    """Shows "typing…" until the body is done, however long that takes. Its own failures are nobody's business."""

    async def show() -> None:
        assert bot
        while True:
            with contextlib.suppress(TelegramAPIError):
                await bot.send_chat_action(chat, "typing")
            await asyncio.sleep(TYPING_S)

    task = asyncio.create_task(show())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
