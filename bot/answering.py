"""The bot's answer to a turn, as steps of a commit: an answer with its source, a question, or a person."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from redis.asyncio import Redis

from bot.customers import Customers, photo_records
from bot.handover import ownership
from bot.handover.handover import Handover
from bot.handover.ownership import Owner, State
from bot.intake.intake import Intake, Step
from bot.message import Extras, Incoming
from bot.moods import MoodKeeper, mood_of, trend
from bot.photos import advice, facts_of, in_one_line, medium, source_name, unseen, warnings
from bot.policy import Policy
from bot.ports import Agents, Answers
from bot.records import Case, Moods
from bot.share import Share
from bot.stats import events
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import passes
from bot.texts import Texts, speaking
from dialogue.turn import Fact, Reason, Reply, Turn
from monitoring import metrics
from monitoring.attempt import Failure, attempt
from monitoring.logs import blind
from storage.commit import Commit
from storage.keys import customer, seconds
from vision.report import PhotoReport, shown

log = logging.getLogger(__name__)

BUTTON = 60  # characters of a title on a button
LONGEST = 4096  # characters of a customer's text that are answered; Telegram's own clients send no more
HEARD = 300  # characters of what was said that are shown
UNREADABLE = 2  # turns in a row with a photo that nobody could read: then a person

Reports = Sequence[PhotoReport]


@dataclass(frozen=True, slots=True)
class Answered:
    """One turn, and what is said to it."""

    turn: Turn
    step: Step
    reports: Reports
    felt: Moods

    @property
    def sounding(self) -> dict[str, str]:
        """For the event of this turn."""
        return {"mood": self.felt.last} if self.felt.last else {}


class Answering:
    """``agents``: None where nobody can take over; then a hand-over says so honestly. ``intake``: None without forms,
    or where nobody could get one."""

    def __init__(
        self,
        redis: Redis,
        customers: Customers,
        handover: Handover,
        outgoing: Outgoing,
        *,
        answers: Answers,
        agents: Agents | None,
        texts: Texts,
        policy: Policy | None = None,
        intake: Intake | None = None,
        moods: MoodKeeper | None = None,
        seconds: float = 60.0,
        share: Share | None = None,
    ) -> None:
        """``share``: of the chat model, for each customer; None: there is none."""
        self.redis, self.customers, self.handover, self.outgoing = redis, customers, handover, outgoing
        self.answers, self.agents, self.texts = answers, agents, texts
        self.policy, self.seconds, self.share = policy or Policy(), seconds, share
        self.intake, self.moods = intake, moods

    async def answer(self, commit: Commit, message: Incoming, owner: Owner, reports: Reports) -> bool:
        """``reports``: one for each photo of ``message``. False: no answer yet, only a word; the customer may go on."""
        metrics.ended("trouble")  # unless an answer comes
        known = await self.customers.meet(commit, message)
        if cannot := self._cannot(message):
            self.outgoing.answer(commit, message, cannot)
            return True
        facts = tuple(f for n, report in enumerate(reports, 1) for f in facts_of(report, source_name(report, n)))
        facts = facts or await self._pointed_at(message)
        chosen = known.chosen
        turn = Turn(
            message.chat,
            message.text,
            facts,
            len(reports),
            language=message.language,
            chosen_language=chosen,
            replied=message.replied,
            forwarded=message.passed_on,
        )
        blind_turn = bool(reports) and all(report.error for report in reports)  # there are photos, and none was read
        felt = await self.moods.after(message, reports) if self.moods else Moods()
        reason = self._ruled(message, reports, felt)
        if reason is None and blind_turn:
            reason = await self._gave_up(message.chat, reports[0])
            if reason is None and not message.words:
                self.outgoing.answer(commit, message, self._trouble(reports[0]))
                _count_failure(commit, message.chat, failed=True)
                return True
        step = await self._step(message, turn, reason, reports)
        reply = step.reply
        metrics.ended(reply.action)
        if reply.text:
            self.customers.speak(commit, message.chat, known, spoken=reply.language)
        with speaking(chosen or (reply.language if reply.text else "")):
            await self._end(commit, message, owner, Answered(turn, step, reports, felt))
        if reply.action != "hand_over":
            _count_failure(commit, message.chat, failed=blind_turn)
        return bool(reports or step.draft) or _settles(reply)

    async def _pointed_at(self, message: Incoming) -> tuple[Fact, ...]:
        """What is known of an older photo, where the message is a reply to that, or to our answer to it."""
        if message.reply is None:
            return ()
        replied = message.replied.strip()
        for photo in reversed(await self.customers.recent_photos(message.chat)):
            if photo.message == message.reply or (replied and photo.answer and photo.answer in replied):
                return facts_of(photo.report, source_name(photo.report, 1))
        return ()

    def _ruled(self, message: Incoming, reports: Reports, felt: Moods) -> Reason | None:
        """Why the shop's policy gives this to a person, whatever would be said."""
        by_words = self.policy.by_words(message.text) or self.policy.by_photos(reports)
        return by_words or self.policy.by_mood(felt.in_a_row)

    async def _step(self, message: Incoming, turn: Turn, reason: Reason | None, reports: Reports) -> Step:
        """What is said: by the form that the customer fills in, if there is one, else by dialogue."""
        if self.intake is None or reason:
            return Step(await self._reply(turn, reason), await self.intake.draft(message.chat) if self.intake else None)
        photos = photo_records(message, reports)
        return await self.intake.step(message, photos, partial(self._reply, turn, None))

    async def _end(self, commit: Commit, message: Incoming, owner: Owner, answered: Answered) -> None:
        if self.intake:
            self.intake.keep(commit, message.chat, answered.step)
        if self.moods:
            self.moods.keep(commit, message.chat, answered.felt)
        metrics.MOODS.labels(answered.felt.last or "unsure").inc()
        if answered.step.reply.action == "hand_over":
            await self._hand_over(commit, message, owner, answered)
            return
        self._say(commit, message, owner, answered)

    def _cannot(self, message: Incoming) -> str:
        """Why this message gets no answer; "" when it does. Words beside what the bot cannot read are answered."""
        if (length := len(message.words)) > LONGEST:
            return message.cannot or self.texts("too-long", length=length, limit=LONGEST)
        return "" if message.words else message.cannot

    async def _gave_up(self, chat: int, report: PhotoReport) -> Reason | None:
        """The second turn in a row whose photo nobody could read is a person's."""
        before = int(await self.redis.get(customer(chat, "failures")) or 0)
        if not self.agents or before + 1 < UNREADABLE:
            return None
        return "model_error" if report.error == "unavailable" else "unreadable_photo"

    async def _reply(self, turn: Turn, reason: Reason | None) -> Reply:
        """What dialogue says; a policy's reason, and a failure, are a hand-over."""
        if reason and self.agents:
            return Reply("", "hand_over", 1.0, reason=reason)
        turn = replace(turn, plain=bool(self.share and await self.share.used_up(turn.customer)))
        with metrics.stage("answer"):
            reply = await attempt(asyncio.wait_for(self.answers.reply(turn), self.seconds))
        if isinstance(reply, Failure):
            if passes(reply.error):
                raise reply.error
            log.error("no answer for %d: %s", turn.customer, blind(reply.error))
            if not self.agents:
                raise reply.error
            return Reply("", "hand_over", 0.0, reason="model_error")
        return reply

    def _say(self, commit: Commit, message: Incoming, owner: Owner, answered: Answered) -> None:
        chat, reply, reports = message.chat, answered.step.reply, answered.reports
        if owner.state is not State.BOT:
            self.handover.reopen(commit, chat, owner)
        ownership.note(commit, chat, owner, _event(reply), **answered.sounding)
        self.answers.remember(commit, answered.turn, reply)
        self.customers.keep_photos(commit, chat, photo_records(message, reports, reply.text))
        keys = [*self.buttons(reply), *(answered.step.keys or ())]
        more: Extras = {"reply_markup": {"inline_keyboard": keys}} if keys else {}
        if reply.picture:
            more["link_preview_options"] = {"url": reply.picture, "prefer_large_media": True, "show_above_text": True}
        self.outgoing.answer(commit, message, "\n\n".join(self._lines(message, reply, reports)), **more)

    def _lines(self, message: Incoming, reply: Reply, reports: Reports) -> list[str]:
        """What is wrong with the photos, then the answer. It is said once, by whoever knows it best."""
        failed = [report for report in reports if report.error]
        lines = [*self._heard(message), *([message.cannot] if message.cannot and not reports else [])]
        lines += [*(self._trouble(report) for report in failed[:1]), *warnings(self.texts, reports)]
        lines += unseen(self.texts, reports)
        if reply.action != "answer":
            lines += advice(self.texts, reports)
        return lines if failed and reply.reason == "unreadable_photo" else [*lines, reply.text]

    async def _hand_over(self, commit: Commit, message: Incoming, owner: Owner, answered: Answered) -> None:
        """Exactly one transfer line, and the conversation to the agents; or honestly: nobody is there."""
        chat, step, reply, reports = message.chat, answered.step, answered.step.reply, answered.reports
        reason = reply.reason or "other"
        metrics.ended("hand_over", reason)
        first = [*self._heard(message), *([reply.text] if step.sends else [])]
        line = "\n\n".join([*warnings(self.texts, reports), *first, self.handover.transfer_line()])
        now = [("customer", message.words or "(photo)"), *(("customer", self._line_of(report)) for report in reports)]
        photos = photo_records(message, reports)
        question = "" if reason in ("asked", "accepted_offer", "form") else message.text
        case = await self.handover.case(chat, reason, question, now, photos)
        case = self._completed(case, answered)
        self.answers.remember(commit, answered.turn, Reply(line, "hand_over", reply.confidence, reason=reply.reason))
        self.customers.keep_photos(commit, chat, photos)
        _count_failure(commit, chat, failed=False)
        self.outgoing.answer(commit, message, line)
        if self.agents:
            self.handover.hand_over(commit, chat, owner, case)
        if self.intake and step.sends and step.draft:
            await self.intake.dossiers.file(commit, chat, case, step.draft)
        log.info("%s is handed over: %s", chat, reply.reason)

    def _completed(self, case: Case, answered: Answered) -> Case:
        """With the form that is being filled in, and with how the customer sounds."""
        felt = {"mood": mood_of(answered.felt) or "", "trend": trend(answered.felt)}
        case = case.model_copy(update=felt)
        return self.intake.dossiers.on_case(case, answered.step.draft) if self.intake else case

    # -- words ----------------------------------------------------------------------------------------------------
    def buttons(self, reply: Reply) -> list[list[dict[str, str]]]:
        """The titles that were offered, one a row, and the button to a person."""
        rows = [[{"text": o.title[:BUTTON], "callback_data": f"offer:{n}"}] for n, o in enumerate(reply.offers, 1)]
        if self.agents and (reply.offers_person or reply.offers):
            rows.append([{"text": self.texts("person-button"), "callback_data": "person"}])
        return rows

    def _trouble(self, report: PhotoReport) -> str:
        name = "photo-not-downloaded" if report.reason == "not-downloaded" else f"photo-{report.error}"
        return self.texts(name, what=medium(report))

    def _heard(self, message: Incoming) -> list[str]:
        """What was understood of a voice, in one line: a wrong word is seen at once."""
        return [self.texts("voice-heard", text=shown(message.heard, HEARD))] if message.heard else []

    def _line_of(self, report: PhotoReport) -> str:
        return self.texts("card-seen", seen=in_one_line(self.texts, report), what=medium(report))


def _settles(reply: Reply) -> bool:
    """An answer, danger, or a person: nobody waits for it. A greeting and a question back can wait a moment."""
    return reply.action == "hand_over" or bool(reply.citations) or (reply.action == "answer" and reply.offers_person)


def _event(reply: Reply) -> events.What:
    """A greeting is not an answer: only what quotes an article is."""
    if reply.action == "answer":
        return "answered" if reply.citations else "talked"
    return "asked_back" if reply.action == "clarify" else "refused"


def _count_failure(commit: Commit, chat: int, *, failed: bool) -> None:
    """Turns in a row with photos that nobody could read."""
    key = customer(chat, "failures")
    if failed:
        commit.incr(key)
        commit.expire(key, seconds("failures"))
    else:
        commit.delete(key)
