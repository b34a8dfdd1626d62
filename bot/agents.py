"""People as one Telegram group: a card when a conversation becomes theirs, then what the customer says.

The forum with a topic a customer comes in its place; both are ports.People.
"""

from __future__ import annotations

from typing import Any

from bot.card import tag
from bot.outbox import Queue
from bot.texts import Texts


class AgentsGroup:
    def __init__(self, queue: Queue, texts: Texts, group: int) -> None:
        self.queue, self.texts, self.group = queue, texts, group

    def open(self, pipe: Any, customer: int, card: str, photos: tuple[str, ...]) -> None:
        self._photos(pipe, customer, photos, tag(customer))
        self.tell(pipe, customer, card)

    def relay(self, pipe: Any, customer: int, name: str, text: str, photos: tuple[str, ...]) -> None:
        self._photos(pipe, customer, photos, self.texts("relayed-photo", tag=tag(customer), name=name))
        if text:
            self.tell(pipe, customer, self.texts("relayed", tag=tag(customer), name=name, text=text))

    def tell(self, pipe: Any, customer: int, text: str) -> None:
        self.queue.text(pipe, customer, self.group, text, mark=f"{tag(customer)} · ")

    def explain(self, pipe: Any) -> None:
        """How an agent answers."""
        self.queue.text(pipe, self.group, self.group, self.texts("agent-how"))

    def _photos(self, pipe: Any, customer: int, photos: tuple[str, ...], caption: str) -> None:
        for file_id in photos:
            self.queue.photo(pipe, customer, self.group, file_id, caption)
