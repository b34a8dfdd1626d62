"""Seal everything anew with the current key, so that an old key can be thrown away. The bot may go on meanwhile."""

from __future__ import annotations

import base64
import secrets
from collections import Counter
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import WatchError

from storage.keys import PLAIN
from storage.seal import Sealer, SealError


def with_new_key(text: str) -> str:
    """``"1:…"`` → ``"1:…,2:…"``: the keys that there are, and one more, which seals from now on."""
    ids = [int(entry.partition(":")[0]) for entry in text.split(",") if entry.strip()]
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return ",".join([*(text.strip().split(",") if ids else []), f"{max(ids, default=0) + 1}:{key}"])


async def rotate(redis: Redis, sealer: Sealer) -> Counter[str]:
    """→ counts of "sealed anew", "current already" and "plain" values; "unknown key" are those that we cannot open."""
    counts: Counter[str] = Counter()
    async for key in redis.scan_iter(match="c:*", count=500):
        if key.split(b":")[2].decode() in PLAIN:
            counts["plain"] += 1
        else:
            counts += await _one(redis, sealer, key.decode())
    return counts


async def _one(redis: Any, sealer: Sealer, key: str) -> Counter[str]:
    """One key of whatever type, under WATCH: what changes meanwhile is read again."""
    while True:
        async with redis.pipeline(transaction=True) as pipe:
            await pipe.watch(key)
            kind = (await pipe.type(key)).decode()
            counts: Counter[str] = Counter()
            try:
                changes = await _changes(pipe, sealer, key, kind, counts)
                pipe.multi()
                for change in changes:
                    pipe.execute_command(*change)
                await pipe.execute()
            except WatchError:
                continue
            return counts


async def _changes(pipe: Any, sealer: Sealer, key: str, kind: str, counts: Counter[str]) -> list[tuple[Any, ...]]:
    if kind == "string":
        new = _again(sealer, key, await pipe.get(key), counts)
        return [("SET", key, new, "KEEPTTL")] if new else []
    if kind == "list":
        found = await pipe.lrange(key, 0, -1)
        anew = [_again(sealer, key, value, counts) for value in found]
        return [("LSET", key, at, new) for at, new in enumerate(anew) if new]
    if kind == "hash":
        fields = await pipe.hgetall(key)
        renewed = {name: _again(sealer, key, value, counts) for name, value in fields.items()}
        return [("HSET", key, name, new) for name, new in renewed.items() if new]
    counts["plain"] += 1  # sets and sorted sets are plain: what is sealed differs each time and could not be found
    return []


def _again(sealer: Sealer, key: str, value: bytes | None, counts: Counter[str]) -> bytes | None:
    if not value or len(value) < 29:  # key id, nonce and tag alone are 29 bytes: a counter, a state
        counts["plain"] += 1
    elif sealer.is_current(key, value):
        counts["current already"] += 1
    else:
        try:
            new = sealer.seal(key, sealer.open(key, value))
        except SealError:
            counts["unknown key"] += 1
        else:
            counts["sealed anew"] += 1
            return new
    return None
