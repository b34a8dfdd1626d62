"""The checkpoint in the repository: it loads strictly, explains itself, and is not confident about nonsense."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter
from repository import ROOT
from safetensors.numpy import load_file, save_file

from vision.__main__ import main
from vision.images import squash
from vision.model import stored
from vision.model.predictor import SHIPPED, Predictor
from vision.model.runtime import GRAPHS
from vision.settings import SCENES, VisionSettings


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.load()


def test_it_is_small_enough_to_travel() -> None:
    folders = [folder for folder in (SHIPPED, SCENES) if folder.is_dir()]
    assert sum(file.stat().st_size for folder in folders for file in folder.iterdir()) < 32 * 2**20


def test_it_explains_itself(predictor: Predictor) -> None:
    assert set(predictor.sets) == {"product", "category", "item", "damage", "kind", "object"}
    assert len(predictor.sets["object"]) == 1000
    assert set(predictor.calibration) == set(predictor.sets)


def test_a_shop_may_use_it_and_what_it_may_not_lies_apart() -> None:
    """What compose starts is trained on sets whose licence allows it; research sets taught the add-on alone."""
    assert stored.read_card(SHIPPED)["made"]["licence"].startswith("commercial use allowed")
    if SCENES.is_dir():
        assert stored.read_card(SCENES)["made"]["licence"].startswith("research and education")
    assert VisionSettings().add_on is None
    assert "VISION_ADD_ON:\n" in (ROOT / "docker-compose.yml").read_text()  # passed on, and empty where nobody sets it


@pytest.mark.skipif(not SCENES.is_dir(), reason="weights/scenes is an add-on that not every copy has")
def test_the_add_on_brings_labels_and_leaves_the_others_as_they_were(predictor: Predictor) -> None:
    both = Predictor.load(add_on=SCENES)
    assert set(both.sets) - set(predictor.sets) == {"article", "colour"}
    with Image.open(ROOT / "docs" / "apples.jpg") as picture:
        pixels = squash(picture, predictor.size)[None]
    alone, more = predictor.describe(pixels, [""])[0], both.describe(pixels, [""])[0]
    for name in ("product", "category", "item", "damage"):
        assert alone.labels[name].top == more.labels[name].top
    assert more.model.startswith(alone.model + "+")


@pytest.mark.skipif(not SCENES.is_dir(), reason="weights/scenes is an add-on that not every copy has")
def test_commands_have_the_add_on_that_the_worker_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A catalogue that was built without it did not fit the worker, and nothing scored what it adds."""
    monkeypatch.setenv("VISION_ADD_ON", str(SCENES))
    assert main(["describe", str(ROOT / "docs" / "apples.jpg"), "--json"]) == 0
    assert {"article", "product"} <= set(json.loads(capsys.readouterr().out)["labels"])


@pytest.mark.parametrize("add_on", [None, SCENES])
def test_words_find_what_shops_sell(add_on: Path | None) -> None:
    """The add-on's space of photos and texts had learnt scenes alone: for it apples were juice, and came 22nd."""
    if add_on and not add_on.is_dir():
        pytest.skip("weights/scenes is an add-on that not every copy has")
    eyes = Predictor.load(add_on=add_on)
    with Image.open(ROOT / "docs" / "apples.jpg") as picture:
        seen = eyes.see(squash(picture, eyes.size)[None], [""])
    names = eyes.sets["category"]
    alike = eyes.text_vectors([f"a photo of {name.lower()}" for name in names]) @ seen.vectors[0]
    assert "Apple" in [names[at] for at in np.argsort(-alike)[:3]]


def test_an_everyday_thing_is_named(predictor: Predictor) -> None:
    with Image.open(ROOT / "docs" / "apples.jpg") as picture:
        report = predictor.describe(squash(picture, predictor.size)[None], [""])[0]
    assert report.labels["object"].top[0].name == "Granny Smith"


def test_our_own_picture_of_apples_is_recognised(predictor: Predictor) -> None:
    with Image.open(ROOT / "docs" / "apples.jpg") as picture:
        report = predictor.describe(squash(picture, predictor.size)[None], [""])[0]
    assert report.labels["category"].top[0].name == "Apple"


def test_its_graphs_in_int8_say_what_torch_says(predictor: Predictor) -> None:
    theirs = Predictor.load(name="torch")
    with Image.open(ROOT / "docs" / "apples.jpg") as picture:
        pixels = np.stack([squash(picture, predictor.size), *drawn(predictor.size)])
    ours, exact = (eyes.see(pixels, [""] * len(pixels)) for eyes in (predictor, theirs))
    for name, logits in ours.logits.items():
        one, other = (each - each.mean(1, keepdims=True) for each in (logits, exact.logits[name]))
        cosine = (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
        assert cosine.min() > 0.95, (name, cosine)
    assert np.abs(ours.gates - exact.gates).max() < 1.5
    assert any(b"DequantizeLinear" in path.read_bytes() for path in (SHIPPED / GRAPHS).glob("eyes.onnx"))


def test_ranges_of_other_weights_are_refused(tmp_path: Path) -> None:
    """A checkpoint that was trained on has other activations: its graphs have to be made again."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "model"))
    tensors = load_file(folder / stored.WEIGHTS)
    tensors["trunk.1.bias"] = tensors["trunk.1.bias"] * 2
    save_file(tensors, folder / stored.WEIGHTS)
    with pytest.raises(stored.CheckpointError, match=r"made for other weights.*python -m vision export"):
        Predictor.load(folder)


def test_noise_gets_no_name(predictor: Predictor) -> None:
    chance = np.random.default_rng(3)
    pixels = [
        np.full((predictor.size, predictor.size, 3), 128, np.uint8),
        np.zeros((predictor.size, predictor.size, 3), np.uint8),
        chance.integers(0, 255, (predictor.size, predictor.size, 3)).astype(np.uint8),
    ]
    for report in predictor.describe(np.stack(pixels), ["", "my apple", ""]):
        stated = {name: found.stated for name, found in report.labels.items() if found.stated}
        assert not {"product", "category", "item", "article", "damage"} & set(stated), stated


def drawn(size: int) -> np.ndarray:
    """A lamp, a chair and a striped curtain [3, size, size, 3]: things that no set has, with light and shade."""
    shade = Image.linear_gradient("L").resize((160, 160)).convert("RGB")
    pictures = []
    for colour, draw in (("#e8c15a", _lamp), ("#7a4a28", _chair), ("#b5433c", _curtain)):
        picture = Image.blend(Image.new("RGB", (160, 160), "#cfd6dc"), shade, 0.3)
        draw(ImageDraw.Draw(picture), colour)
        pictures.append(np.asarray(picture.filter(ImageFilter.GaussianBlur(0.8)).resize((size, size))))
    return np.stack(pictures)


def _lamp(pen: ImageDraw.ImageDraw, colour: str) -> None:
    pen.polygon([(50, 70), (110, 70), (95, 25), (65, 25)], colour)
    pen.rectangle((77, 70, 83, 130), "#555555")
    pen.ellipse((55, 125, 105, 140), "#555555")


def _chair(pen: ImageDraw.ImageDraw, colour: str) -> None:
    pen.rectangle((50, 20, 58, 145), colour)
    pen.rectangle((50, 80, 110, 90), colour)
    pen.rectangle((102, 90, 110, 145), colour)
    pen.rectangle((50, 30, 62, 70), colour)


def _curtain(pen: ImageDraw.ImageDraw, colour: str) -> None:
    for left in range(10, 150, 20):
        pen.rectangle((left, 0, left + 9, 159), colour)


def test_a_lamp_is_not_a_granny_smith(predictor: Predictor) -> None:
    """Nor a chair, whatever the customer calls it."""
    pixels = drawn(predictor.size)
    for text in ("", "my apple", "a question about my car"):
        for report in predictor.describe(pixels, [text] * len(pixels)):
            stated = {name: found.stated for name, found in report.labels.items() if found.stated}
            assert not {"product", "damage"} & set(stated), (text, stated)


@pytest.mark.parametrize("text", ["apple", "a question about my car", "my order 4471 is broken", "где мой заказ?"])
def test_words_open_no_gate(predictor: Predictor, text: str) -> None:
    """With "apple" beside them receipts were photos, and every grocery had a category that was stated."""
    with Image.open(ROOT / "docs" / "apples.jpg") as picture:
        pixels = np.stack([squash(picture, predictor.size), *drawn(predictor.size)])
    told, untold = (predictor.describe(pixels, [words] * len(pixels)) for words in (text, ""))
    for one, other in zip(told, untold, strict=True):
        assert one.labels["kind"] == other.labels["kind"]
        assert all(one.labels[name].applies == other.labels[name].applies for name in one.labels)


def test_a_photo_alone_and_in_a_batch_is_described_alike(predictor: Predictor) -> None:
    with Image.open(ROOT / "docs" / "apples.jpg") as picture:
        apples = squash(picture, predictor.size)
    grey = np.full_like(apples, 128)
    alone = predictor.describe(apples[None], [""])[0]
    together = predictor.describe(np.stack([grey, apples]), ["what is this?", ""])[1]
    for name, found in alone.labels.items():
        assert found.top[0].name == together.labels[name].top[0].name
        assert found.top[0].probability == pytest.approx(together.labels[name].top[0].probability, abs=0.02)
