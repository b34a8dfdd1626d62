"""“Suggest a reply”: what the bot would say, for an agent to send with a tap or to throw away. Never sent by itself."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from pydantic import BaseModel

from bot.handover.handover import Desk
from bot.handover.ownership import Agent, Owner
from bot.records import Case, Line
from bot.stats import events
from bot.telegram.stream import Entry
from bot.turn import Turns
from dialogue.turn import Turn
from monitoring.logs import blind

log = logging.getLogger(__name__)

SECONDS = 60.0


class Draft(BaseModel):
    text: str


class Drafts:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.tasks: set[asyncio.Task[None]] = set()

    def begin(self, chat: int) -> None:
        """In the background: a draft that is lost with the process is asked for again."""
        task = asyncio.create_task(self._make(chat))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _make(self, chat: int) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                text = await self._text(chat)
        except Exception as error:  # noqa: BLE001 - the agent is told
            log.error("no draft for %d: %s", chat, blind(error))  # noqa: TRY400
            text = ""
        name, people, texts = events.new_name(), self.desk.people, self.desk.texts
        assert people
        async with self.desk.redis.pipeline(transaction=True) as pipe:
            if text:
                self.desk.records.put(pipe, chat, "draft", Draft(text=text), name)
                keys = [("send", texts("button-send")), ("drop", texts("button-drop"))]
                row = [{"text": words, "callback_data": f"{what}:{chat}:{name}"} for what, words in keys]
                people.tell(pipe, chat, texts("draft", text=text), reply_markup={"inline_keyboard": [row]})
            else:
                people.tell(pipe, chat, texts("draft-none"))
            await pipe.execute()

    async def _text(self, chat: int) -> str:
        """The chain's answer to what the customer wrote since an agent last did. "" when it knows none."""
        words: list[str] = []
        for line in await self.desk.records.all(chat, "stretch", Line):
            words = [*words, line.text] if line.who == "customer" else []
        case = await self.desk.records.get(chat, "case", Case)
        asked = "\n".join(words) or (case.question if case else "")
        if not asked:
            return ""
        reply = await self.desk.answers.reply(Turn(chat, asked[:4000]))
        useful = (reply.action == "answer" and reply.citations) or reply.action == "clarify"
        return reply.text if useful else ""

    async def decided(
        self, chat: int, name: str, *, sent: bool, message: int, agent: Agent, entry: Entry, turns: Turns
    ) -> str:
        """Send it or drop it, once. ``message``: the draft's own in the topic. Returns which text the agent gets."""
        draft = await self.desk.records.get(chat, "draft", Draft, name)
        texts, told = self.desk.texts, ["toast-gone"]

        def queued(pipe: Any, owner: Owner) -> None:
            if draft is None:
                return
            if sent and owner.banned:  # it stays, for when the ban is undone
                told[0] = "toast-banned"
                return
            told[0] = "toast-sent" if sent else "toast-dropped"
            self.desk.records.drop(pipe, chat, "draft", name)
            if sent:
                self.desk.replied(pipe, chat, owner, agent, draft.text)
                line = texts("agent-says", agent=agent.name, text=draft.text)
                self.desk.queue.text(pipe, chat, chat, line, pair=("g", [message]), tell=True)
            after = texts("draft-sent" if sent else "draft-dropped", name=agent.name, text=draft.text)
            self.desk.queue.topic(pipe, chat, "editMessageText", {"message_id": message, "text": after[:4096]})

        await turns.change(entry, chat, queued)
        return told[0]
