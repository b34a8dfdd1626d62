"""What happened, append-only: one stream that feeds every figure of /stats.

It holds no customer's id: ``who`` is a random name that only the customer's own keys know. /forget deletes that, and
what is left in the stream is about nobody.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from redis.asyncio import Redis

from storage.commit import Commit
from storage.keys import DAY, EVENTS
from storage.redis import store

KEPT_S = 400 * DAY
What = Literal[
    "answered",  # the bot quoted an article
    "talked",  # greeting, thanks: no answer
    "asked_back",
    "refused",
    "handed_over",  # reason
    "claimed",  # agent
    "wrote",  # the customer, while a person has it
    "replied",  # agent
    "returned",  # by: agent, idle, customer
    "closed",  # by: agent, hand
    "reopened",
    "rated",  # stars
    "banned",
    "unbanned",
]


@dataclass(frozen=True, slots=True)
class Event:
    who: str
    what: str
    at: float  # unix seconds
    more: dict[str, str]


def new_name() -> str:
    return secrets.token_hex(8)


def add(commit: Commit, who: str, what: What, **more: str | int) -> None:
    """Queue an event on ``commit``, an open MULTI. ``more`` holds codes and numbers, never words."""
    now = time.time()
    fields = {"who": who, "what": what, "at": f"{now:.3f}", **more}
    commit.xadd(EVENTS, fields, minid=f"{int((now - KEPT_S) * 1000)}-0", approximate=True)


async def since(redis: Redis, start: float) -> AsyncIterator[Event]:
    """All events from ``start`` (unix seconds) on, oldest first."""
    last = f"{int(start * 1000)}-0"
    while found := await store(redis).xrange(EVENTS, last, "+", 1000):
        for number, fields in found:
            plain = {name.decode(): value.decode() for name, value in fields.items()}
            yield Event(plain.pop("who"), plain.pop("what"), float(plain.pop("at")), plain)
            last = f"({number.decode()}"
