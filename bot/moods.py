"""How a customer feels, from words and photos, and where that goes: for the agents alone, never to the customer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from bot.message import Incoming
from bot.records import Moods, Records
from dialogue.language import language_of
from dialogue.mood import Felt, Mood, MoodReader
from storage.commit import Commit
from vision.report import PhotoReport

KEPT = 6  # messages that a trend is made of
LATELY_S = 86_400.0  # what is older says nothing of today
LAST, CLEAR = 3, 0.25  # messages whose mean is the conversation's mood; from so much on it is clear
WORSE = 0.35  # by so much the later half is below the earlier one
# What a photo shows when something went wrong, by label set. What looks well says nothing.
BAD = {"damage": {"moderate", "severe", "broken", "crushed", "dented"}, "freshness": {"spoiled", "mouldy", "rotten"}}
BY_PHOTO = -0.5  # as much as such a photo weighs where the words say nothing


class MoodKeeper:
    """``reader``: None where there is no encoder for it; then photos alone say something."""

    def __init__(self, records: Records, reader: MoodReader | None) -> None:
        self.records, self.reader = records, reader

    async def after(self, message: Incoming, reports: Sequence[PhotoReport]) -> Moods:
        """What is known with this message; nothing is stored."""
        before = await self.records.get(message.chat, "mood", Moods) or Moods()
        recent = before if before.at > time.time() - LATELY_S else Moods()
        felt = await self._felt(message, reports)
        if felt.mood is None and not felt.score:
            return recent.model_copy(update={"last": None, "in_a_row": recent.in_a_row})
        in_a_row = recent.in_a_row + 1 if felt.mood == "negative" else 0 if felt.mood else recent.in_a_row
        scores = (*recent.scores, felt.score)[-KEPT:]
        return Moods(last=felt.mood, scores=scores, in_a_row=in_a_row, at=time.time())

    def keep(self, commit: Commit, chat: int, moods: Moods) -> None:
        if moods.at:
            self.records.put(commit, chat, "mood", moods)

    async def _felt(self, message: Incoming, reports: Sequence[PhotoReport]) -> Felt:
        by_words = await asyncio.to_thread(self._by_words, message) if message.text and not message.pressed else Felt()
        if not any(shows_trouble(report) for report in reports) or by_words.mood == "positive":
            return by_words
        return Felt("negative", min(by_words.score, BY_PHOTO))

    def _by_words(self, message: Incoming) -> Felt:
        if self.reader is None:
            return Felt()
        return self.reader.read(message.text, language_of(message.text, message.language))


def shows_trouble(report: PhotoReport) -> bool:
    """Whether the model states that something is damaged or spoiled."""
    return any(report.labels[name].stated in bad for name, bad in BAD.items() if name in report.labels)


def mood_of(moods: Moods) -> Mood | None:
    """Of the conversation: a calm "a person, please" after two angry lines is no calm customer."""
    if moods.last == "negative" or not moods.scores:
        return moods.last
    mean = sum(moods.scores[-LAST:]) / len(moods.scores[-LAST:])
    return "negative" if mean <= -CLEAR else "positive" if mean >= CLEAR else moods.last


def trend(moods: Moods) -> str:
    """ "worse", "better" or "": between the earlier and the later half of what was said lately."""
    if len(moods.scores) < 2:
        return ""
    half = len(moods.scores) // 2
    earlier, later = moods.scores[:half], moods.scores[-half:]
    by = sum(later) / len(later) - sum(earlier) / len(earlier)
    return "worse" if by <= -WORSE else "better" if by >= WORSE else ""
