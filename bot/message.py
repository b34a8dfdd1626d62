"""What a customer sent, free of Telegram."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol, TypedDict

from bot.marks import Mark
from vision.report import shown

# Letters that are there and show nothing: an empty name in Telegram is made of these.
_EMPTY = frozenset("\N{HANGUL FILLER}\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}\N{HALFWIDTH HANGUL FILLER}"
                   "\N{BRAILLE PATTERN BLANK}")  # fmt: skip


def shown_name(name: str, otherwise: str) -> str:
    """``name`` as it may stand in a line: nothing in it turns the line round or is long, and it shows something. Else
    ``otherwise``."""
    plain = shown(name, 64)
    seen = (letter for letter in plain if letter not in _EMPTY and unicodedata.category(letter)[0] in "LNPS")
    return plain if any(seen) else otherwise


LARGEST = 20 * 2**20  # bytes; what Telegram lets a bot download (https://core.telegram.org/bots/api#getfile)


class Fetch(Protocol):
    """Downloads a file when it is needed: its first ``most`` bytes. None when Telegram would not give it."""

    async def __call__(self, most: int = LARGEST) -> bytes | None: ...


class Extras(TypedDict, total=False):
    """What may go with a text to Telegram, as its sendMessage names it."""

    reply_markup: Mapping[str, object]  # buttons
    reply_parameters: Mapping[str, object]  # which message it answers
    message_thread_id: int  # of a topic, in a group or a private chat
    link_preview_options: Mapping[str, object]  # a picture that Telegram fetches by its address


@dataclass(frozen=True, slots=True)
class Photo:
    file_id: str  # Telegram's; what is kept once the bytes are described
    fetch: Fetch
    message: int = 0  # its number in the chat
    as_file: bool = False
    moves: bool = False  # a video or an animation
    size: int = LARGEST  # bytes, as Telegram says
    voice: bool = False  # there is nothing to see in it: it is listened to
    otherwise: str = ""  # it came as any file: what the bot says when its bytes are no picture

    @property
    def too_large(self) -> bool:
        return self.size > LARGEST


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message, the parts of one album, or what was written in one go."""

    chat: int
    name: str
    text: str = ""
    photos: tuple[Photo, ...] = ()
    quoted: int | None = None  # message id, so that the answer can quote it
    busy: Callable[[], AbstractAsyncContextManager[None]] = nullcontext  # shown while the bot, not a person, answers
    username: str = ""
    language: str = ""
    thread: int = 0  # the topic of the private chat that it is in, where that has topics
    messages: tuple[int, ...] = ()  # their numbers in the chat
    media: bool = False  # more than words: a person gets it as it is
    reply: int | None = None  # the message that it answers
    replied: str = ""  # and what is written there, if it is ours
    marks: tuple[Mark, ...] = ()  # what is bold, hidden or a link in the text
    in_words: str = ""  # a poll, a contact, a place, as a person gets it
    uncarried: bool = False  # Telegram lets nobody copy it, and it is no words either
    masked: bool = False  # a number in the text was hidden: as it was written, nobody may see it
    subject: str = ""  # of the link that they came by: t.me/bot?start=order_4471
    forwarded: str = ""  # who wrote it first, where the customer passed it on
    unchecked: bool = False  # a file is among it that nobody can look into
    heard: str = ""  # what was said in it; the text has it, too
    pressed: str = ""  # a form's button, whose words the text is
    passed_on: tuple[tuple[str, str], ...] = ()  # (who, words) of what others wrote, where it is told from ``text``
    cannot: str = ""  # what the bot says when this is nothing it can deal with; a person gets it all the same

    @property
    def words(self) -> str:
        """All of it, with what others wrote marked as theirs."""
        return "\n".join(filter(None, (*(f"↪ {who}: {text}" for who, text in self.passed_on), self.text)))


def together(first: Incoming, *others: Incoming) -> Incoming:
    """What the bot answers as one: the customer's own words are ``text``, and what they passed on is ``passed_on``."""
    parts = (first, *others)
    own = [part.text for part in parts if part.text and not part.forwarded]
    theirs = tuple((part.forwarded, part.text) for part in parts if part.text and part.forwarded)
    return replace(
        first,
        text="\n".join(own),
        passed_on=theirs,
        messages=tuple(number for part in parts for number in part.messages),
        masked=any(part.masked for part in parts),
    )
