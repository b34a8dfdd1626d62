"""Updates in, in order, before they are confirmed.

An update is written to a stream before Telegram is told that we have it, and leaves it in the transaction that answers
it. A failing update is tried in place, then goes to the dead letters and to a person.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio import Redis

from bot.lanes import Entry, Lanes, passes, patiently
from bot.logs import blind
from storage.keys import INBOX, INBOX_DEAD, INBOX_SEEN, RETENTION, customer
from storage.seal import Sealer
from watch import metrics
from watch.logs import turn_id

log = logging.getLogger(__name__)

SEEN_S = 2 * 86_400  # Telegram keeps an unconfirmed update for a day
TRIES = 3
PAUSE_S = 1.0  # between tries
DEAD_KEPT = 10_000

Handle = Callable[[Entry, bytes], Awaitable[None]]
GiveUp = Callable[[Any, Entry], None]


class Inbox:
    """``handle`` deals with one update and takes its entry off the stream; ``give_up`` queues, on a MULTI, what is said
    about one that failed ``TRIES`` times."""

    def __init__(self, redis: Redis, sealer: Sealer, handle: Handle, give_up: GiveUp) -> None:
        self.redis: Any = redis
        self.sealer, self.handle, self.give_up = sealer, handle, give_up
        self.lanes = Lanes(redis, INBOX, self._work)

    async def write(self, updates: Sequence[tuple[int, int, bytes]]) -> int:
        """(update_id, chat, JSON) of each update, in order → how many were new. All are written or none."""
        if not updates:
            return 0
        seen = await self.redis.zmscore(INBOX_SEEN, [str(number) for number, _, _ in updates])
        new = [update for update, before in zip(updates, seen, strict=True) if before is None]
        async with self.redis.pipeline(transaction=True) as pipe:
            for number, chat, body in new:
                key = customer(chat, "update", number)
                pipe.set(key, self.sealer.seal(key, body), ex=RETENTION["update"])
                pipe.xadd(INBOX, {"key": key, "chat": chat})
                pipe.zadd(INBOX_SEEN, {str(number): time.time()})
            pipe.zremrangebyscore(INBOX_SEEN, 0, time.time() - SEEN_S)
            await pipe.execute()
        return len(new)

    async def _work(self, entry: Entry) -> None:
        turn_id.set(entry.key)
        metrics.TURN_SECONDS.labels("waiting").observe(entry.age())
        failed, why = 0, ""
        while failed < TRIES:
            try:
                body = await self._body(entry)
                if body is not None:
                    await self.handle(entry, body)
            except Exception as error:  # noqa: BLE001 - whatever it is, it ends with a person
                if passes(error):  # not the update's fault
                    log.warning("update %s waits for the store: %s", entry.key, error)
                    await asyncio.sleep(1)
                    continue
                failed, why = failed + 1, type(error).__name__
                log.error("update %s failed (try %d of %d): %s", entry.key, failed, TRIES, blind(error))  # noqa: TRY400
                await asyncio.sleep(PAUSE_S * (failed < TRIES))
            else:
                return
        await patiently(lambda: self._bury(entry, why))

    async def _body(self, entry: Entry) -> bytes | None:
        """The update; None when it is already dealt with or no longer kept."""
        sealed = await self.redis.get(entry.key)
        if sealed is not None:
            return self.sealer.open(entry.key, sealed)
        async with self.redis.pipeline(transaction=True) as pipe:
            entry.off(pipe)
            await pipe.execute()
        log.warning("update %s is taken off: it was answered before, or is too old to be kept", entry.key)
        return None

    async def _bury(self, entry: Entry, why: str) -> None:
        """To the dead letters and to a person, in one MULTI. The body is kept for its time: it can be replayed."""
        if not await self.redis.xrange(entry.stream, entry.id, entry.id):
            return  # it was answered before it failed, or a MULTI before this one did it and its answer was lost
        async with self.redis.pipeline(transaction=True) as pipe:
            letter = {"key": entry.key, "chat": entry.chat, "reason": why}
            pipe.xadd(INBOX_DEAD, letter, maxlen=DEAD_KEPT, approximate=True)
            self.give_up(pipe, entry)
            entry.ack(pipe)
            await pipe.execute()
        metrics.DEAD.labels("inbox").inc()
        log.error("update %s was given up and told to a person", entry.key)
