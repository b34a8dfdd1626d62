"""``python -m vision adapt``: a shop's pictures in, its own weights out, and a few lines for the person who asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vision.images import read_folder
from vision.model.adapted import digest_of
from vision.model.predictor import Predictor
from vision.training import adapt, memory, pictures
from vision.training.adapt import Learnt
from vision.training.budget import Budget


@dataclass(frozen=True)
class Request:
    photos: Path
    out: Path
    model: Path
    corrections: Path | None = None
    check: Path | None = None
    epsilon: float | None = None
    may_forget: float = adapt.FORGETS


def run(request: Request, predictor: Predictor) -> list[str]:
    """What to tell. Raises DataError, AdaptError and PrivacyError: nothing is written then."""
    budget = Budget(request.epsilon) if request.epsilon is not None else None
    samples = pictures.read(request.photos, request.corrections, predictor.sets)
    if request.check:
        known = memory.halves(memory.asked(memory.look(predictor, read_folder(request.check))))
    else:
        known = memory.load(request.model / memory.FILE, digest_of(request.model))
    learnt = adapt.adapt(predictor, samples, known, forgets=request.may_forget, budget=budget)
    made = {"command": "python -m vision adapt", "pictures": len(samples), "check": str(request.check or memory.FILE)}
    adapt.write(request.out, request.model, learnt, made)
    return [*(line for name, one in learnt.items() for line in told(name, one)), *last(request.out)]


def told(name: str, one: Learnt) -> Iterator[str]:
    about = one.about
    yield f"{name}: {len(one.names)} labels now, learnt from {about['pictures']} pictures in {about['seconds']:.0f} s"
    if left := about.get("left_out"):
        sure = f", {left['right_when_stated']:.0%} of these rightly" if left["right_when_stated"] is not None else ""
        yield f"  pictures left out once each: {left['accuracy']:.0%} named rightly; {left['stated']:.0%} stated{sure}"
    if (strange := about.get("strangers")) and strange["photos"]:
        yield f"  as if their product were unknown: {strange['stated']:.0%} stated, all of them wrongly"
    if spent := about.get("privacy"):
        yield f"  private: epsilon {spent['epsilon']:.2f}, delta {spent['delta']:.1e}, one picture at a time"
    before, after = about["knew"], about["knows"]
    if before["photos"]:
        yield (
            f"  what the model knew, on {before['photos']} photos: {before['accuracy']:.1%} right before, "
            f"{after['accuracy']:.1%} now; stated {before['stated']:.0%} before, {after['stated']:.0%} now"
        )


def last(out: Path) -> Iterator[str]:
    yield f"written: {out}. Use it: VISION_ADAPTED={out}, and start the worker again. Roll back: unset VISION_ADAPTED"
