"""What nothing else took, what failed for good and what never arrives: said, so that nobody waits for it."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.handlers.buttons import again
from bot.handover.handover import Handover
from bot.handover.ownership import Owner
from bot.ports import Agents
from bot.records import Case
from bot.stats import events
from bot.telegram.rate_limit import Refused
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns
from storage.commit import Commit

log = logging.getLogger(__name__)


async def ignore(body: bytes, entry: Entry, turns: Turns) -> None:
    kinds = sorted(set(json.loads(body)) - {"update_id"})
    log.info("update %s (%s) is of no kind that I answer", entry.key, ", ".join(kinds) or "empty")
    await turns.finish(entry)


class GiveUp:
    """An update that failed for good: the customer is told, and a person gets the conversation; or an agent is told."""

    def __init__(self, handover: Handover) -> None:
        self.handover = handover

    def __call__(self, commit: Commit, entry: Entry) -> None:
        if entry.chat <= 0:  # a group: its ids are negative
            self._tell_agents(commit, entry)
            return
        line = self.handover.texts("failed" if self.handover.agents else "failed-alone")
        self.handover.outgoing.text(commit, entry.chat, entry.chat, line)
        if self.handover.agents:
            case = Case(number=events.new_name(), reason="model_error", at=time.time())
            self.handover.hand_over(commit, entry.chat, Owner(), case)

    def _tell_agents(self, commit: Commit, entry: Entry) -> None:
        """In the topic where it was written; who wrote in General wrote to no customer."""
        if thread := entry.queue.partition(":")[2]:
            line = self.handover.texts("agent-failed")
            self.handover.outgoing.text(commit, entry.chat, entry.chat, line, message_thread_id=int(thread))


@dataclass(frozen=True)
class Undelivered:
    """What the agents read about a message of theirs, or a copy of a customer's, that will never arrive."""

    agents: Agents | None
    texts: Texts

    def __call__(self, commit: Commit, chat: int, why: Refused, copy: Sequence[int] = ()) -> None:
        if self.agents and copy:
            said = self.texts("agent-uncopied", why=str(why))
            self.agents.tell(commit, chat, said, reply_markup=again(self.texts("button-again"), chat, copy))
        elif self.agents:
            reason = "blocked" if why.says("bot was blocked") else "part" if "parts" in str(why) else str(why)
            self.agents.tell(commit, chat, self.texts("agent-undelivered", why=reason))
