"""The dialogue, in the order it happens: history, what is meant, passages, judgement, answer."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import Runnable
from pydantic import ValidationError

from dialogue import tools
from dialogue.context import Question, resolve
from dialogue.decide import Judge, Judgement
from dialogue.grounding import clean, gate
from dialogue.history import helped, memory_of, messages_of
from dialogue.intents import Phrases
from dialogue.replies import CARE, WORDS, Responder, cite
from dialogue.search import Knowledge
from dialogue.turn import Fact, Reply, Turn
from storage.commit import Commit
from storage.keys import lately

log = logging.getLogger(__name__)

PROMPTS = Path(__file__).parent / "prompts"
TIMEOUT = 20.0  # seconds a chat model has before the built-in answer is given
REMEMBERED = 12  # messages of history that a chat model is shown
CHARACTERS = 4_000  # of one message that a chat model is shown
_MARKER = re.compile(r"<(?=\s*/?\s*(?:facts|passages|customer|helped)\b)", re.IGNORECASE)
_CITED = re.compile(r"\s?\[(\d{1,3})\]")


class Remembers(Protocol):
    """dialogue.history.History, or a list in memory for the command line."""

    async def read(self, customer: int, since: float = 0.0) -> list[BaseMessage]: ...

    def append(self, commit: Commit, customer: int, messages: Sequence[BaseMessage]) -> None: ...

    def forget(self, commit: Commit, customer: int) -> None: ...


class Dialogue:
    """Implements bot.ports.Answers. ``model`` is None for the built-in responder alone."""

    def __init__(
        self,
        knowledge: Knowledge,
        history: Remembers,
        model: BaseChatModel | None = None,
        *,
        judge: Judge | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._knowledge = knowledge
        self._history = history
        self._phrases = Phrases()
        self._judge = judge or Judge(knowledge, self._phrases)
        self._responder = Responder(knowledge)
        self._chain = None if model is None else _chain(model)
        self._timeout = timeout

    async def reply(self, turn: Turn) -> Reply:
        """Never raises for what a customer wrote or a chat model did; storage errors pass through."""
        messages = await self._history.read(turn.customer)
        memory = memory_of(messages)
        question = resolve(turn, memory, self._knowledge, self._phrases)
        judgement = self._judge.judge(question, memory)
        built_in = self._responder.reply(judgement, question)
        if self._chain is None or judgement.about != "passages":
            return built_in
        return await self._ask_model(self._chain, messages, judgement, question, built_in)

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

    async def _ask_model(
        self,
        chain: Runnable[dict[str, Any], BaseMessage],
        messages: list[BaseMessage],
        judgement: Judgement,
        question: Question,
        built_in: Reply,
    ) -> Reply:
        """The model's reply if it is usable, else the built-in one: an answer is ready before the model is asked."""
        try:
            async with asyncio.timeout(self._timeout):
                said = await chain.ainvoke(_inputs(messages, judgement, question))
        # Every provider raises its own errors; none of them may cost the customer the answer we already have.
        except Exception as error:  # noqa: BLE001
            # Its own words may quote the prompt, and with it the customer.
            log.warning("chat model failed, built-in answer given: %s", type(error).__name__)
            return built_in if built_in.text else _handed_over("model_error")
        reply = _called(said, built_in) or _answered(said, judgement, built_in)
        shown = [f"{found.passage.title}.\n{found.passage.text}" for found in judgement.passages]
        return gate(reply, built_in, facts=question.facts, shown=shown, care=CARE)


def _chain(model: BaseChatModel) -> Runnable[dict[str, Any], BaseMessage]:
    prompt = ChatPromptTemplate(
        [
            ("system", (PROMPTS / "system.md").read_text(encoding="utf-8")),
            MessagesPlaceholder("history"),
            ("human", (PROMPTS / "turn.md").read_text(encoding="utf-8")),
        ]
    )
    return prompt | model.bind_tools(tools.schemas())


def _inputs(messages: Sequence[BaseMessage], judgement: Judgement, question: Question) -> dict[str, Any]:
    passages = "\n\n".join(f"[{n}] {f.passage.title}\n{f.passage.text}" for n, f in enumerate(judgement.passages, 1))
    text = question.text if question.text == question.wording else f"{question.wording}\n{question.text}"
    return {
        "history": [_shown(message) for message in messages[-REMEMBERED:]],
        "facts": neutral("\n".join(map(_line, question.facts)) or "none"),
        "passages": neutral(passages),
        "text": neutral(text),
    }


def neutral(text: str) -> str:
    """``text`` that cannot close or open one of the prompt's blocks, cut to what a model is shown."""
    return _MARKER.sub("‹", clean(text)[:CHARACTERS])


def _line(fact: Fact) -> str:
    return f"{fact.source}: {fact.slot}: {' '.join(fact.value.split())} ({fact.probability:.2f})"


def _shown(message: BaseMessage) -> BaseMessage:
    """A message of the history for the model, facts in words: additional_kwargs do not reach it."""
    facts = [Fact(**fact) for fact in message.additional_kwargs.get("facts", ())]
    text = neutral("\n".join([str(message.content), *(f"(photo: {_line(fact)})" for fact in facts)]))
    if message.additional_kwargs.get("person"):  # what was said with our people: also a customer's words, so data
        return HumanMessage(f"<helped>\n{text}\n</helped>")
    return HumanMessage(text or "(a photo)") if isinstance(message, HumanMessage) else AIMessage(text)


def _called(said: BaseMessage, built_in: Reply) -> Reply | None:
    """The tool that the model chose instead of an answer. A malformed call counts as none."""
    for call in said.tool_calls if isinstance(said, AIMessage) else ():
        try:
            tool = tools.TOOLS[call["name"]].model_validate(call["args"])
        except (KeyError, ValidationError) as error:
            log.warning("chat model: a tool call is ignored: %s", type(error).__name__)
            continue
        match tool:
            case tools.HandOver():
                return _handed_over(tool.reason)
            case tools.AskBack():
                return Reply(tool.question, "clarify", built_in.confidence, reason="low_confidence")
            case tools.Refuse():
                return Reply(WORDS["off_topic"], "refuse", 0.9, reason="other", offers_person=True)
    return None


def _handed_over(reason: Any) -> Reply:
    return Reply(WORDS["person"], "hand_over", 1.0, reason=reason)


def _answered(said: BaseMessage, judgement: Judgement, built_in: Reply) -> Reply:
    """The model's words with the citations that hold. Words that stand on no passage are not sent."""
    count = len(judgement.passages)
    text = _CITED.sub(lambda found: found[0] if 1 <= int(found[1]) <= count else "", said.text).strip()
    numbers = list(dict.fromkeys(int(number) for number in _CITED.findall(text)))
    if not numbers:
        log.warning("chat model: an answer without a valid citation is replaced by the built-in one")
        return built_in
    cited = tuple(cite(n, judgement.passages[n - 1], judgement.passages[n - 1].passage.text) for n in numbers)
    sources = "\n".join(f"[{citation.number}] {citation.title}" for citation in cited)
    return replace(built_in, text=f"{text}\n\n{sources}", citations=cited)
