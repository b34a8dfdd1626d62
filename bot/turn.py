"""One customer turn from start to finish: look, answer or relay, commit. No Telegram, no torch, no language model.

**The one transaction**: history, messages to send, ownership and the update's end are one MULTI under WATCH of the
ownership and of the update itself. So a reply is stored whole before any of it is sent; a turn that is tried again
after a crash does not answer twice; and an answer that was generated while a person took over is dropped.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Unpack

from redis.asyncio import Redis

from bot.answering import Answering
from bot.customers import Customers
from bot.handover import ownership
from bot.handover.ownership import Owner
from bot.message import Extras, Incoming, Photo, together
from bot.ports import Photos
from bot.relaying import Relaying
from bot.room import Room
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry, GoesOn
from bot.texts import Texts
from bot.voice import with_words
from monitoring import metrics
from storage.commit import Commit
from vision import signature
from vision.report import PhotoReport

log = logging.getLogger(__name__)

CLASHES = 5  # times that a transaction is tried anew because something changed meanwhile
FILM = 2  # times as long as for a photo one waits for a video
# A photo for a person is looked at so long, and is withheld if that was too short: two tries at its text, each long
# enough for a busy machine (with half of it, slow tries were taken for hanging ones, docs/research/log.md).
RELAYED_S = 16.0
AT_ONCE = 2  # photos of one customer that are looked at together; the next when one of them is done
ALBUM = 3  # times as long as for one photo one waits for all of an album
HEAD = 4096  # bytes that say what a file is

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
        message = await _with_pictures_alone(message)
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
        owner = await ownership.read(self.redis, chat)
        if owner.version == 0 and not owner.banned and await self.customers.was_banned(chat):
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
        look = _Look(self.photos, self.room, message, min(most, self.photo_seconds))
        with metrics.stage("photos"):
            reports = tuple(await asyncio.gather(*map(look.at, message.photos)))
        for report in reports:
            metrics.PHOTOS.labels(report.error or "described").inc()
        return reports


class _NotDownloadedError(Exception):
    pass


class _Look:
    """At the photos of one message: two at a time, so that nobody takes the worker, or the memory, from the others."""

    def __init__(self, photos: Photos, room: Room, message: Incoming, seconds: float) -> None:
        self.photos, self.room, self.message, self.seconds = photos, room, message, seconds
        self.turns, self.until = asyncio.Semaphore(AT_ONCE), time.monotonic() + ALBUM * seconds
        self.late = False

    async def at(self, photo: Photo) -> PhotoReport:
        if photo.too_large:
            return PhotoReport.failed("too_large", "Telegram gives it to no bot", film=photo.moves)
        async with self.turns:
            left = self.until - time.monotonic()
            if self.late or left <= 0:  # the customer has waited long enough
                return PhotoReport.failed("unavailable", "too late for the rest of its album", film=photo.moves)
            report = await self._described(photo, min(left, self.seconds * (FILM if photo.moves or photo.voice else 1)))
            self.late |= report.error == "unavailable" and report.reason != "not-downloaded"
            return report

    async def _described(self, photo: Photo, seconds: float) -> PhotoReport:
        async def fetched() -> bytes:
            with metrics.stage("download"):
                data = await photo.fetch()
            if data is None:
                raise _NotDownloadedError
            return data

        message = self.message
        try:
            async with self.room.of(photo.size).hold(photo.size, seconds):
                return await self.photos.describe(message.chat, fetched, message.text, seconds, as_file=photo.as_file)
        except TimeoutError:
            return PhotoReport.failed("unavailable", "too many bytes are in hand", film=photo.moves)
        except _NotDownloadedError:
            return PhotoReport.failed("unavailable", "not-downloaded", film=photo.moves)


async def _with_pictures_alone(message: Incoming) -> Incoming:
    """``message`` without the files of which only their bytes could tell that they are no pictures."""
    photos, cannot, unchecked = [], message.cannot, message.unchecked
    for photo in message.photos:
        head = await photo.fetch(HEAD) if photo.otherwise else None
        if head is None:
            photos.append(photo)
        elif what := signature.sort(head):
            photos.append(replace(photo, moves=what == "moving", otherwise=""))
        else:
            cannot, unchecked = photo.otherwise, True
    return replace(message, photos=tuple(photos), unchecked=unchecked, cannot="" if photos else cannot)
