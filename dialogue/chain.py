"""The dialogue, in the order it happens: history, what is meant, passages, judgement, answer.

A chat model, where one is configured, judges once more (asking.py; LangChain's models are 19 MB). It writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from langchain_core.messages import BaseMessage, HumanMessage

from dialogue.context import Question, resolve
from dialogue.decide import Judge
from dialogue.find import Finder, Library
from dialogue.history import helped, memory_of, messages_of
from dialogue.intents import Intents, Phrases
from dialogue.judgement import Judgement
from dialogue.replies import Replies
from dialogue.turn import Reply, Turn
from storage.commit import Commit
from storage.keys import lately

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

TIMEOUT = 20.0  # seconds a chat model has before our own judgement stands


class Remembers(Protocol):
    """dialogue.history.History, or a list in memory for the command line."""

    async def read(self, customer: int, since: float = 0.0) -> list[BaseMessage]: ...

    def append(self, commit: Commit, customer: int, messages: Sequence[BaseMessage]) -> None: ...

    def forget(self, commit: Commit, customer: int) -> None: ...


# What a chat model is asked about; the rest is for us alone: danger, a person, thanks, "is it A or B?".
ASKED = {"passages", "more", "which", "off_topic", "language", "unknown", "no_article", "only_caption", "only_read"}


class Dialogue:
    """Implements bot.ports.Answers. ``model`` is None for the built-in replies alone."""

    def __init__(
        self,
        articles: Finder | Library,
        history: Remembers,
        model: BaseChatModel | None = None,
        *,
        timeout: float = TIMEOUT,
    ) -> None:
        self._articles = articles
        self._history = history
        self._phrases = Phrases()
        self._asking = None
        if model is not None:
            from dialogue.asking import Asking  # noqa: PLC0415  (0.7 s: only where a model is configured)

            self._asking = Asking(model, timeout)
        self._parts: _Answering | None = None

    async def reply(self, turn: Turn) -> Reply:
        """Never raises for what a customer wrote or a chat model did; storage errors pass through."""
        parts = await self._current()
        messages = await self._history.read(turn.customer)
        memory = memory_of(messages)
        question = resolve(turn, memory, parts.finder.knowledge, self._phrases)
        judgement = parts.judge.judge(question, memory)
        if judgement.about == "doubted":  # what is said again answers the words before
            question = replace(question, wording=memory.question, follow_up=False)
        if self._asking is not None and _may_be_asked(turn, question, judgement):
            passages = judgement.passages or parts.judge.passages(question)
            asked = passages and await self._asking.judge(parts.finder, messages, passages, question, judgement)
            judgement = parts.judge.settled(asked, question, memory) if asked else judgement
        return parts.replies.reply(judgement, question)

    async def _current(self) -> _Answering:
        """What judges and answers, over the articles as they are now."""
        finder = await self._articles.fresh() if isinstance(self._articles, Library) else self._articles
        if self._parts is None or self._parts.finder is not finder:
            intents = Intents(self._phrases, finder.examples)
            self._parts = _Answering(finder, Judge(finder, intents), Replies(finder))
        return self._parts

    def remember(self, commit: Commit, turn: Turn, reply: Reply) -> None:
        self._history.append(commit, turn.customer, messages_of(turn, reply))

    def helped(self, commit: Commit, customer: int, summary: str) -> None:
        """Queue that a person had the conversation. As an answer: what was asked or offered before is settled."""
        self._history.append(commit, customer, [helped(summary)])

    def forget(self, commit: Commit, customer: int) -> None:
        self._history.forget(commit, customer)

    async def cited(self, customer: int) -> list[str]:
        """Titles of the articles that were quoted, oldest first."""
        messages = await self._history.read(customer)
        return [citation["title"] for m in messages for citation in m.additional_kwargs.get("citations") or ()]

    async def transcript(self, customer: int) -> list[tuple[str, str]]:
        """What was said lately, oldest first: ("customer" | "bot", text). A photo without words is "(photo)"."""
        return [
            ("customer" if isinstance(m, HumanMessage) else "bot", str(m.content) or "(photo)")
            for m in await self._history.read(customer, time.time() - lately())
        ]


def _may_be_asked(turn: Turn, question: Question, judgement: Judgement) -> bool:
    """Not about what a customer has just chosen: a model would ask again."""
    return not turn.plain and not question.chosen and judgement.about in ASKED and judgement.action != "hand_over"


@dataclass(frozen=True, slots=True)
class _Answering:
    finder: Finder
    judge: Judge
    replies: Replies
