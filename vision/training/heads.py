"""Linear heads over how photos look, by accelerated gradient descent: convex, so that there is one answer.

In numpy: a shop adapts on the machine that serves, without torch. What is learnt is added to what the checkpoint says
already (vision/model/adapted.py), and decays towards nothing: where photos say nothing, nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.model.adapted import SCALE, Head, widened
from vision.model.labels import Calibration, sigmoid, softmax

Array = npt.NDArray[np.float64]
Fast = npt.NDArray[np.float32]  # inside: half the time
Whole = npt.NDArray[np.int64]
DECAY = 0.001  # of weights (docs/research/log.md); biases do not decay
STEPS = 100
NONE, UNKNOWN = -1, -2  # the question does not apply; nobody said whether it does


@dataclass(frozen=True)
class Examples:
    """Photos of one label set."""

    looks: Array  # [N, C] unit length
    base: Array  # [N, labels] what the checkpoint says, calibrated; of labels that it does not know, its mean
    gates: Array  # [N]
    target: Whole  # [N] label, NONE or UNKNOWN

    def rows(self, keep: npt.NDArray[np.bool_]) -> Examples:
        return Examples(self.looks[keep], self.base[keep], self.gates[keep], self.target[keep])


@dataclass(frozen=True)
class Weights:
    """What a head adds. The last column of both is the bias."""

    labels: Array  # [labels, C + 1]
    gate: Array  # [C + 1]

    @classmethod
    def zeros(cls, labels: int, channels: int) -> Weights:
        return cls(np.zeros((labels, channels + 1)), np.zeros(channels + 1))

    def head(self, names: list[str], calibration: Calibration, base_temperature: float) -> Head:
        weight, gate = self.labels[:, :-1], self.gate[:-1]
        return Head(names, weight, self.labels[:, -1], gate, float(self.gate[-1]), calibration, base_temperature)


def joined(*parts: Examples) -> Examples:
    """Parts with as many labels as the one that has most."""
    most = max(part.base.shape[1] for part in parts)
    return Examples(
        np.concatenate([part.looks for part in parts]),
        np.concatenate([widened(part.base, most) for part in parts]),
        np.concatenate([part.gates for part in parts]),
        np.concatenate([part.target for part in parts]),
    )


def inputs(looks: Array) -> Fast:
    """[N, C] → [N, C + 1]: scaled as the head scales them, and a one for the bias."""
    return np.concatenate([SCALE * looks, np.ones((len(looks), 1))], 1).astype(np.float32)


def fit(examples: Examples, start: Weights | None = None, decay: float = DECAY, steps: int = STEPS) -> Weights:
    """Labels on photos that have one, the gate on those of which it is known whether the question applies. Each label
    counts alike, and so do the two sides of the gate. ``start``: go on from there.
    """
    start = start or Weights.zeros(examples.base.shape[1], examples.looks.shape[1])
    named, known = examples.target >= 0, examples.target != UNKNOWN
    labels, gate = start.labels, start.gate
    if named.any():
        labels = _descended(_Labels(examples.rows(named)), labels, decay, steps)
    if (examples.target == NONE).any() and named.any():
        gate = _descended(_Gate(examples.rows(known)), gate, decay, steps)
    return Weights(labels, gate)


class _Labels:
    """Cross-entropy. ``curvature`` bounds its second derivative, a share of what the photos' own spread is."""

    curvature = 0.5

    def __init__(self, rows: Examples) -> None:
        self.x, self.base = inputs(rows.looks), rows.base.astype(np.float32)
        self.truth = np.eye(rows.base.shape[1], dtype=np.float32)[rows.target]
        self.weight = balanced(rows.target)

    def slope(self, weights: Fast) -> Fast:
        off = softmax(self.base + self.x @ weights.T, 1.0) - self.truth
        return np.asarray((off * self.weight[:, None]).T @ self.x)


class _Gate:
    curvature = 0.25

    def __init__(self, rows: Examples) -> None:
        self.x, self.base, self.truth = inputs(rows.looks), rows.gates.astype(np.float32), rows.target >= 0
        self.weight = balanced(self.truth.astype(np.int64))

    def slope(self, weights: Fast) -> Fast:
        off = sigmoid(self.base + self.x @ weights, 1.0) - self.truth
        return np.asarray((off * self.weight) @ self.x)


def balanced(target: Whole) -> Fast:
    """[N] weights that sum to one: each label counts alike."""
    count = np.bincount(target)
    return np.asarray(1 / count[target] / (count > 0).sum(), np.float32)


def _descended(loss: _Labels | _Gate, start: Array, decay: float, steps: int) -> Array:
    """Nesterov 1983, with the step that the largest curvature allows."""
    rate = 1 / (loss.curvature * _largest(loss.x, loss.weight) + decay)
    decays = np.full(loss.x.shape[1], decay, np.float32)
    decays[-1] = 0
    weights: Fast = start.astype(np.float32)
    ahead = weights
    for step in range(steps):
        after = np.asarray(ahead - rate * (loss.slope(ahead) + decays * ahead), np.float32)
        ahead = np.asarray(after + step / (step + 3) * (after - weights), np.float32)
        weights = after
    return weights.astype(np.float64)


def _largest(x: Fast, weight: Fast) -> float:
    """The largest eigenvalue of the photos' second moments, by powers; a little more than it, to be safe."""
    vector = np.ones(x.shape[1], np.float32) / np.float32(np.sqrt(x.shape[1]))
    size = 1.0
    for _ in range(30):
        vector = (weight * (x @ vector)) @ x
        size = float(np.linalg.norm(vector))
        vector = vector / np.float32(max(size, 1e-12))
    return 1.1 * max(size, 1e-6)


def said(weights: Weights, examples: Examples) -> tuple[Array, Array]:
    """Logits [N, labels] and gates [N]."""
    x = inputs(examples.looks).astype(np.float64)
    return examples.base + x @ weights.labels.T, examples.gates + x @ weights.gate


def in_blocks(target: Whole, folds: int) -> Whole:
    """[N]: each label's photos in blocks of their order, as they were taken: a fold's are of other days or shops."""
    fold = np.zeros(len(target), np.int64)
    for label in np.unique(target):
        rows = np.flatnonzero(target == label)
        fold[rows] = np.arange(len(rows)) * folds // len(rows)
    return fold
