from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe
from redis.exceptions import ConnectionError as Away

from bot.telegram.polling import KINDS, chat_of, poll
from monitoring.health import Heartbeat

ANY = GetMe()


class Telegram:
    """A bot whose getUpdates is scripted; the script's end is the end of polling."""

    def __init__(self, *script: Any) -> None:
        self.script, self.offsets = list(script), list[int | None]()

    async def __call__(self, method: Any, request_timeout: int) -> Any:
        assert request_timeout > method.timeout
        assert method.allowed_updates == KINDS
        if not self.script:
            raise asyncio.CancelledError
        self.offsets.append(method.offset)
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step


class Inbox:
    def __init__(self, *errors: Exception) -> None:
        self.errors, self.written = list(errors), list[int]()

    async def write(self, updates: list[tuple[int, int, bytes]]) -> int:
        if self.errors:
            raise self.errors.pop(0)
        self.written += [number for number, _, body in updates if json.loads(body)["update_id"] == number]
        return len(updates)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("bot.telegram.polling.asyncio.sleep", sleep)
    return slept


async def run(telegram: Telegram, inbox: Inbox) -> None:
    with pytest.raises(asyncio.CancelledError):
        await poll(telegram, inbox, Heartbeat())  # type: ignore[arg-type]


def batch(*numbers: int) -> list[dict[str, Any]]:
    return [{"update_id": number, "message": {"chat": {"id": 42}}} for number in numbers]


async def test_the_offset_confirms_what_is_written_and_nothing_else() -> None:
    telegram, inbox = Telegram(batch(7, 8), batch(7, 8), batch(9), []), Inbox(Away("the store is away"))
    await run(telegram, inbox)
    assert telegram.offsets == [None, None, 9, 10]
    assert inbox.written == [7, 8, 9]


async def test_an_old_offset_does_not_hide_updates_that_are_numbered_anew() -> None:
    telegram, inbox = Telegram(batch(900), [], batch(5), []), Inbox()
    await run(telegram, inbox)
    assert telegram.offsets == [None, 901, None, 6]


async def test_a_lost_confirmation_is_made_again() -> None:
    telegram = Telegram(batch(7), TelegramNetworkError(ANY, "lost"), [])
    await run(telegram, Inbox())
    assert telegram.offsets == [None, 8, 8]


async def test_no_trouble_with_telegram_ends_polling(pauses: list[float], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    telegram = Telegram(
        TelegramConflictError(ANY, "Conflict: terminated by other getUpdates request"),
        TelegramRetryAfter(ANY, "Too Many Requests", 17),
        ClientDecodeError("Failed to decode object", ValueError("XYZZY"), "<html>502 XYZZY</html>"),
        OSError("ssl"),
        batch(1),
    )
    inbox = Inbox()
    await run(telegram, inbox)
    assert inbox.written == [1]
    assert pauses == [5, 17, 2, 2]
    assert "another process polls with this token" in caplog.text
    assert "XYZZY" not in caplog.text  # a page of a gateway, or customers' updates


async def test_a_token_that_is_none_ends_polling() -> None:
    with pytest.raises(TelegramUnauthorizedError):
        await poll(Telegram(TelegramUnauthorizedError(ANY, "Unauthorized")), Inbox(), Heartbeat())  # type: ignore[arg-type]


CHAT, ANA = {"id": -100, "type": "supergroup"}, {"id": 42, "first_name": "Ana"}


@pytest.mark.parametrize(
    ("update", "chat"),
    [
        ({"message": {"chat": {"id": 42}, "from": {"id": 43}}}, 42),
        ({"edited_message": {"chat": CHAT, "from": ANA}}, -100),
        ({"channel_post": {"chat": CHAT}}, -100),
        ({"callback_query": {"from": ANA, "message": {"chat": CHAT}}}, -100),
        ({"callback_query": {"from": ANA, "inline_message_id": "x"}}, 42),
        ({"my_chat_member": {"chat": {"id": 42}, "from": ANA}}, 42),
        ({"inline_query": {"from": ANA}}, 42),
        ({"poll_answer": {"user": ANA}}, 0),
        ({"poll": {"id": "1"}}, 0),
        ({"message": {"chat": "not a chat", "from": ANA}}, 42),
        ({"message": "nonsense"}, 0),
        ({}, 0),
    ],
)
def test_whose_turn_an_update_belongs_to(update: dict[str, Any], chat: int) -> None:
    assert chat_of({"update_id": 1, **update}) == chat
