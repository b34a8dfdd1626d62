"""One customer turn from start to finish: no Telegram, no torch, no language model.

**The one transaction**: history, messages to send, ownership and the update's ack are one MULTI under WATCH of the
ownership and of the update itself. So a reply is stored whole before any of it is sent; a turn that is tried again
after a crash does not answer twice; and an answer that was generated while a person took over is dropped.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import WatchError

from bot.handover import ownership, timers
from bot.handover.handover import Desk
from bot.handover.ownership import Owner, State
from bot.message import Incoming, Photo
from bot.photos import advice, card_lines, facts_of, for_agents, in_one_line, medium, source_name, unseen, warnings
from bot.policy import Policy
from bot.ports import Photos
from bot.records import Line, PhotoRecord, Profile
from bot.stats import events
from bot.telegram.stream import Entry, passes
from dialogue.promises import promises_a_person
from dialogue.turn import Reason, Reply, Turn
from monitoring import metrics
from monitoring.logs import blind
from storage.keys import customer, seconds
from vision.readers.sensitive import masked_words
from vision.report import PhotoReport

log = logging.getLogger(__name__)

LONGEST = 4096  # characters of a customer's text that are answered; Telegram's own clients send no more
CLASHES = 5  # times that a transaction is tried anew because something changed meanwhile
UNREADABLE = 2  # turns in a row with a photo that nobody could read: then a person
FILM = 2  # times as long as for a photo one waits for a video
# A photo for a person is looked at so long, and is withheld if that was too short: two tries at its text, each long
# enough for a busy machine (with half of it, slow tries were taken for hanging ones, docs/log.md).
RELAYED_S = 16.0
PHOTOS = 6  # of a customer that are remembered for the agents' card

Queued = Callable[[Any], None]  # puts commands on an open MULTI


class Turns:
    def __init__(
        self,
        redis: Redis,
        desk: Desk,
        *,
        photos: Photos,
        policy: Policy | None = None,
        photo_seconds: float = 20.0,
        answer_seconds: float = 60.0,
    ) -> None:
        self.redis, self.desk, self.photos, self.policy = redis, desk, photos, policy or Policy()
        self.queue, self.answers, self.texts, self.people = desk.queue, desk.answers, desk.texts, desk.people
        self.photo_seconds, self.answer_seconds = photo_seconds, answer_seconds

    async def take(self, entry: Entry, said: Incoming) -> None:
        """Answer ``said``, or pass it to the person who owns the conversation."""
        words = masked_words(said.text)  # a card's number is in no history and before no agent
        with metrics.turn():
            await self._take(entry, replace(said, text=words, masked=words != said.text))

    async def _take(self, entry: Entry, said: Incoming) -> None:
        reports: tuple[PhotoReport, ...] | None = None
        for _ in range(CLASHES):
            owner = await ownership.read(self.redis, said.chat)
            queued: Queued
            if owner.banned:
                metrics.ended("banned")
                queued = _nothing
            elif owner.theirs and self.people:
                metrics.ended("relayed")
                if reports is None:  # also for a person: what must not be shown is found before
                    reports = await self._look(said, RELAYED_S)
                queued = await self._relayed(said, owner, reports)
            else:
                async with said.busy():
                    if reports is None:  # a second try does not look at the photos again
                        reports = await self._look(said)
                    queued = await self._answered(said, owner, reports)
            with metrics.stage("commit"):
                committed = await self.commit(entry, said.chat, owner, queued)
            if committed:
                return
            log.info("%s: the conversation changed hands meanwhile, the answer is dropped", entry.key)
        raise RuntimeError(f"{entry.key}: the conversation changed hands {CLASHES} times")

    async def say(self, entry: Entry, said: Incoming, text: str, **more: Any) -> None:
        """Answer with a fixed text, whoever owns the conversation (a command)."""
        met = await self._met(said)
        await self.finish(entry, _both(met, lambda pipe: self._send(pipe, said, text, **more)))

    async def reset(self, entry: Entry, said: Incoming) -> None:
        """Forget the conversation and take it back; a person who owned it is told."""

        def queued(pipe: Any, owner: Owner) -> None:
            self.answers.forget(pipe, said.chat)
            for what in ("photos", "stretch", "failures"):
                self.desk.records.drop(pipe, said.chat, what)
            ownership.change(pipe, said.chat, State.BOT)
            self._send(pipe, said, self.texts("reset"))
            if self.people and owner.theirs:
                ownership.note(pipe, said.chat, owner, "returned", by="customer")
                self.people.card(pipe, said.chat)
                self.people.tell(pipe, said.chat, self.texts("agent-reset", name=said.name))
            timers.stop(pipe, said.chat)

        await self.change(entry, said.chat, queued)

    async def finish(self, entry: Entry, queued: Queued) -> None:
        """Do what is queued and take the update off, in one MULTI; once, also when the update is tried again."""
        await self.change(entry, entry.chat, lambda pipe, _: queued(pipe))

    async def change(self, entry: Entry, chat: int, queued: Callable[[Any, Owner], None]) -> None:
        """Likewise, with the owner of ``chat`` at that moment: what is queued is queued for that owner or anew."""
        while True:
            owner = await ownership.read(self.redis, chat)
            if await self.commit(entry, chat, owner, lambda pipe, owner=owner: queued(pipe, owner)):  # type: ignore[misc]
                return

    async def commit(self, entry: Entry, chat: int, owner: Owner, queued: Queued) -> bool:
        """The one transaction. False when the owner of ``chat`` is no longer ``owner``: nothing has happened then."""
        async with self.redis.pipeline(transaction=True) as pipe:
            try:
                await pipe.watch(ownership.key(chat), entry.key)
                if not await pipe.exists(entry.key):
                    return True  # a try before this one did it; only its answer was lost
                if await ownership.read(pipe, chat) != owner:
                    return False
                pipe.multi()  # type: ignore[no-untyped-call]
                queued(pipe)
                entry.off(pipe)
                await pipe.execute()
            except WatchError:
                return False
        return True

    # -- the steps of a turn --------------------------------------------------------------------------------------
    async def _look(self, said: Incoming, most: float = 3600.0) -> tuple[PhotoReport, ...]:
        if not said.photos:
            return ()
        seconds = min(most, self.photo_seconds)
        with metrics.stage("photos"):
            reports = tuple(await asyncio.gather(*(self._describe(said, photo, seconds) for photo in said.photos)))
        for report in reports:
            metrics.PHOTOS.labels(report.error or "described").inc()
        return reports

    async def _describe(self, said: Incoming, photo: Photo, seconds: float) -> PhotoReport:
        if photo.too_large:
            return PhotoReport.failed("too_large", "Telegram gives it to no bot", film=photo.moves)
        data = await photo.fetch()
        if data is None:
            return PhotoReport.failed("unavailable", "not-downloaded", film=photo.moves)
        seconds *= FILM if photo.moves else 1
        return await self.photos.describe(said.chat, data, said.text, seconds, as_file=photo.as_file)

    async def _answered(self, said: Incoming, owner: Owner, reports: tuple[PhotoReport, ...]) -> Queued:
        metrics.ended("trouble")  # unless an answer comes
        met = await self._met(said)
        if said.cannot:
            return _both(met, self._line(said, said.cannot))
        if len(said.text) > LONGEST:
            return _both(met, self._line(said, self.texts("too-long", length=len(said.text), limit=LONGEST)))
        facts = tuple(f for n, report in enumerate(reports, 1) for f in facts_of(report, source_name(report, n)))
        turn = Turn(said.chat, said.text, facts, photos=len(reports))
        failed = [report for report in reports if report.error]
        reason: Reason | None = self.policy.by_words(said.text) or self.policy.by_photos(reports)
        if reason is None and failed and len(failed) == len(reports):
            reason = await self._gave_up(said.chat, failed[0])
            if reason is None and not said.text:
                return _both(met, self._line(said, self._trouble(failed[0])), self._counted(said.chat))
        with metrics.stage("answer"):
            reply = Reply("", "hand_over", 1.0, reason=reason) if reason and self.people else await self._reply(turn)
        metrics.ended(reply.action)
        if reply.action == "hand_over":
            return _both(met, await self._handed_over(said, owner, turn, reply, reports))
        # What is wrong with the photo is said once, by whoever knows it best.
        lines = [] if failed and reply.reason == "unreadable_photo" else [reply.text]
        beside = [*(self._trouble(report) for report in failed[:1]), *warnings(self.texts, reports)]
        beside += unseen(self.texts, reports)
        if reply.action != "answer":
            beside += advice(self.texts, reports)
        text = "\n\n".join([*beside, *lines])

        def queued(pipe: Any) -> None:
            if owner.state is not State.BOT:  # it was closed: who comes back is answered by the bot
                ownership.change(pipe, said.chat, State.BOT)
                ownership.note(pipe, said.chat, owner, "reopened")
                timers.stop(pipe, said.chat)
            ownership.note(pipe, said.chat, owner, _what(reply))
            self.answers.remember(pipe, turn, reply)
            self._keep_photos(pipe, said, reports, reply.text)
            more = {"reply_markup": self.person_button()} if reply.offers_person and self.people else {}
            self._send(pipe, said, text, **more)

        return _both(met, queued, self._counted(said.chat, failed=bool(failed) and len(failed) == len(reports)))

    async def _reply(self, turn: Turn) -> Reply:
        """What dialogue says; a failure of its own, and words that promise a person, are a hand-over."""
        try:
            async with asyncio.timeout(self.answer_seconds):
                reply = await self.answers.reply(turn)
        except Exception as error:
            if passes(error):
                raise
            log.error("no answer for %d: %s", turn.customer, blind(error))  # noqa: TRY400
            if not self.people:
                raise
            return Reply("", "hand_over", 0.0, reason="model_error")
        quoted = "\n".join(citation.passage for citation in reply.citations)
        if reply.action != "hand_over" and promises_a_person(reply.text, quoted):
            log.warning("the model promised a person to %d in words: it is made true", turn.customer)
            return Reply("", "hand_over", reply.confidence, reason="other")
        return reply

    async def _gave_up(self, chat: int, report: PhotoReport) -> Reason | None:
        """The second turn in a row whose photo nobody could read is a person's."""
        store: Any = self.redis
        before = int(await store.get(customer(chat, "failures")) or 0)
        if not self.people or before + 1 < UNREADABLE:
            return None
        return "model_error" if report.error == "unavailable" else "unreadable_photo"

    def _counted(self, chat: int, *, failed: bool = True) -> Queued:
        def queued(pipe: Any) -> None:
            if failed:
                pipe.incr(customer(chat, "failures"))
                pipe.expire(customer(chat, "failures"), seconds("failures"))
            else:
                pipe.delete(customer(chat, "failures"))

        return queued

    async def _handed_over(
        self, said: Incoming, owner: Owner, turn: Turn, reply: Reply, reports: Sequence[PhotoReport]
    ) -> Queued:
        """Exactly one transfer line, and the conversation to the agents; or honestly: nobody is there."""
        metrics.ended("hand_over", reply.reason or "other")
        line = "\n\n".join([*warnings(self.texts, reports), self.desk.transfer_line()])
        now = [("customer", said.text or "(photo)"), *(("customer", self._seen(report)) for report in reports)]
        photos = self._photos(said, reports, "")
        question = "" if reply.reason in ("asked", "accepted_offer") else said.text
        case = await self.desk.case(said.chat, reply.reason or "other", question, now, photos)

        def queued(pipe: Any) -> None:
            self.answers.remember(pipe, turn, Reply(line, "hand_over", reply.confidence, reason=reply.reason))
            self.desk.records.push(pipe, said.chat, "photos", photos, PHOTOS)
            self._counted(said.chat, failed=False)(pipe)
            self._send(pipe, said, line)
            if self.people:
                self.desk.hand_over(pipe, said.chat, owner, case)

        log.info("%s is handed over: %s", said.chat, reply.reason)
        return queued

    async def _relayed(self, said: Incoming, owner: Owner, reports: Sequence[PhotoReport]) -> Queued:
        """To the person who has it, as it is; but a photo with a payment card, say, only with that blurred."""
        people, met = self.people, await self._met(said)
        assert people
        words, photos = Line(who=said.name, text=said.text), self._photos(said, reports, "")
        read = [line for report in reports for line in card_lines(self.texts, report)]
        others = set(said.messages) - {photo.message for photo in photos}

        def queued(pipe: Any) -> None:
            for warning in warnings(self.texts, reports):
                self._send(pipe, said, warning)
            if said.media and (said.masked or any(photo.guarded for photo in photos)):
                people.guarded(pipe, said.chat, words, photos, others=() if said.masked else sorted(others))
                if said.masked and others:  # a voice message, say, with a card's number beside it
                    people.tell(pipe, said.chat, self.texts("agent-withheld", what="message", why="caption"))
            else:
                people.relay(pipe, said.chat, words, messages=said.messages, media=said.media, reply=said.reply)
            if read:
                people.tell(pipe, said.chat, "\n".join(read))
            self.desk.records.push(pipe, said.chat, "photos", photos, PHOTOS)
            self.desk.wrote(pipe, said.chat, owner, said.text or self.texts("stretch-media"))

        return _both(met, queued)

    async def _met(self, said: Incoming) -> Queued:
        """Who this is, where it is new."""
        known = await self.desk.profile(said.chat)
        first = known.first if known else time.time()
        now = Profile(name=said.name, username=said.username, language=said.language, first=first)
        if now == known:
            return _nothing

        def queued(pipe: Any) -> None:
            self.desk.records.put(pipe, said.chat, "profile", now)
            pipe.hsetnx(customer(said.chat, "consent"), "wrote", f"{time.time():.0f}")

        return queued

    # -- words ----------------------------------------------------------------------------------------------------
    def _keep_photos(self, pipe: Any, said: Incoming, reports: Sequence[PhotoReport], told: str) -> None:
        self.desk.records.push(pipe, said.chat, "photos", self._photos(said, reports, told), PHOTOS)

    def _photos(self, said: Incoming, reports: Sequence[PhotoReport], told: str) -> list[PhotoRecord]:
        return [
            PhotoRecord(
                file_id=photo.file_id,
                message=photo.message,
                as_file=photo.as_file,
                shown=for_agents(photo.file_id, report, as_file=photo.as_file),
                masked=said.masked,
                report=report.model_copy(update={"embedding": ()}),
                told=told,
                at=time.time(),
            )
            for photo, report in zip(said.photos, reports, strict=True)
        ]

    def _line(self, said: Incoming, text: str) -> Queued:
        return lambda pipe: self._send(pipe, said, text)

    def _send(self, pipe: Any, said: Incoming, text: str, **more: Any) -> None:
        if said.quoted is not None and said.photos:  # several photos in a row: say which one is meant
            more["reply_parameters"] = {"message_id": said.quoted, "allow_sending_without_reply": True}
        self.queue.text(pipe, said.chat, said.chat, text, **more)

    def person_button(self) -> dict[str, Any]:
        return {"inline_keyboard": [[{"text": self.texts("person-button"), "callback_data": "person"}]]}

    def _trouble(self, report: PhotoReport) -> str:
        name = "photo-not-downloaded" if report.reason == "not-downloaded" else f"photo-{report.error}"
        return self.texts(name, what=medium(report))

    def _seen(self, report: PhotoReport) -> str:
        return self.texts("card-seen", seen=in_one_line(self.texts, report), what=medium(report))


def _what(reply: Reply) -> events.What:
    """A greeting is not an answer: only what quotes an article is."""
    if reply.action == "answer":
        return "answered" if reply.citations else "talked"
    return "asked_back" if reply.action == "clarify" else "refused"


def _nothing(_: Any) -> None:
    """Queue nothing."""


def _both(*steps: Queued) -> Queued:
    def queued(pipe: Any) -> None:
        for step in steps:
            step(pipe)

    return queued
