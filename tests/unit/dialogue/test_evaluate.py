from __future__ import annotations

from pathlib import Path

import pytest

from dialogue.chain import Dialogue
from dialogue.evaluate import Case, FileError, NoHistory, evaluate, read_cases
from dialogue.search import Knowledge


async def test_the_figures(knowledge: Knowledge) -> None:
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
    scores = await evaluate(Dialogue(knowledge, NoHistory()), cases)
    assert scores.pop("questions_per_s") > 0
    assert scores == {
        "in_scope_accuracy": 0.25,
        "person_recall": 0.5,
        "refusal_recall": 0.5,
        "false_refusals": 0.25,
        "false_handovers": 0.25,
    }


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
