"""Fits what a checkpoint may say on photos that training did not see, and writes it into its card with the scores.

Two estimates stand side by side. ``rows``: scores with the calibration that was fitted on these very rows. ``groups``:
of each label's photos with a calibration fitted without any photo of that label, which is nearer to what another shop
sees. What is said of accuracy when stated is the second.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vision.images import Sample, read_folder
from vision.model import checkpoint, labels
from vision.model.predictor import Predictor
from vision.model.runtime import Floats
from vision.training import metrics
from vision.training.dataset import SetConfig, exact_label, last_of_each
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

PRECISION = 0.9  # of what is stated
COSTS = 0.01  # of accuracy: what it may cost at most that a customer names another thing
DRAWS = 3  # of what customers write: with one, luck decides
COSTS_ALONE = 0.02  # what any word alone may cost
RARE, WORDS = 2_000, 200  # words alone that are tried; the commonest ones are left to benchmarks/words.py
WORTH = 2.0  # times the best constant sentence: from there on a sentence about a scene is said (docs/research/log.md)
FOLDS = 5


class Sets(Protocol):
    """Of a training run or a stage, what says which photos calibrate."""

    @property
    def data(self) -> str: ...
    @property
    def sets(self) -> tuple[SetConfig, ...]: ...
    @property
    def leave_out(self) -> dict[str, int]: ...
    @property
    def everyday(self) -> dict[str, str]: ...


@dataclass(frozen=True)
class Part:
    """The photos of one set that calibrate, and the groups they are in."""

    outcome: Outcome
    unknown: tuple[str, ...]  # label sets of which it is not known whether they apply
    fold: npt.NDArray[np.int64]  # [N] all photos of one label are in one fold


@dataclass(frozen=True)
class Rows:
    """Everything known about one label set, of all parts together."""

    logits: labels.Array  # [N, labels]
    target: npt.NDArray[np.int64]
    gate: labels.Array  # [N] of the same photos
    source: npt.NDArray[np.int64]
    fold: npt.NDArray[np.int64]
    gates: labels.Array  # [M] of all photos of which it is known whether the set applies
    applies: npt.NDArray[np.bool_]
    gate_source: npt.NDArray[np.int64]
    gate_fold: npt.NDArray[np.int64]

    def fitted(self, keep: Sequence[int], precision: float) -> labels.Calibration:
        """On the folds ``keep``."""
        rows, gates = np.isin(self.fold, keep), np.isin(self.gate_fold, keep)
        if not rows.any():
            return labels.Calibration()
        return labels.fit(
            self.logits[rows],
            self.target[rows],
            self.gates[gates],
            self.applies[gates],
            precision,
            source=self.source[rows],
            gate_source=self.gate_source[gates],
        )


def parts_of(predictor: Predictor, config: Sets) -> dict[str, Part]:
    """Validation folders and what training left out, apart: photos of the same shops flatter those of others."""
    parts = {}
    for entry in config.sets:
        held = read_folder(Path(config.data) / entry.path) if config.leave_out.get(entry.name) else []
        apart = sorted(last_of_each(held, config.leave_out.get(entry.name, 0)))
        photos = {
            entry.name: read_folder(Path(config.data) / entry.validation) if entry.validation else [],
            f"{entry.name}, left out": [held[at] for at in apart],
        }
        for name, samples in photos.items():
            if samples:
                found = [named(sample, config.everyday) for sample in samples]
                parts[name] = Part(look(predictor, found), entry.unknown, folds_of(found))
    return parts


def named(sample: Sample, everyday: dict[str, str]) -> Sample:
    """With the everyday thing that its product is, where it is one."""
    thing = everyday.get(sample.labels.get("product", ""))
    return replace(sample, labels={**sample.labels, "object": thing}) if thing else sample


def folds_of(samples: Sequence[Sample]) -> npt.NDArray[np.int64]:
    """By the label of the most exact question; photos without one in blocks of their order."""
    return np.array([
        zlib.crc32(label.encode()) % FOLDS if (label := exact_label(s)) else at * FOLDS // len(samples)
        for at, s in enumerate(samples)
    ])  # fmt: skip


def calibrate(model: Path, config: Sets, precision: float = PRECISION, base: Path | None = None) -> Numbers:
    """Writes calibration and scores into the card of ``model``: of an add-on, on the checkpoint ``base``. What the card
    has of sets without photos here stays.
    """
    predictor = _load(model, base)
    parts = parts_of(predictor, config)
    stored, groups = {}, {}
    known = set() if base is None else set(checkpoint.read_card(base)["config"]["label_sets"])
    for name in (name for name in predictor.sets if name not in known):  # of an add-on, what is its own
        if (rows := rows_of(predictor, parts, name)) is None:
            if any(name in s.labels for part in parts.values() for s in part.outcome.samples):
                stored[name] = labels.Calibration().to_dict()  # nothing to fit on: the cautious defaults
            continue
        whole = rows.fitted(range(FOLDS), precision)
        each = [rows.fitted([f for f in range(FOLDS) if f != fold], precision) for fold in range(FOLDS)]
        floor = max(whole.floor, float(np.median([found.floor for found in each])))
        stored[name] = whole.to_dict() | {"floor": floor}
        groups[name] = by_groups(rows, each)
    card = checkpoint.read_card(model)
    outcomes = {name: part.outcome for name, part in parts.items()}
    scores = [score for o in outcomes.values() for _, score in o.sentences]
    card |= {"calibration": card.get("calibration", {}) | stored, "groups": card.get("groups", {}) | groups}
    card |= {"text_trust": trust(predictor, outcomes)} if base is None else {}
    if scores:
        card["caption_floor"] = round(float(np.quantile(scores, 0.1)), 3)
    checkpoint.write_card(model, card)
    fresh = _load(model, base)
    scored_now = {name: scores_of(fresh, part.outcome, part.unknown) for name, part in parts.items()}
    card["validation"] = card.get("validation", {}) | scored_now
    card["pooled"] = pooled(fresh, list(outcomes.values())) or card.get("pooled", {})
    scored = [found["captions"] for found in card["validation"].values() if "captions" in found]
    if scored:
        card["says_scenes"] = all(found["cider"] > WORTH * found["constant_cider"] for found in scored)
    checkpoint.write_card(model, card)
    return card


def _load(model: Path, base: Path | None) -> Predictor:
    return Predictor.load(model) if base is None else Predictor.load(base, add_on=model)


def rows_of(predictor: Predictor, parts: dict[str, Part], name: str) -> Rows | None:
    """None where no photo has a label of this set."""
    index = {label: n for n, label in enumerate(predictor.sets[name])}
    at = list(predictor.sets).index(name)
    named: list[tuple[Any, ...]] = []
    gated: list[tuple[Any, ...]] = []
    for number, part in enumerate(parts.values()):
        outcome = part.outcome
        for row, sample in enumerate(outcome.samples):
            label = sample.labels.get(name)
            if label in index:
                named.append((outcome.logits[name][row], index[label], outcome.gates[row, at], number, part.fold[row]))
            if label is not None or name not in part.unknown:
                gated.append((outcome.gates[row, at], label is not None, number, part.fold[row]))
    if not named:
        return None
    logits, target, gate, source, fold = (np.array(column) for column in zip(*named, strict=True))
    gates, applies, gate_source, gate_fold = (np.array(column) for column in zip(*gated, strict=True))
    return Rows(logits, target, gate, source, fold, gates, applies, gate_source, gate_fold)


def by_groups(rows: Rows, each: Sequence[labels.Calibration]) -> Numbers:
    """Every photo with the calibration that knows no photo of its label."""
    confidence, right, stated = (np.zeros(len(rows.target)) for _ in range(3))
    for fold, found in enumerate(each):
        mine = rows.fold == fold
        chances = labels.softmax(rows.logits[mine], found.temperature)
        confidence[mine], right[mine] = chances.max(1), chances.argmax(1) == rows.target[mine]
        opened = labels.sigmoid(rows.gate[mine], found.gate_temperature) >= found.gate_floor
        stated[mine] = opened & (chances.max(1) >= found.floor)
    said = stated > 0
    return {
        "images": len(right),
        "accuracy": round(float(right.mean()), 4),
        "ece": round(metrics.calibration_error(confidence, right > 0), 4),
        "ece_of_perfect": round(metrics.calibration_error_of_perfect(confidence), 4),
        "stated": round(float(said.mean()), 4),
        "right_when_stated": round(float(right[said].mean()), 4) if said.any() else None,
    }


def scores_of(predictor: Predictor, outcome: Outcome, unknown: tuple[str, ...] = ()) -> Numbers:
    """Scores on the rows that the calibration was fitted on. ``unknown``: sets that may or may not apply here."""
    report: Numbers = {name: s for name in predictor.sets if (s := label_scores(predictor, outcome, name))}
    if outcome.sentences and with_captions(outcome):
        report["captions"] = caption_scores(outcome)
    report["stated_where_it_does_not_apply"] = {
        name: share
        for name in predictor.sets
        if name not in unknown and (share := _stated_elsewhere(predictor, outcome, name)) is not None
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


def trust(predictor: Predictor, outcomes: dict[str, Outcome]) -> dict[str, float]:
    """How much customers' words shall count for each set that they can speak of: the most with which neither a wrong
    name, over ``DRAWS`` draws, costs more than ``COSTS`` in any set of photos, nor any of ``WORDS`` words alone more
    than ``COSTS_ALONE``.
    """
    found: dict[str, float] = {}
    for outcome in outcomes.values():
        samples = outcome.samples
        spoken = [name for name in predictor.config.spoken if any(name in s.labels for s in samples)]
        if not spoken:
            continue
        grid = outcome.grid.astype(np.float32)
        draws = [predictor.words_say(grid, customer_texts(samples, seed)["wrong"]) for seed in range(DRAWS)]
        alone = _alone(predictor, grid)
        for name in spoken:
            words = np.concatenate([each[name] for each in draws])
            index = {label: n for n, label in enumerate(predictor.sets[name])}
            target = np.array([index.get(s.labels.get(name, ""), -1) for s in samples])
            if not (target >= 0).any():  # labels that the checkpoint does not know
                continue
            seen, drawn = outcome.logits[name], np.tile(target, DRAWS)
            eyes, least = np.tile(seen, (DRAWS, 1)), _accuracy(seen, target) - COSTS
            least_alone = _accuracy(seen, target) - COSTS_ALONE
            most = found.get(name, 1.0)
            while most > 0 and (
                _accuracy(eyes + most * words, drawn) < least
                or any(_accuracy(seen + most * heard[name], target) < least_alone for heard in alone)
            ):
                most = round(most - 0.05, 2)
            found[name] = most
    return found


def _alone(predictor: Predictor, grid: Floats) -> list[dict[str, Floats]]:
    """What each of ``WORDS`` words adds to the logits [N, labels] of every photo."""
    words = predictor.tokens.whole_words()[RARE:]
    chosen = words[:: max(1, len(words) // WORDS)][:WORDS]
    if not chosen:
        return []
    nothing, both = predictor.read([""])[0], zip(*predictor.read(chosen), strict=True)
    beside = [[np.repeat(each[None], len(grid), 0) for each in one] for one in both]
    return [predictor.network.hear(grid, said, mask, nothing) for said, mask in beside]


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
