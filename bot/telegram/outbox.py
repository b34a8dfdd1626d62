"""Messages out, in order, within Telegram's limits. Only the outbox sends; a turn queues, in its own transaction.

An entry leaves the stream when Telegram has answered, in one MULTI with what is kept of the answer (which message is
which, for quotes and edits). The window left is one call whose answer was lost: it is made again (a double is better
than silence) and counted in ``Calls.doubtful``.

What goes to a customer's topic waits in that topic's own queue: topics take turns, and a burst that has waited is one
message. Where the topic is, and whether it still is, is found out when the entry is sent (bot/handover/topics.py).
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from aiogram import Bot
from aiogram.methods import (
    CloseForumTopic,
    CopyMessage,
    CopyMessages,
    DeleteForumTopic,
    EditMessageCaption,
    EditMessageText,
    ReopenForumTopic,
    SendDocument,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import BufferedInputFile
from redis.asyncio import Redis

from bot.marks import moved, units
from bot.telegram import message_map
from bot.telegram.markup import unmarked
from bot.telegram.outgoing import TEXT
from bot.telegram.rate_limit import GONE, Moved, RateLimiter, Refused, number_of
from bot.telegram.stream import Entry, StreamReader, patiently
from monitoring import metrics
from monitoring.attempt import Failure, attempt
from monitoring.logs import blind, turn_id
from storage.commit import Commit, execute
from storage.keys import OUTBOX, OUTBOX_DEAD, RETENTION, Retention, customer
from storage.seal import Sealer, SealError

log = logging.getLogger(__name__)

METHODS: dict[str, type[TelegramMethod[Any]]] = {
    method.__api_method__: method
    for method in (
        SendMessage, SendPhoto, SendDocument, CopyMessage, CopyMessages, EditMessageText, EditMessageCaption,
        CloseForumTopic, ReopenForumTopic, DeleteForumTopic,
    )
}  # fmt: skip
DEAD_KEPT = 10_000
MENDS = 3  # times that an entry's topic, group or pair is looked for anew
# Already as we want it: not worth a word.
SO_BE_IT = ("TOPIC_NOT_MODIFIED", "message is not modified")

COPIES = ("copyMessage", "copyMessages")


class OnUndelivered(Protocol):
    """What people are told of what never arrives: a message to ``chat``, or a ``copy`` of these messages of theirs."""

    def __call__(self, commit: Commit, chat: int, why: Refused, copy: Sequence[int] = ()) -> None: ...


class Places(Protocol):
    """Where a customer's topic is: bot.handover.topics.Topics."""

    group: Any

    async def place(self, chat: int) -> int: ...

    def own(self, method: str) -> Callable[[int], Awaitable[None]] | None: ...

    async def lost(self, chat: int, thread: int) -> None: ...


class Outbox:
    """The sender's half: one queue a destination, so that a slow or flooded chat holds up nobody else."""

    def __init__(
        self,
        redis: Redis,
        sealer: Sealer,
        limiter: RateLimiter | Bot,
        topics: Places | None = None,
        on_undelivered: OnUndelivered | None = None,
        *,
        retention: Retention = RETENTION,
    ) -> None:
        self.redis: Any = redis
        self.sealer, self.topics, self.on_undelivered, self.retention = sealer, topics, on_undelivered, retention
        self.limiter = limiter if isinstance(limiter, RateLimiter) else RateLimiter(limiter)
        self.reader = StreamReader(redis, OUTBOX, self._one)

    @property
    def doubtful(self) -> int:
        return self.limiter.doubtful

    async def _one(self, entry: Entry) -> None:
        turn_id.set(entry.key)
        body = await self._body(entry)
        if body is None:
            await self._expired(entry)
            return
        sent = await attempt(self._send(entry, body))
        if not isinstance(sent, Failure):
            await self._done(entry, *sent)
        elif isinstance(sent.error, Refused):
            await self._refused(entry, body, sent.error)
        else:  # a bad entry must not come back at every start
            log.error("message %s: %s", entry.key, blind(sent.error))
            await self._refused(entry, body, Refused(f"it cannot be sent: {type(sent.error).__name__}"))

    async def _expired(self, entry: Entry) -> None:
        """Its body is gone: too old, and a dead letter says so; or its customer was forgotten, and so was the entry."""

        async def off() -> None:
            known = await self.redis.xrange(OUTBOX, entry.id, entry.id)
            commit = Commit()
            if known:
                letter = {"key": entry.key, "chat": entry.chat, "reason": "it is no longer kept"}
                commit.xadd(OUTBOX_DEAD, letter, maxlen=DEAD_KEPT)
            entry.ack(commit)
            await execute(self.redis, commit)

        log.warning("message %s is no longer kept", entry.key)
        await patiently(off)

    async def _body(self, entry: Entry) -> dict[str, Any] | None:
        """What shall be sent, and in a private chat with topics where the customer wrote last."""
        sealed, thread = await patiently(lambda: self.redis.mget(entry.key, customer(entry.chat, "thread")))
        if sealed is None:
            return None
        try:
            body: dict[str, Any] = json.loads(self.sealer.open(entry.key, sealed))
        except (SealError, ValueError) as error:
            log.error("message %s: %s", entry.key, blind(error))  # noqa: TRY400 - its place is enough
            return {"method": ""}
        if thread and entry.chat > 0:
            body.setdefault("_", {})["thread"] = int(thread)
        return body

    async def _send(self, entry: Entry, body: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """What was sent, with the burst that went along, and Telegram's answer. Raises Refused."""
        about = body.get("_", {}).get("topic")
        if about is None:
            return body, await self._send_to_chat(entry, body)
        assert self.topics
        return await self._send_to_topic(entry, body, about, self.topics)

    async def _send_to_chat(self, entry: Entry, body: dict[str, Any]) -> Any:
        to = entry.chat
        for _ in range(MENDS + 1):
            try:
                return await self._call(entry, body, to)
            except Moved as moved:
                to = await self._moved(entry, moved)
        raise Refused("its place could not be found")

    async def _send_to_topic(
        self, entry: Entry, body: dict[str, Any], about: int, topics: Places
    ) -> tuple[dict[str, Any], Any]:
        for mend in range(MENDS + 1):
            thread = 0
            try:
                if own := topics.own(body["method"]):
                    await own(about)
                    return body, None
                thread = await topics.place(about)
                if not mend:
                    await self.limiter.turn(topics.group.id, _weight(body), later=bool(body["_"].get("later")))
                    body = await self._with_burst(entry, body)
                return body, await self._call(entry, body, topics.group.id, thread, waited=not mend)
            except Moved as moved:
                await self._moved(entry, moved)
            except Refused as error:
                if mend == MENDS or not error.says(*GONE):
                    raise
                await topics.lost(about, thread)
        raise Refused("its place could not be found")

    async def _moved(self, entry: Entry, moved: Moved) -> int:
        """The group goes on under another id: that one."""
        if self.topics:
            await self.topics.group.moved(moved.to)
        log.warning("message %s goes to %d: the group was upgraded", entry.key, moved.to)
        return moved.to

    async def _call(self, entry: Entry, body: dict[str, Any], to: int, thread: int = 0, *, waited: bool = False) -> Any:
        """One message, as its meta says: in answer to, in place of, with a file; in words if the markup is refused."""
        arguments = {name: value for name, value in body.items() if name not in ("method", "_")} | {"chat_id": to}
        name, meta = body["method"], body.get("_", {})
        if thread and not name.startswith("edit"):
            arguments["message_thread_id"] = thread
        name, arguments = await self._paired(name, arguments, meta, thread)
        await self._with_copy(arguments)
        if (last := meta.get("thread")) and not name.startswith("edit"):  # if it is no answer to a certain message
            arguments.setdefault("message_thread_id", last)
        if upload := meta.get("upload"):
            arguments[upload["field"]] = BufferedInputFile(base64.b64decode(upload["b64"]), upload["name"])
        if not waited:
            await self.limiter.turn(to, _weight(body))
        try:
            return await self.limiter.make(to, METHODS[name](**arguments), about=entry.key, weight=_weight(body))
        except Refused as error:
            name, arguments = await self._otherwise(to, name, arguments, error)
        await self.limiter.turn(to, _weight(body))
        return await self.limiter.make(to, METHODS[name](**arguments), about=entry.key, weight=_weight(body))

    async def _otherwise(
        self, to: int, name: str, arguments: dict[str, Any], error: Refused
    ) -> tuple[str, dict[str, Any]]:
        """Another way to say the same, or the error."""
        if to > 0 and "message_thread_id" in arguments and error.says(*GONE):  # they deleted that topic
            await patiently(lambda: self.redis.delete(customer(to, "thread")))
            return name, {key: value for key, value in arguments.items() if key != "message_thread_id"}
        if arguments.get("parse_mode") and error.says("can't parse entities"):
            log.error("a message's markup is refused, it goes as plain text: %s", error)
            return name, unmarked(arguments)
        raise error

    async def _with_copy(self, arguments: dict[str, Any]) -> None:
        """A photo that must not be shown is named by its blurred copy's key: the copy is sent. Raises Refused."""
        key = arguments.get("photo")
        if isinstance(key, str) and key.startswith("c:"):  # Telegram's file ids hold no colon
            sealed = await patiently(lambda: self.redis.get(key))
            if sealed is None:
                raise Refused("the copy of its photo is no longer kept")
            arguments["photo"] = BufferedInputFile(self.sealer.open(key, sealed), "photo.jpg")

    async def _paired(
        self, name: str, arguments: dict[str, Any], meta: dict[str, Any], thread: int
    ) -> tuple[str, dict[str, Any]]:
        chat = meta.get("about", 0)
        if reply := meta.get("reply"):
            side, number = reply
            if there := await message_map.of(self.redis, chat, side, number):
                arguments["reply_parameters"] = {"message_id": there[0], "allow_sending_without_reply": True}
        if edit := meta.get("edit"):
            side, number = edit
            there = await message_map.of(self.redis, chat, side, number)
            alone = there and len(await message_map.of(self.redis, chat, message_map.other(side), there[0])) == 1
            if alone and len(there) == 1:
                arguments["message_id"] = there[0]
            elif side == "c":
                return "sendMessage", _edit_note(arguments, meta, thread, there)
            elif not there:
                raise Refused("what was edited had not been passed on")
            else:
                raise Refused("it was sent in several parts")
        return name, arguments

    async def _with_burst(self, entry: Entry, body: dict[str, Any]) -> dict[str, Any]:
        """What has come for this topic while it waited goes in the same message, as far as it fits."""
        meta = body.get("_", {})
        if not meta.get("merge"):
            return body
        text, originals, others = body["text"], list(meta.get("pair", ["c", []])[1]), list[Entry]()
        marks = list(body.get("entities", ()))
        for other in self.reader.behind(entry):
            more = await self._body(other)
            its = (more or {}).get("_", {})
            if more is None or not its.get("merge") or its.get("reply") or units(f"{text}\n{more['text']}") > TEXT:
                break
            marks += moved(more.get("entities", ()), units(text) + 1)
            text = f"{text}\n{more['text']}"
            originals += its.get("pair", ["c", []])[1]
            others.append(other)
        self.reader.take_along(entry, others)
        pair = {"pair": ["c", originals]} if originals else {}
        return body | {"text": text, "_": meta | pair} | ({"entities": marks} if marks else {})

    async def _done(self, entry: Entry, body: dict[str, Any], answer: Any) -> None:
        """Telegram took it. ``answer``: what it made of it, None where nothing need be remembered."""
        meta, commit = body.get("_", {}), Commit()
        entry = self._with_others(entry)
        entry.off(commit)
        if answer is not None and meta.get("pair"):
            side, originals = meta["pair"]
            part = bool(meta.get("part"))
            pair = meta["about"], side, originals, numbers(answer)
            message_map.put(commit, *pair, part=part, retention=self.retention)
            await self._off(entry, commit)
        else:
            await patiently(lambda: execute(self.redis, commit))
        metrics.TURN_SECONDS.labels("send").observe(entry.age())
        metrics.SENT.inc()

    async def _refused(self, entry: Entry, body: dict[str, Any], why: Refused) -> None:
        """It never will be sent: a dead letter each, and a line to the agents where it was theirs."""
        if why.says(*SO_BE_IT):
            await self._done(entry, body, None)
            return
        log.error("message %s was not sent: %s", entry.key, why)
        entry, commit = self._with_others(entry), Commit()
        for each in (entry, *entry.also):
            letter = {"key": each.key, "chat": each.chat, "reason": str(why)}
            commit.xadd(OUTBOX_DEAD, letter, maxlen=DEAD_KEPT)
            each.ack(commit)  # the message is kept for its time: it can be replayed
        self._tell(commit, entry, body, why)
        await self._off(entry, commit)
        metrics.DEAD.labels("outbox").inc()

    def _tell(self, commit: Commit, entry: Entry, body: dict[str, Any], why: Refused) -> None:
        meta = body.get("_", {})
        if self.on_undelivered and entry.chat > 0 and meta.get("tell"):
            self.on_undelivered(commit, entry.chat, why)
        elif self.on_undelivered and meta.get("topic") and body["method"] in COPIES:
            self.on_undelivered(commit, meta["topic"], why, meta.get("pair", ["c", ()])[1])

    def _with_others(self, entry: Entry) -> Entry:
        return replace(entry, also=tuple(self.reader.taken_along.get(entry.id, ())))

    async def _off(self, entry: Entry, commit: Commit) -> None:
        """``commit``, however long the store is away: what was sent must be taken off the stream."""

        async def off() -> None:
            if await self.redis.exists(entry.key):
                await execute(self.redis, commit)
                return
            forgotten = Commit()  # /forget came between: nothing about the customer is written any more
            entry.off(forgotten)
            await execute(self.redis, forgotten)

        await patiently(off)


def _edit_note(arguments: dict[str, Any], meta: dict[str, Any], thread: int, there: Sequence[int]) -> dict[str, Any]:
    """Of a message that stands there with others, or not at all since it is from before the hand-over: said anew."""
    reply = {"message_id": there[0], "allow_sending_without_reply": True} if there else None
    left = {name: value for name, value in arguments.items() if not name.startswith("caption")}
    left |= {"reply_parameters": reply} if reply else {}
    return left | {"text": meta.get("note") or arguments["text"], "message_thread_id": thread}


def numbers(answer: Any) -> list[int]:
    return [number_of(one, "message_id") for one in (answer if isinstance(answer, list) else [answer])]


def _weight(body: dict[str, Any]) -> int:
    return len(body["message_ids"]) if body["method"] == "copyMessages" else 1
