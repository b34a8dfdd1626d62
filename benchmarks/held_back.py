"""Things that training never saw, named by one, three and five example photos each, or by their name alone.

    PYTHONPATH=. python benchmarks/held_back.py [--model weights/shipped] [--add-on weights/scenes] [--data .runs/data]

The world branch is as it was pretrained: no product and no article type was shown to it with its name, so that all of
them are held back from what compares photos. Of each label, some photos are the examples and the others are asked.
Beside ours: 16 × 16 pixels as the vector, and chance. One line of JSON a label set.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vision.images import Sample, load_pixels, read_folder
from vision.model.predictor import Predictor
from vision.model.prototypes import looks_of
from vision.settings import SHIPPED

DRAWS = 20  # of examples; the mean is reported, and the spread over draws
MOST = 30  # photos of a label
HELD_BACK = {
    "product": ("grocery", (
        "Alpro Shelf Soy Milk", "Arla Natural Mild Low Fat Yoghurt", "Banana", "Conference", "God Morgon Apple Juice",
        "Kaiser", "Oatly Oat Milk", "Plum", "Satsumas", "Vine Tomato",
    )),
    "article": ("fashion", (
        "Belts", "Clutches", "Flip Flops", "Innerwear Vests", "Kurtis", "Scarves", "Socks", "Sweatshirts", "Trousers",
        "Watches",
    )),
}  # fmt: skip


def photos_of(data: Path, name: str) -> list[Sample]:
    folder, labels = HELD_BACK[name]
    found = [s for split in ("train", "validation") for s in read_folder(data / folder / split)]
    return [s for label in labels for s in [s for s in found if s.labels.get(name) == label][:MOST]]


def top_1(
    vectors: npt.NDArray[np.float64], owner: npt.NDArray[np.int64], examples: int, chance: random.Random
) -> tuple[float, float]:
    """Accuracy over the photos that are no example, and over labels (each label counts alike)."""
    chosen = [
        row for label in set(owner.tolist()) for row in chance.sample(np.flatnonzero(owner == label).tolist(), examples)
    ]
    prototypes = np.stack(
        [vectors[[r for r in chosen if owner[r] == label]].mean(0) for label in range(owner.max() + 1)]
    )
    prototypes /= np.linalg.norm(prototypes, axis=1, keepdims=True)
    asked = np.setdiff1d(np.arange(len(owner)), chosen)
    right = (vectors[asked] @ prototypes.T).argmax(1) == owner[asked]
    return float(right.mean()), float(np.mean([right[owner[asked] == k].mean() for k in set(owner[asked].tolist())]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--add-on", type=Path)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    args = parser.parse_args()
    eyes = Predictor.load(args.model, add_on=args.add_on)
    for name, (folder, labels) in HELD_BACK.items():
        if not (args.data / folder).is_dir():
            continue
        samples = photos_of(args.data, name)
        owner = np.array([labels.index(s.labels[name]) for s in samples])
        small = load_pixels(samples, 16).reshape(len(samples), -1).astype(np.float64)
        small -= small.mean(1, keepdims=True)
        looks, shown = looks_of(eyes, samples)
        words = eyes.text_vectors([f"a photo of {label.lower()}" for label in labels])
        sides = {"ours": looks[:, 0], "pixels": small / np.linalg.norm(small, axis=1, keepdims=True)}
        found: dict[str, Any] = {"by name alone": round(float(((shown @ words.T).argmax(1) == owner).mean()), 4)}
        for side, vectors in sides.items():
            for count in (1, 3, 5):
                draws = np.array([top_1(vectors, owner, count, random.Random(seed)) for seed in range(DRAWS)])
                means, spread = draws.mean(0).round(4).tolist(), round(float(draws[:, 0].std()), 4)
                found[f"{side}, {count}"] = {"top1": means[0], "by label": means[1], "spread": spread}
        print(json.dumps({"set": name, "labels": len(labels), "photos": len(samples), "chance": 0.1, **found}))


if __name__ == "__main__":
    main()
