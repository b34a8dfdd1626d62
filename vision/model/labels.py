"""From logits to what may be said: calibration (Guo et al. 2017) and abstention.

A label is *stated* when the question applies to the photo and the label's calibrated probability is over the set's
floor. Everything else is "not sure", which is a result.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vision.report import Label, LabelSet

Array = npt.NDArray[np.float64]


NEVER = 2.0  # no probability is as high


@dataclass(frozen=True)
class Calibration:
    """How one label set's logits become probabilities, and from where on they are said aloud."""

    temperature: float = 1.0
    gate_temperature: float = 1.0
    gate_floor: float = 0.5
    floor: float = 0.6

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


def softmax(logits: Array, temperature: float) -> Array:
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def sigmoid(logits: Array, temperature: float) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits / temperature, -50, 50))))


def read(names: list[str], logits: Array, gate: float, calibration: Calibration) -> LabelSet:
    """One photo's answer to one question: ``logits`` [labels], ``gate`` the logit of "does it apply?"."""
    probabilities = softmax(logits, calibration.temperature)
    applies = float(sigmoid(np.asarray(gate), calibration.gate_temperature))
    order = probabilities.argsort()[::-1][:5]
    top = tuple(Label(name=names[i], probability=round(float(probabilities[i]), 4)) for i in order)
    sure = applies >= calibration.gate_floor and top[0].probability >= calibration.floor
    return LabelSet(applies=round(applies, 4), stated=top[0].name if sure else None, top=top)


def fit(
    logits: Array,
    target: npt.NDArray[np.int64],
    gates: Array,
    applies: npt.NDArray[np.bool_],
    precision: float,
    *,
    source: npt.NDArray[np.int64] | None = None,
    gate_source: npt.NDArray[np.int64] | None = None,
) -> Calibration:
    """Fitted on photos that training never saw.

    ``logits`` [N, labels] and ``target`` [N] of photos to which the set applies; ``gates`` [M] and ``applies`` [M] of
    all photos for which it is known whether it does. Temperatures minimise the log loss; the gate's floor keeps the
    set quiet on 99 % of the photos it does not apply to, and on 98 % of each folder's; the label's floor is the lowest
    at which ``precision`` of what is said is right (and NEVER where no floor is enough).
    ``source`` [N] and ``gate_source`` [M] say which folder a photo is from: each counts alike, and the floor is the
    strictest one's, because a set that is easy in one shop ("Topwear") must not loosen what is said in another.
    """
    sources = [np.ones(len(target), bool)] if source is None else [source == each for each in np.unique(source)]
    grid = np.exp(np.linspace(np.log(0.25), np.log(4), 61))

    def loss(temperature: float) -> float:
        truth = softmax(logits, temperature)[np.arange(len(target)), target]
        return sum(_log_loss(truth[rows]) for rows in sources)

    temperature = min(grid, key=loss)
    gate_temperature = min(grid, key=lambda t: _gate_loss(sigmoid(gates, t), applies))
    open_gate = sigmoid(gates, gate_temperature)
    others = open_gate[~applies]
    gate_floor = max(0.5, float(np.quantile(others, 0.99)) if len(others) else 0.5)
    if gate_source is not None:  # a car without damage is one photo of ten, and the one that matters
        folders = gate_source[~applies]
        each = [float(np.quantile(others[folders == folder], 0.98)) for folder in np.unique(folders)]
        gate_floor = max([gate_floor, *each])
    probabilities = softmax(logits, temperature)
    best, right = probabilities.max(1), probabilities.argmax(1) == target
    floor = max(lowest_floor(best[rows], right[rows], precision) for rows in sources)
    return Calibration(float(temperature), float(gate_temperature), gate_floor, floor)


def lowest_floor(best: Array, right: npt.NDArray[np.bool_], precision: float) -> float:
    """The lowest probability from which on ``precision`` of what is said is right; NEVER where none is enough."""
    order = best.argsort()[::-1]
    share = right[order].cumsum() / np.arange(1, len(order) + 1)
    last = np.append(np.diff(best[order]) != 0, True)  # of those that are as probable: a floor lets all of them through
    enough = np.flatnonzero((share >= precision) & last)
    return max(0.2, float(best[order[enough[-1]]])) if len(enough) else NEVER


def _log_loss(probability: Array) -> float:
    return float(-np.log(probability.clip(1e-12)).mean())


def _gate_loss(probability: Array, applies: npt.NDArray[np.bool_]) -> float:
    # Both sides weigh the same: most photos are "does not apply", and a gate that always says so is no gate.
    sides = [np.where(applies, probability, 1 - probability)[applies == side] for side in (True, False)]
    return sum(_log_loss(side) for side in sides if len(side))


def calibrations(card: dict[str, Any], names: list[str]) -> dict[str, Calibration]:
    """Those of a checkpoint's card. Where others are calibrated and a set is not, nobody knows how often it is right:
    nothing of it is stated, but for the kind of picture, which readers need and check. Else the cautious defaults.
    """
    stored = card.get("calibration", {})
    silent = {"floor": NEVER} if stored else {}
    return {name: Calibration(**stored.get(name, {} if name == "kind" else silent)) for name in names}
