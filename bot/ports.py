"""What a turn asks of others. Who implements it is known to app.py alone."""

from __future__ import annotations

from typing import Any, Protocol

from dialogue.turn import Reply, Turn
from vision.report import PhotoReport


class Photos(Protocol):
    async def describe(self, chat: int, photo: bytes, hint: str, deadline: float) -> PhotoReport:
        """What is in ``photo`` (an encoded file). Never raises for a bad photo or a late worker: the report says so.

        ``hint`` is what the customer wrote with it; ``deadline`` in seconds from now.
        """
        ...


class Answers(Protocol):
    async def reply(self, turn: Turn) -> Reply: ...

    def remember(self, pipe: Any, turn: Turn, reply: Reply) -> None:
        """Queue the turn's history on ``pipe`` (an open MULTI): it is written with the reply or not at all."""
        ...

    def forget(self, pipe: Any, customer: int) -> None:
        """Queue the removal of the customer's history."""
        ...

    async def transcript(self, customer: int) -> list[tuple[str, str]]:
        """What was said, oldest first: ("customer" | "bot", text)."""
        ...


class People(Protocol):
    """The agents. Everything is queued on ``pipe``, so that it happens with the turn or not at all."""

    def open(self, pipe: Any, customer: int, card: str, photos: tuple[str, ...]) -> None:
        """A conversation is theirs from now on. ``card`` is plain text, ``photos`` are Telegram file ids."""
        ...

    def relay(self, pipe: Any, customer: int, name: str, text: str, photos: tuple[str, ...]) -> None:
        """Pass on what the customer says while the conversation is theirs."""
        ...

    def tell(self, pipe: Any, customer: int, text: str) -> None:
        """A line of ours about the customer."""
        ...
