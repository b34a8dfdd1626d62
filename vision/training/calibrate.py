"""Fits what a checkpoint may say on validation photos, and writes it into its card with the scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vision.images import read_folder
from vision.model import checkpoint, labels, rendered_text
from vision.model.predictor import Predictor
from vision.training import metrics
from vision.training.evaluate import (
    Numbers,
    Outcome,
    caption_scores,
    customer_texts,
    guesses,
    label_scores,
    look,
    with_captions,
)

COSTS = 0.01  # of accuracy: what it may cost at most that a customer names another thing
DRAWS = 3  # of what customers write: with one, luck decides
WORTH = 2.0  # times the best constant sentence: from there on a sentence about a scene is said (docs/log.md)


def calibrate(model: Path, folders: dict[Path, tuple[str, ...]], precision: float = 0.85) -> Numbers:
    """Fit on the even rows of validation folders, score on the odd ones, write both into the card.

    ``folders``: each with the label sets of which it is not known whether they apply there.
    """
    predictor = Predictor.load(model)
    outcomes = {folder: look(predictor, read_folder(folder)) for folder in folders}
    stored = {
        name: _fit(predictor, outcomes, folders, name, precision).to_dict()
        for name in predictor.sets
        if any(name in s.labels for o in outcomes.values() for s in o.samples)
    }
    card = checkpoint.load(model).card
    scores = [score for o in outcomes.values() for _, score in o.sentences[::2]]
    card |= {
        "calibration": stored,
        "text_trust": _trust(predictor, outcomes),
        "caption_floor": round(float(np.quantile(scores, 0.1)), 3) if scores else 0.0,
    }
    checkpoint.write_card(model, card)
    fresh = Predictor.load(model)
    card["validation"] = {
        folder.parent.name: evaluate_odd(fresh, outcomes[folder], unknown) for folder, unknown in folders.items()
    }
    card["pooled"] = pooled(fresh, [outcome.odd() for outcome in outcomes.values()])
    scored = [found["captions"] for found in card["validation"].values() if "captions" in found]
    card["says_scenes"] = bool(scored) and all(found["cider"] > WORTH * found["constant_cider"] for found in scored)
    checkpoint.write_card(model, card)
    return card


def evaluate_odd(predictor: Predictor, outcome: Outcome, unknown: tuple[str, ...] = ()) -> Numbers:
    """Scores on the rows that calibration did not see. ``unknown``: sets that may or may not apply here."""
    odd = outcome.odd()
    report: Numbers = {name: s for name in predictor.sets if (s := label_scores(predictor, odd, name))}
    if odd.sentences and with_captions(odd):
        report["captions"] = caption_scores(odd)
    report["stated_where_it_does_not_apply"] = {
        name: share
        for name in predictor.sets
        if name not in unknown and (share := _stated_elsewhere(predictor, odd, name)) is not None
    }
    return report


def pooled(predictor: Predictor, outcomes: Sequence[Outcome]) -> Numbers:
    """The calibration error of all answers to all questions together, beside that of a perfect model of the size."""
    found = [g for o in outcomes for name in predictor.sets if (g := guesses(predictor, o, name))]
    confidence = np.concatenate([chances.max(1) for _, _, chances in found] or [np.zeros(0)])
    right = np.concatenate([chances.argmax(1) == target for _, target, chances in found] or [np.zeros(0, bool)])
    if not len(right):
        return {}
    return {
        "answers": len(right),
        "ece": round(metrics.calibration_error(confidence, right), 4),
        "ece_of_perfect": round(metrics.calibration_error_of_perfect(confidence), 4),
    }


def _trust(predictor: Predictor, outcomes: dict[Path, Outcome]) -> dict[str, float]:
    """How much words alone shall count for each set that they can speak of: the most with which a wrong word costs less
    than ``COSTS`` in every folder, over ``DRAWS`` draws of words.
    """
    trust: dict[str, float] = {}
    for outcome in outcomes.values():
        samples = outcome.samples[::2]
        spoken = [name for name in rendered_text.SPOKEN if any(name in s.labels for s in samples)]
        draws = [customer_texts(samples, seed)["wrong"] for seed in range(DRAWS)] if spoken else []
        said = [predictor.words_say(texts) for texts in draws]
        for name in (name for name in spoken if draws and name in said[0]):
            words = np.concatenate([each[name] for each in said])
            index = {label: n for n, label in enumerate(predictor.sets[name])}
            target = np.array([index.get(s.labels.get(name, ""), -1) for s in samples])
            if not (target >= 0).any():  # labels that the checkpoint does not know
                continue
            drawn = np.tile(target, DRAWS)
            seen = outcome.logits[name][::2]
            eyes, least = np.tile(seen, (DRAWS, 1)), _accuracy(seen, target) - COSTS
            most = trust.get(name, 1.0)
            while most > 0 and _accuracy(eyes + most * words, drawn) < least:
                most = round(most - 0.05, 2)
            trust[name] = most
    return trust


def _accuracy(logits: labels.Array, target: npt.NDArray[np.int64]) -> float:
    """Of rows [N, labels] whose label the checkpoint knows: ``target`` is -1 elsewhere."""
    return float((logits.argmax(1) == target)[target >= 0].mean())


def _stated_elsewhere(predictor: Predictor, outcome: Outcome, name: str) -> float | None:
    if not outcome.samples or any(name in s.labels for s in outcome.samples) or name == "kind":
        return None  # every picture is of some kind
    at, calibration = list(predictor.sets).index(name), predictor.calibration[name]
    found = [
        labels.read(predictor.sets[name], outcome.logits[name][row], outcome.gates[row, at], calibration)
        for row in range(len(outcome.samples))
    ]
    return round(sum(f.stated is not None for f in found) / len(found), 4)


def _fit(
    predictor: Predictor,
    outcomes: dict[Path, Outcome],
    unknown: dict[Path, tuple[str, ...]],
    name: str,
    precision: float,
) -> labels.Calibration:
    index = {label: n for n, label in enumerate(predictor.sets[name])}
    at = list(predictor.sets).index(name)
    logits, target, source, gates, applies, gate_source = [], [], [], [], [], []
    for number, (folder, outcome) in enumerate(outcomes.items()):
        for row in range(0, len(outcome.samples), 2):
            label = outcome.samples[row].labels.get(name)
            if label in index:
                logits.append(outcome.logits[name][row])
                target.append(index[label])
                source.append(number)
            if label is not None or name not in unknown[folder]:
                gates.append(outcome.gates[row, at])
                applies.append(label is not None)
                gate_source.append(number)
    if not logits:  # nothing to fit on: the cautious defaults
        return labels.Calibration()
    return labels.fit(
        np.array(logits),
        np.array(target),
        np.array(gates),
        np.array(applies),
        precision,
        source=np.array(source),
        gate_source=np.array(gate_source),
    )
