"""Shops that learn together without showing each other a photo: what each learnt travels, and the mean comes back.

Federated averaging (McMahan et al. 2017) of heads. These are plain functions; flower.py carries them over the network.
A shop may vanish, send what is no number, another shape, or far too much: it is left out of the round, or bounded, and
the reason is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vision.training import heads
from vision.training.budget import Budget
from vision.training.heads import Array, Examples, Weights

ROUNDS = 20
STEPS = 50  # of a shop, in one round (docs/research/log.md)
NOISY = 10  # the same with a budget: each costs some of it
FEWEST = 2  # shops in a round: the mean of one is what that one sent
FARTHEST = 3.0  # times the median change of a round's shops; what goes farther is shortened to it
MOST_SHARE = 0.5  # of a round's weight, for one shop


@dataclass(frozen=True)
class Update:
    """What a shop says after a round. ``pictures``: how many it learnt from. ``cost`` stays at home: for its card."""

    weights: Weights
    pictures: int
    cost: dict[str, Any] = field(default_factory=dict)


class RoundError(ValueError):
    """Too few shops said something sensible."""


def local(
    own: Examples,
    rehearsed: Examples,
    start: Weights,
    *,
    budget: Budget | None = None,
    rounds: int = ROUNDS,
    seed: int | None = None,
) -> Update:
    """One shop's part of one round of ``rounds``. ``budget``: of its photos, over all rounds together; PrivacyError is
    raised where they are too few.
    """
    if budget:
        from vision.training.private import fit_private

        weights, cost = fit_private(own, rehearsed, budget, start=start, steps=NOISY, rounds=rounds, seed=seed)
        return Update(weights, len(own.target), cost)
    return Update(heads.fit(heads.joined(own, rehearsed), start, steps=STEPS), len(own.target))


def averaged(start: Weights, updates: Mapping[str, Update]) -> tuple[Weights, list[str]]:
    """The round's mean, weighted by pictures, and what is to be said of shops that were left out or bounded.

    Raises RoundError where fewer than ``FEWEST`` remain.
    """
    before, said = _flat(start), []
    changes: dict[str, Array] = {}
    for name, update in updates.items():
        if trouble := _trouble(start, update):
            said.append(f"{name} is left out of this round: {trouble}")
        else:
            changes[name] = _flat(update.weights) - before
    if len(changes) < FEWEST:
        raise RoundError(
            f"{len(changes)} shops sent something sensible, {FEWEST} are needed: {'; '.join(said) or 'wait'}"
        )
    sizes = {name: float(np.linalg.norm(change)) for name, change in changes.items()}
    most = FARTHEST * float(np.median(list(sizes.values())))
    for name, size in sizes.items():
        if size > most:
            said.append(f"{name} is bounded: its change is {size / max(most, 1e-12):.1f} times what is allowed")
            changes[name] = changes[name] * (most / size)
    shares = _shares([updates[name].pictures for name in changes])
    mean = sum(share * change for share, change in zip(shares, changes.values(), strict=True))
    return _shaped(before + mean, start), said


def _trouble(start: Weights, update: Update) -> str:
    if (update.weights.labels.shape, update.weights.gate.shape) != (start.labels.shape, start.gate.shape):
        return f"its head has the shape {update.weights.labels.shape}, not {start.labels.shape}"
    if not (np.isfinite(update.weights.labels).all() and np.isfinite(update.weights.gate).all()):
        return "it sent what is no number"
    return "" if update.pictures > 0 else "it learnt from no picture"


def _shares(pictures: Sequence[int]) -> Array:
    """Of each shop; none has more than ``MOST_SHARE``, however many pictures it says it has."""
    shares = np.array(pictures, float) / sum(pictures)
    over = shares > MOST_SHARE
    if over.any() and len(shares) > 1:
        rest = shares[~over].sum()
        shares[~over] *= (1 - MOST_SHARE) / rest
        shares[over] = MOST_SHARE
    return shares


def _flat(weights: Weights) -> Array:
    return np.concatenate([weights.labels.ravel(), weights.gate])


def _shaped(flat: Array, like: Weights) -> Weights:
    return Weights(flat[: like.labels.size].reshape(like.labels.shape), flat[like.labels.size :])
