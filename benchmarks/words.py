"""What customers' words, none of them trained on, do to what is said of a photo: labels, gates, kind of picture.

    PYTHONPATH=. python benchmarks/words.py [--data .runs/data] [--through-fusion]

Each photo is looked at without words, with one of 510 customers' questions about other things, with one of ten about
the thing, and with "apple", whatever it shows. ``--through-fusion``: with the words in F = [F_I ; F_T], as they were
in training, beside the heads that read words alone, as they are served.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from photo_article import QUESTIONS

from vision.images import read_folder
from vision.model.predictor import Prediction, Predictor
from vision.settings import SHIPPED
from vision.training.evaluate import label_scores, look

FOLDERS = {
    "grocery/validation": "product",
    "fashion/validation": "article",
    "flickr8k/validation": None,
    "objects64/cars": None,
    "receipts/readable": "kind",
}


def through_fusion(predictor: Predictor) -> None:
    """As it was served before docs/decisions/0034."""
    see, forward, tokens = predictor.see, predictor.model.forward, predictor.tokens

    def hearing(pixels: npt.NDArray[np.uint8], texts: Sequence[str]) -> Prediction:
        rows = tokens.texts(list(texts), predictor.model.config.text_length)
        told = torch.tensor(rows, device=predictor.device).repeat(2, 1)
        predictor.model.forward = lambda images, _: forward(images, told)  # type: ignore[assignment, method-assign]
        return see(pixels, texts)

    predictor.see = hearing  # type: ignore[method-assign]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--through-fusion", action="store_true")
    args = parser.parse_args()
    predictor = Predictor.load(SHIPPED)
    if args.through_fusion:
        through_fusion(predictor)
    lines = (args.data / "support" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ways: dict[str, Sequence[str]] = {
        "none": ("",),
        "customers' questions": [json.loads(line)["question"] for line in lines],
        "about the thing": QUESTIONS,
        "apple": ("apple", "is this an apple?", "my apples"),
    }
    for folder, name in FOLDERS.items():
        if not (args.data / folder / "metadata.jsonl").is_file():
            continue
        samples = read_folder(args.data / folder)
        for way, texts in ways.items():
            chance = random.Random(0)
            seen = look(predictor, samples, [chance.choice(texts) for _ in samples], captions=False)
            scores = label_scores(predictor, seen, name) if name else None
            stated = {
                s: round(float(np.mean([bool(r.labels[s].stated) for r in seen.reports])), 3) for s in predictor.sets
            }
            found = {key: scores[key] for key in ("accuracy", "stated_accuracy")} if scores else {}
            print(json.dumps({"folder": folder, "words": way, "set": name, **found, "stated": stated}), flush=True)


if __name__ == "__main__":
    main()
