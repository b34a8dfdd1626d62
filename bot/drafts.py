"""“Suggest a reply”: what the bot would say, for an agent to send with a tap or to throw away. Never sent by itself."""

from __future__ import annotations

import asyncio
import logging

from pydantic import BaseModel

from bot.handover import ownership
from bot.handover.handover import Handover
from bot.handover.ownership import Agent
from bot.ports import Agents, Answers
from bot.records import Case, Line, Records
from bot.stats import events
from bot.telegram.outgoing import Outgoing
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.translating import Translating
from bot.turn import Turns
from dialogue.turn import Turn
from monitoring.attempt import Failure, attempt
from monitoring.logs import blind
from storage.commit import Commit

log = logging.getLogger(__name__)

SECONDS = 60.0


class Draft(BaseModel):
    text: str


class Drafts:
    def __init__(
        self,
        records: Records,
        handover: Handover,
        outgoing: Outgoing,
        *,
        answers: Answers,
        agents: Agents,
        texts: Texts,
        translating: Translating | None = None,
    ) -> None:
        self.records, self.handover, self.outgoing = records, handover, outgoing
        self.answers, self.agents, self.texts, self.translating = answers, agents, texts, translating
        self.tasks: set[asyncio.Task[None]] = set()

    def begin(self, chat: int) -> None:
        """In the background: a draft that is lost with the process is asked for again."""
        task = asyncio.create_task(self._make(chat))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _make(self, chat: int) -> None:
        before = await ownership.read(self.records.redis, chat)
        text = await attempt(asyncio.wait_for(self._text(chat), SECONDS))
        if isinstance(text, Failure):
            log.error("no draft for %d: %s", chat, blind(text.error))
            text = ""  # and the agent is told
        name, commit = events.new_name(), Commit()
        if text:
            self.records.put(commit, chat, "draft", Draft(text=text), name)
            keys = [("send", self.texts("button-send")), ("drop", self.texts("button-drop"))]
            row = [{"text": words, "callback_data": f"{what}:{chat}:{name}"} for what, words in keys]
            draft = self.texts("draft", text=text)
            if self.translating and (translated := await self.translating.for_agents(chat, text)):
                draft += "\n\n" + self.texts("agent-translation", text=translated)
            self.agents.tell(commit, chat, draft, reply_markup={"inline_keyboard": [row]})
        else:
            self.agents.tell(commit, chat, self.texts("draft-none"))
        async for change, owner in ownership.changes(self.records.redis, chat):
            # Else the customer was forgotten, or began anew, meanwhile: nothing of before is written any more.
            if owner.who == before.who and (owner.theirs or not before.theirs):
                change.add(commit)

    async def _text(self, chat: int) -> str:
        """The chain's answer to what the customer wrote since an agent last did. "" when it knows none."""
        words: list[str] = []
        for line in await self.records.all(chat, "stretch", Line):
            words = [*words, line.text] if line.who == "customer" else []
        case = await self.records.get(chat, "case", Case)
        asked = "\n".join(words) or (case.question if case else "")
        if not asked:
            return ""
        reply = await self.answers.reply(Turn(chat, asked[:4000]))
        useful = (reply.action == "answer" and reply.citations) or reply.action == "clarify"
        return reply.text if useful else ""

    async def decided(
        self, chat: int, name: str, *, sent: bool, message: int, agent: Agent, entry: Entry, turns: Turns
    ) -> str:
        """Send it or drop it, once. ``message``: the draft's own in the topic. Returns which text the agent gets."""
        draft = await self.records.get(chat, "draft", Draft, name)
        toast = "toast-gone"
        async for commit, owner in turns.changes(entry, chat):
            if draft is None:
                continue
            if sent and owner.banned:  # it stays, for when the ban is undone
                toast = "toast-banned"
                continue
            toast = "toast-sent" if sent else "toast-dropped"
            self.records.drop(commit, chat, "draft", name)
            if sent:
                self.handover.replied(commit, chat, owner, agent, draft.text)
                line = self.texts("agent-says", agent=agent.name, text=draft.text)
                self.outgoing.text(commit, chat, chat, line, pair=("g", [message]), tell=True)
            after = self.texts("draft-sent" if sent else "draft-dropped", name=agent.name, text=draft.text)
            self.outgoing.topic(commit, chat, "editMessageText", {"message_id": message, "text": after[:4096]})
        return toast
