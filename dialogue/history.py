"""What was said before: one Redis list a customer, each item a sealed LangChain message.

LangChain's own Redis histories are deprecated or need RediSearch; a list with ``message_to_dict`` does it.
"""

from __future__ import annotations

import json
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, message_to_dict, messages_from_dict

from dialogue.context import Memory
from dialogue.turn import Fact, Reply, Turn
from monitoring.attempt import Failure, attempt_now
from storage import keys
from storage.aging import limit, over
from storage.commit import Commit

log = logging.getLogger(__name__)

KEEP = 40  # messages: twenty turns


class Seals(Protocol):
    """storage.seal.Sealer, or anything with its two methods."""

    def seal(self, key: str, plain: bytes) -> bytes: ...

    def open(self, key: str, sealed: bytes) -> bytes: ...


class History:
    """``redis`` is a redis.asyncio client without ``decode_responses``: the items are sealed bytes."""

    def __init__(
        self, redis: Any, seals: Seals, keep: int = KEEP, *, retention: keys.Retention = keys.RETENTION
    ) -> None:
        self._redis = redis
        self._seals = seals
        self._keep = keep
        self._retention = retention

    async def read(self, customer: int, since: float = 0.0) -> list[BaseMessage]:
        """Oldest first, of those that are not over their time and not older than ``since`` (unix seconds). An item
        that does not open is left out with a log line: an answer without it beats none."""
        key = keys.customer(customer, "history")
        opened = (self._opened(key, item) for item in await self._redis.lrange(key, 0, -1))
        found = [item for item in opened if item is not None]
        old = over([at for at, _ in found], max(since, limit("history", of=self._retention)))
        return [message for _, message in found[old:]]

    def append(self, commit: Commit, customer: int, messages: Sequence[BaseMessage]) -> None:
        """Queue the messages on ``commit``, an open redis pipeline; nothing is sent here."""
        key = keys.customer(customer, "history")
        at = {"at": round(time.time(), 3)}
        commit.rpush(key, *(self._seals.seal(key, json.dumps(message_to_dict(m) | at).encode()) for m in messages))
        commit.ltrim(key, -self._keep, -1)
        if (seconds := self._retention["history"]) is not None:
            commit.expire(key, seconds)

    def forget(self, commit: Commit, customer: int) -> None:
        commit.delete(keys.customer(customer, "history"))

    def _opened(self, key: str, item: bytes) -> tuple[float | None, BaseMessage] | None:
        """When it was said, if that is known, and the message."""
        message = attempt_now(lambda: self._message(key, item))
        # Each seal raises its own error, and an item of an older release may be of any shape.
        if isinstance(message, Failure):
            log.warning("history: an item of %s is left out: %s", key, type(message.error).__name__)
            return None
        return message

    def _message(self, key: str, item: bytes) -> tuple[float | None, BaseMessage]:
        kept: dict[str, Any] = json.loads(self._seals.open(key, item))
        return kept.get("at"), messages_from_dict([kept])[0]


class InMemory:
    """The same for one process: the command line and tests."""

    def __init__(self) -> None:
        self.messages: defaultdict[int, list[BaseMessage]] = defaultdict(list)

    async def read(self, customer: int, since: float = 0.0) -> list[BaseMessage]:  # noqa: ARG002 - it is not kept
        return list(self.messages[customer])

    def append(self, _: Any, customer: int, messages: Sequence[BaseMessage]) -> None:
        self.messages[customer].extend(messages)

    def forget(self, _: Any, customer: int) -> None:
        self.messages.pop(customer, None)


def messages_of(turn: Turn, reply: Reply) -> list[BaseMessage]:
    """The turn as two messages. What the words do not say (facts, action, citations) travels in additional_kwargs."""
    human = {"facts": [asdict(fact) for fact in turn.facts], "photos": turn.photos}
    said = {
        "action": reply.action,
        "reason": reply.reason,
        "offers_person": reply.offers_person,
        "citations": [{"article": c.article, "title": c.title} for c in reply.citations],
        "offers": [o.article for o in reply.offers],
        "language": reply.language,
    }
    return [HumanMessage(turn.words, additional_kwargs=human), AIMessage(reply.text, additional_kwargs=said)]


def helped(summary: str) -> BaseMessage:
    """A person had the conversation in between: for what comes next it counts as an answer."""
    said: dict[str, Any] = {"action": "answer", "reason": None, "offers_person": False, "citations": [], "person": True}
    return AIMessage(summary, additional_kwargs=said)


def memory_of(messages: Sequence[BaseMessage]) -> Memory:
    """What the next turn must know of the ones before."""
    humans = [message for message in messages if isinstance(message, HumanMessage)]
    replies = [message.additional_kwargs for message in messages if isinstance(message, AIMessage)]
    last: dict[str, Any] = replies[-1] if replies else {}
    return Memory(
        question=next((str(m.content) for m in reversed(humans) if str(m.content).strip()), ""),
        facts=_last_facts(humans),
        asked=bool(humans and humans[-1].additional_kwargs.get("facts")),
        cited=next((tuple(c["article"] for c in r["citations"]) for r in reversed(replies) if r.get("citations")), ()),
        action=last.get("action"),
        offered=bool(last.get("offers_person")),
        failures=_failures(replies),
        offers=tuple(last.get("offers") or ()),
        language=next((str(r["language"]) for r in reversed(replies) if r.get("language")), ""),
    )


def _last_facts(humans: Sequence[BaseMessage]) -> tuple[Fact, ...]:
    stored: list[dict[str, Any]] = next(
        (m.additional_kwargs["facts"] for m in reversed(humans) if m.additional_kwargs.get("facts")), []
    )
    return tuple(Fact(**fact) for fact in stored)


def _failures(replies: Sequence[dict[str, Any]]) -> int:
    """How many replies in a row, up to the last, did not know: a friendly "not our business" is not one of them."""
    count = 0
    for reply in reversed(replies):
        unknown = reply.get("action") == "refuse" and reply.get("reason") == "low_confidence"
        if not (unknown or reply.get("action") == "clarify"):
            break
        count += 1
    return count
