"""How accuracy holds when photos get worse.

    PYTHONPATH=. python benchmarks/robust.py [--data .runs/data] [--every 1]

Validation photos with noise, blur, strong JPEG, little light, a turn, and moved against the model by 4 of 255 grey
levels (FGSM). One view of each photo.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageFilter
from torch import Tensor

from vision.images import load_pixels, read_folder
from vision.model import checkpoint
from vision.model.network import FusedModel
from vision.settings import SHIPPED
from vision.training.dataset import RunConfig
from vision.training.losses import against

SETS = {"grocery": "product", "clothing": "item"}


def noisy(image: Image.Image) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, 20, (image.height, image.width, 3))
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))


def compressed(image: Image.Image) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=10)
    return Image.open(out).convert("RGB")


WORSE: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda image: image,
    "noise": noisy,
    "blur": lambda image: image.filter(ImageFilter.GaussianBlur(1.5)),
    "JPEG 10": compressed,
    "dark": lambda image: ImageEnhance.Brightness(image).enhance(0.4),
    "turned 20 degrees": lambda image: image.rotate(20, Image.Resampling.BICUBIC),
}


def accuracy(model: FusedModel, images: Tensor, targets: Tensor, name: str, *, moved: bool = False) -> float:
    right = []
    run = RunConfig(data="", out="", steps=1, sets=())
    for at in range(0, len(images), 32):
        some, target = images[at : at + 32].float(), targets[at : at + 32]
        if moved:
            some = against(model, some, {name: target}, run)
        with torch.inference_mode():
            right.append((model.labels(model(some))[0][name].argmax(1) == target).float())
    return round(torch.cat(right).mean().item(), 4)


def table(folder: Path, data: Path, every: int) -> dict[str, Any]:
    loaded = checkpoint.load(folder)
    model, rows = loaded.model.eval(), {}
    for which, name in SETS.items():
        names = {label: n for n, label in enumerate(model.config.label_sets[name])}
        samples = [s for s in read_folder(data / which / "validation") if s.labels.get(name) in names][::every]
        targets = torch.tensor([names[s.labels[name]] for s in samples])
        pixels = load_pixels(samples, model.config.image_size).transpose(0, 2, 3, 1)
        rows[which] = {way: accuracy(model, worse(pixels, change), targets, name) for way, change in WORSE.items()}
        rows[which]["moved against it"] = accuracy(model, worse(pixels, WORSE["as it is"]), targets, name, moved=True)
    return rows


def worse(pixels: Any, change: Callable[[Image.Image], Image.Image]) -> Tensor:
    changed = [np.asarray(change(Image.fromarray(photo))) for photo in pixels]
    return torch.from_numpy(np.stack(changed)).permute(0, 3, 1, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--every", type=int, default=1, help="1: all validation photos")
    args = parser.parse_args()
    torch.set_num_threads(2)
    print(json.dumps({"every": args.every, "shipped": table(SHIPPED, args.data, args.every)}), flush=True)


if __name__ == "__main__":
    main()
