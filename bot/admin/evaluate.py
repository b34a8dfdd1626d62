"""``photo_article``: does a photo with a question get the right article? Whole turns, but for Telegram.

Each line of the file: ``{"photo": path relative to the file, "question": …, "expected": article id, "label": true
name}``. Vision runs in its own process behind the job stream, as in service.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.admin.demo import Child, running_beside, working
from bot.photos import facts_of
from bot.ports import Answers, Photos
from dialogue.turn import Fact, Reply, Turn
from monitoring.plainly import why
from storage.redis import connect
from storage.settings import StorageSettings
from vision.client import PhotoClient

AT_ONCE = 16
PHOTO_S = 120.0  # nobody waits for an evaluation as a customer would


class CasesError(ValueError):
    """A bad line: the message names file and line."""


@dataclass(frozen=True)
class Case:
    photo: Path
    question: str
    expected: str
    label: str


def read_cases(file: Path) -> list[Case]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(f"{file} cannot be read: {why(error)}") from error
    cases = [_case(file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise CasesError(f"{file} has no line")
    return cases


def _case(file: Path, number: int, line: str) -> Case:
    where = f"{file}, line {number}"
    try:
        entry: Any = json.loads(line)
        found = [entry[name] for name in ("photo", "question", "expected", "label")]
    except (json.JSONDecodeError, TypeError, KeyError) as error:
        raise CasesError(f"{where}: needs an object with photo, question, expected and label ({error})") from error
    if not all(isinstance(word, str) for word in found):
        raise CasesError(f"{where}: photo, question, expected and label must be texts")
    case = Case(file.parent / found[0], *found[1:])
    if not os.access(case.photo, os.R_OK) or not case.photo.is_file():
        raise CasesError(f"{where}: no photo that can be read at {case.photo}")
    return case


async def evaluate(cases: Sequence[Case], storage: StorageSettings, knowledge: Path) -> dict[str, Any]:
    from dialogue.chain import Dialogue
    from dialogue.encode import encoders
    from dialogue.find import Finder
    from dialogue.history import History

    redis, sealer = await connect(storage.url()), storage.sealer()
    answers = Dialogue(Finder.read(knowledge, encoders()), History(redis, sealer))
    worker = Child("vision worker", ["vision", "worker"], storage)
    try:
        async with running_beside(worker):
            await working(worker, storage)
            return await score(cases, PhotoClient(redis, sealer), answers)
    finally:
        await redis.aclose()


async def score(cases: Sequence[Case], photos: Photos, answers: Answers) -> dict[str, Any]:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(customer: int, case: Case) -> tuple[str, str, str]:
        async with room:
            data = await asyncio.to_thread(case.photo.read_bytes)
            report = await photos.describe(customer, data, case.question, PHOTO_S)
            with_vision = await answers.reply(Turn(customer, case.question, facts_of(report, "photo 1"), photos=1))
            without = await answers.reply(Turn(customer, case.question))
            truth = (Fact("product", case.label, 1.0, "photo 1"),)
            with_truth = await answers.reply(Turn(customer, case.question, truth, photos=1))
        return outcome(with_vision, case.expected), outcome(without, case.expected), outcome(with_truth, case.expected)

    # Each case is a customer of its own: nothing is remembered from one to the next.
    outcomes = await asyncio.gather(*(one(number, case) for number, case in enumerate(cases, 1)))
    with_vision, without, with_truth = (Counter(column) for column in zip(*outcomes, strict=True))
    n = len(cases)
    return {
        "photo_article": {
            "right": round(with_vision["right"] / n, 4),
            "wrong": round(with_vision["wrong"] / n, 4),
            "asked": round(with_vision["asked"] / n, 4),
            "without_photo": round(without["right"] / n, 4),
            "with_true_label": round(with_truth["right"] / n, 4),
        },
        "cases": n,
    }


def outcome(reply: Reply, expected: str) -> str:
    """ "right" when the first citation is the expected article, "wrong" when it is another, else "asked"."""
    if not reply.citations:
        return "asked"
    return "right" if reply.citations[0].article == expected else "wrong"
