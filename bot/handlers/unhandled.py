"""What nothing else took: said in the log, taken off the inbox, nobody waits."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from bot.handover.handover import Desk
from bot.handover.ownership import Owner
from bot.records import Case
from bot.stats import events
from bot.telegram.stream import Entry
from bot.turn import Turns

log = logging.getLogger(__name__)


async def ignore(body: bytes, entry: Entry, turns: Turns) -> None:
    kinds = sorted(set(json.loads(body)) - {"update_id"})
    log.info("update %s (%s) is of no kind that I answer", entry.key, ", ".join(kinds) or "empty")
    await turns.finish(entry, lambda _: None)


class GiveUp:
    """An update that failed for good: the customer is told, and a person gets the conversation."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def __call__(self, pipe: Any, entry: Entry) -> None:
        if entry.chat <= 0:  # a group: its ids are negative
            return
        line = self.desk.texts("failed" if self.desk.people else "failed-alone")
        self.desk.queue.text(pipe, entry.chat, entry.chat, line)
        if self.desk.people:
            case = Case(number=events.new_name(), reason="model_error", at=time.time())
            self.desk.hand_over(pipe, entry.chat, Owner(), case)
