"""Which of the agents' words stay inside, and which are orders."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from aiogram.types import Chat, Message, MessageOriginHiddenUser

from bot.handlers.agent import NOTE, is_command

GROUP = Chat(id=-1, type="supergroup")
NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["// internal", "//", "/note", "/note she is a known fraudster", "/note@desk_bot x", "/note\nx"]
)
def test_a_note(text: str) -> None:
    assert NOTE.match(text) and not is_command(Message(message_id=1, date=NOW, chat=GROUP, text=text))


@pytest.mark.parametrize("text", ["/noted, we ship it today", "/notes", "note", "https://x"])
def test_no_note(text: str) -> None:
    """ "/noted" was swallowed without a word."""
    assert not NOTE.match(text)


def test_what_was_forwarded_orders_nothing() -> None:
    """A customer's "/close", passed on by an agent, closed the conversation."""
    origin = MessageOriginHiddenUser(date=NOW, sender_user_name="Eve")
    assert is_command(Message(message_id=1, date=NOW, chat=GROUP, text="/close"))
    assert not is_command(Message(message_id=1, date=NOW, chat=GROUP, text="/close", forward_origin=origin))
