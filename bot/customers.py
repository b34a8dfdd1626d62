"""Who a customer is, and what is remembered of their photos for the people who may take over."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bot.message import Incoming
from bot.photos import WITHHELD, for_agents
from bot.records import PhotoRecord, Profile, Records
from dialogue.language import supported
from storage.commit import Commit
from storage.keys import BANNED, DAY, customer
from vision.report import PhotoReport

PHOTOS = 6  # of a customer that are remembered for the agents' card


class Customers:
    def __init__(self, records: Records) -> None:
        self.records = records

    async def profile(self, chat: int) -> Profile | None:
        return await self.records.get(chat, "profile", Profile)

    async def meet(self, commit: Commit, message: Incoming) -> Profile:
        """Remember who this is, where it is new. How they are known from now on."""
        if message.thread:
            commit.set(customer(message.chat, "thread"), message.thread)
        known = await self.profile(message.chat)
        first = known.first if known else time.time()
        now = Profile(
            name=message.name,
            username=message.username,
            language=message.language,
            first=first,
            subject=message.subject or (known.subject if known else ""),
            chosen=known.chosen if known else "",
            spoken=known.spoken if known else "",
        )
        if now != known:
            self.records.put(commit, message.chat, "profile", now)
            commit.hsetnx(customer(message.chat, "consent"), "wrote", f"{time.time():.0f}")
        return now

    async def language(self, chat: int, telegram: str = "") -> str:
        """What we speak with them: chosen, else that of our last answer, else Telegram's; "" if none of ours."""
        known = await self.profile(chat)
        if known is None:
            return supported(telegram)
        return known.chosen or known.spoken or supported(known.language or telegram)

    def speak(self, commit: Commit, chat: int, known: Profile, *, chosen: str = "", spoken: str = "") -> None:
        """Remember a language. ``known``: of ``meet``, in the same commit: what is written last stays."""
        languages = {"spoken": spoken or chosen or known.spoken, "chosen": chosen or known.chosen}
        now = known.model_copy(update=languages)
        if now != known:
            self.records.put(commit, chat, "profile", now)

    def stays_banned(self, commit: Commit, chat: int) -> None:
        """Though they are forgotten: a name that only our keys can tell."""
        commit.sadd(BANNED, self.names(chat)[0])

    def unbanned(self, commit: Commit, chat: int) -> None:
        commit.srem(BANNED, *self.names(chat))

    def names(self, chat: int) -> list[str]:
        """Under which they would stand in ``BANNED``."""
        return self.records.sealer.pseudonyms(chat)

    async def recent_photos(self, chat: int) -> list[PhotoRecord]:
        """Of the last day, oldest first."""
        return [one for one in await self.records.all(chat, "photos", PhotoRecord) if one.at > time.time() - DAY]

    def keep_photos(self, commit: Commit, chat: int, photos: Sequence[PhotoRecord]) -> None:
        self.records.push(commit, chat, "photos", photos, PHOTOS)

    async def edited(self, commit: Commit, chat: int, message: int, file_id: str) -> None:
        """A message was changed: Telegram copies it with words, and a picture, that nobody has checked. A photo is sent
        by its file id, which stays; a video is only copied, and must still be the same file."""
        before = await self.records.all(chat, "photos", PhotoRecord)
        now = [_unchecked(photo, file_id) if photo.message == message else photo for photo in before]
        if now != before:
            self.records.drop(commit, chat, "photos")
            self.records.push(commit, chat, "photos", now, len(now))


def _unchecked(photo: PhotoRecord, file_id: str) -> PhotoRecord:
    another = {"shown": WITHHELD} if photo.report.film and photo.file_id != file_id else {}
    return photo.model_copy(update={"masked": True, **another})


def photo_records(message: Incoming, reports: Sequence[PhotoReport], answer: str = "") -> list[PhotoRecord]:
    """One for each photo of ``message``; ``answer``: what the bot said to them."""
    return [
        PhotoRecord(
            file_id=photo.file_id,
            message=photo.message,
            as_file=photo.as_file,
            shown=for_agents(photo.file_id, report, as_file=photo.as_file),
            masked=message.masked,
            report=report,
            answer=answer,
            at=time.time(),
        )
        for photo, report in zip(message.photos, reports, strict=True)
    ]
