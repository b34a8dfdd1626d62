"""A shop refits the chances, and the thresholds, to its own questions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dialogue.__main__ import main
from dialogue.calibrate import ANSWERS, Sample, fit, threshold
from dialogue.find import CALIBRATION, Calibration, CalibrationError


def drawn(count: int, seed: int = 0) -> Sample:
    """Questions whose first signal says how likely the article is the right one, and whose second says nothing."""
    chance = np.random.default_rng(seed)
    signals = chance.normal(size=(count, 2))
    right = (chance.random(count) < 1 / (1 + np.exp(-3 * signals[:, 0]))).astype(float)
    return Sample(signals, right, np.ones(count))


def test_a_fit_finds_what_the_signals_say() -> None:
    fitted = fit([drawn(2000)], "right")
    _, first, second = fitted.weights
    assert first > 2 and abs(second) < 0.2
    assert fitted((2.0, 0.0)) > 0.95 and fitted((-2.0, 0.0)) < 0.05


@pytest.mark.parametrize("wrong", [0.02, 0.05, 0.1])
def test_a_threshold_keeps_the_wrong_ones_under_the_share(wrong: float) -> None:
    chosen = threshold([drawn(2000)], wrong)
    fresh = drawn(4000, seed=1)
    fitted = fit([drawn(2000)], "right")
    answered = np.array([fitted(row) >= chosen for row in fresh.signals])
    assert np.mean(answered & (fresh.right == 0)) == pytest.approx(wrong, abs=0.012)


def test_no_mistake_and_nothing_but_mistakes_stay_within_reason() -> None:
    sure = drawn(200)
    assert threshold([Sample(sure.signals, np.ones(200), np.ones(200))], 0.05) == ANSWERS[0]
    assert threshold([drawn(200)], 0.0) <= ANSWERS[1]


def questions(path: Path) -> Path:
    asked = {
        "get-refund": ("how do I get a refund", "I want my money back", "refund please"),
        "cancel-order": ("cancel an order", "how can I cancel my order", "I changed my mind, cancel it"),
        "delivery-time": ("when does my parcel arrive", "delivery time", "how long is delivery"),
        "@refuse": ("what is the capital of France", "write me a poem", "who won the match"),
    }
    lines = [json.dumps({"question": q, "expected": name}) for name, some in asked.items() for q in some]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_command_writes_a_file_that_the_bot_reads(
    shop: Path, vectors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "own.json"
    pair = ["--pair", str(questions(tmp_path / "q.jsonl")), str(shop), "--vectors", str(vectors)]
    assert main(["calibrate", *pair, "--out", str(out), "--wrong", "0.1"]) == 0
    assert f"written: {out}" in capsys.readouterr().out
    own, built_in = Calibration.read(out), Calibration.read(CALIBRATION)
    assert own.right["both"] != built_in.right["both"]
    assert all(ANSWERS[0] <= chance <= ANSWERS[1] for chance in own.answer.values())
    assert own.refuse == built_in.refuse
    assert main(["evaluate", *pair, "--calibration", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["in_scope_accuracy"] > 0.5


def test_without_a_share_the_thresholds_stay(shop: Path, vectors: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.json"
    pair = ["--pair", str(questions(tmp_path / "q.jsonl")), str(shop), "--vectors", str(vectors)]
    assert main(["calibrate", *pair, "--out", str(out)]) == 0
    assert Calibration.read(out).answer == Calibration.read(CALIBRATION).answer


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"both": {"right": 1}}'])
def test_a_file_of_another_shape_is_one_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError, match="dialogue calibrate"):
        Calibration.read(tmp_path / "own.json")
