"""`python -m vision adapt` as a shop runs it: drawn pictures in, a folder out, one setting there and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toys import drawn, drawn_check, drawn_shop

from vision.__main__ import main
from vision.settings import VisionSettings
from vision.worker import main as worker


def best(found: dict[str, object]) -> str:
    labels = found["labels"]
    assert isinstance(labels, dict)
    return str(labels["product"]["top"][0]["name"])


def test_from_pictures_to_a_worker_and_back(
    tmp_path: Path, shipped: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, check, out = drawn_shop(tmp_path / "photos"), drawn_check(tmp_path / "check"), tmp_path / "own"
    kept = tmp_path / "corrections"
    kept.mkdir()
    drawn("apple", 300).save(kept / "a.jpg")
    (kept / "metadata.jsonl").write_text(json.dumps({"file_name": "a.jpg", "labels": {"product": "apple"}}))
    told = ["adapt", str(photos), "--out", str(out), "--model", str(shipped), "--check", str(check)]
    assert main([*told, "--corrections", str(kept), "--may-forget", "1"]) == 0
    said = capsys.readouterr().out
    assert "learnt from 13 pictures" in said and f"VISION_ADAPTED={out}" in said
    card = json.loads((out / "card.json").read_text())
    assert card["sets"]["product"][-2:] == ["Sea soap", "Sun candle"]
    assert card["learnt"]["product"]["knows"]["photos"] == 6

    for name in ("Sea soap", "Sun candle"):
        drawn(name, 500).save(tmp_path / f"{name}.png")
        asked = ["describe", str(tmp_path / f"{name}.png"), "--json", "--model", str(shipped)]
        assert main([*asked, "--adapted", str(out)]) == 0
        assert best(json.loads(capsys.readouterr().out)) == name
        assert main(asked) == 0
        assert best(json.loads(capsys.readouterr().out)) != name, "without the setting it is the model as it came"

    monkeypatch.setenv("VISION_MODEL", str(shipped))
    monkeypatch.setenv("VISION_ADAPTED", str(out))
    assert "Sea soap" in worker._predictor(VisionSettings().model_copy(update={"runtime": "torch"})).sets["product"]
    monkeypatch.delenv("VISION_ADAPTED")
    assert "Sea soap" not in worker._predictor(VisionSettings().model_copy(update={"runtime": "torch"})).sets["product"]


def test_what_is_refused_writes_nothing(tmp_path: Path, shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos, out = drawn_shop(tmp_path / "photos", 2), tmp_path / "own"
    asked = ["adapt", str(photos), "--out", str(out), "--model", str(shipped)]
    assert main(asked) == 2
    assert "fewer than 3 pictures of Sea soap (2), Sun candle (2)" in capsys.readouterr().err
    drawn_shop(tmp_path / "more", 3)
    asked[1] = str(tmp_path / "more")
    assert main(asked) == 2
    assert "--check" in capsys.readouterr().err, "this model brings no memory of its own"
    with pytest.raises(SystemExit) as ended:
        main([*asked, "--epsilon", "0"])
    assert ended.value.code == 2 and "above 0" in capsys.readouterr().err
    assert not out.exists()
