"""A shop's own weights: heads learnt from its pictures over frozen eyes, calibrated, checked, and only then written.

pictures ── eyes, twice (mirrored) ─┐
memory ─── half is rehearsed ───────┴─► heads ─► calibration on pictures left out ─► card
          half checks: what was known before must be known after, or nothing is written
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vision.images import Sample
from vision.model import labels
from vision.model.adapted import FORMAT, Adapted, digest_of, widened
from vision.model.labels import Calibration
from vision.model.predictor import Predictor
from vision.training import heads, memory
from vision.training.budget import Budget
from vision.training.heads import NONE, UNKNOWN, Examples, Weights
from vision.training.memory import Memory, Photos

log = logging.getLogger(__name__)
Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
FOLDS = 5
PRECISION = 0.9  # of what is stated, as for the checkpoint (calibrate.py)
FORGETS = 0.02  # of accuracy on what the model knew; what forgets more is not written


class AdaptError(ValueError):
    """What was learnt is not good enough to be written; the message says why and what to do."""


@dataclass(frozen=True)
class Learnt:
    """One label set before and after."""

    names: list[str]
    weights: Weights
    calibration: Calibration
    base_temperature: float  # of the checkpoint's logits
    about: dict[str, Any]  # for the card


def adapt(
    predictor: Predictor,
    samples: Sequence[Sample],
    known: Memory,
    *,
    forgets: float = FORGETS,
    budget: Budget | None = None,
) -> dict[str, Learnt]:
    """Label set → what was learnt of it. Raises AdaptError where more than ``forgets`` is forgotten, DataError for a
    picture that cannot be read, and PrivacyError where ``budget`` cannot be kept.
    """
    plain = memory.look(predictor, samples)
    both = [plain] if budget else [plain, memory.look(predictor, samples, mirrored=True)]
    named = {name for found in plain.labels for name in found}
    touched = [name for name in known.check.logits if name in named]
    if not touched:
        raise AdaptError(f"no photo that checks what was known has a label of {', '.join(sorted(named))}: see --check")
    if dropped := sorted(named - set(touched)):
        log.warning("not learnt, for nothing would show whether it is forgotten: %s", ", ".join(dropped))
    learnt = {}
    budget = budget and Budget(budget.epsilon / len(touched))  # a picture may have a label of each set
    for name in touched:
        names = [*predictor.sets[name], *new_labels(plain, name, predictor.sets[name])]
        base = predictor.calibration[name]
        own = [examples_of(photos, name, names, base, others=UNKNOWN) for photos in both]
        own = [part.rows(part.target >= 0) for part in own]
        rehearsed, check = (examples_of(part, name, names, base) for part in (known.rehearsed, known.check))
        one = learnt[name] = _learn(names, len(predictor.sets[name]), own, rehearsed, base=base, budget=budget)
        before, after = (
            known_before(check, len(predictor.sets[name]), base),
            scores(spoken(one.weights, check), one.calibration),
        )
        one.about.update({"knew": before, "knows": after})
        hold(name, before, after, forgets)
        log.info("%s: %d labels in %s s", name, len(names), one.about["seconds"])
    return learnt


def new_labels(photos: Photos, name: str, known: Sequence[str]) -> list[str]:
    return sorted({found[name] for found in photos.labels if name in found} - set(known))


def examples_of(photos: Photos, name: str, names: Sequence[str], base: Calibration, others: int = NONE) -> Examples:
    """``base``: the checkpoint's. ``others``: of photos without a label of this set.

    What the checkpoint says is taken as sure as it is right: with logits as they come, new labels win too easily.
    """
    index = {label: at for at, label in enumerate(names)}
    target = [index.get(found[name], UNKNOWN) if name in found else others for found in photos.labels]
    said = widened(photos.logits[name] / base.temperature, len(names))
    return Examples(photos.looks, said, photos.gates[name], np.array(target, np.int64))


def _learn(
    names: list[str],
    knew: int,
    own: Sequence[Examples],
    rehearsed: Examples,
    *,
    base: Calibration,
    budget: Budget | None,
) -> Learnt:
    """``knew``: how many of ``names`` are the checkpoint's."""
    start = time.monotonic()
    about: dict[str, Any] = {"labels": len(names), "pictures": len(own[0].target)}
    if budget:
        from vision.training.private import fit_private  # torch and Opacus, for this alone

        weights, about["privacy"] = fit_private(own[0], rehearsed, budget)
        # On what is public alone: a threshold would tell of the pictures that it was fitted on.
        found = calibrated([spoken(weights, rehearsed)], [])
        calibration = cautious(found, base)
    else:
        weights = heads.fit(heads.joined(*own, rehearsed))
        known, strangers = left_out(own, rehearsed, knew)
        calibration = calibrated(known, strangers)
        about["left_out"] = scores(known[0], calibration)
        about["strangers"] = scores(strangers[0], calibration)
    about["seconds"] = round(time.monotonic() - start, 1)
    return Learnt(names, weights, calibration, base.temperature, about)


def cautious(found: Calibration, base: Calibration) -> Calibration:
    """No easier than the checkpoint's own."""
    return replace(found, gate_floor=max(found.gate_floor, base.gate_floor), floor=max(found.floor, base.floor))


def spoken(weights: Weights, examples: Examples) -> Examples:
    """The same photos with what is said of them now."""
    logits, gates = heads.said(weights, examples)
    return replace(examples, base=logits, gates=gates)


def left_out(own: Sequence[Examples], rehearsed: Examples, knew: int) -> tuple[list[Examples], list[Examples]]:
    """Every photo as a head says it that has not learnt it: the shop's and the rehearsed; and every picture of a new
    label as a head says it that has learnt nothing of this label.
    """
    plain = own[0]
    fold, again = heads.in_blocks(plain.target, FOLDS), heads.in_blocks(rehearsed.target, FOLDS)
    group = np.where(plain.target >= knew, plain.target % FOLDS, -1)
    fresh, known, strange = [], [], []
    for at in range(FOLDS):
        kept = fold != at
        weights = heads.fit(heads.joined(*(part.rows(kept) for part in own), rehearsed.rows(again != at)))
        fresh.append(spoken(weights, plain.rows(~kept)))
        known.append(spoken(weights, rehearsed.rows(again == at)))
        kept = group != at
        weights = heads.fit(heads.joined(*(part.rows(kept) for part in own), rehearsed))
        strange.append(spoken(weights, plain.rows(~kept)))
    return [heads.joined(*fresh), heads.joined(*known)], [heads.joined(*strange)]


def calibrated(known: Sequence[Examples], strangers: Sequence[Examples]) -> Calibration:
    """The floor holds in each part of ``known``, and where as many ``strangers`` are shown as came."""
    whole = heads.joined(*known)
    source = np.repeat(np.arange(len(known)), [len(part.target) for part in known])
    named, asked = whole.target >= 0, whole.target != UNKNOWN
    found = labels.fit(
        whole.base[named],
        whole.target[named],
        whole.gates[asked],
        whole.target[asked] >= 0,
        PRECISION,
        source=source[named],
        gate_source=source[asked],
    )
    away = heads.joined(*strangers, whole.rows(whole.target == NONE))
    best, right, opened = answers(
        heads.joined(whole.rows(named), replace(away, target=np.full(len(away.target), NONE))), found
    )
    return replace(found, floor=max(found.floor, labels.lowest_floor(best[opened], right[opened], PRECISION)))


def answers(rows: Examples, calibration: Calibration) -> tuple[Array, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Of each photo: its best label's probability, whether that is right, whether the gate is open."""
    chances = labels.softmax(rows.base, calibration.temperature)
    opened = labels.sigmoid(rows.gates, calibration.gate_temperature) >= calibration.gate_floor
    return chances.max(1), chances.argmax(1) == rows.target, opened


def scores(rows: Examples, calibration: Calibration) -> dict[str, Any]:
    """Of the photos that have a label."""
    rows = rows.rows(rows.target >= 0)
    if not len(rows.target):
        return {"photos": 0}
    best, right, opened = answers(rows, calibration)
    stated = opened & (best >= calibration.floor)
    return {
        "photos": len(right),
        "accuracy": round(float(right.mean()), 4),
        "stated": round(float(stated.mean()), 4),
        "right_when_stated": round(float(right[stated].mean()), 4) if stated.any() else None,
    }


def known_before(check: Examples, knew: int, base: Calibration) -> dict[str, Any]:
    """Among the checkpoint's own labels alone: beside new ones, which begin at their mean, it might look worse."""
    return scores(replace(check, base=check.base[:, :knew]), replace(base, temperature=1.0))


def hold(name: str, before: dict[str, Any], after: dict[str, Any], forgets: float) -> None:
    """Raises AdaptError where more than ``forgets`` of what was known is lost."""
    if before["photos"] and before["accuracy"] - after["accuracy"] > forgets:
        raise AdaptError(
            f"what the model knew of {name} would fall from {before['accuracy']:.1%} to {after['accuracy']:.1%}: more "
            f"than the {forgets:.0%} that may be forgotten, so nothing was written. Look for products that the model "
            "knows under another name, add pictures, or allow more with --may-forget"
        )


def write(folder: Path, base: Path, learnt: dict[str, Learnt], made: dict[str, Any]) -> Adapted:
    """``base``: the checkpoint's folder. ``made``: how, for the card."""
    card = {
        "format": FORMAT,
        "base": digest_of(base),
        "sets": {name: one.names for name, one in learnt.items()},
        "calibration": {name: one.calibration.to_dict() for name, one in learnt.items()},
        "base_temperature": {name: one.base_temperature for name, one in learnt.items()},
        "learnt": {name: one.about for name, one in learnt.items()},
        "made": made,
    }
    heads_of = {
        name: one.weights.head(one.names, one.calibration, one.base_temperature) for name, one in learnt.items()
    }
    adapted = Adapted(heads_of, card, "")
    adapted.save(folder)
    return adapted
