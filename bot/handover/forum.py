"""People as a Telegram forum: one topic a customer. This half only queues, so that it happens with the turn or not at
all; bot/handover/topics.py is the half that makes and mends the topics when the outbox comes to it.

Nothing is mirrored before a hand-over. What a customer writes in a burst is one message in the topic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.handover.group import Group
from bot.photos import WITHHELD, beside_copy, withheld
from bot.records import Case, Line, PhotoRecord, Records
from bot.telegram.outgoing import CAPTION, Queue
from bot.texts import Texts
from storage.keys import TOPICS


class Forum:
    def __init__(self, queue: Queue, records: Records, texts: Texts, group: Group) -> None:
        self.queue, self.records, self.texts, self.group = queue, records, texts, group

    def open(self, pipe: Any, chat: int, case: Case) -> None:
        self.records.put(pipe, chat, "case", case)
        self.queue.topic(pipe, chat, "card", {})  # before what is said there
        self.queue.later(pipe, chat, "reopenForumTopic")
        # Telegram's own copies: any kind, captions and albums as they were.
        if messages := [photo.message for photo in case.photos if photo.message and not photo.guarded]:
            self._copied(pipe, chat, messages)
        self._guarded(pipe, chat, [photo for photo in case.photos if photo.guarded])

    def card(self, pipe: Any, chat: int) -> None:
        self.queue.later(pipe, chat, "card")

    def relay(
        self, pipe: Any, chat: int, said: Line, *, messages: Sequence[int], media: bool, reply: int | None
    ) -> None:
        if media:
            self._copied(pipe, chat, messages, reply)
        else:
            line = self.texts("relayed", name=said.who, text=said.text)
            self.queue.line(pipe, chat, line, pair=("c", list(messages)), reply=("c", reply) if reply else None)

    def guarded(
        self, pipe: Any, chat: int, said: Line, photos: Sequence[PhotoRecord], *, others: Sequence[int]
    ) -> None:
        if said.text:
            self.queue.line(pipe, chat, self.texts("relayed", name=said.who, text=said.text))
        self._guarded(pipe, chat, photos)
        if others:
            self._copied(pipe, chat, others)

    def _guarded(self, pipe: Any, chat: int, photos: Sequence[PhotoRecord]) -> None:
        for photo in photos:
            shown = photo.file_id if photo.shown is None else photo.shown
            if shown == WITHHELD:
                self.tell(pipe, chat, withheld(self.texts, photo.report))
            elif shown != photo.file_id:
                copy = {"photo": shown, "caption": beside_copy(self.texts, photo.report)[:CAPTION]}
                self.queue.topic(pipe, chat, "sendPhoto", copy, pair=("c", [photo.message]))
            elif photo.report.film:  # any kind; a caption of ours, since the customer's was not to be shown
                where = {"from_chat_id": chat, "message_id": photo.message, "caption": self.texts("card-film-alone")}
                self.queue.topic(pipe, chat, "copyMessage", where)
            else:
                self.queue.topic(pipe, chat, "sendPhoto", {"photo": shown}, pair=("c", [photo.message]))

    def edited(self, pipe: Any, chat: int, name: str, text: str, message: int, *, media: bool) -> None:
        if media:  # Telegram's own copy: its caption is the customer's, as it is
            self.queue.topic(pipe, chat, "editMessageCaption", {"caption": text[:1024]}, edit=("c", message))
        else:
            text = self.texts("relayed-edit", name=name, text=text)
            self.queue.topic(pipe, chat, "editMessageText", {"text": text[:4096]}, edit=("c", message))

    def tell(self, pipe: Any, chat: int, text: str, **more: Any) -> None:
        self.queue.line(pipe, chat, text, **more)

    def aside(self, pipe: Any, chat: int, text: str) -> None:
        """What is good to know and can wait: words go first."""
        self.queue.later(pipe, chat, "sendMessage", text=text)

    def close(self, pipe: Any, chat: int) -> None:
        self.queue.later(pipe, chat, "closeForumTopic")

    def forget(self, pipe: Any, thread: int) -> None:
        """Its topic is deleted with all that stands in it. Nothing about the customer is queued: it would be kept."""
        self.queue.plain(pipe, self.group.id, "deleteForumTopic", {"message_thread_id": thread})
        pipe.hdel(TOPICS, f"{self.group.id}:{thread}")

    def _copied(self, pipe: Any, chat: int, messages: Sequence[int], reply: int | None = None) -> None:
        ids = sorted(set(messages))
        method, arguments = (
            ("copyMessage", {"from_chat_id": chat, "message_id": ids[0]})
            if len(ids) == 1
            else ("copyMessages", {"from_chat_id": chat, "message_ids": ids})
        )
        self.queue.topic(
            pipe, chat, method, arguments, pair=("c", ids), reply=("c", reply) if reply and len(ids) == 1 else None
        )
