"""What the bot keeps about a customer, sealed: single values, and short lists with the newest last."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Literal, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError
from redis.asyncio import Redis

from bot.marks import Mark
from storage.aging import LISTS, limit, over
from storage.commit import Commit
from storage.keys import RETENTION, Retention, customer
from storage.redis import store
from storage.seal import Sealer, SealError
from vision.report import PhotoReport

log = logging.getLogger(__name__)

M = TypeVar("M", bound=BaseModel)


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")  # one that an older or newer release wrote is read, too


class Profile(Record):
    name: str
    username: str = ""
    language: str = ""
    first: float = 0.0  # unix seconds of the first message
    subject: str = ""  # of the link that they came by last
    chosen: str = ""  # the language they chose by /language
    spoken: str = ""  # the language of our last answer


class PhotoRecord(Record):
    """One photo or video of the customer's."""

    file_id: str
    as_file: bool = False  # as it came from the camera, with what the camera wrote into it: agents get a copy
    message: int  # its number in the customer's chat
    shown: str | None = None  # what agents may be sent of it (bot/photos.py, for_agents); None: itself
    masked: bool = False  # what is written beside it may be nobody's to see: a number, or what it was changed to
    report: PhotoReport
    # What the bot answered; the older name is read for one release, as long as such records are kept.
    answer: str = Field(default="", validation_alias=AliasChoices("answer", "told"))
    at: float = 0.0

    @property
    def guarded(self) -> bool:
        """Whether Telegram's own copy of the message would show what must not be shown."""
        return self.masked or self.shown not in (None, self.file_id)


class Line(Record):
    """Words, and whose they are."""

    who: str  # "customer", or somebody's name
    text: str
    marks: tuple[Mark, ...] = ()
    translated: str = ""  # in the agents' language, by a machine; shown beside it
    at: float = 0.0


class Moods(Record):
    """How the last messages sounded; for the agents alone."""

    last: Literal["negative", "neutral", "positive"] | None = None  # None: not sure
    scores: tuple[float, ...] = ()  # -1 to 1, oldest first
    in_a_row: int = 0  # negative messages up to the last
    at: float = 0.0


class Case(Record):
    """One hand-over: what the card says, but for who has it now."""

    number: str  # of the card: another hand-over is another card
    reason: str
    at: float
    question: str = ""  # what is still open
    translated: str = ""  # the customer's last words in the agents' language, by a machine
    language: str = ""  # the customer's, by its own name, where what agents write is translated into it
    transcript: tuple[tuple[str, str], ...] = ()  # ("customer" | "bot", text), oldest first
    photos: tuple[PhotoRecord, ...] = ()
    passages: tuple[str, ...] = ()  # titles of the articles that were quoted
    form: str = ""  # the title of the form that the customer fills in, or has filled in
    mood: str = ""  # "negative", "neutral" or "positive"; "": not sure
    trend: str = ""  # "worse" or "better"
    facts: tuple[tuple[str, str], ...] = ()  # of that form: (label, value and where it is from)


class Records:
    def __init__(self, redis: Redis, sealer: Sealer, retention: Retention = RETENTION) -> None:
        self.redis, self.store = redis, store(redis)
        self.sealer, self.retention = sealer, retention

    async def get(self, chat: int, what: str, kind: type[M], name: str = "") -> M | None:
        """None when there is none, or none that we can read."""
        key = customer(chat, what, name)
        return self._opened(key, await self.store.get(key), kind)

    async def all(self, chat: int, what: str, kind: type[M]) -> list[M]:
        """A list, oldest first, without what is over its time."""
        key = customer(chat, what)
        opened = (self._opened(key, sealed, kind) for sealed in await self.store.lrange(key, 0, -1))
        found = [one for one in opened if one is not None]
        times = [getattr(one, "at", 0.0) or None for one in found] if what in LISTS else []
        return found[over(times, limit(what, of=self.retention)) if times else 0 :]

    async def keys(self, chat: int, what: str) -> list[str]:
        """Of a kind that has several, each with a name. Looks through the whole store."""
        pattern = customer(chat, what, "*")
        return [key.decode() async for key in self.redis.scan_iter(pattern, count=1000)]

    def put(self, commit: Commit, chat: int, what: str, value: BaseModel, name: str = "") -> None:
        key = customer(chat, what, name)
        commit.set(key, self.sealer.seal(key, value.model_dump_json().encode()), ex=self.retention[what])

    def push(self, commit: Commit, chat: int, what: str, values: Sequence[BaseModel], most: int) -> None:
        """Queue: ``values`` are the newest of at most ``most``."""
        key = customer(chat, what)
        if not values:
            return
        commit.rpush(key, *(self.sealer.seal(key, value.model_dump_json().encode()) for value in values))
        commit.ltrim(key, -most, -1)
        if (lasts := self.retention[what]) is not None:
            commit.expire(key, lasts)

    def drop(self, commit: Commit, chat: int, what: str, name: str = "") -> None:
        commit.delete(customer(chat, what, name))

    def _opened(self, key: str, sealed: bytes | None, kind: type[M]) -> M | None:
        try:
            return kind.model_validate_json(self.sealer.open(key, sealed)) if sealed else None
        except (SealError, ValidationError) as error:
            log.warning("%s cannot be read and is taken for missing: %s", key, type(error).__name__)
            return None
