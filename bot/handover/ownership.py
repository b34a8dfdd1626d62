"""Who owns a conversation: one field with a version. Checked before generating, and again in the turn's transaction.

    BOT ── hand-over ──> PENDING ── an agent claims or writes ──> HUMAN ── closed ──> WRAPUP ── rated, a day ──> CLOSED
     ^                      │                                      │                   │                         │
     └──────────────────────┴── given back, idle, /reset ──────────┴── the customer writes again ────────────────┘

An agent who writes takes a conversation from any state: people need not ask.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from redis.asyncio import Redis
from redis.exceptions import WatchError

from bot.stats import events
from bot.telegram.stream import Entry
from storage.commit import Commit, watch
from storage.keys import customer
from storage.redis import store


class State(StrEnum):
    BOT = "bot"
    PENDING = "pending"  # handed over, nobody has answered yet
    HUMAN = "human"  # an agent answers
    WRAPUP = "wrapup"  # an agent closed it; the customer may rate it
    CLOSED = "closed"  # over; the next message is the bot's


THEIRS = (State.PENDING, State.HUMAN)


@dataclass(frozen=True, slots=True)
class Agent:
    id: int  # Telegram's
    name: str


NOBODY = Agent(0, "")


@dataclass(frozen=True, slots=True)
class Owner:
    state: State = State.BOT
    version: int = 0  # grows with every change: "a person took over meanwhile" is a version that differs
    agent: Agent = field(default=NOBODY, compare=False)
    since: float = field(default=0.0, compare=False)  # unix seconds
    banned: bool = field(default=False, compare=False)
    helpers: frozenset[str] = field(default=frozenset(), compare=False)  # other agents who wrote meanwhile, by id
    who: str = field(default_factory=events.new_name, compare=False)  # in the events

    @property
    def known(self) -> bool:
        """Whether it was ever handed over, banned or taken: a button can name any number."""
        return self.version > 0

    @property
    def theirs(self) -> bool:
        return self.state in THEIRS


def key(chat: int) -> str:
    return customer(chat, "owner")


async def read(redis: Redis, chat: int) -> Owner:
    """The owner now."""
    return of(await store(redis).hgetall(key(chat)))


def of(found: Mapping[bytes, bytes]) -> Owner:
    """Of what stands in the field ``key(chat)``."""
    if not found:
        return Owner()
    plain = {name.decode(): value.decode() for name, value in found.items()}
    return Owner(
        State(plain.get("state", State.BOT)),
        int(plain.get("version", 0)),
        Agent(int(plain.get("agent", 0)), plain.get("name", "")),
        float(plain.get("since", 0.0)),
        plain.get("banned") == "1",
        frozenset(filter(None, plain.get("helpers", "").split(","))),
        plain.get("who") or events.new_name(),
    )


def change(commit: Commit, chat: int, state: State, agent: Agent = NOBODY) -> None:
    """Queue: from now on it is ``state``, and every answer that was being generated is dropped."""
    fields = {"state": state.value, "agent": agent.id, "name": agent.name, "since": f"{time.time():.3f}", "helpers": ""}
    commit.hset(key(chat), mapping=fields)
    commit.hincrby(key(chat), "version", 1)


def helped_by(commit: Commit, chat: int, owner: Owner, agent: Agent) -> None:
    """Queue: another agent wrote, too. Nothing changes hands by that, so the version stays."""
    commit.hset(key(chat), "helpers", ",".join(sorted(owner.helpers | {str(agent.id)})))


def ban(commit: Commit, chat: int, *, banned: bool) -> None:
    commit.hset(key(chat), "banned", int(banned))
    commit.hincrby(key(chat), "version", 1)


def note(commit: Commit, chat: int, owner: Owner, what: events.What, **more: str | int) -> None:
    """Queue an event about this customer, under the name that the events know."""
    commit.hsetnx(key(chat), "who", owner.who)
    events.add(commit, chat, owner.who, what, **more)


async def commit_for(redis: Redis, chat: int, owner: Owner, commit: Commit, entry: Entry | None = None) -> bool:
    """The one transaction: ``commit`` happens if ``chat`` still has that ``owner``, and if ``entry``, where there is
    one, is still to be answered. False: the owner changed, and nothing has happened.
    """
    async with redis.pipeline(transaction=True) as pipe:
        try:
            also = [entry.key] if entry else []
            reads = [("HGETALL", key(chat)), *(("EXISTS", name) for name in also)]
            found, *there = await watch(pipe, [key(chat), *also], *reads)
            if there == [0]:
                return True  # a try before this one did it; only its answer was lost
            if of(found) != owner:
                return False
            pipe.multi()  # type: ignore[no-untyped-call]
            commit.queue_on(pipe)
            await pipe.execute()
        except WatchError:
            return False
    return True


async def changes(redis: Redis, chat: int, entry: Entry | None = None) -> AsyncIterator[tuple[Commit, Owner]]:
    """``async for commit, owner in changes(…)``: the body says what shall happen to ``chat`` with that owner. It is run
    again while the owner changes under it, and must be left by its end alone: else nothing happens.

    ``entry``: the update that asks for it leaves the inbox with the change, and the change happens once for it.
    """
    while True:
        owner, commit = await read(redis, chat), Commit()
        yield commit, owner
        if entry:
            entry.off(commit)
        if not len(commit) or await commit_for(redis, chat, owner, commit, entry):
            return
