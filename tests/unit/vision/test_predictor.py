from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toys import COLOURS, SETS, picture

from vision.images import squash
from vision.model import checkpoint
from vision.model.predictor import Predictor
from vision.model.torch_runtime import TorchRuntime
from vision.model.views import views


@pytest.fixture(scope="module")
def predictor(shipped: Path) -> Predictor:
    return Predictor.load(shipped, beams=2)


def photos() -> np.ndarray:
    """With something in them: the left half is in the shade."""
    seen = np.stack([squash(picture(colour, seed=n), 64) for n, colour in enumerate(COLOURS.values())])
    seen[:, :, :32] //= 2
    return seen


def test_a_report(predictor: Predictor) -> None:
    [report, *_] = predictor.describe(photos(), ["", "my fruit", "what is this ?"])
    assert report.error is None
    assert set(report.labels) == set(SETS)
    assert {label.name for label in report.labels["product"].top} == set(SETS["product"])
    assert report.model == predictor.identity
    assert set(report.milliseconds) == {"model", "caption"}


def test_alone_as_among_others(predictor: Predictor) -> None:
    texts = ["", "my fruit", "what is this ?"]
    many = predictor.describe(photos(), texts)
    for at, report in enumerate(many):
        [alone] = predictor.describe(photos()[at : at + 1], texts[at : at + 1])
        assert alone.caption == report.caption
        for name, found in report.labels.items():
            assert found.applies == pytest.approx(alone.labels[name].applies, abs=2e-4)


def test_any_text_will_do(predictor: Predictor) -> None:
    for text in ("x" * 10_000, "word " * 5_000, "🙂" * 100, "\0\n\t", "[PAD] [SEP] [scene]", "ſßéñ", "مرحبا"):
        assert predictor.describe(photos()[:1], [text])[0].error is None


def opinionated(shipped: Path, tmp_path: Path, **floors: float) -> Predictor:
    """A model whose gates and heads are sure."""
    folder = Path(shutil.copytree(shipped, tmp_path / "sure"))
    loaded = checkpoint.load(folder)
    with torch.no_grad():
        for name, opinion in (("product", floors.get("gate", 9.0)), ("kind", -9.0)):
            loaded.model.gates[name].bias.fill_(opinion)
        for value in loaded.model.image_heads["product"].parameters():
            value.zero_()
        loaded.model.image_heads["product"].bias.copy_(torch.tensor([floors.get("head", 20.0), 0, 0]))
    loaded.card |= {"caption_floor": floors.get("caption", -1e9), "says_scenes": True}
    return Predictor(TorchRuntime(loaded), beams=1)


def test_a_stated_label_is_the_caption(shipped: Path, tmp_path: Path) -> None:
    [report] = opinionated(shipped, tmp_path).describe(photos()[:1], [""])
    assert (report.caption, report.caption_source) == ("apple.", "product")
    assert report.labels["product"].stated == "apple"
    assert report.labels["kind"].stated is None
    assert report.labels["kind"].place is None
    left, top, right, bottom = report.labels["product"].place or (1, 1, 0, 0)
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1


def test_where_there_is_nothing_to_see_nothing_is_stated(shipped: Path, tmp_path: Path) -> None:
    """A trained model called fine noise a dress."""
    noise = np.random.default_rng(0).integers(0, 256, (1, 160, 160, 3)).astype(np.uint8)
    sure = opinionated(shipped, tmp_path)
    for pixels in (np.zeros((1, 64, 64, 3), np.uint8), np.full((1, 64, 64, 3), 200, np.uint8), noise):
        [report] = sure.describe(pixels, [""])
        assert report.labels["product"].stated is None
        assert report.labels["product"].top[0].name == "apple"  # a guess may still be asked about


def test_a_product_that_is_not_sure_gets_no_sentence(shipped: Path, tmp_path: Path) -> None:
    """The decoder would name one all the same."""
    [report] = opinionated(shipped, tmp_path, head=0.0).describe(photos()[:1], [""])
    assert (report.caption, report.caption_source) == (None, "none")


def test_a_scene_gets_the_decoders_sentence_when_it_is_good_enough(shipped: Path, tmp_path: Path) -> None:
    scene: dict[str, Any] = {"gate": -9.0}
    [report] = opinionated(shipped, tmp_path / "1", **scene).describe(photos()[:1], [""])
    assert report.caption_source == "scene"
    assert report.caption
    [quiet] = opinionated(shipped, tmp_path / "2", caption=0.0, **scene).describe(photos()[:1], [""])
    assert (quiet.caption, quiet.caption_source) == (None, "none")


def test_words_move_a_product_as_far_as_they_are_trusted(shipped: Path) -> None:
    loaded = checkpoint.load(shipped)
    texts = ["my fruit", "", "what is this ?"]
    eyes = Predictor(TorchRuntime(loaded), beams=1)
    alone = eyes.see(photos(), texts)
    with torch.no_grad():
        loaded.model.fused_heads["product"].weight.mul_(50)  # words have opinions
    for trust in (0.5, 1.0):
        eyes = Predictor(TorchRuntime(replace(loaded, card=loaded.card | {"text_trust": {"product": trust}})), beams=1)
        seen = eyes.see(photos(), texts)
        said = eyes.words_say(seen.grid, texts)
        assert set(said) == {"product"}  # of "kind" nobody says anything
        moved = seen.logits["product"] - alone.logits["product"]
        assert np.allclose(moved, trust * said["product"], atol=1e-4)
        assert np.abs(moved[0]).max() > 1e-3  # how much is chance: the toy has learnt nothing
        assert (moved[1] == 0).all()  # silence says nothing
        assert np.allclose(seen.logits["kind"], alone.logits["kind"], atol=1e-4)
        assert np.array_equal(seen.gates, alone.gates)  # no word opens a gate
    assert Predictor(TorchRuntime(loaded)).trust == {}  # a card that was never fitted


def test_how_a_photo_looks_is_seen_from_the_centre(shipped: Path) -> None:
    """Without it all photos look alike: features of ReLU6 are never below zero."""
    loaded = checkpoint.load(shipped)
    predictor = Predictor(TorchRuntime(loaded))
    before = predictor.see(photos(), [""] * 3).looks
    assert np.allclose(np.linalg.norm(before, axis=1), 1)
    pooled = loaded.model(torch.from_numpy(views(photos(), predictor.config.image_size))).pooled
    loaded.model.centre.copy_(pooled.mean(0))
    after = Predictor(TorchRuntime(loaded)).see(photos(), [""] * 3).looks
    assert (after @ after.T).min() < (before @ before.T).min()


def test_a_card_says_how_plain_a_picture_may_be(shipped: Path) -> None:
    loaded = checkpoint.load(shipped)
    faint = np.full((1, 64, 64, 3), 128, np.uint8)
    faint[:, :, 32:] += 6
    assert Predictor(TorchRuntime(loaded)).see(faint, [""]).plain.tolist() == [True]
    loaded.card["plain"] = 2.0
    assert Predictor(TorchRuntime(loaded)).see(faint, [""]).plain.tolist() == [False]
