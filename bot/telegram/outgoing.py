"""The turn's half of the outbox: puts messages on an open MULTI, so that they are sent if the turn happens."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Unpack

from bot.marks import Mark, cut, units
from bot.message import Extras, Incoming
from bot.telegram.message_map import Side
from storage.commit import Commit
from storage.keys import OUTBOX, QUEUE, customer, seconds
from storage.seal import Sealer

TEXT, CAPTION = 4096, 1024  # characters: https://core.telegram.org/bots/api#sendmessage, #sendphoto

Pair = tuple[Side, Sequence[int]]


class Outgoing:
    """Nothing is sent here: each message is part of a commit."""

    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer

    def text(
        self,
        commit: Commit,
        about: int,
        to: int,
        text: str,
        *,
        pair: Pair | None = None,
        reply: tuple[Side, int] | None = None,
        tell: bool = False,
        marks: Sequence[Mark] = (),
        **more: Unpack[Extras],
    ) -> None:
        """``text`` with its ``marks`` to chat ``to``, in parts that Telegram takes; ``more`` (buttons) with the last.

        ``about``: the customer whose words these are; also for messages to the agents' group. ``pair``: the messages
        that this one passes on; ``reply``: the one it answers, on that side. ``tell``: the agents if it never arrives.
        """
        parts = split(text, TEXT)
        if not parts:
            raise ValueError(f"an empty message to {to}")  # Telegram would refuse it, and nobody would be told
        thread: Extras = {"message_thread_id": more["message_thread_id"]} if "message_thread_id" in more else {}
        for number, (part, its) in enumerate(_marked(text, parts, marks), 1):
            arguments = {"chat_id": to, "text": part, **its, **(more if number == len(parts) else thread)}
            first = {"pair": pair, "reply": reply, "part": len(parts) > 1} if number == 1 else {}
            meta = {"tell": tell, **first}
            self._put(commit, about, to, "sendMessage", arguments=arguments, meta=meta)

    def answer(self, commit: Commit, message: Incoming, text: str, **more: Unpack[Extras]) -> None:
        """``text`` to the customer who wrote ``message``."""
        if message.quoted is not None and message.photos:  # several photos in a row: say which one is meant
            more["reply_parameters"] = {"message_id": message.quoted, "allow_sending_without_reply": True}
        if message.thread:
            more["message_thread_id"] = message.thread
        self.text(commit, message.chat, message.chat, text, **more)

    def line(
        self,
        commit: Commit,
        about: int,
        text: str,
        *,
        pair: Pair | None = None,
        reply: tuple[Side, int] | None = None,
        marks: Sequence[Mark] = (),
        **more: Unpack[Extras],
    ) -> None:
        """``text`` with its ``marks`` to the customer's topic. Lines that wait there together become one message."""
        parts = split(text, TEXT)
        for number, (part, its) in enumerate(_marked(text, parts, marks), 1):
            arguments = {"text": part, **its, **(more if number == len(parts) else {})}
            first = {"pair": pair, "reply": reply, "part": len(parts) > 1} if number == 1 else {}
            self.topic(commit, about, "sendMessage", arguments, merge=not more and len(parts) == 1, **first)

    def topic(self, commit: Commit, about: int, method: str, arguments: Mapping[str, object], **meta: object) -> None:
        """Any call about the customer's topic, which is found, or made, when it is this entry's turn."""
        self._put(commit, about, 0, method, arguments=arguments, meta=meta | {"topic": about}, queue=f"topic:{about}")

    def later(self, commit: Commit, about: int, method: str, **arguments: object) -> None:
        """What can wait: the topic's card, pin, opening and closing, asides. In a queue that holds up no words, sent
        when the group has messages to spare."""
        self._put(
            commit, about, 0, method, arguments=arguments, meta={"later": True, "topic": about}, queue=f"card:{about}"
        )

    def plain(self, commit: Commit, to: int, method: str, arguments: Mapping[str, object], **meta: object) -> None:
        """Any other call to a customer's chat, or to the group about nobody."""
        self._put(commit, to, to, method, arguments={"chat_id": to, **arguments}, meta=meta)

    def file(self, commit: Commit, to: int, field: str, name: str, data: bytes, **more: object) -> None:
        """Bytes of our own making as a "photo" or a "document"."""
        upload = {"field": field, "name": name, "b64": base64.b64encode(data).decode()}
        method = "sendPhoto" if field == "photo" else "sendDocument"
        self._put(commit, to, to, method, arguments={"chat_id": to, **more}, meta={"upload": upload})

    def _put(
        self,
        commit: Commit,
        about: int,
        to: int,
        method: str,
        *,
        arguments: Mapping[str, object],
        meta: Mapping[str, object],
        queue: str = "",
    ) -> None:
        key = customer(about, "out", uuid.uuid4().hex)
        known = {"about": about} | {name: value for name, value in meta.items() if value}
        body = json.dumps({"method": method, **arguments, "_": known}, ensure_ascii=False).encode()
        commit.set(key, self.sealer.seal(key, body), ex=seconds("out"))
        commit.xadd(OUTBOX, {"key": key, "chat": to} | ({QUEUE: queue} if queue else {}))


def split(text: str, limit: int) -> list[str]:
    """Parts of at most ``limit`` UTF-16 units (what Telegram counts), cut at a paragraph, line or word if possible."""
    parts, rest = [], text.strip()
    while units(rest) > limit:
        at = limit
        while units(rest[:at]) > limit:  # characters outside the basic plane count twice
            at -= max(1, (units(rest[:at]) - limit) // 2)
        for mark in ("\n\n", "\n", " "):
            if (cut := rest.rfind(mark, at // 2, at)) > 0:
                at = cut
                break
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [part for part in (*parts, rest) if part]


def _marked(text: str, parts: Sequence[str], marks: Sequence[Mark]) -> Iterator[tuple[str, dict[str, list[Mark]]]]:
    """Each part with its marks, as sendMessage names them."""
    at = 0
    for part in parts:
        at = text.index(part, at)
        start = units(text[:at])
        its = cut(marks, start, start + units(part)) if marks else []
        yield part, {"entities": its} if its else {}
        at += len(part)
