"""Pictures, folders and models as small as they can be."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vision.report import Label, LabelSet, PhotoReport

WORDS = (
    "a red square .",
    "a green square in the sun .",
    "a blue square , seen from above .",
    "two dogs run on grass .",
)
SETS = {"product": ["apple", "milk", "pear"], "kind": ["photo", "receipt"]}
COLOURS = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (30, 40, 200)}
TINY: dict[str, Any] = {
    "encoder": "test_efficientnet",  # of the shipped one's family, with 0.2 million numbers
    "width": 32,
    "heads": 2,
    "text_width": 32,
    "text_heads": 2,
    "text_layers": 1,
    "text_length": 8,
    "spoken": ["product"],
    "decoder_width": 32,
    "decoder_layers": 1,
    "caption_length": 8,
    "shared": 16,
    "shared_hidden": 32,
}


def picture(
    colour: tuple[int, int, int] = COLOURS["red"], size: tuple[int, int] = (96, 72), seed: int = 0
) -> Image.Image:
    """One colour with noise, so that it neither compresses to nothing nor looks like another seed's."""
    noise = np.random.default_rng(seed).integers(-20, 20, (size[1], size[0], 3))
    return Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8))


SHAPES = {
    "apple": ("ellipse", (200, 30, 30), (240, 240, 230)),
    "milk": ("rectangle", (250, 250, 250), (60, 60, 90)),
    "receipt": ("rectangle", (20, 20, 20), (235, 235, 235)),
    "Sea soap": ("rectangle", (20, 60, 220), (250, 220, 40)),
    "Sun candle": ("ellipse", (250, 200, 20), (20, 90, 30)),
}


def drawn(name: str, seed: int, size: int = 160) -> Image.Image:
    """A thing of ``SHAPES`` on its ground, each time elsewhere and in another size."""
    shape, colour, ground = SHAPES[name]
    chance = np.random.default_rng([seed, *name.encode()])
    noise = chance.integers(-12, 12, (size, size, 3))
    image = Image.fromarray((np.array(ground) + noise).clip(0, 255).astype(np.uint8))
    left, top = chance.integers(10, size // 3, 2).tolist()
    right, bottom = chance.integers(size * 2 // 3, size - 10, 2).tolist()
    getattr(ImageDraw.Draw(image), shape)((left, top, right, bottom), fill=colour)
    return image


def drawn_shop(folder: Path, each: int = 6, names: Sequence[str] = ("Sea soap", "Sun candle")) -> Path:
    """A folder for each product, as a shop has them."""
    for name in names:
        (folder / name).mkdir(parents=True)
        for at in range(each):
            drawn(name, at).save(folder / name / f"{at}.png")
    return folder


def drawn_check(folder: Path, each: int = 6) -> Path:
    """What a toy checkpoint is said to know, and receipts, which are none of the products."""
    folder.mkdir(parents=True)
    lines = []
    for name in ("apple", "milk", "receipt"):
        for at in range(each):
            labels = {"kind": "receipt"} if name == "receipt" else {"product": name}
            drawn(name, 100 + at).save(folder / f"{name}-{at}.png")
            lines.append(json.dumps({"file_name": f"{name}-{at}.png", "labels": labels}))
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def encoded(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def write_set(folder: Path, rows: Sequence[dict[str, Any]], size: tuple[int, int] = (80, 60)) -> Path:
    """An imagefolder: each row's picture has the colour of its ``colour`` key, which is not written."""
    folder.mkdir(parents=True)
    lines = []
    for at, row in enumerate(rows):
        entry = {"file_name": f"{at}.png", **row}
        picture(COLOURS[entry.pop("colour", "red")], size, at).save(folder / entry["file_name"])
        lines.append(json.dumps(entry))
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def tiny_config(tokens: Any, **more: Any) -> Any:
    from vision.model.network import ModelConfig

    sizes = {"vocabulary": len(tokens), "text_vocabulary": len(tokens), "image_size": 64}
    return ModelConfig(**{**sizes, "label_sets": SETS, **TINY, **more})


class FakeEyes:
    """Says how bright a photo is and what it was told. Fails on black ones, and on batches when told to."""

    size = 16
    identity = "fake-1"

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.told: list[str] = []
        self.fails_together = False

    def describe(self, pixels: Any, texts: Sequence[str]) -> list[PhotoReport]:
        self.batches.append(len(texts))
        self.told += texts
        if (pixels.mean((1, 2, 3)) < 5).any() or (self.fails_together and len(texts) > 1):
            raise RuntimeError("out of memory, say")
        return [self._one(float(photo.mean()) / 255) for photo in pixels]

    def _one(self, brightness: float) -> PhotoReport:
        found = LabelSet(applies=1, stated="light", top=(Label(name="light", probability=round(brightness, 4)),))
        return PhotoReport(labels={"light": found}, model=self.identity, milliseconds={"model": 1.0})


# -- fixtures: a conftest.py imports those that its tests need ---------------------------------------------------
@pytest.fixture(scope="session")
def tokens() -> Any:
    """With the same numbers in every session: the library breaks ties by chance."""
    from tokenizers import Tokenizer

    from vision.model.tokens import SPECIAL, Tokens

    trained = Tokens.train([*WORDS, "what is this ?", "my fruit", "apple milk pear"] * 3, 120)
    entry = json.loads(trained.tokenizer.to_str())
    words = [*SPECIAL, *sorted(set(entry["model"]["vocab"]) - set(SPECIAL))]
    entry["model"]["vocab"] = {word: at for at, word in enumerate(words)}
    return Tokens(Tokenizer.from_str(json.dumps(entry)))


@pytest.fixture
def tiny(tokens: Any) -> Any:
    """An untrained model, the smallest there is; always the same weights."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install '.[train]'")

    from vision.model.network import FusedModel

    torch.manual_seed(0)
    return FusedModel(tiny_config(tokens)).eval()


@pytest.fixture(scope="session")
def shipped(tokens: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint folder of an untrained model. Tests that change it copy it first."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install '.[train]'")

    from vision.model import checkpoint
    from vision.model.network import FusedModel

    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    torch.manual_seed(0)
    checkpoint.save(folder, FusedModel(tiny_config(tokens)).eval(), tokens, {"command": "a test"}, tokens)
    return folder


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """The same numbers on every machine, and no fight for its cores."""
    if (torch := sys.modules.get("torch")) is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def on_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run toys as they are: the graphs that ONNX Runtime needs are exported where a test is about them."""
    monkeypatch.setenv("VISION_RUNTIME", "torch")
