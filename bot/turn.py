"""One customer turn from start to finish: look, answer or relay, commit. No Telegram, no torch, no language model.

**The one transaction**: history, messages to send, ownership and the update's end are one MULTI under WATCH of the
ownership and of the update itself. So a reply is stored whole before any of it is sent; a turn that is tried again
after a crash does not answer twice; and an answer that was generated while a person took over is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Unpack

from redis.asyncio import Redis

from bot.answering import Answering
from bot.customers import Customers
from bot.handover import ownership
from bot.handover.ownership import Owner
from bot.message import Extras, Incoming, Photo
from bot.ports import Photos
from bot.relaying import Relaying
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry
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
        photo_seconds: float = 20.0,
    ) -> None:
        self.redis, self.customers, self.outgoing, self.photos = redis, customers, outgoing, photos
        self.answering, self.relaying, self.photo_seconds = answering, relaying, photo_seconds

    async def take(self, entry: Entry, message: Incoming) -> None:
        """Answer ``message``, or pass it to the person who owns the conversation."""
        message = await _with_pictures_alone(message)
        with metrics.turn():
            await self._take(entry, message)

    async def _take(self, entry: Entry, message: Incoming) -> None:
        reports: Reports | None = None
        for _ in range(CLASHES):
            owner, commit = await ownership.read(self.redis, message.chat), Commit()
            if owner.banned:
                metrics.ended("banned")
            elif owner.theirs and self.relaying:
                metrics.ended("relayed")
                # Also for a person: what must not be shown is found before. A second try does not look again.
                reports = await self._look(message, RELAYED_S) if reports is None else reports
                await self.relaying.relay(commit, message, owner, reports)
            else:
                async with message.busy():
                    reports = await self._look(message) if reports is None else reports
                    await self.answering.answer(commit, message, owner, reports)
            entry.off(commit)
            with metrics.stage("commit"):
                committed = await ownership.commit_for(self.redis, message.chat, owner, commit, entry)
            if committed:
                return
            log.info("%s: the conversation changed hands meanwhile, the answer is dropped", entry.key)
        raise RuntimeError(f"{entry.key}: the conversation changed hands {CLASHES} times")

    async def say(self, entry: Entry, message: Incoming, text: str, **more: Unpack[Extras]) -> None:
        """Answer with a fixed text, whoever owns the conversation (a command)."""
        commit = Commit()
        await self.customers.meet(commit, message)
        self.outgoing.answer(commit, message, text, **more)
        await self.finish(entry, commit)

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
        if not message.photos:
            return ()
        seconds = min(most, self.photo_seconds)
        with metrics.stage("photos"):
            looks = (self._describe(message, photo, seconds) for photo in message.photos)
            reports = tuple(await asyncio.gather(*looks))
        for report in reports:
            metrics.PHOTOS.labels(report.error or "described").inc()
        return reports

    async def _describe(self, message: Incoming, photo: Photo, seconds: float) -> PhotoReport:
        if photo.too_large:
            return PhotoReport.failed("too_large", "Telegram gives it to no bot", film=photo.moves)
        data = await photo.fetch()
        if data is None:
            return PhotoReport.failed("unavailable", "not-downloaded", film=photo.moves)
        seconds *= FILM if photo.moves else 1
        return await self.photos.describe(message.chat, data, message.text, seconds, as_file=photo.as_file)


async def _with_pictures_alone(message: Incoming) -> Incoming:
    """``message`` without the files of which only their bytes could tell that they are no pictures."""
    photos, cannot = [], message.cannot
    for photo in message.photos:
        data = await photo.fetch() if photo.otherwise else None
        if data is None:
            photos.append(photo)
        elif what := signature.sort(data):
            photos.append(replace(photo, fetch=partial(_known, data), moves=what == "moving", otherwise=""))
        else:
            cannot = photo.otherwise
    return replace(message, photos=tuple(photos), cannot="" if photos else cannot)


async def _known(data: bytes) -> bytes:
    return data
