"""Who owns a conversation: one field with a version. Checked before generating, and again in the turn's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from redis.asyncio import Redis

from storage.keys import customer


class State(StrEnum):
    BOT = "bot"
    PENDING = "pending"  # handed over, nobody has answered yet
    HUMAN = "human"  # an agent answers


@dataclass(frozen=True, slots=True)
class Owner:
    state: State = State.BOT
    version: int = 0  # grows with every change: "a person took over meanwhile" is a version that differs


def key(chat: int) -> str:
    return customer(chat, "owner")


async def read(redis: Redis, chat: int) -> Owner:
    """The owner now; also usable on a pipeline that WATCHes ``key(chat)`` and is not yet in MULTI."""
    fields: Any = await redis.hgetall(key(chat))
    if not fields:
        return Owner()
    return Owner(State(fields[b"state"].decode()), int(fields[b"version"]))


def change(pipe: Any, chat: int, state: State) -> None:
    pipe.hset(key(chat), "state", state.value)
    pipe.hincrby(key(chat), "version", 1)
