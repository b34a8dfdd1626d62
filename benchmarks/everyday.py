"""Everyday things by their names, and what is wrongly stated of photos that show nothing of the shop's.

    PYTHONPATH=. python benchmarks/everyday.py [--model weights/shipped] [--data .runs/data] [--photos 480] [--cars 240]

``object`` on Tiny ImageNet's photos of 64 pixels whose names ours has, too: forced answers among all thousand, and what
is stated. These photos are a part of ImageNet's training set, small: eyes that start from there have seen them large.
Then what share of them is stated to be a product, a category, an item of clothing or damage. ``--cars``: nearly all
of them are intact; the share of which damage is stated. A line of JSON each.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from vision.images import Sample, read_folder
from vision.model.predictor import Predictor
from vision.settings import SHIPPED
from vision.training.evaluate import Outcome, label_scores, look

FOREIGN = ("product", "category", "item", "damage")


def spread(samples: list[Sample], count: int) -> list[Sample]:
    """``count`` of them, as far from one another as can be: labels lie in blocks."""
    return [samples[at] for at in np.linspace(0, len(samples) - 1, min(count, len(samples))).astype(int)]


def stated(outcome: Outcome, name: str) -> float:
    return round(float(np.mean([report.labels[name].stated is not None for report in outcome.reports])), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--photos", type=int, default=480)
    parser.add_argument("--cars", type=int, default=240)
    args = parser.parse_args()
    eyes = Predictor.load(args.model)
    known = set(eyes.sets["object"])
    named = [s for s in read_folder(args.data / "objects64" / "train") if s.labels["object"] in known]
    outcome = look(eyes, spread(named, args.photos))
    print(json.dumps({"folder": "objects64/train"} | (label_scores(eyes, outcome, "object") or {})), flush=True)
    foreign = {name: stated(outcome, name) for name in FOREIGN if name in eyes.sets}
    print(json.dumps({"folder": "objects64/train", "photos": len(outcome.samples), "stated": foreign}), flush=True)
    cars = look(eyes, spread(read_folder(args.data / "objects64" / "cars"), args.cars))
    print(json.dumps({"folder": "objects64/cars", "photos": len(cars.samples), "stated": stated(cars, "damage")}))


if __name__ == "__main__":
    main()
