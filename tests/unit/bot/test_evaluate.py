from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from house import GREEN, RED, picture

from bot.admin.evaluate import Case, CasesError, outcome, read_cases, score
from dialogue.turn import Citation, Fact, Reply, Turn
from vision.report import Label, LabelSet, PhotoReport

GOOD = {"photo": "apple.jpg", "question": "how long?", "expected": "granny-smith", "label": "Granny Smith"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "apple.jpg").write_bytes(picture(GREEN))
    return tmp_path


def write(folder: Path, *lines: Any) -> Path:
    file = folder / "cases.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return file


def test_cases_are_read_relative_to_the_file(folder: Path) -> None:
    assert (
        read_cases(write(folder, GOOD, "", GOOD))
        == [Case(folder / "apple.jpg", "how long?", "granny-smith", "Granny Smith")] * 2
    )


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "7",
        '"text"',
        {"photo": "apple.jpg"},
        GOOD | {"photo": 7},
        GOOD | {"question": None},
        GOOD | {"label": ["x"]},
        GOOD | {"photo": "missing.jpg"},
        GOOD | {"photo": "."},
        GOOD | {"photo": "x" * 5000},
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(folder: Path, line: Any) -> None:
    file = write(folder, GOOD, line)
    with pytest.raises(CasesError, match="line 2") as error:
        read_cases(file)
    assert str(file) in str(error.value)


def test_no_file_and_no_line_are_said(folder: Path) -> None:
    with pytest.raises(CasesError, match="cannot be read"):
        read_cases(folder / "none.jsonl")
    with pytest.raises(CasesError, match="has no line"):
        read_cases(write(folder, " "))
    (folder / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CasesError, match="cannot be read"):
        read_cases(folder / "binary.jsonl")


def cited(*articles: str) -> Reply:
    found = tuple(Citation(number, article, article, "…") for number, article in enumerate(articles, 1))
    return Reply("…", "answer", 1.0, found)


def test_the_first_citation_decides() -> None:
    assert outcome(cited("a", "b"), "a") == "right"
    assert outcome(cited("b", "a"), "a") == "wrong"
    assert outcome(cited(), "a") == "asked"


class Eyes:
    """Sees an apple in whatever is not red; fails on nothing."""

    async def describe(self, chat: int, photo: bytes, hint: str, deadline: float) -> PhotoReport:
        if photo == picture(RED):
            return PhotoReport()
        found = LabelSet(applies=1.0, stated="Granny Smith", top=(Label(name="Granny Smith", probability=0.9),))
        return PhotoReport(labels={"product": found})


class Answers:
    """Cites the product it is told of."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def reply(self, turn: Turn) -> Reply:
        self.turns.append(turn)
        names = [fact.value for fact in turn.facts if fact.slot == "product"]
        return cited(*(name.lower().replace(" ", "-") for name in names))


async def test_the_score_of_four_cases(folder: Path) -> None:
    (folder / "red.jpg").write_bytes(picture(RED))
    apple, red = folder / "apple.jpg", folder / "red.jpg"
    cases = [
        Case(apple, "how long?", "granny-smith", "Granny Smith"),
        Case(apple, "how long?", "granny-smith", "Granny Smith"),
        Case(apple, "how long?", "banana", "Banana"),
        Case(red, "how long?", "banana", "Banana"),
    ]
    answers: Any = Answers()
    assert await score(cases, Eyes(), answers) == {
        "photo_article": {"right": 0.5, "wrong": 0.25, "asked": 0.25, "without_photo": 0.0, "with_true_label": 1.0},
        "cases": 4,
    }
    assert {turn.customer for turn in answers.turns} == {1, 2, 3, 4}  # nobody remembers another case
    assert Turn(3, "how long?", (Fact("product", "Banana", 1.0, "photo 1"),), photos=1) in answers.turns
