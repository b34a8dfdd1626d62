"""The sender's half of the forum: makes a customer's topic when it is needed, and mends what is no longer there.

Two queues of the outbox come here for a customer, what is said and what can wait; a lock lets one at a time find the
topic missing: never two topics for a customer. What Telegram answered is kept before the next call. The window left is
one createForumTopic whose answer was lost: then an empty topic stays behind, which belongs to nobody (counted in
``Calls.doubtful``).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

from aiogram.methods import (
    CloseForumTopic,
    CreateForumTopic,
    DeleteForumTopic,
    EditMessageText,
    PinChatMessage,
    ReopenForumTopic,
    SendMessage,
    TelegramMethod,
)

from bot.handover import ownership
from bot.handover.card import NAME, buttons, card
from bot.handover.group import Group, field
from bot.handover.hours import Hours
from bot.records import Case, Profile, Records
from bot.telegram.markup import plain
from bot.telegram.outgoing import Outgoing
from bot.telegram.rate_limit import GONE, RateLimiter, Refused, number_of
from bot.telegram.stream import patiently
from bot.texts import Texts
from storage.commit import Commit, execute
from storage.keys import TOPICS, customer

log = logging.getLogger(__name__)

UNEDITABLE = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")


class Topics:
    def __init__(self, records: Records, limiter: RateLimiter, group: Group, *, texts: Texts, hours: Hours) -> None:
        self.redis: Any = records.redis
        self.records, self.limiter, self.group, self.texts, self.hours = records, limiter, group, texts, hours
        self.outgoing = Outgoing(records.sealer)
        self.locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def place(self, chat: int) -> int:
        """The thread of the customer's topic, which is there, with its card. Raises Refused, Moved."""
        async with self.locks.setdefault(chat, asyncio.Lock()):
            known, case = await self._known(chat), await self._case(chat)
            if known:
                thread = int(known["thread"])
                if case and known.get("case") != case.number:
                    await self.limiter.turn(self.group.id)
                    await self._post_card(chat, thread, case)
                return thread
            thread = await self._create(chat, weight=1 + bool(case))  # agents have no use for a topic without its card
            if case:
                await self._post_card(chat, thread, case)
            return thread

    def own(self, method: str) -> Callable[[int], Awaitable[None]] | None:
        """What of the outbox's methods is done here."""
        done = {"card": self.refresh, "closeForumTopic": self.close, "reopenForumTopic": self.reopen, "pin": self.pin}
        return done.get(method)

    async def close(self, chat: int) -> None:
        known = await self._known(chat)
        if known and not known.get("closed"):
            await self._open_or_close(CloseForumTopic, chat, int(known["thread"]), closed="1")

    async def reopen(self, chat: int) -> None:
        known = await self._known(chat)
        if known.get("closed"):
            await self._open_or_close(ReopenForumTopic, chat, int(known["thread"]), closed="")

    async def _open_or_close(self, method: type[Any], chat: int, thread: int, closed: str) -> None:
        try:
            await self._later(method(chat_id=self.group.id, message_thread_id=thread), f"topic of {chat}")
        except Refused as error:
            if error.says(*GONE):  # whoever needs it again makes another
                await self.lost(chat, thread)
                return
            if not error.says("TOPIC_NOT_MODIFIED"):
                raise
        await self._keep(chat, closed=closed)

    async def pin(self, chat: int) -> None:
        known = await self._known(chat)
        if not known.get("card"):
            return
        method = PinChatMessage(chat_id=self.group.id, message_id=int(known["card"]), disable_notification=True)
        try:
            await self._later(method, f"pin of {chat}")
        except Refused as error:
            log.warning("the card of %d is not pinned: %s", chat, error)

    async def refresh(self, chat: int) -> None:
        """The card says what is so now. One that was deleted is posted anew."""
        before = await self._known(chat)
        thread = await self.place(chat)
        case = await self._case(chat)
        if case is None or before.get("case") != case.number:
            return  # nothing was handed over, or it was posted just now
        if _digest(*await self._card(chat, case)) == before.get("shown"):
            return
        await self.limiter.turn(self.group.id, later=True)
        text, markup = await self._card(chat, case)  # as it is when it goes: the next ones have nothing left to change
        about, shown = f"card of {chat}", _digest(text, markup)
        try:
            await self._try_card(EditMessageText, about, text, message_id=int(before["card"]), reply_markup=markup)
        except Refused as error:
            if error.says(*UNEDITABLE):
                await self.limiter.turn(self.group.id)
                await self._post_card(chat, thread, case)
            elif not error.says("message is not modified"):
                raise
        else:
            await self._keep(chat, shown=shown)

    async def lost(self, chat: int, thread: int) -> None:
        """The topic was deleted under us: the next ``place`` makes another."""
        thread = thread or int((await self._known(chat)).get("thread", 0))
        log.warning("the topic %d of %d is gone: another one is made", thread, chat)
        commit = Commit()
        commit.delete(customer(chat, "topic"), customer(chat, "pairs"))
        commit.hdel(TOPICS, field(self.group.id, thread))
        await execute(self.redis, commit)

    async def _known(self, chat: int) -> dict[str, str]:
        found = await patiently(lambda: self.redis.hgetall(customer(chat, "topic")))
        known = {name.decode(): value.decode() for name, value in found.items()}
        return known if known.get("group") == str(self.group.id) else {}

    async def _create(self, chat: int, weight: int) -> int:
        """``weight``: with what will be posted there at once."""
        if not await self._knows(chat):
            raise Refused("the customer was forgotten meanwhile")
        profile = await self._profile(chat)
        await self.limiter.turn(self.group.id, weight)
        method = CreateForumTopic(chat_id=self.group.id, name=(profile.name[:NAME] or f"#{chat}").strip() or f"#{chat}")
        made = await self.limiter.make(self.group.id, method, about=f"topic of {chat}")
        thread = number_of(made, "message_thread_id")
        if not await self._knows(chat):
            await self._later(DeleteForumTopic(chat_id=self.group.id, message_thread_id=thread), f"topic of {chat}")
            raise Refused("the customer was forgotten meanwhile")

        async def keep() -> None:
            commit = Commit()
            commit.delete(customer(chat, "topic"))
            commit.hset(customer(chat, "topic"), mapping={"group": self.group.id, "thread": thread})
            commit.hset(TOPICS, field(self.group.id, thread), chat)
            await execute(self.redis, commit)

        await patiently(keep)
        log.info("topic %d was made for %d", thread, chat)
        return thread

    async def _post_card(self, chat: int, thread: int, case: Case) -> None:
        text, markup = await self._card(chat, case)
        about = f"card of {chat}"
        sent = await self._try_card(SendMessage, about, text, message_thread_id=thread, reply_markup=markup)
        fields = {"case": case.number, "card": number_of(sent, "message_id"), "shown": _digest(text, markup)}

        async def keep() -> None:
            commit = Commit()
            commit.hset(customer(chat, "topic"), mapping=fields)
            self.outgoing.later(commit, chat, "pin")
            await execute(self.redis, commit)

        await patiently(keep)

    async def _later(self, method: TelegramMethod[Any], about: str) -> None:
        await self.limiter.turn(self.group.id, later=True)
        await self.limiter.make(self.group.id, method, about=about, later=True)

    async def _try_card(self, kind: type[Any], about: str, text: str, **more: Any) -> Any:
        try:
            method = kind(chat_id=self.group.id, text=text, parse_mode="HTML", **more)
            return await self.limiter.make(self.group.id, method, about=about)
        except Refused as error:
            if not error.says("can't parse entities"):
                raise
            log.error("a card's markup is refused, it goes as plain text: %s", error)  # noqa: TRY400
            await self.limiter.turn(self.group.id)
            method = kind(chat_id=self.group.id, text=plain(text), **more)
            return await self.limiter.make(self.group.id, method, about=about)

    async def _card(self, chat: int, case: Case) -> tuple[str, dict[str, Any]]:
        owner = await patiently(lambda: ownership.read(self.redis, chat))
        profile = await self._profile(chat)
        return card(self.texts, self.hours, profile, case, owner), buttons(self.texts, chat, case, owner)

    async def _knows(self, chat: int) -> bool:
        """Whoever was ever handed over has an owner, until they are forgotten."""
        return bool(await patiently(lambda: self.redis.exists(ownership.key(chat))))

    async def _case(self, chat: int) -> Case | None:
        found: Case | None = await patiently(lambda: self.records.get(chat, "case", Case))
        return found

    async def _profile(self, chat: int) -> Profile:
        return await patiently(lambda: self.records.get(chat, "profile", Profile)) or Profile(name=f"#{chat}")

    async def _keep(self, chat: int, **fields: str | int) -> None:
        if await patiently(lambda: self.redis.exists(customer(chat, "topic"))):  # else the customer was forgotten
            await patiently(lambda: self.redis.hset(customer(chat, "topic"), mapping=fields))


def _digest(text: str, markup: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([text, markup]).encode()).hexdigest()[:16]
