"""How accuracy holds when photos get worse or labels are wrong, and what the trainer's two options do about it.

    PYTHONPATH=. python benchmarks/robust.py [--data .runs/data] [--minutes 2]

First the shipped checkpoint: validation photos with noise, blur, strong JPEG, little light, a turn, and moved against
the model by 4 of 255 grey levels (FGSM). Then it is trained on for ``--minutes`` in five ways on groceries and clothes,
each with the same draws: plainly, with half of the batches moved against it, with generalised cross-entropy (q = 0.7),
and both losses again with 30 % of the labels wrong. One view of each photo.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
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
from vision.training.dataset import RunConfig, SetConfig
from vision.training.losses import against
from vision.training.train import Trainer

SETS = {"grocery": "product", "clothing": "item"}
WRONG = 0.3


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
    empty, right = torch.tensor([[2, 3]]), []  # [CLS] [SEP]
    run = RunConfig(data="", out="", steps=1, sets=())
    for at in range(0, len(images), 32):
        some, target = images[at : at + 32].float(), targets[at : at + 32]
        text = empty.expand(len(some), -1)
        if moved:
            some = against(model, some, text, {name: target}, run)
        with torch.inference_mode():
            right.append((model.labels(model(some, text))[0][name].argmax(1) == target).float())
    return round(torch.cat(right).mean().item(), 4)


def table(folder: Path, data: Path, *, all_of_it: bool) -> dict[str, Any]:
    loaded = checkpoint.load(folder)
    model, rows = loaded.model.eval(), {}
    for which, name in SETS.items():
        names = {label: n for n, label in enumerate(model.config.label_sets[name])}
        samples = [s for s in read_folder(data / which / "validation") if s.labels.get(name) in names]
        targets = torch.tensor([names[s.labels[name]] for s in samples])
        pixels = load_pixels(samples, model.config.image_size).transpose(0, 2, 3, 1)
        ways = WORSE if all_of_it else {way: WORSE[way] for way in ("as it is", "noise")}
        rows[which] = {way: accuracy(model, worse(pixels, change), targets, name) for way, change in ways.items()}
        rows[which]["moved against it"] = accuracy(model, worse(pixels, WORSE["as it is"]), targets, name, moved=True)
    return rows


def worse(pixels: Any, change: Callable[[Image.Image], Image.Image]) -> Tensor:
    changed = [np.asarray(change(Image.fromarray(photo))) for photo in pixels]
    return torch.from_numpy(np.stack(changed)).permute(0, 3, 1, 2)


def trained(data: Path, out: Path, minutes: float, *, wrong: bool, **options: Any) -> Path:
    size = checkpoint.load(SHIPPED).model.config.image_size
    sets = tuple(SetConfig(which, f"{which}/train", 1.0) for which in SETS)
    run = RunConfig(
        data=str(data), out=str(out), steps=100_000, minutes=minutes, sets=sets, start=str(SHIPPED), size=128,
        test_size=size, stored=192, rate=5e-4, weight_decay=0.2, warmup=0.1, rendered=0.0,
        losses={"labels": 1.0, "gate": 0.5}, label_sets=("product", "category", "item", "kind"), **options,
    )  # fmt: skip
    out.mkdir(parents=True)
    (out / "tokenizer.json").write_bytes((SHIPPED / "tokenizer.json").read_bytes())
    trainer = Trainer(replace(run, smallest_crop=0.35), "benchmarks/robust.py")
    if wrong:
        for name, target in trainer.pictures.targets.items():
            mislabel(target, len(trainer.pictures.label_sets[name]))
    return trainer.train()


def mislabel(target: Tensor, labels: int) -> None:
    generator = torch.Generator().manual_seed(0)
    chosen = (torch.rand(len(target), generator=generator) < WRONG) & (target >= 0)
    target[chosen] = torch.randint(0, labels, (int(chosen.sum()),), generator=generator)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--minutes", type=float, default=2)
    args = parser.parse_args()
    torch.set_num_threads(2)
    print(json.dumps({"shipped": table(SHIPPED, args.data, all_of_it=True)}), flush=True)
    ways: dict[str, dict[str, Any]] = {
        "plainly": {"wrong": False},
        "half moved against it": {"wrong": False, "adversarial": 0.5},
        "generalised cross-entropy": {"wrong": False, "robust": 0.7},
        "30 % wrong labels": {"wrong": True},
        "30 % wrong labels, generalised cross-entropy": {"wrong": True, "robust": 0.7},
    }
    with tempfile.TemporaryDirectory() as folder:
        for number, (way, options) in enumerate(ways.items() if args.minutes else ()):
            model = trained(args.data, Path(folder) / str(number), args.minutes, **options)
            print(json.dumps({way: table(model, args.data, all_of_it=False)}), flush=True)


if __name__ == "__main__":
    main()
