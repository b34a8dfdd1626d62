"""What nothing else took: said in the log, taken off the inbox, nobody waits."""

from __future__ import annotations

import json
import logging
from typing import Any

from bot.agents import AgentsGroup
from bot.card import tag
from bot.lanes import Entry
from bot.outbox import Queue
from bot.texts import Texts
from bot.turn import Turns

log = logging.getLogger(__name__)


async def ignore(body: bytes, entry: Entry, turns: Turns) -> None:
    kinds = sorted(set(json.loads(body)) - {"update_id"})
    log.info("update %s (%s) is of no kind that I answer", entry.key, ", ".join(kinds) or "empty")
    await turns.finish(entry, lambda _: None)


class GiveUp:
    """An update that failed for good: the customer is told, and so are the agents."""

    def __init__(self, queue: Queue, texts: Texts, agents: AgentsGroup | None) -> None:
        self.queue, self.texts, self.agents = queue, texts, agents

    def __call__(self, pipe: Any, entry: Entry) -> None:
        if entry.chat > 0:  # a private chat: groups have negative ids
            self.queue.text(pipe, entry.chat, entry.chat, self.texts("failed" if self.agents else "failed-alone"))
            if self.agents:
                self.agents.tell(pipe, entry.chat, self.texts("agent-failed", tag=tag(entry.chat)))
