"""Scores the dialogue without photos on a file of questions, each a conversation of its own.

A line is ``{"question": ..., "expected": article-id | "@person" | "@refuse"}``. The figures:

- in_scope_accuracy: share of the questions with an article whose *first* citation is that article
- person_recall: share of ``@person`` with the action ``hand_over``
- refusal_recall: share of ``@refuse`` with the action ``refuse``. Asking back (``clarify``) does not count: it keeps a
  customer talking about what the shop will not answer
- false_refusals, false_handovers: shares of the questions with an article that were refused, or handed over
- questions_per_s: whole replies a second, one after the other, knowledge already read

A share of nothing is 0.0.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.messages import BaseMessage

from dialogue.chain import Dialogue
from dialogue.turn import Reply, Turn
from storage.commit import Commit


class FileError(Exception):
    """The file of questions is not usable; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Case:
    question: str
    expected: str


class NoHistory:
    """Every question is a first one."""

    async def read(self, customer: int) -> list[BaseMessage]:  # noqa: ARG002
        return []

    def append(self, commit: Commit, customer: int, messages: Sequence[BaseMessage]) -> None:
        pass

    def forget(self, commit: Commit, customer: int) -> None:
        pass


def read_cases(path: Path, articles: Iterable[str]) -> list[Case]:
    """Raises FileError with file and line for anything but an object with a question and a known ``expected``."""
    known = {*articles, "@person", "@refuse"}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error
    cases = [_case(line, f"{path}:{number}", known) for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise FileError(f'{path}: holds no question. Write one JSON object a line: {{"question": …, "expected": …}}')
    return cases


def _case(line: str, where: str, known: set[str]) -> Case:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise FileError(f"{where}: not JSON: {error}") from None
    match row:
        case {"question": str(question), "expected": str(expected)}:
            if expected not in known:
                raise FileError(
                    f'{where}: expected {expected!r} is no article of the knowledge, "@person" or "@refuse"'
                )
            return Case(question, expected)
    raise FileError(f'{where}: not an object with the strings "question" and "expected"')


async def evaluate(dialogue: Dialogue, cases: Sequence[Case]) -> dict[str, float]:
    started = time.perf_counter()
    replies = [await dialogue.reply(Turn(customer=0, text=case.question)) for case in cases]
    seconds = time.perf_counter() - started
    pairs = list(zip(cases, replies, strict=True))
    in_scope = [(case.expected, reply) for case, reply in pairs if not case.expected.startswith("@")]
    return {
        "in_scope_accuracy": _share(_first(reply) == expected for expected, reply in in_scope),
        "person_recall": _share(r.action == "hand_over" for case, r in pairs if case.expected == "@person"),
        "refusal_recall": _share(r.action == "refuse" for case, r in pairs if case.expected == "@refuse"),
        "false_refusals": _share(reply.action == "refuse" for _, reply in in_scope),
        "false_handovers": _share(reply.action == "hand_over" for _, reply in in_scope),
        "questions_per_s": round(len(cases) / max(seconds, 1e-9), 1),
    }


def _first(reply: Reply) -> str | None:
    return reply.citations[0].article if reply.citations else None


def _share(hits: Iterable[bool]) -> float:
    hits = list(hits)
    return round(sum(hits) / len(hits), 4) if hits else 0.0
