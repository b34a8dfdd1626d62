"""One customer turn from start to finish: no Telegram, no torch, no language model.

**The one transaction**: history, messages to send, ownership and the update's ack are one MULTI under WATCH of the
ownership and of the update itself. So a reply is stored whole before any of it is sent; a turn that is tried again
after a crash does not answer twice; and an answer that was generated while a person took over is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import WatchError

from bot import ownership, sight
from bot.card import card, tag
from bot.facts import facts_of
from bot.lanes import Entry
from bot.outbox import Queue
from bot.ownership import State
from bot.ports import Answers, People, Photos
from bot.texts import Texts
from dialogue.turn import Reply, Turn
from vision.readers.sensitive import masked_words
from vision.report import PhotoReport

log = logging.getLogger(__name__)

LONGEST = 4096  # characters of a customer's text that are answered; Telegram's own clients send no more
CLASHES = 5  # times that a transaction is tried anew because something changed meanwhile

Queued = Callable[[Any], None]  # puts commands on an open MULTI


@dataclass(frozen=True, slots=True)
class Photo:
    file_id: str  # Telegram's; what is kept once the bytes are described
    fetch: Callable[[], Awaitable[bytes | None]]  # None: Telegram would not give it


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a customer sent, free of Telegram."""

    chat: int
    name: str
    text: str = ""
    photos: tuple[Photo, ...] = ()
    quoted: int | None = None  # message id, so that the answer can quote it
    busy: Callable[[], AbstractAsyncContextManager[None]] = nullcontext  # shown while the bot, not a person, answers


class Turns:
    def __init__(
        self,
        redis: Redis,
        queue: Queue,
        *,
        photos: Photos,
        answers: Answers,
        people: People | None,
        texts: Texts,
        photo_seconds: float = 20.0,
    ) -> None:
        self.redis, self.queue, self.photos, self.answers = redis, queue, photos, answers
        self.people, self.texts, self.photo_seconds = people, texts, photo_seconds

    async def take(self, entry: Entry, said: Incoming) -> None:
        """Answer ``said``, or pass it to the person who owns the conversation."""
        said = replace(said, text=masked_words(said.text))  # a card's number is in no history and before no agent
        reports: tuple[PhotoReport, ...] | None = None
        for _ in range(CLASHES):
            owner = await ownership.read(self.redis, said.chat)
            async with said.busy() if owner.state is State.BOT else nullcontext():
                if reports is None:  # a second try does not look at the photos again
                    reports = await self._look(said)  # also for a person: what must not be shown is found before
                if owner.state is State.BOT:
                    queued = await self._answered(said, reports)
                else:
                    queued = self._relayed(said, reports)
            if await self._commit(entry, owner, queued):
                return
            log.info("%s: the conversation changed hands meanwhile, the answer is dropped", entry.key)
        raise RuntimeError(f"{entry.key}: the conversation changed hands {CLASHES} times")

    async def say(self, entry: Entry, said: Incoming, text: str) -> None:
        """Answer with a fixed text, whoever owns the conversation (a command, an unsupported message)."""
        await self.finish(entry, self._line(said, text))

    async def reset(self, entry: Entry, said: Incoming) -> None:
        """Forget the conversation and take it back; a person who owned it is told."""
        owner = await ownership.read(self.redis, said.chat)

        def queued(pipe: Any) -> None:
            self.answers.forget(pipe, said.chat)
            ownership.change(pipe, said.chat, State.BOT)
            self._send(pipe, said, self.texts("reset"))
            if self.people and owner.state is not State.BOT:
                self.people.tell(pipe, said.chat, self.texts("agent-reset", tag=tag(said.chat), name=said.name))

        await self.finish(entry, queued)

    async def finish(self, entry: Entry, queued: Queued) -> None:
        """Do what is queued and take the update off, in one MULTI; once, also when the update is tried again."""
        while not await self._commit(entry, await ownership.read(self.redis, entry.chat), queued):
            continue

    # -- the steps of a turn --------------------------------------------------------------------------------------
    async def _look(self, said: Incoming) -> tuple[PhotoReport, ...]:
        return tuple(await asyncio.gather(*(self._describe(said, photo) for photo in said.photos)))

    async def _describe(self, said: Incoming, photo: Photo) -> PhotoReport:
        data = await photo.fetch()
        if data is None:
            return PhotoReport.failed("unavailable", "not-downloaded")
        return await self.photos.describe(said.chat, data, said.text, self.photo_seconds)

    async def _answered(self, said: Incoming, reports: tuple[PhotoReport, ...]) -> Queued:
        if len(said.text) > LONGEST:
            return self._line(said, self.texts("too-long", length=len(said.text), limit=LONGEST))
        failed = [report for report in reports if report.error]
        if failed and len(failed) == len(reports) and not said.text:
            return self._line(said, self._trouble(failed[0]))
        facts = tuple(f for n, report in enumerate(reports, 1) for f in facts_of(report, f"photo {n}"))
        turn = Turn(said.chat, said.text, facts, photos=len(reports))
        reply = await self.answers.reply(turn)
        if reply.action == "hand_over":
            return await self._handed_over(said, turn, reply, reports)
        beside = [*(self._trouble(report) for report in failed[:1]), *sight.warnings(self.texts, reports)]
        helped = reply.action == "answer"
        text = "\n\n".join([*beside, *([] if helped else sight.advice(self.texts, reports)), reply.text])

        def queued(pipe: Any) -> None:
            self.answers.remember(pipe, turn, reply)
            more = {"reply_markup": self._person_button()} if reply.offers_person and self.people else {}
            self._send(pipe, said, text, **more)

        return queued

    async def _handed_over(self, said: Incoming, turn: Turn, reply: Reply, reports: tuple[PhotoReport, ...]) -> Queued:
        """Exactly one transfer line, and the conversation to the agents; or honestly: nobody is there."""
        people = self.people
        line = "\n\n".join([*sight.warnings(self.texts, reports), self.texts("transfer" if people else "nobody")])
        now = [("customer", said.text or "(photo)"), *(("customer", self._seen(report)) for report in reports)]
        before = await self.answers.transcript(said.chat)
        summary = card(self.texts, said.chat, said.name, reply.reason or "other", [*before, *now])

        def queued(pipe: Any) -> None:
            self.answers.remember(pipe, turn, Reply(line, "hand_over", reply.confidence, reason=reply.reason))
            self._send(pipe, said, line)
            if people:
                people.open(pipe, said.chat, summary, self._shown(pipe, said, reports))
                ownership.change(pipe, said.chat, State.PENDING)

        log.info("%s is handed over: %s", said.chat, reply.reason)
        return queued

    def _relayed(self, said: Incoming, reports: tuple[PhotoReport, ...]) -> Queued:
        def queued(pipe: Any) -> None:
            for line in sight.warnings(self.texts, reports):
                self._send(pipe, said, line)
            if self.people:
                photos = self._shown(pipe, said, reports)
                self.people.relay(pipe, said.chat, said.name, said.text, photos)
                for line in (line for report in reports for line in sight.card_lines(self.texts, report)):
                    self.people.tell(pipe, said.chat, f"{tag(said.chat)} · {line}")

        return queued

    def _shown(self, pipe: Any, said: Incoming, reports: tuple[PhotoReport, ...]) -> tuple[str, ...]:
        """What agents may see of the photos; that one is withheld, they are told."""
        assert self.people
        shown = [sight.for_agents(p.file_id, report) for p, report in zip(said.photos, reports, strict=True)]
        if sight.WITHHELD in shown:
            self.people.tell(pipe, said.chat, self.texts("agent-withheld", tag=tag(said.chat), name=said.name))
        return tuple(photo for photo in shown if photo != sight.WITHHELD)

    async def _commit(self, entry: Entry, owner: ownership.Owner, queued: Queued) -> bool:
        """The one transaction. False when the owner is no longer ``owner``: nothing has happened then."""
        async with self.redis.pipeline(transaction=True) as pipe:
            try:
                await pipe.watch(ownership.key(entry.chat), entry.key)
                if not await pipe.exists(entry.key):
                    return True  # a try before this one did it; only its answer was lost
                if await ownership.read(pipe, entry.chat) != owner:
                    return False
                pipe.multi()  # type: ignore[no-untyped-call]
                queued(pipe)
                entry.off(pipe)
                await pipe.execute()
            except WatchError:
                return False
        return True

    # -- words ----------------------------------------------------------------------------------------------------
    def _line(self, said: Incoming, text: str) -> Queued:
        return lambda pipe: self._send(pipe, said, text)

    def _send(self, pipe: Any, said: Incoming, text: str, **more: Any) -> None:
        if said.quoted is not None and said.photos:  # several photos in a row: say which one is meant
            more["reply_parameters"] = {"message_id": said.quoted, "allow_sending_without_reply": True}
        self.queue.text(pipe, said.chat, said.chat, text, **more)

    def _person_button(self) -> dict[str, Any]:
        return {"inline_keyboard": [[{"text": self.texts("person-button"), "callback_data": "person"}]]}

    def _trouble(self, report: PhotoReport) -> str:
        return self.texts("photo-not-downloaded" if report.reason == "not-downloaded" else f"photo-{report.error}")

    def _seen(self, report: PhotoReport) -> str:
        seen = report.caption or (self._trouble(report) if report.error else self.texts("card-unsure"))
        return "\n".join([self.texts("card-seen", seen=seen), *sight.card_lines(self.texts, report)])
