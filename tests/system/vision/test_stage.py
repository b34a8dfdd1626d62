"""Stages over frozen eyes: from a checkpoint to one with heads, gates and words, and to an add-on with sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toys import COLOURS, picture, tiny_config, write_set

from vision.images import DataError
from vision.model import checkpoint
from vision.model.network import FusedModel
from vision.model.predictor import Predictor
from vision.model.torch_runtime import TorchRuntime
from vision.training import fit
from vision.training.dataset import SetConfig
from vision.training.stage import Stage, StageConfig

NAMES = {"red": "Apple", "green": "Pear", "blue": "Plum"}
SHOP = [
    {"colour": colour, "labels": {"product": name, "category": "Fruit" if name != "Plum" else "Stone fruit"}}
    for _ in range(8)
    for colour, name in NAMES.items()
]
SCENES = [
    {"colour": colour, "captions": [f"a {colour} square .", f"the {colour} square in the sun ."]}
    for _ in range(4)
    for colour in COLOURS
]


@pytest.fixture
def folder(tmp_path: Path, tokens: Any) -> Path:
    for name, rows in (("shop", SHOP), ("scenes", SCENES)):
        for split in ("train", "validation"):
            write_set(tmp_path / "data" / name / split, rows)
    write_set(tmp_path / "data" / "papers" / "train", [{"labels": {"kind": "receipt"}}] * 8)
    torch.manual_seed(0)
    sets = {"product": sorted(NAMES.values()), "category": ["Fruit", "Stone fruit"]}
    model = FusedModel(tiny_config(tokens, vocabulary=0, label_sets=sets, spoken=[])).eval()
    checkpoint.save(tmp_path / "start", model, tokens, {"command": "a test"})
    return tmp_path


def config(folder: Path, *names: str, **more: Any) -> StageConfig:
    sets = tuple(SetConfig(n, f"{n}/train", 1.0, validation="" if n == "papers" else f"{n}/validation") for n in names)
    values: dict[str, Any] = {"head_steps": 40, "pair_steps": 30, "word_steps": 20, "batch": 8, **more}
    return StageConfig(str(folder / "data"), str(folder / "out"), str(folder / "start"), sets, **values)


def test_heads_gates_words_and_the_space(folder: Path) -> None:
    before = checkpoint.load(folder / "start").model.state_dict()
    made = Stage(config(folder, "shop", "papers", heads=("kind",), gates=True, words=True, pairs=True), "a test").run()
    after = checkpoint.load(made)
    assert after.model.config.label_sets["kind"] == ["photo", "receipt"]
    assert after.model.config.spoken == ["product", "category"]
    for name in ("trunk.0.weight", "text.embeddings.word_embeddings.weight"):  # eyes and reader stay as they were
        assert torch.allclose(after.model.state_dict()[name], before[name], atol=1e-3), name
    assert after.model.centre.abs().sum() > 0
    assert {"product", "category"} <= set(after.card["calibration"])
    assert set(after.card["groups"]["product"]) >= {"accuracy", "stated", "right_when_stated", "ece"}
    assert after.card["made"]["before"] == {"command": "a test"}
    predictor = Predictor(TorchRuntime(after))
    papers = np.stack([np.asarray(picture((120, 120, 120), (64, 64)))])
    assert set(predictor.describe(papers, [""])[0].labels) == {"product", "category", "kind"}
    assert [path.suffix for path in (folder / "data" / ".features").iterdir()]


def test_an_add_on_with_sentences(folder: Path) -> None:
    more = {"add_on": True, "pairs": True, "caption_steps": 6, "said_steps": 3, "views": 2}
    made = Stage(config(folder, "scenes", **more, model={"decoder_width": 32}), "a test").run()
    with pytest.raises(checkpoint.CheckpointError):
        checkpoint.load(made)
    predictor = Predictor.load(folder / "start", add_on=made)
    assert predictor.captions
    card = checkpoint.read_card(made)
    assert {"captions", "stated_where_it_does_not_apply"} <= set(card["validation"]["scenes"])
    assert "says_scenes" in card
    seen = predictor.see(np.stack([np.asarray(picture(COLOURS["red"], (64, 64)))]), [""])
    assert len(predictor.sentences(seen.grid)) == 1


def test_an_add_on_is_taken_further(folder: Path) -> None:
    first = {"add_on": True, "heads": ("product",), "gates": True, "caption_steps": 4}
    made = Stage(config(folder, "shop", "scenes", **first, model={"decoder_width": 32}), "a test").run()
    before = checkpoint.read_card(made)
    kept = made.rename(folder / "before")
    further = {"add_on": True, "before": str(kept), "caption_steps": 4, "said_steps": 2, "pairs": True}
    again = Stage(config(folder, "scenes", **further), "a test").run()
    one, two = (checkpoint.load(folder / "start", add_on).model.state_dict() for add_on in (kept, again))
    assert torch.equal(one["image_heads.product.weight"], two["image_heads.product.weight"])
    assert not torch.equal(one["scene.weight"], two["scene.weight"])
    assert not torch.equal(one["image_shared.0.weight"], two["image_shared.0.weight"])
    card = checkpoint.read_card(again)
    assert card["calibration"] == before["calibration"]
    assert set(card["validation"]) == {"shop", "scenes"}
    assert (kept / "captions.json").read_bytes() == (again / "captions.json").read_bytes()


def test_sentences_go_on_where_they_were_stopped(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    more = {"add_on": True, "said_steps": 2, "model": {"decoder_width": 32}}
    first = Stage(config(folder, "scenes", caption_steps=4, **more), "a test")
    first.run()
    kept = torch.load(folder / "out" / "captions.pt", weights_only=True)
    assert kept["step"] == 4
    again = Stage(config(folder, "scenes", caption_steps=8, **more), "a test")
    with caplog.at_level("INFO"):
        again.run()
    assert "captions.pt goes on at step 4" in caplog.text
    assert "said.pt goes on" not in caplog.text  # it was of the decoder as it had been
    assert torch.load(folder / "out" / "captions.pt", weights_only=True)["step"] == 8


def test_features_are_worked_out_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Stage(config(folder, "shop", "papers", heads=("kind",)), "a test")._look()
    again = Stage(config(folder, "shop", "papers", heads=("kind",)), "a test")
    monkeypatch.setattr(again.features, "_make", lambda *_: pytest.fail("looked at a second time"))
    again._look()


def test_folds_are_blocks_of_each_labels_own_order() -> None:
    assert fit.folds_of(["a", "b"] * 5, 5).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_words_that_name_nothing_are_among_the_texts() -> None:
    import random

    texts = fit.drawn_texts([{"product": "Gala", "category": "Apple"}] * 50, random.Random(0), 4)
    said = " ".join(text for each in texts for text in each)
    assert "apple" in said and any(word in said for word in ("lamp", "order", "phone"))
    assert "gala" not in said  # a model that is told the answer learns to believe the customer over its eyes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at least one"),
        ("stat = 1\n[[set]]\nname = 'a'\npath = 'a'\nweight = 1", "is missing|is not known"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "stage.toml").write_text(text)
    with pytest.raises(DataError, match=said):
        StageConfig.load(tmp_path / "stage.toml")
