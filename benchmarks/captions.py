"""Who should say what is in a photo: decoder, template of what is sure, or the nearest photo's own sentence?

    PYTHONPATH=. python benchmarks/captions.py [--data .runs/data] [--model weights/…]

Scenes: CIDEr-D and BLEU-4 against people's sentences on flickr8k/validation. Shop photos: precision and recall of the
facts said. The nearest photo is that of the training folder with the most similar vector (the shared space, before
fusion); of its sentences the first is taken, or the one that its labels make.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vision.images import Sample, load_pixels, read_folder
from vision.model.captions import SHOP, template
from vision.model.predictor import Predictor
from vision.settings import SCENES, SHIPPED
from vision.training import metrics
from vision.training.evaluate import Outcome, facts_scores, look

FOLDERS = ("grocery", "clothing", "fashion", "vehicle-damage")
MOST = 8_000  # training photos of a folder


def vectors(predictor: Predictor, samples: list[Sample]) -> npt.NDArray[np.float64]:
    parts = []
    for at in range(0, len(samples), 64):
        pixels = load_pixels(samples[at : at + 64], predictor.size).transpose(0, 2, 3, 1)
        parts.append(predictor.see(pixels, [""] * len(pixels)).vectors)
    return np.concatenate(parts)


def nearest(predictor: Predictor, outcome: Outcome, train: list[Sample]) -> list[Sample]:
    return [train[row] for row in (outcome.vectors @ vectors(predictor, train).T).argmax(1)]


def scenes(predictor: Predictor, data: Path) -> dict[str, Any]:
    outcome = look(predictor, read_folder(data / "flickr8k" / "validation"))
    references = [s.captions for s in outcome.samples]
    train = read_folder(data / "flickr8k" / "train")[:MOST]
    cider = metrics.Cider(references)
    ways = {
        "decoder": [sentence for sentence, _ in outcome.sentences],
        "nearest photo": [s.captions[0] for s in nearest(predictor, outcome, train)],
        "constant": [cider.best_constant()[0]] * len(references),
    }
    return {
        way: {"cider": round(cider.mean(said), 4), "bleu4": round(metrics.bleu4(said, references), 4)}
        for way, said in ways.items()
    }


def things(predictor: Predictor, data: Path, name: str) -> dict[str, Any]:
    outcome = look(predictor, read_folder(data / name / "validation"), captions=False)
    train = read_folder(data / name / "train")[:MOST]
    near = [s.labels for s in nearest(predictor, outcome, train)]
    ways = {
        "template": [template(report.labels) or "" for report in outcome.reports],
        "nearest photo": [" ".join(label for which, label in labels.items() if which in SHOP) for labels in near],
    }
    return {way: facts_scores(predictor, outcome.samples, said) for way, said in ways.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--add-on", type=Path, default=SCENES)
    args = parser.parse_args()
    predictor = Predictor.load(args.model, add_on=args.add_on)
    if (args.data / "flickr8k").is_dir():
        print(json.dumps({"folder": "flickr8k"} | scenes(predictor, args.data)), flush=True)
    for name in FOLDERS:
        if (args.data / name / "validation").is_dir():
            print(json.dumps({"folder": name} | things(predictor, args.data, name)), flush=True)


if __name__ == "__main__":
    main()
