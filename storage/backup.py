"""All that the store holds in one file, and back: point by point what the server's DUMP and RESTORE know.

The house's streams are read first, in one MULTI, then the customers' keys: so what was in a queue at that moment is in
the file, or was finished while the file was written and is in the customer's history. Words stay sealed: without the
seal keys the file says who wrote when, and nothing of what. Keep the keys elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from storage import canary
from storage.keys import LEASE
from storage.redis import StorageError

MAGIC = b"photodesk backup 1\n"
BATCH = 500
FOREVER = 0  # instead of a time of expiry


class BackupError(StorageError):
    """The file or the store is not as it must be. The message says what to do."""


async def backup(redis: Redis, file: BinaryIO) -> int:
    """Write everything to ``file`` → how many keys."""
    digest, count = hashlib.sha256(), 0

    def put(part: bytes) -> None:
        digest.update(part)
        file.write(part)

    put(MAGIC)
    async for key, expires, dump in _records(redis):
        put(b"".join((_number(len(key)), key, _number(expires), _number(len(dump)), dump)))
        count += 1
    put(_number(0) + _number(count))
    file.write(digest.digest())
    file.flush()
    return count


async def _records(redis: Any) -> AsyncIterator[tuple[bytes, int, bytes]]:
    house: list[bytes] = []
    customers: list[bytes] = []
    async for key in redis.scan_iter(count=BATCH):
        if key == LEASE.encode():  # who works on this store now, works on no other
            continue
        (customers if key.startswith(b"c:") else house).append(key)
    for batch in (house, *(customers[n : n + BATCH] for n in range(0, len(customers), BATCH))):
        async with redis.pipeline(transaction=True) as pipe:
            for key in batch:
                pipe.dump(key)
                pipe.pttl(key)
            found = await pipe.execute()
        for key, dump, left in zip(batch, found[::2], found[1::2], strict=True):
            if dump is not None:  # else it went while we looked
                yield key, int(time.time() * 1000) + left if left > 0 else FOREVER, dump


async def restore(redis: Any, file: BinaryIO) -> tuple[int, int]:
    """Read ``file`` into an empty store → how many keys, and how many were left out because their time is over.

    Nothing is written unless the whole file is as it was written. Raises BackupError.
    """
    if await used(redis):
        raise BackupError("The store is not empty: restore into a new one, so that nothing is mixed or overwritten.")
    body = file.read()
    records = list(_parse(body))
    restored = late = 0
    for at in range(0, len(records), BATCH):
        async with redis.pipeline(transaction=True) as pipe:
            for key, expires, dump in records[at : at + BATCH]:
                left = expires - int(time.time() * 1000)
                if expires != FOREVER and left <= 0:
                    late += 1
                    continue
                pipe.restore(key, left if expires != FOREVER else 0, dump, replace=True)
                restored += 1
            try:
                await pipe.execute()
            except ResponseError as error:
                said = "a newer Redis wrote this file" if "payload" in str(error) else str(error)
                raise BackupError(f"The server does not take it: {said}.") from error
    return restored, late


async def used(redis: Any) -> bool:
    """Does it hold anything of a customer's, or work? What a waiting bot or worker makes (empty streams) is nothing."""
    async for key in redis.scan_iter(count=BATCH):
        if key == canary.KEY.encode():
            continue
        if key.startswith(b"c:") or (await redis.type(key) == b"stream" and await redis.xlen(key)):
            return True
    return False


def _parse(body: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    if not body.startswith(MAGIC):
        raise BackupError("This is no backup of Photodesk.")
    if hashlib.sha256(body[:-32]).digest() != body[-32:]:
        raise BackupError("The file is cut short or was changed. Take another backup.")
    at = len(MAGIC)

    def number() -> int:
        nonlocal at
        at += 8
        return int.from_bytes(body[at - 8 : at])

    def part(length: int) -> bytes:
        nonlocal at
        at += length
        return body[at - length : at]

    while length := number():
        key = part(length)
        yield key, number(), part(number())


def _number(value: int) -> bytes:
    return value.to_bytes(8)


async def backup_to(redis: Redis, path: Path) -> int:
    """Whole or not at all, readable by us alone."""
    draft = path.with_name(f".{path.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            count = await backup(redis, file)
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return count
