from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dialogue.chain import Dialogue
from dialogue.evaluate import Case, FileError, NoHistory, evaluate, read_cases
from dialogue.find import Finder


async def test_the_figures(finder: Finder) -> None:
    cases = [
        Case("how do I cancel my order", "cancel-order"),
        Case("what is naval engineering", "granny-smith"),  # refused though in scope
        Case("human please", "banana"),  # handed over though in scope
        Case("where is my refund", "cancel-order"),  # another article cited
        Case("talk to an agent", "@person"),
        Case("cancel my order", "@person"),
        Case("who wrote hamlet", "@refuse"),
        Case("I need help", "@refuse"),  # asks back: no refusal
    ]
    scores = await evaluate(Dialogue(finder, NoHistory()), cases)
    assert scores.pop("questions_per_s") > 0
    assert scores == {
        "in_scope_accuracy": 0.25,
        "wrong": 0.25,
        "asked": 0.0,
        "reach": 0.25,
        "false_refusals": 0.25,
        "false_handovers": 0.25,
        "person_recall": 0.5,
        "refusal_recall": 0.5,
        "far_refused": 0.5,
        "near_refused": 0.0,
        "far_answered": 0.0,
        "near_answered": 0.0,
        "by_language": {"en": 0.25},
        "questions": 8,
    }


async def test_a_title_that_is_offered_is_reached(finder: Finder) -> None:
    never = replace(finder.calibration, answer=dict.fromkeys(finder.calibration.answer, 1.1))
    shy = Finder(finder.knowledge, list(finder.knowledge.articles.values()), None, never)
    scores = await evaluate(Dialogue(shy, NoHistory()), [Case("how do I cancel my order", "cancel-order")])
    assert (scores["in_scope_accuracy"], scores["asked"], scores["reach"]) == (0.0, 1.0, 1.0)


async def test_what_was_said_before_counts(finder: Finder) -> None:
    case = Case("and can I freeze it?", "granny-smith", before=("how long does a granny smith keep?",))
    assert (await evaluate(Dialogue(finder, NoHistory()), [case]))["in_scope_accuracy"] == 1.0


def test_the_halves_are_fixed_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("".join(f'{{"question": "q{n}", "expected": "a{n % 9}"}}\n' for n in range(90)))
    dev, held = (read_cases(path, [f"a{n}" for n in range(9)], half) for half in ("dev", "held"))
    assert len(dev) + len(held) == 90
    assert not {case.expected for case in dev} & {case.expected for case in held}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"question": "a", "expected": "x"}\n{broken', r"q\.jsonl:2: not JSON"),
        ('\n["a"]', r"q\.jsonl:2: not an object"),
        ('{"question": 1, "expected": "x"}', r"q\.jsonl:1: not an object"),
        ('{"question": "a", "expected": "y"}', r"q\.jsonl:1: expected 'y' is no article"),
        ("\n\n", r"q\.jsonl: holds no question"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, error: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(text)
    with pytest.raises(FileError, match=error):
        read_cases(path, ["x"])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read_cases(tmp_path / "none.jsonl", [])
