"""A customer's rights: all that is kept, as a file; and all forgotten, here, on disk and with the agents."""

from __future__ import annotations

import json
import time
from typing import Any

from bot.customers import Customers
from bot.handover.corrections import Corrections
from bot.handover.timers import ALL
from bot.ports import Agents
from bot.records import Records
from bot.stats import events
from storage import upkeep
from storage.commit import Commit
from storage.keys import CLOCK, QUEUES, TOPICS, customer, everything_of
from storage.seal import SealError

STREAMS = tuple(stream for queue in QUEUES.values() for stream in (queue.stream, queue.dead))
ON_ITS_WAY = {"update", "out", "photo", "reply", "exported", "asked"}  # gone in a moment: counted, not shown
APART = {"happened"}  # shown in a place of its own
PLAIN = {"owner", "failures", "consent", "topic", "thread", "pairs"}

INSIDE = {"owner": {"agent", "helpers"}, "topic": {"group", "thread", "card"}, "event": {"agent"}}


class CustomerData:
    def __init__(self, records: Records, corrections: Corrections, agents: Agents | None) -> None:
        self.records, self.corrections, self.agents = records, corrections, agents
        self.redis: Any = records.redis
        self.customers = Customers(records)

    async def export(self, chat: int) -> bytes:
        """JSON of all that is kept about the customer, opened."""
        kept: dict[str, Any] = {}
        passing = 0
        for key in await self._keys(chat):
            kind = key.split(":")[2]
            if kind in ON_ITS_WAY:
                passing += 1
            elif kind in APART:
                continue
            elif kind == "safe":
                kept[key] = "(a copy of a picture that you sent)"
            else:
                kept[key] = _ours_left_out(kind, await self._opened(key, plain=kind in PLAIN))
        happened = [
            {"what": event.what, "at": event.at, **_ours_left_out("event", event.more)}
            async for event in events.since(self.redis, 0, customer(chat, "happened"))
        ]
        days = {kind: seconds and seconds // 86_400 for kind, seconds in self.records.retention.items()}
        told = {
            "telegram_id": chat,
            "exported_at": time.time(),
            "kept": kept,
            "events": happened,
            "photos_kept_for_learning": [one.model_dump() for one in await self.corrections.of(chat)],
            "messages_on_their_way": passing,
            "kept_for_days": days,
        }
        return json.dumps(told, ensure_ascii=False, indent=2).encode()

    async def forget(self, commit: Commit, chat: int, spare: str) -> None:
        """Nothing is left but ``spare``, the key of the update that asks for it. Photos that were kept for learning are
        removed from the disk here and now."""
        await self.corrections.forget(chat)
        if keys := [key for key in await self._keys(chat) if key != spare]:
            commit.delete(*keys)
        for stream in STREAMS:
            for number in await self._letters(stream, chat, spare):
                commit.xdel(stream, number)
        upkeep.ask(commit)  # the append-only file still holds it until it is written anew
        commit.zrem(CLOCK, *(f"{what}:{chat}" for what in ALL))
        topic = await self.redis.hgetall(customer(chat, "topic"))
        if thread := int(topic.get(b"thread", 0)):
            commit.hdel(TOPICS, f"{topic.get(b'group', b'').decode()}:{thread}")
            if self.agents:
                self.agents.forget(commit, thread)

    async def _keys(self, chat: int) -> list[str]:
        return sorted([key.decode() async for key in self.redis.scan_iter(everything_of(chat), count=1000)])

    async def _letters(self, stream: str, chat: int, spare: str) -> list[bytes]:
        """Entries about this customer, wherever in a stream."""
        mine, found = f"c:{chat}:".encode(), list[bytes]()
        for number, fields in await self.redis.xrange(stream):
            values = list(fields.values())
            if spare.encode() not in values and any(value.startswith(mine) for value in values):
                found.append(number)
        return found

    async def _opened(self, key: str, *, plain: bool) -> Any:
        kind = (await self.redis.type(key)).decode()
        if kind == "hash":
            return {name.decode(): value.decode() for name, value in (await self.redis.hgetall(key)).items()}
        values = await self.redis.lrange(key, 0, -1) if kind == "list" else [await self.redis.get(key)]
        told = [value.decode() if plain else self._unsealed(key, value) for value in values if value is not None]
        return told if kind == "list" else next(iter(told), None)

    def _unsealed(self, key: str, sealed: bytes) -> Any:
        try:
            return json.loads(self.records.sealer.open(key, sealed))
        except (SealError, ValueError):
            return "(cannot be read)"


def _ours_left_out(kind: str, value: Any) -> Any:
    """Without who our people are on Telegram, and where they meet: that is about them, not about the customer."""
    left_out = INSIDE.get(kind, set())
    return {name: one for name, one in value.items() if name not in left_out} if isinstance(value, dict) else value
