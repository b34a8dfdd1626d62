"""When "typing…" is shown."""

from __future__ import annotations

import asyncio
from typing import cast

from aiogram import Bot

from bot.handlers.customer import typing


class Telegram:
    def __init__(self) -> None:
        self.shown = 0

    async def send_chat_action(self, chat: int, action: str, message_thread_id: int | None) -> None:
        assert (chat, action, message_thread_id) == (42, "typing", 7)
        self.shown += 1


async def test_what_is_answered_at_once_shows_none() -> None:
    telegram = Telegram()
    for after, takes in ((0.2, 0.01), (0.0, 0.05), (0.02, 0.2)):
        async with typing(cast("Bot", telegram), 42, 7, after):
            await asyncio.sleep(takes)
        assert telegram.shown == {0.2: 0, 0.0: 1, 0.02: 2}[after]
    await asyncio.sleep(0.05)
    assert telegram.shown == 2
