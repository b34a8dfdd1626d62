"""Which message in a customer's chat is which in their topic: for quotes and edits, both ways.

One plain hash a customer: ``c<number>`` → numbers in the topic, ``g<number>`` → numbers in the chat, comma-separated:
a burst of the customer is one message in the topic, and a long answer is several in the chat. And a mark a day, so that
those over their time can be told (storage/aging.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from redis.asyncio import Redis

from storage.aging import mark_day
from storage.commit import Commit
from storage.keys import RETENTION, Retention, customer, seconds

Side = Literal["c", "g"]  # the customer's chat, the agents' group


def other(side: Side) -> Side:
    return "g" if side == "c" else "c"


def put(
    commit: Commit,
    chat: int,
    side: Side,
    originals: Sequence[int],
    copies: Sequence[int],
    *,
    part: bool = False,
    retention: Retention = RETENTION,
) -> None:
    """Queue: ``originals`` on ``side`` arrived as ``copies`` on the other. As many of each are pairs in order, else
    they all belong together. ``part``: the copy is not all of the original, and cannot be edited in its place."""
    key = customer(chat, "pairs")
    together = len(originals) != len(copies)
    fields: dict[str, str] = {}
    for here, one, there in ((side, originals, copies), (other(side), copies, originals)):
        for at, number in enumerate(one):
            fields[f"{here}{number}"] = ",".join(map(str, there)) if together else str(there[at])
            if part and here == side:
                fields[f"{here}{number}"] += ",0"
    commit.hset(key, mapping=fields)
    if originals and copies:
        mark_day(commit, key, (min(originals), min(copies)) if side == "c" else (min(copies), min(originals)))
    commit.expire(key, seconds("pairs", retention))


async def of(redis: Redis, chat: int, side: Side, number: int) -> list[int]:
    """What ``number`` on ``side`` is on the other side; [] when it was never passed on."""
    store: Any = redis
    found = await store.hget(customer(chat, "pairs"), f"{side}{number}")
    return [int(one) for one in found.split(b",")] if found else []
