"""Files that Telegram holds for us: fetched when they are needed, and no more bytes than there is room for."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
from typing import TYPE_CHECKING

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiohttp import ClientError

from bot.message import LARGEST, Fetch

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

log = logging.getLogger(__name__)

FETCHES = 3


class _Enough(Exception):
    pass


class _Beginning(io.BytesIO):
    """Takes so many bytes and no more: nobody knows a file's size for certain but who has it."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, data: Buffer, /) -> int:
        room = self.most - self.tell()
        written = super().write(memoryview(data)[:room])
        if self.tell() >= self.most:
            raise _Enough
        return written


def fetcher(bot: Bot | None, file_id: str) -> Fetch:
    """Downloads the file when it is needed. None when Telegram refuses it or cannot be reached."""

    async def fetch(most: int = LARGEST) -> bytes | None:
        assert bot
        for tried in range(1, FETCHES + 1):
            buffer = _Beginning(most)
            try:
                with contextlib.suppress(_Enough):
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
