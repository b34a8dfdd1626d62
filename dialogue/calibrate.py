"""Fits what a search's signals say about its being right: logistic regressions, on questions whose article is known.

Each set counts by the root of its size, so that a large one does not decide for all shops. Nothing but numpy.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialogue.articles import load
from dialogue.encode import Encoders
from dialogue.evaluate import Case
from dialogue.find import KINDS, SIGNALS, Calibration, CalibrationError, Finder, Logistic
from dialogue.language import language_of
from dialogue.search import Knowledge

Doubles = NDArray[np.float64]

ANOTHER = "de"  # any language but English: the encoder holds them alike
RIDGE = 1.0  # how strongly weights are pulled to nothing, in questions
ANSWERS = 0.3, 0.95  # no threshold outside of these is chosen
THRESHOLDS = {"both": (0.62, 0.42), "wide": (0.53, 0.15), "words": (0.6, 0.45)}  # answer from, refuse below


@dataclass(frozen=True, slots=True)
class Sample:
    """The questions of one set, as one kind of search sees them."""

    signals: Doubles  # [N, S]
    right: Doubles  # [N] 1 where the best article is the expected one
    ours: Doubles  # [N] 1 where there is an article, or one of ours is near


def samples(cases: Sequence[Case], folder: Path, encoders: Encoders | None) -> dict[str, Sample]:
    """Kind of search → what it sees of ``cases`` over the articles in ``folder``, but follow-ups and persons."""
    cases = [case for case in cases if case.expected != "@person" and not case.before]
    articles = load(folder).articles
    found: dict[str, Sample] = {}
    english = [case for case in cases if case.language == "en"]
    for kind in KINDS:
        # A customer of another language shares few words with the articles. English questions without theirs are like
        # that, and there are more of them than of translated ones, which say the same few things ten times.
        bare = kind == "wide"
        finder = _finder(kind, articles, encoders, common_words=not bare)
        some = _sample(finder, kind, english, ANOTHER if bare else "")
        if some:
            found[kind] = some
    return found


def _finder(
    kind: str, articles: Sequence[Any], encoders: Encoders | None, *, common_words: bool = True
) -> Finder | None:
    blank = {one: _blank(len(SIGNALS["words" if one == "words" else "meaning"])) for one in KINDS}
    calibration = Calibration(blank, blank, dict.fromkeys(KINDS, 0.5), dict.fromkeys(KINDS, 0.5))
    if kind == "words":
        return Finder(Knowledge(articles), articles, None, calibration)
    if encoders is None or (kind == "both" and encoders.english is None):
        return None
    return Finder(Knowledge(articles), articles, encoders, calibration, common_words=common_words)


def _sample(finder: Finder | None, kind: str, cases: Sequence[Case], language: str = "") -> Sample | None:
    """``language``: as which the questions are taken, whatever they are in."""
    if finder is None or not cases:
        return None
    asked = ((case, language or language_of(case.question, "en") or "en") for case in cases)
    hits = [(finder.find(case.question, spoken), case) for case, spoken in asked]
    # A language that the encoder does not know was searched by words.
    of_kind = [(hit, case) for hit, case in hits if hit.kind == kind and hit.signals]
    if not of_kind:
        return None
    signals = np.array([hit.signals for hit, _ in of_kind])
    right = [bool(hit.found) and hit.found[0].passage.article == case.expected for hit, case in of_kind]
    ours = [not case.expected.startswith("@") or case.kind == "near" for _, case in of_kind]
    return Sample(signals, np.array(right, float), np.array(ours, float))


def _blank(signals: int) -> Logistic:
    return Logistic((0.0,) * signals, (1.0,) * signals, (0.0,) * (signals + 1))


def fit(samples: Sequence[Sample], target: str) -> Logistic:
    """Newton's method on the weighted, ridged likelihood. ``target`` is "right" or "ours"."""
    signals = np.concatenate([one.signals for one in samples])
    truth = np.concatenate([getattr(one, target) for one in samples])
    weight = np.concatenate([np.full(len(one.right), len(one.right) ** -0.5) for one in samples])
    mean = np.average(signals, axis=0, weights=weight)
    scale = np.sqrt(np.average((signals - mean) ** 2, axis=0, weights=weight))
    scale[scale < 1e-3] = 1.0  # a signal that never changes says nothing
    x = np.c_[np.ones(len(signals)), (signals - mean) / scale]
    weight /= weight.mean()
    ridge = RIDGE * np.eye(x.shape[1])
    ridge[0, 0] = 1e-3
    beta = np.zeros(x.shape[1])
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (weight * (chance - truth)) + ridge @ beta
        step = np.linalg.solve((x * (weight * chance * (1 - chance))[:, None]).T @ x + ridge, gradient)
        beta -= step
        if np.abs(step).max() < 1e-8:
            break
    return Logistic(tuple(mean.tolist()), tuple(scale.tolist()), tuple(beta.tolist()))


def threshold(samples: Sequence[Sample], wrong: float) -> float:
    """The chance from which on at most a share of ``wrong`` of the questions is answered from a wrong article.

    Each half of a set is judged by coefficients fitted on the other halves; questions of one article should stand
    together there. What the dialogue does besides, such as asking about "it", is not counted.
    """
    halves = [[_part(one, half) for one in samples] for half in (0, 1)]
    if not all(len(one.right) for half in halves for one in half):
        raise CalibrationError("--wrong is chosen on two halves of each file: give files of more questions.")
    fits = [fit(half, "right") for half in halves]
    judged = [(fits[1 - n], one) for n, half in enumerate(halves) for one in half]
    chances = np.array([fitted(row) for fitted, one in judged for row in one.signals])
    right = np.concatenate([one.right for _, one in judged])
    mistakes = np.sort(chances[right == 0])[::-1]
    allowed = int(wrong * len(chances))
    least, most = ANSWERS
    return float(np.clip(np.ceil(1000 * mistakes[allowed]) / 1000 if allowed < len(mistakes) else least, least, most))


def _part(sample: Sample, half: int) -> Sample:
    """Its first or second half."""
    middle = len(sample.right) // 2
    rows = slice(middle, None) if half else slice(None, middle)
    return Sample(sample.signals[rows], sample.right[rows], sample.ours[rows])


def write(
    path: Path, sets: Sequence[dict[str, Sample]], before: Path, named: Sequence[str], wrong: float | None = None
) -> None:
    """Coefficients of each kind of search that the sets have; the others stay as they are in ``before``. So do the
    thresholds, but with ``wrong`` those of answers: see ``threshold``."""
    coefficients: dict[str, Any] = json.loads(before.read_text(encoding="utf-8")) if before.is_file() else {}
    for kind in KINDS:
        some = [one[kind] for one in sets if kind in one]
        if not some:
            continue
        answer, refuse = THRESHOLDS[kind]
        was = coefficients.get(kind, {})
        coefficients[kind] = {
            "right": _row(fit(some, "right")),
            "ours": _row(fit(some, "ours")),
            "answer": was.get("answer", answer) if wrong is None else threshold(some, wrong),
            "refuse": was.get("refuse", refuse),
        }
    coefficients["fitted_on"] = list(named)
    path.write_text(json.dumps(coefficients, indent=1) + "\n", encoding="utf-8")


def _row(logistic: Logistic) -> dict[str, list[float]]:
    return {name: [round(v, 5) for v in getattr(logistic, name)] for name in ("mean", "scale", "weights")}
