"""One customer turn from start to finish: look, answer or relay, commit. No Telegram, no torch, no language model.

**The one transaction**: history, messages to send, ownership and the update's end are one MULTI under WATCH of the
ownership and of the update itself. So a reply is stored whole before any of it is sent; a turn that is tried again
after a crash does not answer twice; and an answer that was generated while a person took over is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Unpack

from redis.asyncio import Redis

from bot.answering import Answering
from bot.customers import Customers
from bot.handover import ownership
from bot.handover.ownership import Owner
from bot.looking import Look, with_pictures_alone
from bot.message import Extras, Incoming, together
from bot.ports import Photos
from bot.relaying import Relaying
from bot.room import Room
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry, GoesOn
from bot.texts import Texts
from bot.voice import with_words
from monitoring import metrics
from storage.commit import Commit
from storage.keys import BANNED
from vision.report import PhotoReport

log = logging.getLogger(__name__)

CLASHES = 5  # times that a transaction is tried anew because something changed meanwhile
# A photo for a person is looked at so long, and is withheld if that was too short: two tries at its text, each long
# enough for a busy machine (with half of it, slow tries were taken for hanging ones, docs/research/log.md).
RELAYED_S = 16.0

Reports = tuple[PhotoReport, ...]


class Turns:
    """``relaying``: None where nobody can take over."""

    def __init__(
        self,
        redis: Redis,
        customers: Customers,
        outgoing: Outgoing,
        *,
        photos: Photos,
        answering: Answering,
        relaying: Relaying | None,
        texts: Texts,
        photo_seconds: float = 20.0,
        room: Room | None = None,
    ) -> None:
        self.redis, self.customers, self.outgoing, self.photos = redis, customers, outgoing, photos
        self.answering, self.relaying, self.photo_seconds = answering, relaying, photo_seconds
        self.room = room or Room()
        self.texts = texts

    async def take(self, entry: Entry, message: Incoming, *others: Incoming) -> None:
        """Answer ``message``, or pass it to the person who owns the conversation. ``others``: written in one go with
        it, words alone. Raises GoesOn."""
        message = await with_pictures_alone(message)
        with metrics.turn():
            await self._take(entry, message, others)

    async def _take(self, entry: Entry, message: Incoming, others: Sequence[Incoming]) -> None:
        reports: Reports | None = None
        for _ in range(CLASHES):
            owner, commit = await self._owner(message.chat), Commit()
            if owner.banned:
                metrics.ended("banned")
            elif owner.theirs and self.relaying:
                metrics.ended("relayed")
                # Also for a person: what must not be shown is found before. A second try does not look again.
                reports = await self._look(message, RELAYED_S) if reports is None else reports
                heard, seen = with_words(self.texts, message, reports)
                await self.relaying.relay(commit, heard, owner, seen)
                for other in others:
                    await self.relaying.relay(commit, other, owner, ())
            else:
                async with message.busy():
                    reports = await self._look(message) if reports is None else reports
                    heard, seen = with_words(self.texts, message, reports)
                    answered = await self.answering.answer(commit, together(heard, *others), owner, seen)
                    if not answered and entry.goes_on and await entry.goes_on():
                        raise GoesOn
            entry.off(commit)
            with metrics.stage("commit"):
                committed = await ownership.commit_for(self.redis, message.chat, owner, commit, entry)
            if committed:
                return
            log.info("%s: the conversation changed hands meanwhile, the answer is dropped", entry.key)
        raise RuntimeError(f"{entry.key}: the conversation changed hands {CLASHES} times")

    async def say(
        self, entry: Entry, message: Incoming, text: str, *, always: bool = False, **more: Unpack[Extras]
    ) -> None:
        """Answer with a fixed text, whoever owns the conversation (a command). Who is banned gets it only where it is
        their right (``always``)."""
        commit = Commit()
        if always or not (await self._owner(message.chat)).banned:
            await self.customers.meet(commit, message)
            self.outgoing.answer(commit, message, text, **more)
        await self.finish(entry, commit)

    async def _owner(self, chat: int) -> Owner:
        """Who was banned and then forgotten is banned again as soon as they write."""
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(ownership.key(chat))
            pipe.smismember(BANNED, self.customers.names(chat))
            found, banned = await pipe.execute()
        owner = ownership.of(found)
        if owner.version == 0 and not owner.banned and any(banned):
            commit = Commit()
            ownership.ban(commit, chat, banned=True)
            await ownership.commit_for(self.redis, chat, owner, commit)
            return await ownership.read(self.redis, chat)
        return owner

    async def finish(self, entry: Entry, commit: Commit | None = None) -> None:
        """``commit`` and the update's end, in one MULTI; once, also when the update is tried again."""
        commit = commit or Commit()
        entry.off(commit)
        while not await ownership.commit_for(
            self.redis, entry.chat, await ownership.read(self.redis, entry.chat), commit, entry
        ):
            continue

    def changes(self, entry: Entry, chat: int) -> AsyncIterator[tuple[Commit, Owner]]:
        """What shall happen to ``chat``, and the update's end: see ownership.changes."""
        return ownership.changes(self.redis, chat, entry)

    # -- looking --------------------------------------------------------------------------------------------------
    async def _look(self, message: Incoming, most: float = 3600.0) -> Reports:
        """A report a photo. What is not looked at in time, and what comes behind it, is "unavailable"."""
        if not message.photos:
            return ()
        look = Look(self.photos, self.room, message, min(most, self.photo_seconds))
        with metrics.stage("photos"):
            reports = tuple(await asyncio.gather(*map(look.at, message.photos)))
        for report in reports:
            metrics.PHOTOS.labels(report.error or "described").inc()
        return reports
