"""Everything that changes hands: hand over, claim, give back, close. Each step is queued on a MULTI that watches the
owner, with its line to the customer, its line to the agents, its event and what the clock has to do about it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from redis.asyncio import Redis

from bot.handover import ownership, timers
from bot.handover.hours import Hours
from bot.handover.ownership import Agent, Owner, State
from bot.photos import WITHHELD
from bot.ports import Answers, People
from bot.records import Case, Line, PhotoRecord, Profile, Records
from bot.stats import events
from bot.telegram.outgoing import Queue
from bot.texts import Texts
from storage.keys import DAY

PHOTOS = 3  # on a card
LINES = 40  # of a person's stretch that are kept
TOLD, WIDTH = 6, 160  # lines of a stretch in its summary, characters of each
STARS = 5


class Desk:
    def __init__(
        self,
        redis: Redis,
        queue: Queue,
        records: Records,
        *,
        answers: Answers,
        people: People | None,
        texts: Texts,
        hours: Hours | None = None,
        waits: timers.Waits | None = None,
    ) -> None:
        self.redis, self.queue, self.records, self.answers = redis, queue, records, answers
        self.people, self.texts, self.hours = people, texts, hours or Hours()
        self.waits = waits or timers.Waits()

    # -- to a person ----------------------------------------------------------------------------------------------
    async def case(
        self,
        chat: int,
        reason: str,
        question: str,
        now: Sequence[tuple[str, str]] = (),
        photos: Sequence[PhotoRecord] = (),
    ) -> Case:
        """What the agents' card will say. ``now`` and ``photos``: what is not in the history yet."""
        before = await self.answers.transcript(chat)
        earlier = [one for one in await self.records.all(chat, "photos", PhotoRecord) if one.at > time.time() - DAY]
        return Case(
            number=events.new_name(),
            reason=reason,
            at=time.time(),
            question=question or _last_question(before),
            transcript=(*before, *now),
            photos=tuple([*earlier, *photos][-PHOTOS:]),
            passages=tuple(dict.fromkeys(await self.answers.cited(chat))),
        )

    async def unchecked(self, chat: int, message: int, file_id: str) -> Callable[[Any], None]:
        """To queue when a message was edited: Telegram copies it with words, and a picture, that nobody has checked. A
        photo is sent by its file id, which stays; a video is only copied, and must still be the same file."""
        before = await self.records.all(chat, "photos", PhotoRecord)

        def mark(photo: PhotoRecord) -> PhotoRecord:
            another = {"shown": WITHHELD} if photo.report.film and photo.file_id != file_id else {}
            return photo.model_copy(update={"masked": True, **another}) if photo.message == message else photo

        now = [mark(photo) for photo in before]

        def queued(pipe: Any) -> None:
            if now != before:
                self.records.drop(pipe, chat, "photos")
                self.records.push(pipe, chat, "photos", now, len(now))

        return queued

    def hand_over(self, pipe: Any, chat: int, owner: Owner, case: Case) -> None:
        assert self.people
        ownership.change(pipe, chat, State.PENDING)
        ownership.note(pipe, chat, owner, "handed_over", reason=case.reason)
        self.people.open(pipe, chat, case)
        opens = self.hours.opens(time.time())
        timers.start(pipe, "remind", chat, (opens.timestamp() if opens else time.time()) + self.waits.remind_s)

    def transfer_line(self) -> str:
        """The one line a customer gets; honest about when somebody is there."""
        if not self.people:
            return self.texts("nobody")
        opens = self.hours.opens(time.time())
        return self.texts("transfer-later", when=self.when(opens)) if opens else self.texts("transfer")

    def when(self, opens: datetime) -> str:
        today = self.hours.at(time.time()).date()
        return self.texts(
            "when",
            day="today" if opens.date() == today else str(opens.isoweekday()),
            date=f"{opens:%d.%m.}",
            time=f"{opens:%H:%M}",
            zone=opens.tzname() or "",
        )

    # -- by a person ----------------------------------------------------------------------------------------------
    def claim(self, pipe: Any, chat: int, owner: Owner, agent: Agent) -> None:
        """From now on the agent has it, and no answer of the bot's that was under way is sent."""
        assert self.people
        ownership.change(pipe, chat, State.HUMAN, agent)
        ownership.note(pipe, chat, owner, "claimed", agent=agent.id)
        self.people.card(pipe, chat)
        timers.stop(pipe, chat)
        timers.start(pipe, "idle", chat, time.time() + self.waits.idle_s)

    def replied(self, pipe: Any, chat: int, owner: Owner, agent: Agent, text: str) -> None:
        """An agent has written to the customer: whoever had it before, a person has it now."""
        assert self.people
        if owner.state is not State.HUMAN:
            self.claim(pipe, chat, owner, agent)
        elif owner.agent.id != agent.id and str(agent.id) not in owner.helpers:  # once: a group has 20 a minute
            ownership.helped_by(pipe, chat, owner, agent)
            self.people.aside(pipe, chat, self.texts("agent-two", owner=owner.agent.name, name=agent.name))
        ownership.note(pipe, chat, owner, "replied", agent=agent.id)
        self._said(pipe, chat, agent.name, text)
        timers.stop(pipe, chat)
        timers.start(pipe, "idle", chat, time.time() + self.waits.idle_s)

    def wrote(self, pipe: Any, chat: int, owner: Owner, text: str) -> None:
        """The customer has written while a person has it."""
        ownership.note(pipe, chat, owner, "wrote")
        self._said(pipe, chat, "customer", text)
        if owner.state is State.HUMAN:
            timers.start(pipe, "idle", chat, time.time() + self.waits.idle_s)
            timers.start(pipe, "remind", chat, time.time() + self.waits.remind_s, again=False)

    # -- and back -------------------------------------------------------------------------------------------------
    async def summary(self, chat: int, owner: Owner) -> str:
        """The person's stretch for the bot's history, with its end marked."""
        lines = await self.records.all(chat, "stretch", Line)
        them = self.texts("stretch-customer")
        told = "\n".join(f"{them if line.who == 'customer' else line.who}: {_cut(line.text)}" for line in lines[-TOLD:])
        start = lines[0].at if lines else owner.since or time.time()
        return self.texts(
            "stretch",
            start=f"{self.hours.at(start):%d.%m. %H:%M}",
            end=f"{self.hours.at(time.time()):%d.%m. %H:%M}",
            told=told or self.texts("stretch-empty"),
        )

    def give_back(self, pipe: Any, chat: int, owner: Owner, *, by: str, summary: str, line: str) -> None:
        """The bot answers again; ``line`` tells the customer. The old wish for a person is settled."""
        self._over(pipe, chat, summary)
        ownership.change(pipe, chat, State.BOT)
        ownership.note(pipe, chat, owner, "returned", by=by)
        if line:
            self.queue.text(pipe, chat, chat, line)
        if self.people:
            self.people.card(pipe, chat)
        timers.stop(pipe, chat)

    def close(self, pipe: Any, chat: int, owner: Owner, *, by: str, summary: str) -> None:
        """One closing line, with the question for a rating."""
        assert self.people
        self._over(pipe, chat, summary)
        ownership.change(pipe, chat, State.WRAPUP, owner.agent)
        ownership.note(pipe, chat, owner, "closed", by=by)
        stars = [{"text": "⭐" * n if n == 1 else f"{n} ⭐", "callback_data": f"rate:{n}"} for n in range(1, STARS + 1)]
        self.queue.text(pipe, chat, chat, self.texts("closed"), reply_markup={"inline_keyboard": [stars]})
        self.people.card(pipe, chat)
        self.people.close(pipe, chat)
        timers.stop(pipe, chat)
        timers.start(pipe, "rate", chat, time.time() + self.waits.rate_s)

    def _over(self, pipe: Any, chat: int, summary: str) -> None:
        self.answers.helped(pipe, chat, summary)
        self.records.drop(pipe, chat, "stretch")
        self.records.drop(pipe, chat, "failures")

    def _said(self, pipe: Any, chat: int, who: str, text: str) -> None:
        self.records.push(pipe, chat, "stretch", [Line(who=who, text=text, at=time.time())], LINES)

    async def profile(self, chat: int) -> Profile | None:
        return await self.records.get(chat, "profile", Profile)


def _last_question(transcript: Sequence[tuple[str, str]]) -> str:
    return next((text for who, text in reversed(transcript) if who == "customer" and text != "(photo)"), "")


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= WIDTH else plain[: WIDTH - 1] + "…"
