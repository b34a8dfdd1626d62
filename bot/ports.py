"""What a turn asks of others. Who implements it is known to app.py alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, Unpack

from bot.message import Extras
from bot.records import Case, Line, PhotoRecord
from dialogue.turn import Reply, Turn
from storage.commit import Commit
from vision.report import PhotoReport


class Photos(Protocol):
    async def describe(
        self,
        chat: int,
        photo: bytes | Callable[[], Awaitable[bytes]],
        hint: str,
        deadline: float,
        *,
        as_file: bool = False,
    ) -> PhotoReport:
        """What is in ``photo``: an encoded file, or what fetches it, so that nobody holds it while a worker looks.
        Never raises for a bad photo or a late worker: the report says so.

        ``hint`` is what the customer wrote with it; ``deadline`` in seconds from now. ``as_file``: nobody has encoded
        it anew since the camera did, so the report of a picture names a copy without what the camera wrote into it.
        """
        ...


class Answers(Protocol):
    async def reply(self, turn: Turn) -> Reply: ...

    def remember(self, commit: Commit, turn: Turn, reply: Reply) -> None:
        """The turn's history: it is written with the reply or not at all."""
        ...

    def helped(self, commit: Commit, customer: int, summary: str) -> None:
        """A person had the conversation, and that is over: what was asked before is settled."""
        ...

    def forget(self, commit: Commit, customer: int) -> None:
        """The customer's history goes."""
        ...

    async def transcript(self, customer: int) -> list[tuple[str, str]]:
        """What was said, oldest first: ("customer" | "bot", text)."""
        ...

    async def cited(self, customer: int) -> list[str]:
        """Titles of the articles that were quoted to the customer, in that order."""
        ...


class Translator(Protocol):
    async def translate(self, text: str, into: str) -> str:
        """``text`` in the language ``into`` ("de"); "" where there is nothing to show. Never raises for its service."""
        ...


class Agents(Protocol):
    """The people who take over. Everything is added to a commit, so that it happens with the turn or not at all."""

    def open(self, commit: Commit, chat: int, case: Case) -> None:
        """A conversation is theirs from now on."""
        ...

    def card(self, commit: Commit, chat: int) -> None:
        """Who has it has changed: show it."""
        ...

    def relay(
        self, commit: Commit, chat: int, line: Line, *, messages: Sequence[int], media: bool, reply: int | None
    ) -> None:
        """Pass on what the customer says while the conversation is theirs: the words, or with ``media`` the messages
        as they are. ``reply``: the message that it answers."""
        ...

    def guarded(
        self, commit: Commit, chat: int, line: Line, photos: Sequence[PhotoRecord], *, others: Sequence[int]
    ) -> None:
        """Likewise, where something in it is nobody's to see: the words (masked before), of each photo what may be
        shown, and the messages ``others``, which hold none, as they are."""
        ...

    def edited(self, commit: Commit, chat: int, line: Line, message: int, *, media: bool) -> None:
        """The customer changed what was passed on, or what is from before that."""
        ...

    def tell(self, commit: Commit, chat: int, text: str, **more: Unpack[Extras]) -> None:
        """A line of ours about the customer; ``more`` as in Telegram's sendMessage, with buttons if need be."""
        ...

    def aside(self, commit: Commit, chat: int, text: str) -> None:
        """Likewise, good to know: what people say goes first."""
        ...

    def close(self, commit: Commit, chat: int) -> None:
        """It is over for them."""
        ...

    def forget(self, commit: Commit, thread: int) -> None:
        """Nothing about the customer whose topic this is stays with them."""
        ...
