"""Things that training never saw: named by five example photos each, in the shared space.

    PYTHONPATH=. python benchmarks/held_back.py MODEL RUN [--data .runs/data]

RUN is the TOML file of the run that made MODEL; its ``held_back`` names what was left out. Of each such label, five
photos are the examples and the others are asked (training and validation photos alike: nothing of them was trained
on). Beside ours: the same with 16 × 16 pixels as the vector, and chance. One line of JSON a label set.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vision.images import Sample, load_pixels, read_folder
from vision.model.catalogue import image_vectors
from vision.model.predictor import Predictor
from vision.training.dataset import RunConfig

EXAMPLES = 5
DRAWS = 20  # of examples; the mean is reported, and the spread over draws


def photos_of(run: RunConfig, data: Path, name: str) -> list[Sample]:
    folders = [folder for entry in run.sets for folder in (entry.path, entry.validation) if folder]
    wanted = set(run.held_back[name])
    return [s for folder in folders for s in read_folder(data / folder) if s.labels.get(name) in wanted]


def top_1(vectors: npt.NDArray[np.float64], owner: npt.NDArray[np.int64], chance: random.Random) -> tuple[float, float]:
    """Accuracy over the photos that are no example, and over labels (each label counts alike)."""
    examples = [
        row for label in set(owner.tolist()) for row in chance.sample(np.flatnonzero(owner == label).tolist(), EXAMPLES)
    ]
    prototypes = np.stack(
        [vectors[[r for r in examples if owner[r] == label]].mean(0) for label in range(owner.max() + 1)]
    )
    prototypes /= np.linalg.norm(prototypes, axis=1, keepdims=True)
    asked = np.setdiff1d(np.arange(len(owner)), examples)
    right = (vectors[asked] @ prototypes.T).argmax(1) == owner[asked]
    return float(right.mean()), float(
        np.mean([right[owner[asked] == label].mean() for label in set(owner[asked].tolist())])
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    args = parser.parse_args()
    run, eyes = RunConfig.load(args.run), Predictor.load(args.model)
    for name, labels in run.held_back.items():
        samples = photos_of(run, args.data, name)
        owner = np.array([labels.index(s.labels[name]) for s in samples])
        small = load_pixels(samples, 16).reshape(len(samples), -1).astype(np.float64)
        small -= small.mean(1, keepdims=True)
        sides = {
            "ours": image_vectors(eyes, samples)[:, 0],
            "pixels": small / np.linalg.norm(small, axis=1, keepdims=True),
        }
        found = {}
        for side, vectors in sides.items():
            draws = np.array([top_1(vectors, owner, random.Random(seed)) for seed in range(DRAWS)])
            found[side] = {
                "top1": draws[:, 0].mean().round(4),
                "by label": draws[:, 1].mean().round(4),
                "spread": draws[:, 0].std().round(4),
            }
        print(
            json.dumps(
                {
                    "set": name,
                    "labels": len(labels),
                    "photos": len(samples),
                    "chance": round(1 / len(labels), 4),
                    **found,
                }
            )
        )


if __name__ == "__main__":
    main()
