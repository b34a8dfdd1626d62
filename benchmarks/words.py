"""What customers' words, none of them trained on, do to what is said of a photo.

    PYTHONPATH=. python benchmarks/words.py [--model weights/shipped] [--add-on weights/scenes] [--data .runs/data]

First, groceries with nothing said, something contentless, something true but coarse, something wrong (worded as in
training), one of 510 customers' questions about other things, and "apple". Then each of the 2,000 commonest English
words alone beside every photo: by how much the worst of them moves the accuracy, and the share of photos with an open
gate. The words are the first whole ones of the reader's vocabulary, which is in order of how common they are.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np

from vision.images import Sample, read_folder
from vision.model.predictor import Predictor
from vision.settings import SHIPPED
from vision.training.evaluate import Outcome, customer_texts, look

WORDS = 2000
SETS = {"grocery/validation": ("product", "category"), "fashion/validation": ("article",)}


def targets(eyes: Predictor, samples: list[Sample], name: str) -> np.ndarray:
    index = {label: n for n, label in enumerate(eyes.sets[name])}
    return np.array([index.get(s.labels.get(name, ""), -1) for s in samples])


def accuracy(logits: np.ndarray, target: np.ndarray) -> float:
    return float((logits.argmax(1) == target)[target >= 0].mean())


def table(eyes: Predictor, seen: Outcome, name: str, questions: list[str]) -> dict[str, float]:
    chance = random.Random(0)
    ways = customer_texts(seen.samples) | {
        "customers' questions": [chance.choice(questions) for _ in seen.samples],
        "apple": ["apple"] * len(seen.samples),
    }
    target, trust = targets(eyes, seen.samples, name), eyes.trust.get(name, 0.0)
    found = {"none": accuracy(seen.logits[name], target)}
    for way, texts in ways.items():
        heard = eyes.words_say(seen.grid.astype(np.float32), texts).get(name, np.zeros(1))
        found[way] = accuracy(seen.logits[name] + trust * heard, target)
    return {way: round(value, 4) for way, value in found.items()}


def single_words(eyes: Predictor, seen: Outcome, name: str) -> dict[str, object]:
    """The photos' cells are put together first: the fusions that are shipped look at their mean."""
    target, trust = targets(eyes, seen.samples, name), eyes.trust.get(name, 0.0)
    grid, before = seen.grid.astype(np.float32).mean(1, keepdims=True), accuracy(seen.logits[name], target)
    nothing, words, moved = eyes.read([""])[0], eyes.tokens.whole_words()[:WORDS], {}
    said, mask = eyes.read(words)
    for at, word in enumerate(words):
        beside = np.repeat(said[at : at + 1], len(grid), 0), np.repeat(mask[at : at + 1], len(grid), 0)
        heard = eyes.network.hear(grid, *beside, nothing)[name].astype(np.float64)
        moved[word] = accuracy(seen.logits[name] + trust * heard, target) - before
    worst = sorted(moved, key=lambda word: moved[word])[:5]
    return {
        "words": len(moved),
        "worst": {word: round(moved[word], 4) for word in worst},
        "over 2 points": sum(abs(change) > 0.02 for change in moved.values()),
        "gates moved": 0,  # by construction: no word reaches a gate (network.py)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--add-on", type=Path)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    args = parser.parse_args()
    eyes = Predictor.load(args.model, add_on=args.add_on)
    lines = (args.data / "support" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    for folder, names in SETS.items():
        spoken = [name for name in names if name in eyes.config.spoken]
        if not spoken or not (args.data / folder).is_dir():
            continue
        seen = look(eyes, read_folder(args.data / folder), captions=False)
        for name in spoken:
            print(json.dumps({"folder": folder, "set": name, **table(eyes, seen, name, questions)}), flush=True)
            print(json.dumps({"folder": folder, "set": name, **single_words(eyes, seen, name)}), flush=True)


if __name__ == "__main__":
    main()
