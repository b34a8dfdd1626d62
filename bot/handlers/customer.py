"""Private chats: text, photos, pictures sent as files, the button; and a kind word about everything else."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiogram.types import CallbackQuery, Message
from aiohttp import ClientError

from bot.lanes import Entry
from bot.texts import Texts
from bot.turn import Incoming, Photo, Turns

log = logging.getLogger(__name__)

LARGEST = 20 * 2**20  # bytes; what Telegram lets a bot download (https://core.telegram.org/bots/api#getfile)
FETCHES = 3
TYPING_S = 4.5  # Telegram shows "typing" for five seconds


def customer_router() -> Router:
    router = Router(name="customer")
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.message.register(on_photo, F.photo)
    router.message.register(on_picture_file, F.document.mime_type.startswith("image/"))
    router.message.register(on_text, F.text)
    router.message.register(on_other)
    router.callback_query.register(on_person_button, F.data == "person", F.message.chat.type == ChatType.PRIVATE)
    return router


async def on_text(message: Message, entry: Entry, turns: Turns) -> None:
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
    await turns.take(entry, replace(said, photos=(Photo(file_id, fetcher(message.bot, file_id)),)))


async def on_other(message: Message, entry: Entry, turns: Turns, texts: Texts) -> None:
    await turns.say(entry, incoming(message, ""), texts("unsupported", kind=message.content_type))


async def on_person_button(query: CallbackQuery, entry: Entry, turns: Turns, texts: Texts) -> None:
    with contextlib.suppress(AiogramError):  # too old to be answered: the button's work is done all the same
        await query.answer()
    said = Incoming(query.from_user.id, query.from_user.full_name, texts("person-button"))
    await turns.take(entry, said)


def incoming(message: Message, text: str) -> Incoming:
    name = message.from_user.full_name if message.from_user else message.chat.full_name
    busy = partial(typing, message.bot, message.chat.id)
    return Incoming(message.chat.id, name, text, quoted=message.message_id, busy=busy)


def fetcher(bot: Bot | None, file_id: str) -> Callable[[], Awaitable[bytes | None]]:
    """Downloads the file when it is needed. None when Telegram refuses it or cannot be reached."""

    async def fetch() -> bytes | None:
        assert bot
        for tried in range(1, FETCHES + 1):
            buffer = io.BytesIO()
            try:
                await bot.download(file_id, buffer)
            except TelegramBadRequest as error:
                log.warning("file %s: %s", file_id, error.message)
                return None
            # aiogram's downloads raise aiohttp's own errors, too. Not their words: they quote the URL with the token.
            except (AiogramError, ClientError, OSError) as error:
                log.warning("file %s: try %d of %d: %s", file_id, tried, FETCHES, type(error).__name__)
                await asyncio.sleep(tried)
            else:
                return buffer.getvalue()
        return None

    return fetch


@contextlib.asynccontextmanager
async def typing(bot: Bot | None, chat: int) -> AsyncIterator[None]:
    """Shows "typing…" until the body is done, however long that takes. Its own failures are nobody's business."""

    async def show() -> None:
        assert bot
        while True:
            with contextlib.suppress(AiogramError):
                await bot.send_chat_action(chat, "typing")
            await asyncio.sleep(TYPING_S)

    task = asyncio.create_task(show())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
