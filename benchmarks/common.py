"""Accuracy on the labels that training had enough photos of.

    PYTHONPATH=. python benchmarks/common.py [--data DIR] [--set fashion] [--name article] [--least 50] [--add-on DIR]

Only photos with such a label are asked about; the answer may still be any label. Printed: how many labels there are,
and what ``python -m vision evaluate`` says of them.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from vision.images import read_folder
from vision.model.predictor import Predictor
from vision.settings import SHIPPED
from vision.training.evaluate import label_scores, look


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--set", default="fashion", help="folder in --data with train and validation")
    parser.add_argument("--name", default="article", help="label set")
    parser.add_argument("--least", type=int, default=50, help="training photos")
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--add-on", type=Path)
    args = parser.parse_args()
    photos = Counter(s.labels.get(args.name) for s in read_folder(args.data / args.set / "train"))
    common = {label for label, count in photos.items() if label and count >= args.least}
    samples = [s for s in read_folder(args.data / args.set / "validation") if s.labels.get(args.name) in common]
    predictor = Predictor.load(args.model, add_on=args.add_on)
    print(json.dumps({"labels": len(common)} | (label_scores(predictor, look(predictor, samples), args.name) or {})))


if __name__ == "__main__":
    main()
