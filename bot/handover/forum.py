"""People as a Telegram forum: one topic a customer. This half only queues, so that it happens with the turn or not at
all; bot/handover/topics.py is the half that makes and mends the topics when the outbox comes to it.

Nothing is mirrored before a hand-over. What a customer writes in a burst is one message in the topic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from bot.handover.group import Group
from bot.marks import Mark, within
from bot.message import Extras
from bot.photos import WITHHELD, beside_copy, withheld
from bot.records import Case, Line, PhotoRecord, Records
from bot.telegram.outgoing import CAPTION, TEXT, Outgoing
from bot.texts import Texts
from storage.commit import Commit
from storage.keys import TOPICS


class Forum:
    def __init__(self, outgoing: Outgoing, records: Records, texts: Texts, group: Group) -> None:
        self.outgoing, self.records, self.texts, self.group = outgoing, records, texts, group

    def open(self, commit: Commit, chat: int, case: Case) -> None:
        self.records.put(commit, chat, "case", case)
        self.outgoing.topic(commit, chat, "card", {})  # before what is said there
        self.outgoing.later(commit, chat, "reopenForumTopic")
        # Telegram's own copies: any kind, captions and albums as they were.
        if messages := [photo.message for photo in case.photos if photo.message and not photo.guarded]:
            self._copied(commit, chat, messages)
        self._guarded(commit, chat, [photo for photo in case.photos if photo.guarded])

    def card(self, commit: Commit, chat: int) -> None:
        self.outgoing.later(commit, chat, "card")

    def relay(
        self, commit: Commit, chat: int, line: Line, *, messages: Sequence[int], media: bool, reply: int | None
    ) -> None:
        if media:
            self._copied(commit, chat, messages, reply)
        else:
            text = self.texts("relayed", name=line.who, text=line.text)
            self.outgoing.line(
                commit,
                chat,
                text + self._translated(line),
                pair=("c", list(messages)),
                reply=("c", reply) if reply else None,
                marks=within(text, line.text, line.marks),
            )

    def guarded(
        self, commit: Commit, chat: int, line: Line, photos: Sequence[PhotoRecord], *, others: Sequence[int]
    ) -> None:
        if line.text:
            self.outgoing.line(commit, chat, self.texts("relayed", name=line.who, text=line.text))
        self._guarded(commit, chat, photos)
        if others:
            self._copied(commit, chat, others)

    def _guarded(self, commit: Commit, chat: int, photos: Sequence[PhotoRecord]) -> None:
        for photo in photos:
            shown = photo.file_id if photo.shown is None else photo.shown
            if shown == WITHHELD:
                self.tell(commit, chat, withheld(self.texts, photo.report))
            elif shown != photo.file_id:
                copy = {"photo": shown, "caption": beside_copy(self.texts, photo.report)[:CAPTION]}
                self.outgoing.topic(commit, chat, "sendPhoto", copy, pair=("c", [photo.message]))
            elif photo.report.film:  # any kind; a caption of ours, since the customer's was not to be shown
                where = {"from_chat_id": chat, "message_id": photo.message, "caption": self.texts("card-film-alone")}
                self.outgoing.topic(commit, chat, "copyMessage", where)
            else:
                self.outgoing.topic(commit, chat, "sendPhoto", {"photo": shown}, pair=("c", [photo.message]))

    def edited(self, commit: Commit, chat: int, line: Line, message: int, *, media: bool) -> None:
        note = (self.texts("relayed-edit", name=line.who, text=line.text) + self._translated(line))[:TEXT]
        if media:  # Telegram's own copy: its caption is the customer's, as it is
            caption = {"caption": line.text[:CAPTION]} | _entities("caption_entities", line.marks)
            self.outgoing.topic(commit, chat, "editMessageCaption", caption, edit=("c", message), note=note)
        else:
            edit = {"text": note} | _entities("entities", within(note, line.text, line.marks))
            self.outgoing.topic(commit, chat, "editMessageText", edit, edit=("c", message))

    def _translated(self, line: Line) -> str:
        return "\n" + self.texts("agent-translation", text=line.translated) if line.translated else ""

    def tell(self, commit: Commit, chat: int, text: str, **more: Unpack[Extras]) -> None:
        self.outgoing.line(commit, chat, text, **more)

    def aside(self, commit: Commit, chat: int, text: str) -> None:
        """What is good to know and can wait: words go first."""
        self.outgoing.later(commit, chat, "sendMessage", text=text)

    def close(self, commit: Commit, chat: int) -> None:
        self.outgoing.later(commit, chat, "closeForumTopic")

    def forget(self, commit: Commit, thread: int) -> None:
        """Its topic is deleted with all that stands in it. Nothing about the customer is queued: it would be kept."""
        self.outgoing.plain(commit, self.group.id, "deleteForumTopic", {"message_thread_id": thread})
        commit.hdel(TOPICS, f"{self.group.id}:{thread}")

    def _copied(self, commit: Commit, chat: int, messages: Sequence[int], reply: int | None = None) -> None:
        ids = sorted(set(messages))
        method, arguments = (
            ("copyMessage", {"from_chat_id": chat, "message_id": ids[0]})
            if len(ids) == 1
            else ("copyMessages", {"from_chat_id": chat, "message_ids": ids})
        )
        self.outgoing.topic(
            commit, chat, method, arguments, pair=("c", ids), reply=("c", reply) if reply and len(ids) == 1 else None
        )


def _entities(name: str, marks: Sequence[Mark]) -> dict[str, object]:
    return {name: list(marks)} if marks else {}
