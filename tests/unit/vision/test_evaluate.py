from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from toys import SETS, write_set

from vision.__main__ import main
from vision.images import DataError, Sample, read_folder
from vision.model import checkpoint, labels
from vision.model.predictor import Predictor
from vision.report import LabelSet, PhotoReport
from vision.training import evaluate
from vision.training.calibrate import calibrate, folds_of
from vision.training.dataset import RunConfig, SetConfig

ROWS: list[dict[str, Any]] = [
    {
        "labels": {"product": "apple", "kind": "photo"},
        "captions": ["a red square .", "the red square ."],
        "colour": "red",
    },
    {"labels": {"product": "milk", "kind": "photo"}, "captions": ["a green square in the sun ."], "colour": "green"},
    {"labels": {"product": "apple", "kind": "photo"}, "captions": ["a blue square ."], "colour": "blue"},
    {"labels": {"product": "durian"}, "captions": ["two dogs run on grass ."], "colour": "green"},
]


@pytest.fixture(scope="module")
def predictor(shipped: Path) -> Predictor:
    return Predictor.load(shipped, beams=1)


def test_the_keys_are_those_of_the_issue(predictor: Predictor, tmp_path: Path) -> None:
    report = evaluate.evaluate(predictor, write_set(tmp_path / "set", ROWS))
    report = json.loads(json.dumps(report, allow_nan=False))
    assert {"bleu4", "cider", "constant_cider"} <= set(report["captions"])
    assert {"image_to_text_r10", "text_to_image_r10"} <= set(report["retrieval"])
    assert set(report["labels"]) == set(SETS)
    wanted = {"accuracy", "macro_f1", "top5", "ece", "ece_of_perfect", "majority"}
    for scores in report["labels"].values():
        assert wanted <= set(scores)
        assert all(0 <= scores[name] <= 1 for name in wanted)
    assert report["speed"]["images_per_s"] > 0
    product = report["labels"]["product"]
    assert (product["images"], product["unknown_labels"]) == (3, 1)
    assert product["majority"] == round(2 / 3, 4)
    assert product["top5"] == 1  # of three
    assert {report["retrieval"][way] for way in ("image_to_text_r10", "text_to_image_r10")} == {
        1.0
    }  # five sentences in all


def test_only_what_there_is_truth_for(predictor: Predictor, tmp_path: Path) -> None:
    report = evaluate.evaluate(predictor, write_set(tmp_path / "set", [{"labels": {"product": "milk", "brand": "X"}}]))
    assert set(report) == {"images", "model", "labels", "captions", "gate", "speed"}
    assert set(report["captions"]) == {"facts", "template_facts", "people_mentioned"}
    assert set(report["labels"]) == {"product"}


@pytest.mark.parametrize("at", [0, 3])
def test_photos_without_a_sentence_among_others(predictor: Predictor, tmp_path: Path, at: int) -> None:
    """Whether there are captions was read off the first photo; the others' failed or were forgotten."""
    rows = [{k: v for k, v in row.items() if n != at or k != "captions"} for n, row in enumerate(ROWS)]
    report = evaluate.evaluate(predictor, write_set(tmp_path / "set", rows))
    assert report["images"] == 4
    assert report["retrieval"]["image_to_text_r10"] == 1


def test_the_model_is_told_nothing(predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither title nor text nor label: a title of the fashion set names the article and its colour."""
    told: list[str] = []
    see = predictor.see
    monkeypatch.setattr(predictor, "see", lambda pixels, texts: told.extend(texts) or see(pixels, texts))
    evaluate.evaluate(
        predictor, write_set(tmp_path / "set", [{**row, "title": "Apple", "text": "Milk"} for row in ROWS])
    )
    assert told == [""] * 4


def test_a_title_changes_nothing(predictor: Predictor, tmp_path: Path) -> None:
    plain = evaluate.evaluate(predictor, write_set(tmp_path / "1", ROWS))
    titled = evaluate.evaluate(predictor, write_set(tmp_path / "2", [{**r, "title": "x", "text": "y"} for r in ROWS]))
    assert {**plain, "speed": 0} == {**titled, "speed": 0}


def test_a_bad_folder(predictor: Predictor, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"metadata\.jsonl is missing"):
        evaluate.evaluate(predictor, tmp_path)


def test_what_is_stated_and_what_abstaining_would_save(predictor: Predictor, tmp_path: Path) -> None:
    report = evaluate.evaluate(predictor, write_set(tmp_path / "set", [*ROWS, *ROWS]))
    assert set(report["gate"]) == set(SETS)
    assert all(0 <= gate["stated"] <= 1 for gate in report["gate"].values())
    for scores in report["labels"].values():
        assert scores["abstention"]["accuracy"] == scores["accuracy"]
        assert 0 <= scores["abstention"]["accuracy_at_80"] <= 1


def test_the_gate_of_photos_that_no_set_applies_to(predictor: Predictor, tmp_path: Path) -> None:
    report = evaluate.evaluate(predictor, write_set(tmp_path / "set", [{"captions": ["a red square ."]}] * 3))
    assert report["labels"] == {}
    assert set(report["gate"]) == set(SETS)
    assert set(report["captions"]) == {
        "bleu4",
        "cider",
        "cider_interval",
        "constant_cider",
        "constant",
    }  # no shop photo: no facts


def test_facts_are_counted_in_what_is_said(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = iter(["Milk (a kind of pear).", "A person with an apple.", "Milk.", None])

    def reports(seen: Any) -> list[PhotoReport]:
        sets = {name: LabelSet(applies=1) for name in SETS} | {"product": LabelSet(applies=1, stated="milk")}
        return [PhotoReport(caption=next(said), labels=sets) for _ in seen.vectors]

    monkeypatch.setattr(predictor, "reports", reports)
    rows = [{"labels": {"product": name}} for name in ("apple", "apple", "milk", "durian")]
    captions = evaluate.evaluate(predictor, write_set(tmp_path / "set", rows))["captions"]
    assert captions["facts"] == {"precision": 0.5, "recall": 0.5}  # apple, milk of milk, pear, apple, milk; of four
    assert captions["template_facts"] == {"precision": 0.25, "recall": 0.25}  # milk of each
    assert captions["people_mentioned"] == 0.25


def test_an_apple_is_no_lady() -> None:
    lady = {"product": LabelSet(applies=1, stated="Pink Lady")}
    assert not evaluate._mentions_people(PhotoReport(caption="Pink Lady (Apple).", labels=lady))
    assert evaluate._mentions_people(PhotoReport(caption="A lady with a Pink Lady.", labels=lady))


def test_a_table_of_what_the_customer_writes(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"labels": {"product": "apple", "category": "Fruit"}},
        {"labels": {"product": "milk", "category": "Dairy"}},
        {"labels": {"kind": "photo"}},
        {"labels": {"product": "pear", "category": "Pear"}},
    ]
    told: list[list[str]] = []
    see = predictor.see
    monkeypatch.setattr(predictor, "see", lambda pixels, texts: told.append(list(texts)) or see(pixels, texts))
    report = evaluate.evaluate(predictor, write_set(tmp_path / "set", rows), text_table=True)
    assert report["text"].keys() == {"set", "none", "contentless", "coarse", "wrong", "stated"}
    assert report["text"]["set"] == "product"
    assert report["text"]["none"] == report["labels"]["product"]["accuracy"]
    none, contentless, coarse, wrong = told
    assert none == ["", "", "", ""]
    assert all(contentless)
    assert "fruit" in coarse[0] and "dairy" in coarse[1] and coarse[2] == ""
    assert coarse[3] == ""  # "pear" would be the answer
    assert any(word in wrong[0] for word in ("dairy", "pear"))
    assert any(word in wrong[1] for word in ("fruit", "pear"))
    assert not any(label in text for text in coarse for label in ("apple", "milk"))


def test_pictures_of_the_scores(shipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    folder, out = write_set(tmp_path / "set", ROWS * 6), tmp_path / "plots"
    assert main(["evaluate", str(folder), "--plots", str(out), "--json", "--model", str(shipped)]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["images"] == 24
    names = ["calibration.png", "contact-sheet.png", "confusion-product.png", "confusion-kind.png"]
    assert said.err.splitlines()[-4:] == [str(out / name) for name in names]
    for name in names:
        with Image.open(out / name) as drawn:
            assert len(drawn.convert("RGB").getcolors(1_000_000) or []) > 10
    unlabelled = write_set(tmp_path / "none", [{"captions": ["a red square ."]}] * 2)
    assert evaluate.draw(Predictor.load(shipped, beams=1), unlabelled, tmp_path / "nothing") == []


def test_a_contact_sheet_has_successes_and_the_surest_failures(shipped: Path, tmp_path: Path) -> None:
    predictor = Predictor.load(shipped, beams=1)
    outcome = evaluate.look(predictor, read_folder(write_set(tmp_path / "set", ROWS * 6)))
    labelled = [s.labels["product"] for s in outcome.samples if "product" in s.labels]
    for photos in (True, False):
        cards = evaluate.cards(predictor, outcome, "product", photos=photos, each=5)
        right, wrong = [c for c in cards if c.right], [c for c in cards if not c.right]
        assert cards == [*right, *wrong]
        assert 0 < len(wrong) <= 5
        assert len(right) <= 5
        for some in (right, wrong):
            assert [c.probability for c in some] == sorted((c.probability for c in some), reverse=True)
        assert all(c.truth in labelled and c.guess in predictor.sets["product"] for c in cards)
        assert all((c.photo is not None) == photos for c in cards)


def sets(data: Path, *names: str, leave_out: dict[str, int] | None = None) -> RunConfig:
    entries = tuple(SetConfig(n, f"{n}/train", 1.0, validation=f"{n}/validation") for n in names)
    return RunConfig(str(data), str(data / "out"), 1, entries, leave_out=leave_out or {})


class TestCalibrate:
    @pytest.fixture
    def model(self, tokens: Any, tiny: Any, tmp_path: Path) -> Path:
        with torch.no_grad():
            tiny.gates["product"].bias.fill_(2.0)
        checkpoint.save(tmp_path / "model", tiny, tokens, {}, tokens)
        return tmp_path / "model"

    def test_writes_the_card(self, model: Path, tmp_path: Path) -> None:
        write_set(tmp_path / "shop" / "validation", ROWS * 2)
        before = checkpoint.load(model).identity
        card = calibrate(model, sets(tmp_path, "shop"))
        loaded = checkpoint.load(model)
        assert loaded.card == json.loads(json.dumps(card))
        assert card["pooled"]["answers"] == sum(
            scores["images"] for found in card["validation"].values() for name, scores in found.items() if name in SETS
        )
        assert loaded.identity != before
        assert set(card["calibration"]) == {"product", "kind"}
        assert card["caption_floor"] < 0
        assert {"product", "kind", "captions"} <= set(card["validation"]["shop"])
        assert card["groups"]["product"]["images"] == 6
        assert Predictor.load(model).calibration["product"].temperature == card["calibration"]["product"]["temperature"]

    @pytest.mark.parametrize("rows", [ROWS[:1], ROWS[3:], [ROWS[3], ROWS[0]]], ids=["one", "unknown", "one of two"])
    def test_too_little_to_fit_keeps_the_cautious_defaults(
        self, model: Path, tmp_path: Path, rows: list[dict[str, Any]]
    ) -> None:
        """Hours of training ended in an IndexError where a set had no label on an even row."""
        write_set(tmp_path / "shop" / "validation", rows)
        card = calibrate(model, sets(tmp_path, "shop"))
        floor = card["calibration"]["product"]["floor"]
        assert 0.2 <= floor <= 0.95 or floor == labels.NEVER
        assert Predictor.load(model).identity

    def test_what_is_said_where_it_does_not_apply_is_counted(self, model: Path, tmp_path: Path) -> None:
        write_set(tmp_path / "shop" / "validation", ROWS)
        write_set(tmp_path / "other" / "validation", [{"labels": {"kind": "receipt"}}] * 4)
        card = calibrate(model, sets(tmp_path, "shop", "other"))
        assert set(card["validation"]["other"]["stated_where_it_does_not_apply"]) == {"product"}

    def test_photos_that_training_left_out_calibrate_too(self, model: Path, tmp_path: Path) -> None:
        write_set(tmp_path / "shop" / "validation", ROWS)
        rows = [{"labels": {"product": "pear"}, "colour": "green"}] * 16
        write_set(tmp_path / "shop" / "train", rows)
        card = calibrate(model, sets(tmp_path, "shop", leave_out={"shop": 8}))
        assert card["validation"]["shop"]["product"]["images"] == 3
        assert card["validation"]["shop, left out"]["product"]["images"] == 2
        assert card["groups"]["product"]["images"] == 3 + 2

    def test_all_photos_of_a_label_are_in_one_group(self) -> None:
        samples = [Sample(Path(f"{n}.png"), {"product": "ab"[n % 2]}) for n in range(6)]
        assert len(set(folds_of(samples)[::2].tolist())) == len(set(folds_of(samples)[1::2].tolist())) == 1
        unnamed = folds_of([Sample(Path(f"{n}.png")) for n in range(10)]).tolist()
        assert unnamed == sorted(unnamed) and set(unnamed) == set(range(5))

    @pytest.mark.parametrize(("word", "trust"), [("apple", 1.0), ("milk", 0.0)])
    def test_words_are_trusted_until_a_wrong_one_costs_too_much(
        self, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, trust: float
    ) -> None:
        """A model that sees apples everywhere, photos of apples, and customers who all loudly say one word."""
        loaded = checkpoint.load(model)
        with torch.no_grad():
            loaded.model.image_heads["product"].bias.copy_(torch.tensor([50.0, 0, 0]))
        checkpoint.save(model, loaded.model, loaded.tokens, {}, loaded.captions)
        write_set(tmp_path / "shop" / "validation", [{"labels": {"product": "apple", "category": "Fruit"}}] * 8)
        said = 1e6 * np.array([name == word for name in SETS["product"]])
        heard = lambda self, grid, texts: {"product": np.tile(said, (len(texts), 1))}  # noqa: E731
        monkeypatch.setattr(Predictor, "words_say", heard)
        assert calibrate(model, sets(tmp_path, "shop"))["text_trust"] == {"product": trust}
        assert Predictor.load(model).trust == ({"product": trust} if trust else {})
