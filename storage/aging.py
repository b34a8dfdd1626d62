"""How old each item of a customer's lists is, and which are over their time.

A list's own time of expiry is that of its newest item; without a look at the others, a customer who writes once a month
would be remembered for ever. Each sealed item therefore says when it was made (``at``, unix seconds, in its JSON).
One without (of an earlier release) is as old as the next that has one: lists are in order.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from redis.exceptions import WatchError

from storage.commit import Commit
from storage.keys import DAY, RETENTION, Retention, seconds
from storage.seal import Sealer, SealError

log = logging.getLogger(__name__)

LISTS = ("history", "photos", "stretch")  # whose items say when they were made
MARK = "d"  # in a hash of message numbers: a field a day, the lowest numbers of that day


def over(times: Sequence[float | None], before: float) -> int:
    """How many of the first items, oldest first, were made before ``before``."""
    count = 0
    for number, at in enumerate(times, 1):
        if at is not None and at >= before:
            break
        if at is not None:
            count = number
    return count


def limit(what: str, now: float | None = None, of: Retention = RETENTION) -> float:
    """What was made earlier than this (unix seconds) is over its time."""
    return (time.time() if now is None else now) - seconds(what, of)


async def trim(redis: Any, sealer: Sealer, now: float | None = None, of: Retention = RETENTION) -> int:
    """Remove what is over its time from every customer's lists → how many items. Looking at a key is also what makes
    the server delete one that has expired, so that it is not written into its file again."""
    count = 0
    async for key in redis.scan_iter(match="c:*", count=500):
        what = key.split(b":")[2].decode()
        if what in LISTS:
            count += await _trim_list(redis, sealer, key.decode(), limit(what, now, of))
        elif what == "pairs":
            count += await _trim_numbers(redis, key.decode(), limit(what, now, of))
    return count


async def _trim_list(redis: Any, sealer: Sealer, key: str, before: float) -> int:
    first = await redis.lrange(key, 0, 0)
    if not first or ((at := made(sealer, key, first[0])) is not None and at >= before):
        return 0
    async with redis.pipeline(transaction=True) as pipe:
        try:
            await pipe.watch(key)
            count = over([made(sealer, key, item) for item in await pipe.lrange(key, 0, -1)], before)
            pipe.multi()
            if count:
                pipe.ltrim(key, count, -1)
            await pipe.execute()
        except WatchError:  # it is being written to: the next round will do
            return 0
    return count


async def _trim_numbers(redis: Any, key: str, before: float) -> int:
    fields = old_numbers(await redis.hgetall(key), before)
    if fields:
        await redis.hdel(key, *fields)
    return len(fields)


def made(sealer: Sealer, key: str, item: bytes) -> float | None:
    """When an item was made; None where it does not say or does not open."""
    try:
        at = json.loads(sealer.open(key, item)).get("at")
    except (SealError, ValueError, AttributeError):
        return None
    return float(at) if isinstance(at, int | float) and at else None


def mark_day(commit: Commit, key: str, lowest: tuple[int, int]) -> None:
    """Queue: from today's first message on, numbers are at least ``lowest`` (customer's chat, agents' group)."""
    commit.hsetnx(key, f"{MARK}{int(time.time() // DAY)}", "{},{}".format(*lowest))


def old_numbers(fields: Mapping[bytes, bytes], before: float) -> list[bytes]:
    """Which of a hash's fields (``c12``, ``g34``, and a mark a day) are of days that ended before ``before``."""
    days = {int(name[1:]): value for name, value in fields.items() if name[:1] == MARK.encode()}
    old = [day for day in days if (day + 1) * DAY <= before]
    if not old:
        return []
    left = [tuple(map(int, value.split(b","))) for day, value in days.items() if day not in old]
    lowest = {b"c": min((c for c, _ in left), default=None), b"g": min((g for _, g in left), default=None)}

    def gone(name: bytes) -> bool:
        side, number = name[:1], int(name[1:])
        if side == MARK.encode():
            return number in old
        return (least := lowest.get(side)) is None or number < least

    return [name for name in fields if gone(name)]
