"""What happened, append-only: one stream that feeds every figure of /stats.

It holds no customer's id: ``who`` is a random name that only the customer's own keys know. /forget deletes that, and
what is left in the stream is about nobody. What is a customer's own stands in a stream of theirs, too: /export reads
that one, not everybody's.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from redis.asyncio import Redis

from storage.commit import Commit
from storage.keys import DAY, EVENTS, EVENTS_SORTED, customer, customer_of
from storage.redis import store

log = logging.getLogger(__name__)

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


def add(commit: Commit, chat: int, who: str, what: What, **more: str | int) -> None:
    """Queue an event on ``commit``, an open MULTI. ``more`` holds codes and numbers, never words."""
    now, own = time.time(), customer(chat, "happened")
    fields = {"who": who, "what": what, "at": f"{now:.3f}", **more}
    for stream in (EVENTS, own):
        commit.xadd(stream, fields, minid=f"{int((now - KEPT_S) * 1000)}-0", approximate=True)
    commit.expire(own, KEPT_S)


async def sort_by_customer(redis: Redis) -> None:
    """Once in a store's life, before the bot works on it: the events of releases before, each to its customer's own."""
    client: Any = redis
    if await client.exists(EVENTS_SORTED):
        return
    chats = {}
    async for key in client.scan_iter("c:*:owner", count=1000):
        if who := await client.hget(key, "who"):
            chats[who] = customer_of(key.decode())
            await client.delete(customer(chats[who], "happened"))  # of a start that did not come to its end
    await _sort(client, chats)
    await client.set(EVENTS_SORTED, "1")
    if chats:
        log.info("the events of %d customers stand in streams of their own now", len(chats))


async def _sort(client: Any, chats: Mapping[bytes, int]) -> None:
    """``chats``: whose events they are, by the name that the events know."""
    last = "-"
    while found := await client.xrange(EVENTS, last, "+", 1000):
        async with client.pipeline(transaction=False) as pipe:
            for number, fields in found:
                if chat := chats.get(fields.get(b"who", b"")):
                    pipe.xadd(customer(chat, "happened"), fields, id=number)
            await pipe.execute()
        last = f"({found[-1][0].decode()}"
    for chat in chats.values():
        await client.expire(customer(chat, "happened"), KEPT_S)


async def since(redis: Redis, start: float, stream: str = EVENTS) -> AsyncIterator[Event]:
    """All events from ``start`` (unix seconds) on, oldest first; with another ``stream``, one customer's."""
    last = f"{int(start * 1000)}-0"
    while found := await store(redis).xrange(stream, last, "+", 1000):
        for number, fields in found:
            plain = {name.decode(): value.decode() for name, value in fields.items()}
            yield Event(plain.pop("who"), plain.pop("what"), float(plain.pop("at")), plain)
            last = f"({number.decode()}"
