"""What a customer says while a person has the conversation: to that person, as it is."""

from __future__ import annotations

from collections.abc import Sequence

from bot.customers import Customers, photo_records
from bot.handover.handover import Handover
from bot.handover.ownership import Owner
from bot.message import Incoming
from bot.photos import card_lines, warnings
from bot.ports import Agents
from bot.records import Line, PhotoRecord
from bot.telegram.outgoing import Outgoing
from bot.texts import Texts
from bot.translating import Translating
from storage.commit import Commit
from vision.report import PhotoReport, shown

HEARD = 600  # characters of what was said


class Relaying:
    def __init__(
        self,
        customers: Customers,
        handover: Handover,
        outgoing: Outgoing,
        *,
        agents: Agents,
        texts: Texts,
        translating: Translating | None = None,
    ) -> None:
        self.customers, self.handover, self.outgoing = customers, handover, outgoing
        self.agents, self.texts, self.translating = agents, texts, translating

    async def relay(self, commit: Commit, message: Incoming, owner: Owner, reports: Sequence[PhotoReport]) -> None:
        """As it is; but a photo with a payment card, say, only with that blurred."""
        await self.customers.meet(commit, message)
        chat, photos = message.chat, photo_records(message, reports)
        if message.uncarried:
            self.outgoing.answer(commit, message, message.cannot)
            self.agents.tell(commit, chat, self.texts("agent-uncarried", name=message.name))
            return
        for warning in warnings(self.texts, reports):
            self.outgoing.answer(commit, message, warning)
        if message.unchecked:
            self.agents.tell(commit, chat, self.texts("agent-unchecked"))
        translated = await self.translating.for_agents(chat, message.text) if self.translating else ""
        if message.media and (message.masked or any(photo.guarded for photo in photos)):
            self._relay_guarded(commit, message, photos)
        else:
            who = message.name
            if message.forwarded:
                who = self.texts("forwarded-by", name=who, origin=message.forwarded)
            words = message.in_words or message.text
            line = Line(who=who, text=words, marks=message.marks, translated=translated)
            if message.media and message.forwarded:  # Telegram's copy does not say whose it was
                self.agents.tell(commit, chat, f"{who}:")
            self.agents.relay(commit, chat, line, messages=message.messages, media=message.media, reply=message.reply)
        if read := self._read(message, reports, translated):
            self.agents.tell(commit, chat, "\n".join(read))
        self.customers.keep_photos(commit, chat, photos)
        self.handover.wrote(commit, chat, owner, message.in_words or message.text or self.texts("stretch-media"))

    def _read(self, message: Incoming, reports: Sequence[PhotoReport], translated: str) -> list[str]:
        """What was said and read in it, for people who are in a hurry. Words alone have their translation with them."""
        said = [self.texts("card-heard", text=shown(message.heard, HEARD))] if message.heard else []
        said += [self.texts("agent-translation", text=translated)] if translated and message.media else []
        return [*said, *(line for report in reports for line in card_lines(self.texts, report))]

    def _relay_guarded(self, commit: Commit, message: Incoming, photos: Sequence[PhotoRecord]) -> None:
        others = sorted(set(message.messages) - {photo.message for photo in photos})
        line = Line(who=message.name, text=message.text)
        self.agents.guarded(commit, message.chat, line, photos, others=() if message.masked else others)
        if message.masked and others:  # a voice message, say, with a card's number beside it
            self.agents.tell(
                commit, message.chat, self.texts("agent-withheld", what="message", why="caption", reason="")
            )
