"""What the bot keeps about a customer, sealed: single values, and short lists with the newest last."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis

from storage.keys import RETENTION, customer
from storage.seal import Sealer, SealError

log = logging.getLogger(__name__)

M = TypeVar("M", bound=BaseModel)


class Kept:
    def __init__(self, redis: Redis, sealer: Sealer) -> None:
        self.redis: Any = redis
        self.sealer = sealer

    async def get(self, chat: int, what: str, kind: type[M], name: str = "") -> M | None:
        """None when there is none, or none that we can read."""
        key = customer(chat, what, name)
        return self._opened(key, await self.redis.get(key), kind)

    async def all(self, chat: int, what: str, kind: type[M]) -> list[M]:
        """A list, oldest first."""
        key = customer(chat, what)
        opened = (self._opened(key, sealed, kind) for sealed in await self.redis.lrange(key, 0, -1))
        return [one for one in opened if one is not None]

    def put(self, pipe: Any, chat: int, what: str, value: BaseModel, name: str = "") -> None:
        key = customer(chat, what, name)
        pipe.set(key, self.sealer.seal(key, value.model_dump_json().encode()), ex=RETENTION[what])

    def push(self, pipe: Any, chat: int, what: str, values: Sequence[BaseModel], most: int) -> None:
        """Queue: ``values`` are the newest of at most ``most``."""
        key = customer(chat, what)
        if not values:
            return
        pipe.rpush(key, *(self.sealer.seal(key, value.model_dump_json().encode()) for value in values))
        pipe.ltrim(key, -most, -1)
        if (kept := RETENTION[what]) is not None:
            pipe.expire(key, kept)

    def drop(self, pipe: Any, chat: int, what: str, name: str = "") -> None:
        pipe.delete(customer(chat, what, name))

    def _opened(self, key: str, sealed: bytes | None, kind: type[M]) -> M | None:
        try:
            return kind.model_validate_json(self.sealer.open(key, sealed)) if sealed else None
        except (SealError, ValidationError) as error:
            log.warning("%s cannot be read and is taken for missing: %s", key, type(error).__name__)
            return None
