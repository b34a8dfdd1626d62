"""``python -m vision federate``: a shop's part, from its pictures to the weights that all shops learnt together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from monitoring.plainly import why
from vision.images import DataError, Sample
from vision.model.adapted import digest_of
from vision.model.labels import Calibration
from vision.model.predictor import Predictor
from vision.training import adapt, federated, heads, memory, pictures, shop
from vision.training.adapt import AdaptError, Learnt
from vision.training.budget import Budget
from vision.training.federated import Update
from vision.training.heads import UNKNOWN, Weights
from vision.training.memory import Memory

SET = "product"
HELD = 5  # every so many-th picture of a product is kept to calibrate on


def read_names(file: Path, known: Sequence[str]) -> tuple[str, ...]:
    """All shops' products, one a line; those that the model knows come first, whether they are named or not."""
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: {why(error)}; write the products of all shops into it, one a line") from error
    new = sorted({line for line in lines if line} - set(known))
    if not new:
        raise DataError(f"{file} names no product that the model does not know already")
    return (*known, *new)


@dataclass
class Part:
    """One shop's photos, and the newest head that it was given."""

    samples: Sequence[Sample]
    photos: memory.Photos
    known: Memory
    base: str
    calibration: Calibration  # the checkpoint's
    budget: Budget | None = None
    weights: Weights | None = None
    names: tuple[str, ...] = ()
    cost: dict[str, Any] = field(default_factory=dict)  # of privacy

    @classmethod
    def of(cls, photos: Path, model: Path, predictor: Predictor, budget: Budget | None) -> Part:
        samples = pictures.read(photos, None, predictor.sets)
        base = digest_of(model)
        known = memory.load(model / memory.FILE, base)
        return cls(samples, memory.look(predictor, samples), known, base, predictor.calibration[SET], budget)

    def learn(self, config: dict[str, Any], start: Weights) -> Update:
        """One round. Raises AdaptError where the others learn over another model, or do not know a product."""
        self.take(config, start)
        rehearsed = adapt.examples_of(self.known.rehearsed, SET, self.names, self.calibration)
        rounds = int(config["rounds"])
        update = federated.local(self.own(held=False), rehearsed, start, budget=self.budget, rounds=rounds)
        self.cost = update.cost
        return update

    def done(self, config: dict[str, Any], newest: Weights) -> float:
        """How many of the pictures kept apart it names rightly, 0..1."""
        self.take(config, newest)
        held = self.own(held=True)
        right = heads.said(newest, held)[0].argmax(1) == held.target
        return float(right.mean()) if len(right) else 0.0

    def take(self, config: dict[str, Any], weights: Weights) -> None:
        names = tuple(json.loads(config["names"]))
        if config["base"] != self.base:
            raise AdaptError("the others learn over other weights than these: name theirs with --model")
        if strange := sorted({found[SET] for found in self.photos.labels} - set(names)):
            raise AdaptError(f"the server does not know {pictures.named(strange)}: let it add them to its list")
        self.names, self.weights = names, weights

    def own(self, *, held: bool) -> heads.Examples:
        """Every ``HELD``-th picture of each product, or the others. With a budget nothing is held: what is not used
        tells nothing.
        """
        rows = adapt.examples_of(self.photos, SET, self.names, self.calibration, others=UNKNOWN)
        place = np.zeros(len(rows.target), np.int64)
        for label in np.unique(rows.target):
            mine = np.flatnonzero(rows.target == label)
            place[mine] = np.arange(len(mine))
        apart = (place % HELD == HELD - 1) & (self.budget is None)
        return rows.rows(apart == held)

    def write(self, out: Path, model: Path, predictor: Predictor, forgets: float) -> list[str]:
        """What to tell. Raises AdaptError where nothing came, or where too much is forgotten."""
        if self.weights is None:
            raise AdaptError("no round came to an end: nothing was written; start again when the server runs")
        weights, names = self.weights, list(self.names)
        base, held = self.calibration, self.own(held=True)
        rehearsed, check = (
            adapt.examples_of(half, SET, names, base) for half in (self.known.rehearsed, self.known.check)
        )
        private = self.budget is not None
        # With a budget on what is public alone, as in adapt.py.
        known = [adapt.spoken(weights, rehearsed)] + ([] if private else [adapt.spoken(weights, held)])
        calibration = adapt.calibrated(known, [])
        calibration = adapt.cautious(calibration, base)
        about: dict[str, Any] = {"labels": len(names), "pictures": len(self.samples), "seconds": 0.0, "federated": True}
        about |= {"left_out": adapt.scores(adapt.spoken(weights, held), calibration)} if not private else {}
        before = adapt.known_before(check, len(predictor.sets[SET]), base)
        after = adapt.scores(adapt.spoken(weights, check), calibration)
        about |= {"knew": before, "knows": after}
        about |= {"privacy": self.cost} if self.cost else {}
        adapt.hold(SET, before, after, forgets)
        one = Learnt(names, weights, calibration, base.temperature, about)
        adapt.write(
            out, model, {SET: one}, {"command": "python -m vision federate join", "pictures": len(self.samples)}
        )
        return [*shop.told(SET, one), *shop.last(out)]
