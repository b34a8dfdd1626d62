"""Everything that changes hands: hand over, claim, give back, close. Each step is added to a commit that is for one
owner, with its line to the customer, its line to the agents, its event and the timers that it starts or stops.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from redis.asyncio import Redis

from bot.customers import Customers
from bot.handover import ownership, timers
from bot.handover.hours import Hours
from bot.handover.ownership import Agent, Owner, State
from bot.ports import Agents, Answers
from bot.records import Case, Line, PhotoRecord, Records
from bot.stats import events
from bot.telegram.outgoing import Outgoing
from bot.texts import Texts
from bot.translating import Translating
from storage.commit import Commit

PHOTOS = 3  # on a card
LINES = 40  # of a person's stretch that are kept
SHOWN, WIDTH = 6, 160  # lines of a stretch in its summary, characters of each
STARS = 5
UPSET = 0.5  # of the wait, before agents are asked again, where a customer is upset: so they come first in the queue


class Handover:
    """``agents``: None where the shop named no group of people."""

    def __init__(
        self,
        redis: Redis,
        records: Records,
        outgoing: Outgoing,
        *,
        answers: Answers,
        agents: Agents | None,
        texts: Texts,
        hours: Hours | None = None,
        waits: timers.Waits | None = None,
        translating: Translating | None = None,
    ) -> None:
        self.redis, self.records, self.outgoing = redis, records, outgoing
        self.customers = Customers(records)
        self.answers, self.agents, self.texts = answers, agents, texts
        self.hours, self.waits, self.translating = hours or Hours(), waits or timers.Waits(), translating

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
        transcript = (*before, *now)
        both = self.translating if self.agents else None
        translated, language = await both.for_card(chat, transcript) if both else ("", "")
        return Case(
            number=events.new_name(),
            reason=reason,
            at=time.time(),
            question=question or _last_question(before),
            transcript=transcript,
            photos=tuple([*await self.customers.recent_photos(chat), *photos][-PHOTOS:]),
            passages=tuple(dict.fromkeys(await self.answers.cited(chat))),
            translated=translated,
            language=language,
        )

    def hand_over(self, commit: Commit, chat: int, owner: Owner, case: Case) -> None:
        assert self.agents
        ownership.change(commit, chat, State.PENDING)
        ownership.note(commit, chat, owner, "handed_over", reason=case.reason)
        self.agents.open(commit, chat, case)
        opens = self.hours.opens(time.time())
        wait = self.waits.remind_s * (UPSET if case.mood == "negative" else 1)
        timers.start(commit, "remind", chat, (opens.timestamp() if opens else time.time()) + wait)

    def transfer_line(self) -> str:
        """The one line a customer gets; honest about when somebody is there."""
        if not self.agents:
            return self.texts("nobody")
        opens = self.hours.opens(time.time())
        return self.texts("transfer-later", when=self._when(opens)) if opens else self.texts("transfer")

    def _when(self, opens: datetime) -> str:
        today = self.hours.at(time.time()).date()
        return self.texts(
            "when",
            day="today" if opens.date() == today else str(opens.isoweekday()),
            date=f"{opens:%d.%m.}",
            time=f"{opens:%H:%M}",
            zone=opens.tzname() or "",
        )

    # -- by a person ----------------------------------------------------------------------------------------------
    def claim(self, commit: Commit, chat: int, owner: Owner, agent: Agent) -> None:
        """From now on the agent has it, and no answer of the bot's that was under way is sent."""
        assert self.agents
        ownership.change(commit, chat, State.HUMAN, agent)
        ownership.note(commit, chat, owner, "claimed", agent=agent.id)
        self.agents.card(commit, chat)
        timers.stop(commit, chat)
        timers.start(commit, "idle", chat, time.time() + self.waits.idle_s)

    def take_over(self, commit: Commit, chat: int, owner: Owner, agent: Agent) -> None:
        """An agent claims it by hand: a colleague who had it, or a customer who knows of no person yet, is told."""
        assert self.agents
        if owner.state is State.HUMAN:
            line = self.texts("agent-took-over", name=agent.name, owner=owner.agent.name)
            self.agents.tell(commit, chat, line)
        if not owner.theirs:  # nobody told the customer of a person yet, and the bot is silent from now on
            self.outgoing.text(commit, chat, chat, self.texts("joined", agent=agent.name))
        self.claim(commit, chat, owner, agent)

    def ban(self, commit: Commit, chat: int, owner: Owner, *, banned: bool) -> None:
        assert self.agents
        ownership.ban(commit, chat, banned=banned)
        if not banned:
            self.customers.unbanned(commit, chat)
        ownership.note(commit, chat, owner, "banned" if banned else "unbanned")
        self.agents.card(commit, chat)

    def replied(self, commit: Commit, chat: int, owner: Owner, agent: Agent, text: str) -> None:
        """An agent has written to the customer: whoever had it before, a person has it now."""
        assert self.agents
        if owner.state is not State.HUMAN:
            self.claim(commit, chat, owner, agent)
        elif owner.agent.id != agent.id and str(agent.id) not in owner.helpers:  # once: a group has 20 a minute
            ownership.helped_by(commit, chat, owner, agent)
            self.agents.aside(commit, chat, self.texts("agent-two", owner=owner.agent.name, name=agent.name))
        ownership.note(commit, chat, owner, "replied", agent=agent.id)
        self._keep_line(commit, chat, agent.name, text)
        timers.stop(commit, chat)
        timers.start(commit, "idle", chat, time.time() + self.waits.idle_s)

    def wrote(self, commit: Commit, chat: int, owner: Owner, text: str) -> None:
        """The customer has written while a person has it."""
        ownership.note(commit, chat, owner, "wrote")
        self._keep_line(commit, chat, "customer", text)
        if owner.state is State.HUMAN:
            timers.start(commit, "idle", chat, time.time() + self.waits.idle_s)
            timers.start(commit, "remind", chat, time.time() + self.waits.remind_s, again=False)

    # -- and back -------------------------------------------------------------------------------------------------
    async def summary(self, chat: int, owner: Owner) -> str:
        """The person's stretch for the bot's history, with its end marked."""
        lines = await self.records.all(chat, "stretch", Line)
        them = self.texts("stretch-customer")
        shown = "\n".join(
            f"{them if line.who == 'customer' else line.who}: {_cut(line.text)}" for line in lines[-SHOWN:]
        )
        start = lines[0].at if lines else owner.since or time.time()
        return self.texts(
            "stretch",
            start=f"{self.hours.at(start):%d.%m. %H:%M}",
            end=f"{self.hours.at(time.time()):%d.%m. %H:%M}",
            lines=shown or self.texts("stretch-empty"),
        )

    def give_back(self, commit: Commit, chat: int, owner: Owner, *, by: str, summary: str, line: str) -> None:
        """The bot answers again; ``line`` tells the customer. The old wish for a person is settled."""
        self._over(commit, chat, summary)
        ownership.change(commit, chat, State.BOT)
        ownership.note(commit, chat, owner, "returned", by=by)
        if line:
            self.outgoing.text(commit, chat, chat, line)
        if self.agents:
            self.agents.card(commit, chat)
        timers.stop(commit, chat)

    def close(self, commit: Commit, chat: int, owner: Owner, *, by: str, summary: str) -> None:
        """One closing line, with the question for a rating."""
        assert self.agents
        self._over(commit, chat, summary)
        ownership.change(commit, chat, State.WRAPUP, owner.agent)
        ownership.note(commit, chat, owner, "closed", by=by)
        stars = [{"text": "⭐" * n if n == 1 else f"{n} ⭐", "callback_data": f"rate:{n}"} for n in range(1, STARS + 1)]
        self.outgoing.text(commit, chat, chat, self.texts("closed"), reply_markup={"inline_keyboard": [stars]})
        self.agents.card(commit, chat)
        self.agents.close(commit, chat)
        timers.stop(commit, chat)
        timers.start(commit, "rate", chat, time.time() + self.waits.rate_s)

    def rated(self, commit: Commit, chat: int, owner: Owner, stars: int) -> None:
        """The customer said how it was: it is over."""
        ownership.change(commit, chat, State.CLOSED)
        ownership.note(commit, chat, owner, "rated", stars=stars, agent=owner.agent.id)
        timers.stop(commit, chat)
        if self.agents:
            self.agents.card(commit, chat)
            self.agents.aside(commit, chat, self.texts("agent-rated", stars=stars))

    def reopen(self, commit: Commit, chat: int, owner: Owner) -> None:
        """It was closed: who comes back is answered by the bot."""
        ownership.change(commit, chat, State.BOT)
        ownership.note(commit, chat, owner, "reopened")
        timers.stop(commit, chat)

    async def reset(self, commit: Commit, chat: int, owner: Owner, name: str) -> None:
        """Forget the conversation, whatever quotes it too, and take it back; a person who had it is told."""
        self.answers.forget(commit, chat)
        for kind in ("photos", "stretch", "failures", "case", "intake", "mood"):
            self.records.drop(commit, chat, kind)
        if drafts := await self.records.keys(chat, "draft"):
            commit.delete(*drafts)
        ownership.change(commit, chat, State.BOT)
        if self.agents and owner.theirs:
            ownership.note(commit, chat, owner, "returned", by="customer")
            self.agents.card(commit, chat)
            self.agents.tell(commit, chat, self.texts("agent-reset", name=name))
        timers.stop(commit, chat)

    def _over(self, commit: Commit, chat: int, summary: str) -> None:
        self.answers.helped(commit, chat, summary)
        self.records.drop(commit, chat, "stretch")
        self.records.drop(commit, chat, "failures")

    def _keep_line(self, commit: Commit, chat: int, who: str, text: str) -> None:
        self.records.push(commit, chat, "stretch", [Line(who=who, text=text, at=time.time())], LINES)


def _last_question(transcript: Sequence[tuple[str, str]]) -> str:
    return next((text for who, text in reversed(transcript) if who == "customer" and text != "(photo)"), "")


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= WIDTH else plain[: WIDTH - 1] + "…"
