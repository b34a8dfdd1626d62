"""Whether these are the keys that the store was sealed with: asked at every start, before anything is written.

A wrong key would not be noticed otherwise: what does not open is taken for missing, and what is sealed meanwhile opens
with no other. The canary is a sealed value that the first start writes; a rotation seals it anew with all others.
"""

from __future__ import annotations

from typing import Any

from storage.keys import PLAIN, customer
from storage.seal import Sealer, SealError

KEY = customer(0, "canary")  # no chat has the id 0
WORD = b"photodesk"
SAMPLE = 50  # values that are tried where a release before left no canary
WRONG = (
    "The store is sealed with other keys than STORAGE_SEAL_KEYS (or the file seal.keys) holds. Put back those of this "
    "store; a backup needs the keys of its time. Nothing was changed."
)


class WrongKeyError(SealError):
    """Raised before anything is written. The message says what to do."""


async def check(redis: Any, sealer: Sealer, *, write: bool = True) -> None:
    """Raises WrongKeyError when ``sealer`` does not open what is in the store. ``write``: leave a canary where none
    is; a worker may not, and one that may not even read it learns nothing here.
    """
    sealed = await redis.get(KEY)
    if sealed is None and write:
        if not await _opens_some(redis, sealer):
            raise WrongKeyError(WRONG)
        await redis.set(KEY, sealer.seal(KEY, WORD), nx=True)
        sealed = await redis.get(KEY)  # another may have been first
    if sealed is not None:
        try:
            sealer.open(KEY, sealed)
        except SealError:
            raise WrongKeyError(WRONG) from None


async def unopened(redis: Any, sealer: Sealer, most: int = SAMPLE) -> tuple[int, int]:
    """→ how many of up to ``most`` sealed values do not open, and of how many."""
    bad = tried = 0
    async for key in redis.scan_iter(match="c:*", count=500):
        if key.split(b":")[2].decode() in PLAIN:
            continue
        value = await _one(redis, key)
        if value is None:
            continue
        tried += 1
        try:
            sealer.open(key.decode(), value)
        except SealError:
            bad += 1
        if tried >= most:
            break
    return bad, tried


async def _opens_some(redis: Any, sealer: Sealer) -> bool:
    """Also where there is nothing to open."""
    bad, tried = await unopened(redis, sealer)
    return bad < tried or not tried


async def _one(redis: Any, key: bytes) -> bytes | None:
    kind = await redis.type(key)
    if kind == b"list":
        found = await redis.lrange(key, -1, -1)
        return found[0] if found else None
    return await redis.get(key) if kind == b"string" else None
