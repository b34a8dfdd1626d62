"""What a chat model is asked, and what becomes of its words: they are sent only where they stand on what it cites."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from pydantic import ValidationError

from dialogue import tools
from dialogue.context import Question
from dialogue.find import Finder
from dialogue.grounding import gate
from dialogue.language import NAMES
from dialogue.replies import cite
from dialogue.search import Found
from dialogue.texts import texts_in
from dialogue.tokens import clean
from dialogue.turn import Fact, Reply
from monitoring.attempt import Failure, attempt

log = logging.getLogger(__name__)

PROMPTS = Path(__file__).parent / "prompts"
REMEMBERED = 12  # messages of history that a chat model is shown
CHARACTERS = 4_000  # of one message that a chat model is shown
SEARCHES = 2  # times that a chat model may look for other passages
_MARKER = re.compile(r"<(?=\s*/?\s*(?:facts|passages|customer|helped)\b)", re.IGNORECASE)
_CITED = re.compile(r"\s?\[(\d{1,3})\]")


class Asking:
    def __init__(self, model: BaseChatModel, timeout: float) -> None:
        """``timeout`` in seconds, for all that the model is asked about one turn."""
        self._chain = model.bind_tools(tools.schemas())
        self._prompt = _prompt()
        self._timeout = timeout

    async def reply(
        self,
        finder: Finder,
        messages: list[BaseMessage],
        passages: Sequence[Found],
        question: Question,
        built_in: Reply,
    ) -> Reply:
        """The model's reply if it is usable, else the built-in one: an answer is ready before the model is asked."""
        shown = list(passages)
        prompt = self._prompt.format_messages(**_inputs(messages, shown, question))
        said = await attempt(asyncio.wait_for(self._said(finder, prompt, shown, question), self._timeout))
        # Every provider raises its own errors; none of them may cost the customer the answer we already have.
        if isinstance(said, Failure):
            # Its own words may quote the prompt, and with it the customer.
            log.warning("chat model failed, built-in answer given: %s", type(said.error).__name__)
            return built_in if built_in.text else _handed_over("model_error", built_in)
        reply = _called(said, built_in) or _answered(said, shown, built_in)
        passages_shown = [f"{one.passage.title}.\n{one.passage.text}" for one in shown]
        care = texts_in(built_in.language)("care")
        return gate(reply, built_in, facts=question.facts, shown=passages_shown, care=care)

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
            for number, query in queries:
                found = finder.find(query, question.language).found
                new = [one for one in found if one.passage not in [old.passage for old in shown]]
                prompt.append(ToolMessage(_numbered(new, len(shown) + 1) or "Nothing else.", tool_call_id=number))
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
    text = question.text if question.text == question.wording else f"{question.wording}\n{question.text}"
    return {
        "language": NAMES.get(question.language, question.language),
        "history": history_for_model(messages),
        "facts": neutral("\n".join(map(_line, question.facts)) or "none"),
        "passages": neutral(_numbered(passages)),
        "text": neutral(text),
    }


def _numbered(passages: Sequence[Found], first: int = 1) -> str:
    return "\n\n".join(f"[{n}] {f.passage.title}\n{f.passage.text}" for n, f in enumerate(passages, first))


def _searches(said: BaseMessage) -> list[tuple[str, str]]:
    """The (id, query) of each search the model asks for. A malformed one counts as none."""
    calls = said.tool_calls if isinstance(said, AIMessage) else ()
    return [
        (call["id"], call["args"]["query"])
        for call in calls
        if call["name"] == "search" and isinstance(call["args"].get("query"), str) and call["id"]
    ]


def history_for_model(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The latest messages, beginning with the customer and taking turns: some providers refuse anything else."""
    shown: list[BaseMessage] = []
    for message in map(_shown, messages[-REMEMBERED:]):
        if not shown and not isinstance(message, HumanMessage):
            continue
        if shown and type(shown[-1]) is type(message):
            shown[-1] = type(message)(f"{shown[-1].content}\n{message.content}")
        else:
            shown.append(message)
    if shown and isinstance(shown[-1], HumanMessage):
        shown.pop()  # what was never answered: the turn itself comes next
    return shown


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
                return _handed_over(tool.reason, built_in)
            case tools.AskBack():
                asked = Reply(tool.question, "clarify", built_in.confidence, reason="low_confidence")
                return replace(asked, language=built_in.language)
            case tools.Refuse():
                text = texts_in(built_in.language)("off_topic")
                refused = Reply(text, "refuse", 0.9, reason="other", offers_person=True)
                return replace(refused, language=built_in.language)
    return None


def _handed_over(reason: Any, built_in: Reply) -> Reply:
    language = built_in.language
    return Reply(texts_in(language)("person"), "hand_over", 1.0, reason=reason, language=language)


def _answered(said: BaseMessage, passages: Sequence[Found], built_in: Reply) -> Reply:
    """The model's words with the citations that hold. Words that stand on no passage are not sent."""
    count = len(passages)
    text = _CITED.sub(lambda found: found[0] if 1 <= int(found[1]) <= count else "", said.text).strip()
    numbers = list(dict.fromkeys(int(number) for number in _CITED.findall(text)))
    if not numbers:
        log.warning("chat model: an answer without a valid citation is replaced by the built-in one")
        return built_in
    cited = tuple(cite(n, passages[n - 1], passages[n - 1].passage.text) for n in numbers)
    sources = "\n".join(f"[{citation.number}] {citation.title}" for citation in cited)
    text = f"{text}\n\n{sources}"
    if built_in.action == "answer":
        return replace(built_in, text=text, citations=cited, offers=(), picture="")
    return Reply(text, "answer", built_in.confidence, cited, language=built_in.language)
