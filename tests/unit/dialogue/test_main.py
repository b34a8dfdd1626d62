from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dialogue.__main__ import main


def test_index_prints_what_was_read_and_warns(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "empty.md").write_text("")
    assert main(["index", str(shop)]) == 0
    out, err = capsys.readouterr()
    assert "banana [en]: Banana: 1 passages, 5 words  (also: Cavendish, plantain)" in out
    assert out.endswith("11 articles, 12 passages, 1 warnings\n")
    assert "warning: empty.md: skipped" in err


def test_evaluate_prints_json(shop: Path, vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"question": "cancel my order", "expected": "cancel-order"}\n')
    assert main(["evaluate", str(file), "--knowledge", str(shop), "--vectors", str(vectors), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert list(scores) == [
        "in_scope_accuracy",
        "wrong",
        "asked",
        "reach",
        "false_refusals",
        "false_handovers",
        "person_recall",
        "refusal_recall",
        "far_refused",
        "near_refused",
        "far_answered",
        "near_answered",
        "by_language",
        "questions",
        "questions_per_s",
    ]
    assert scores["in_scope_accuracy"] == 1
    assert main(["evaluate", str(file), "--knowledge", str(shop), "--vectors", str(vectors)]) == 0
    assert "in_scope_accuracy  1" in capsys.readouterr().out


def test_chat_remembers(
    shop: Path, vectors: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("what is a granny smith?\nhow long does it keep?\n/quit\nhi\n"))
    assert main(["chat", "--knowledge", str(shop), "--vectors", str(vectors)]) == 0
    out = capsys.readouterr().out
    assert "about four weeks" in out
    assert "Hello" not in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["index", "nowhere"],
        ["evaluate", "none.jsonl", "--knowledge", "SHOP", "--vectors", "VECTORS"],
        ["chat", "--knowledge", "SHOP", "--vectors", "VECTORS", "--model", "x"],
    ],
)
def test_bad_input_is_one_sentence(
    shop: Path, vectors: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument.replace("SHOP", str(shop)).replace("VECTORS", str(vectors)) for argument in arguments]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_the_contract_imports_without_langchain() -> None:
    code = "import dialogue.turn, dialogue.decide, sys; sys.exit(any('langchain' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-W", "error", "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "case",
    [
        (["calibrate", "--pair", "{q}", "{shop}", "--out", "{shop}"], "a file is wanted, and this is a folder"),
        (["calibrate", "--pair", "{q}", "{shop}", "--wrong", "0.05"], "give files of more questions"),
        (["evaluate", "{q}", "--knowledge", "{shop}", "--calibration", "{q}"], "it has no 'both'"),
        (["evaluate", "{q}", "--knowledge", "{shop}", "--encoder", "x"], "such as ollama:bge-m3."),
    ],
)
def test_what_cannot_be_is_one_sentence(
    shop: Path, vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: tuple[list[str], str]
) -> None:
    """The first two ended with a traceback."""
    call, said = case
    question = tmp_path / "q.jsonl"
    question.write_text('{"question": "cancel my order", "expected": "cancel-order"}\n')
    assert main([*(part.format(q=question, shop=shop) for part in call), "--vectors", str(vectors)]) == 2
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("python -m dialogue: ")]
    assert said in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_one_sentence(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop.chmod(0)
    try:
        assert main(["index", str(shop)]) == 2
    finally:
        shop.chmod(0o700)
    assert "may not be read by you" in capsys.readouterr().err
