"""What a chat model is asked, and what becomes of what it says: it points at sentences of the shop's articles.

None of its words is sent: what a customer reads is quoted, so it can promise and invent nothing (decision 55).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from pydantic import ValidationError

from dialogue import tools
from dialogue.articles import sentences
from dialogue.context import Question
from dialogue.find import Finder
from dialogue.judgement import About, Judgement
from dialogue.language import NAMES
from dialogue.pointing import pointed, without_sources
from dialogue.search import Found
from dialogue.text import tidy
from dialogue.turn import Fact
from monitoring.attempt import Failure, attempt

log = logging.getLogger(__name__)

PROMPTS = Path(__file__).parent / "prompts"
REMEMBERED = 12  # messages of history that a chat model is shown
CHARACTERS = 4_000  # of one message that a chat model is shown
OFFERED = 3  # titles that it may ask between
SEARCHES = 2  # times that a chat model may look for other passages
BACK = "(The customer is with the bot again.)"
_MARKER = re.compile(r"<(?=\s*/?\s*(?:facts|passages|customer|helped)\b)", re.IGNORECASE)


class Asking:
    def __init__(self, model: BaseChatModel, timeout: float) -> None:
        """``timeout`` in seconds, for all that the model is asked about one turn."""
        self._chain = model.bind_tools(tools.schemas())
        self._prompt = _prompt()
        self._timeout = timeout

    async def judge(
        self,
        finder: Finder,
        messages: list[BaseMessage],
        passages: Sequence[Found],
        question: Question,
        own: Judgement,
    ) -> Judgement | None:
        """What the model thinks of a turn, None where ``own``, our own judgement, stands: an answer is ready before
        the model is asked. Never raises for what a model does."""
        shown = list(passages)
        prompt = self._prompt.format_messages(**_inputs(messages, shown, question))
        said = await attempt(asyncio.wait_for(self._said(finder, prompt, shown, question), self._timeout))
        # Every provider raises its own errors; none of them may cost the customer the answer we already have.
        if isinstance(said, Failure):
            # Its own words may quote the prompt, and with it the customer.
            log.warning("chat model failed, built-in answer given: %s", type(said.error).__name__)
            return None
        judgement = _called(said, shown) or pointed(said.text, shown, question.wording, finder, own)
        if judgement is None:
            log.warning("chat model: it points at nothing that answers, built-in answer given")
        return judgement

    async def _said(
        self, finder: Finder, prompt: list[BaseMessage], shown: list[Found], question: Question
    ) -> BaseMessage:
        """What the model says, after it has looked for other passages if it wanted to. They are added to ``shown``."""
        for _ in range(SEARCHES):
            said = await self._chain.ainvoke(prompt)
            queries = _searches(said)
            if not queries:
                return said
            prompt = [*prompt, said]
            for number, query in queries:  # each call has an answer: strict providers refuse the next request else
                found = finder.find(query, question.language).found if query else []
                new = [one for one in found if one.passage not in [old.passage for old in shown]]
                said_back = _MARKER.sub("‹", _numbered(new, len(shown) + 1)) or "Nothing else."
                prompt.append(ToolMessage(said_back, tool_call_id=number))
                shown += new
        return await self._chain.ainvoke(prompt)


def _prompt() -> ChatPromptTemplate:
    return ChatPromptTemplate(
        [
            ("system", (PROMPTS / "system.md").read_text(encoding="utf-8")),
            MessagesPlaceholder("history"),
            ("human", (PROMPTS / "turn.md").read_text(encoding="utf-8")),
        ]
    )


def _inputs(messages: Sequence[BaseMessage], passages: Sequence[Found], question: Question) -> dict[str, Any]:
    text = question.wording if question.text in question.wording else f"{question.wording}\n{question.text}"
    return {
        "language": NAMES.get(question.language, question.language),
        "history": history_for_model(messages),
        "facts": neutral("\n".join(map(_line, question.facts)) or "none"),
        "passages": _MARKER.sub("‹", _numbered(passages)),  # bounded as they are: each has 120 words at most
        "text": neutral(text),
    }


def _numbered(passages: Sequence[Found], first: int = 1) -> str:
    return "\n\n".join(_lines(number, found) for number, found in enumerate(passages, first))


def _lines(number: int, found: Found) -> str:
    """``[2] Title: heading``, then each sentence as ``[2.1] ...``."""
    passage = found.passage
    title = f"{passage.title}: {passage.heading}" if passage.heading else passage.title
    pieces = enumerate(sentences(passage.text), 1)
    return "\n".join([f"[{number}] {title}", *(f"[{number}.{at}] {piece}" for at, piece in pieces)])


def _searches(said: BaseMessage) -> list[tuple[str, str]]:
    """The (id, query) of each call, where the model wants nothing but to search; "" of a malformed one."""
    calls = said.tool_calls if isinstance(said, AIMessage) else []
    if not all(call["name"] == "search" and call["id"] for call in calls):
        return []
    queries = [call["args"].get("query") for call in calls]
    return [
        (str(call["id"]), query if isinstance(query, str) else "") for call, query in zip(calls, queries, strict=True)
    ]


def history_for_model(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The latest messages, beginning with the customer and taking turns: some providers refuse anything else."""
    latest, shown = list(messages[-REMEMBERED:]), list[BaseMessage]()
    while latest and isinstance(latest[-1], HumanMessage):
        latest.pop()  # what was never answered: the turn itself comes next
    for message in map(_shown, latest):
        if not shown and not isinstance(message, HumanMessage):
            continue
        if shown and type(shown[-1]) is type(message):
            shown[-1] = type(message)(f"{shown[-1].content}\n{message.content}")
        else:
            shown.append(message)
    if shown and isinstance(shown[-1], HumanMessage):  # a person has just given the customer back
        shown.append(AIMessage(BACK))
    return shown


def neutral(text: str) -> str:
    """``text`` that cannot close or open one of the prompt's blocks, cut to what a model is shown."""
    return _MARKER.sub("‹", tidy(text)[:CHARACTERS])


def _line(fact: Fact) -> str:
    return f"{fact.source}: {fact.slot}: {' '.join(fact.value.split())} ({fact.probability:.2f})"


def _shown(message: BaseMessage) -> BaseMessage:
    """A message of the history for the model, facts in words: additional_kwargs do not reach it."""
    facts = [Fact(**fact) for fact in message.additional_kwargs.get("facts", ())]
    said = str(message.content) if isinstance(message, HumanMessage) else without_sources(str(message.content))
    text = neutral("\n".join([said, *(f"(photo: {_line(fact)})" for fact in facts)]))
    if message.additional_kwargs.get("person"):  # what was said with our people: also a customer's words, so data
        return HumanMessage(f"<helped>\n{text}\n</helped>")
    return HumanMessage(text or "(a photo)") if isinstance(message, HumanMessage) else AIMessage(text)


def _called(said: BaseMessage, shown: Sequence[Found]) -> Judgement | None:
    """The tool that the model chose instead of an answer. A malformed call counts as none."""
    for call in said.tool_calls if isinstance(said, AIMessage) else ():
        try:
            tool = tools.TOOLS[call["name"]].model_validate(call["args"])
        except (KeyError, ValidationError) as error:
            log.warning("chat model: a tool call is ignored: %s", type(error).__name__)
            continue
        match tool:
            case tools.HandOver():
                return Judgement("hand_over", "person", 1.0, reason=tool.reason)
            case tools.AskBack():
                return _asked_back(tool, shown)
            case tools.Refuse():
                return Judgement("refuse", "off_topic", 0.9, reason="other", offers_person=True)
    return None


def _asked_back(tool: tools.AskBack, shown: Sequence[Found]) -> Judgement:
    numbers = [number for number in tool.between if 1 <= number <= len(shown)]
    offers = tuple(dict.fromkeys(shown[number - 1].passage.article for number in numbers))[:OFFERED]
    about: About = "which_title" if len(offers) > 1 else "more"
    return Judgement("clarify", about, 0.3, reason="low_confidence", offers=offers, offers_person=len(offers) > 1)
