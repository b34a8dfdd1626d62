"""Looking at the photos of one message, within bounds of time and memory."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from bot.message import Incoming, Photo
from bot.ports import Photos
from bot.room import Room
from monitoring import metrics
from vision import signature
from vision.report import PhotoReport

FILM = 2  # times as long as for a photo one waits for a video
AT_ONCE = 2  # photos of one customer that are looked at together; the next when one of them is done
ALBUM = 3  # times as long as for one photo one waits for all of an album
HEAD = 4096  # bytes that say what a file is


class _NotDownloadedError(Exception):
    pass


class Look:
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


async def with_pictures_alone(message: Incoming) -> Incoming:
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
