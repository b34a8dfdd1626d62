from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from storage.seal import Sealer

WORDS = (
    "a red square .",
    "a green square in the sun .",
    "a blue square , seen from above .",
    "two dogs run on grass .",
)
SETS = {"product": ["apple", "milk", "pear"], "kind": ["photo", "receipt"]}
COLOURS = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (30, 40, 200)}


def picture(
    colour: tuple[int, int, int] = (200, 30, 30), size: tuple[int, int] = (96, 72), seed: int = 0
) -> Image.Image:
    """One colour with noise, so that it neither compresses to nothing nor looks like another seed's."""
    noise = np.random.default_rng(seed).integers(-20, 20, (size[1], size[0], 3))
    return Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def write_set(folder: Path, rows: list[dict[str, Any]], size: tuple[int, int] = (80, 60)) -> Path:
    """An imagefolder: each row's picture has the colour of its ``colour`` key, which is not written."""
    folder.mkdir(parents=True)
    lines = []
    for at, row in enumerate(rows):
        entry = dict(row)
        image = picture(COLOURS[entry.pop("colour", "red")], size, at)
        name = entry.setdefault("file_name", f"{at}.png")
        image.save(folder / name)
        lines.append(json.dumps(entry))
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def sealer() -> Sealer:
    return Sealer({1: bytes(range(32))}, 1)


@pytest.fixture(scope="session")
def tokens() -> Any:
    from vision.tokens import Tokens

    return Tokens.train([*WORDS, "what is this ?", "my fruit", "apple milk pear"] * 3, 120)


@pytest.fixture
def tiny(tokens: Any) -> Any:
    """An untrained model, the smallest there is; always the same weights."""
    import torch

    from vision.model import FusedModel

    torch.manual_seed(0)
    return FusedModel(tiny_config(tokens)).eval()


def tiny_config(tokens: Any, **more: Any) -> Any:
    from vision.model import ModelConfig

    values: dict[str, Any] = {"vocabulary": len(tokens), "image_size": 64, "label_sets": SETS, **TINY, **more}
    return ModelConfig(**values)


TINY: dict[str, Any] = {
    "width": 32,
    "heads": 2,
    "text_layers": 1,
    "fusion_layers": 1,
    "decoder_layers": 1,
    "text_length": 8,
    "caption_length": 8,
    "shared": 16,
}


@pytest.fixture(scope="session")
def shipped(tokens: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder of an untrained model. Tests that change it copy it first."""
    import torch

    from vision import checkpoint
    from vision.model import FusedModel

    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    torch.manual_seed(0)
    checkpoint.save(folder, FusedModel(tiny_config(tokens)).eval(), tokens, {"command": "a test"})
    return folder


@pytest.fixture(autouse=True)
def _one_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """The same numbers on every machine, and no fight for its cores."""
    import sys

    if (torch := sys.modules.get("torch")) is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
