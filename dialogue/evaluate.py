"""Scores the dialogue without photos on files of questions, each a conversation of its own.

A line is ``{"question": ..., "expected": article-id | "@person" | "@refuse"}``, and may have ``before`` (what the
customer wrote earlier), ``language`` ("en" if it has none), ``kind`` ("near" or "far", of what is out of scope) and
``meaning`` (the same one in several languages). The figures, of the questions with an article unless said:

- in_scope_accuracy: the *first* citation is the article
- wrong: answered, and the first citation is another article
- asked: asked back (``clarify``)
- reach: right, or right among the titles offered, whether it asked or answered and named others
- false_refusals, false_handovers: refused, or handed over
- person_recall: share of ``@person`` with the action ``hand_over``
- refusal_recall: share of ``@refuse`` with the action ``refuse``. Asking back does not count: it keeps a customer
  talking about what the shop will not answer
- far_refused, far_answered, near_refused, near_answered: of ``@refuse`` of that kind (without a kind it is far)
- by_language: in_scope_accuracy of each
- questions_per_s: whole replies a second, one after the other, knowledge already read

A share of nothing is 0.0.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dialogue.chain import Dialogue
from dialogue.history import InMemory
from dialogue.turn import Reply, Turn
from monitoring.plainly import why
from storage.commit import Commit

Half = Literal["all", "dev", "held"]


class FileError(Exception):
    """The file of questions is not usable; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Case:
    question: str
    expected: str
    before: tuple[str, ...] = ()
    language: str = "en"
    kind: str = ""  # of what is out of scope: "near" or "far"
    meaning: str = ""

    @property
    def held(self) -> bool:
        """Whether it belongs to the half that nothing is fitted on: all questions of one article go together."""
        own = self.expected if not self.expected.startswith("@") else self.question
        return hashlib.sha256(f"half:{self.meaning or own}".encode()).digest()[0] % 2 == 1


class NoHistory(InMemory):
    """Every question is a first one, but for what was said before it."""


def read_cases(path: Path, articles: Iterable[str], half: Half = "all") -> list[Case]:
    """Raises FileError with file and line for anything but an object with a question and a known ``expected``."""
    known = {*articles, "@person", "@refuse"}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: cannot be read: {why(error)}") from error
    cases = [_case(line, f"{path}:{number}", known) for number, line in enumerate(lines, 1) if line.strip()]
    cases = [case for case in cases if half == "all" or case.held is (half == "held")]
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
            before = row.get("before", [])
            if not isinstance(before, list) or not all(isinstance(one, str) for one in before):
                raise FileError(f'{where}: "before" is a list of what the customer wrote earlier')
            more = {name: str(row.get(name) or "") for name in ("kind", "meaning")}
            return Case(question, expected, tuple(before), str(row.get("language") or "en"), **more)
    raise FileError(f'{where}: not an object with the strings "question" and "expected"')


async def evaluate(dialogue: Dialogue, cases: Sequence[Case]) -> dict[str, Any]:
    started = time.perf_counter()
    pairs = await answered(dialogue, cases)
    seconds = time.perf_counter() - started
    return {**figures(pairs), "questions": len(cases), "questions_per_s": round(len(cases) / max(seconds, 1e-9), 1)}


async def answered(dialogue: Dialogue, cases: Sequence[Case]) -> list[tuple[Case, Reply]]:
    return [(case, await _reply(dialogue, number, case)) for number, case in enumerate(cases, 1)]


def figures(pairs: Sequence[tuple[Case, Reply]]) -> dict[str, Any]:
    in_scope = [(case, reply) for case, reply in pairs if not case.expected.startswith("@")]
    outside = {kind: [r for case, r in pairs if case.expected == "@refuse" and _kind(case) == kind] for kind in KINDS}
    languages = sorted({case.language for case, _ in in_scope})
    return {
        "in_scope_accuracy": _share(_right(case, reply) for case, reply in in_scope),
        "wrong": _share(_first(reply) not in (None, case.expected) for case, reply in in_scope),
        "asked": _share(reply.action == "clarify" for _, reply in in_scope),
        "reach": _share(_reached(case, reply) for case, reply in in_scope),
        "false_refusals": _share(reply.action == "refuse" for _, reply in in_scope),
        "false_handovers": _share(reply.action == "hand_over" for _, reply in in_scope),
        "person_recall": _share(r.action == "hand_over" for case, r in pairs if case.expected == "@person"),
        "refusal_recall": _share(r.action == "refuse" for case, r in pairs if case.expected == "@refuse"),
        **{f"{kind}_refused": _share(r.action == "refuse" for r in some) for kind, some in outside.items()},
        **{f"{kind}_answered": _share(bool(r.citations) for r in some) for kind, some in outside.items()},
        "by_language": {
            code: _share(_right(case, reply) for case, reply in in_scope if case.language == code) for code in languages
        },
    }


KINDS = ("far", "near")


def _kind(case: Case) -> str:
    return "near" if case.kind == "near" else "far"


async def _reply(dialogue: Dialogue, customer: int, case: Case) -> Reply:
    for earlier in case.before:
        turn = Turn(customer, earlier)
        dialogue.remember(Commit(), turn, await dialogue.reply(turn))
    reply = await dialogue.reply(Turn(customer, case.question))
    dialogue.forget(Commit(), customer)
    return reply


def _right(case: Case, reply: Reply) -> bool:
    return _first(reply) == case.expected


def _reached(case: Case, reply: Reply) -> bool:
    return _right(case, reply) or case.expected in {offer.article for offer in reply.offers}


def _first(reply: Reply) -> str | None:
    return reply.citations[0].article if reply.citations else None


def _share(hits: Iterable[bool]) -> float:
    hits = list(hits)
    return round(sum(hits) / len(hits), 4) if hits else 0.0
