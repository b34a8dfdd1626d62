"""Scores a checkpoint on an imagefolder.

The model is given no text (but for the table of texts), and never ``title``. Labels are scored against the checkpoint's
whole label set with a forced answer; what abstention would have said is reported apart.
"""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vision.images import Sample, load_pixels, read_folder
from vision.model import labels, rendered_text
from vision.model.captions import SHOP, facts, mentions_people, template
from vision.model.predictor import Predictor
from vision.report import PhotoReport
from vision.training import metrics, plots

log = logging.getLogger(__name__)
BATCH = 64
Numbers = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """Everything the model says about one folder, as numbers."""

    samples: list[Sample]
    logits: dict[str, npt.NDArray[np.float64]]
    gates: npt.NDArray[np.float64]
    vectors: npt.NDArray[np.float64]
    sentences: list[tuple[str, float]]  # the decoder's about scenes, where the folder has people's
    reports: list[PhotoReport]  # what a customer would be told
    grid: npt.NDArray[np.float16]  # [N, h·w, C]
    seconds: float

    def odd(self) -> Outcome:
        """The rows that calibration did not see."""
        logits = {name: rows[1::2] for name, rows in self.logits.items()}
        lists = self.sentences[1::2], self.reports[1::2]
        grid = self.grid[1::2]
        return Outcome(self.samples[1::2], logits, self.gates[1::2], self.vectors[1::2], *lists, grid, self.seconds / 2)


def look(predictor: Predictor, samples: list[Sample], texts: Sequence[str] = (), *, captions: bool = True) -> Outcome:
    """``texts``: what the customer writes with each photo; none: nothing."""
    pixels = load_pixels(samples, predictor.size).transpose(0, 2, 3, 1)
    scenes = captions and predictor.captions is not None and any(s.captions for s in samples)
    told = texts or [""] * len(samples)
    parts, sentences, reports, start = [], [], [], time.perf_counter()
    for at in range(0, len(samples), BATCH):
        seen = predictor.see(pixels[at : at + BATCH], told[at : at + BATCH])
        if scenes:
            sentences += predictor.sentences(seen.grid)
        reports += predictor.reports(seen)
        parts.append(seen)
    return Outcome(
        samples,
        {name: np.concatenate([p.logits[name] for p in parts]) for name in predictor.sets},
        np.concatenate([p.gates for p in parts]),
        np.concatenate([p.vectors for p in parts]),
        sentences,
        reports,
        np.concatenate([p.grid.astype(np.float16) for p in parts]),
        time.perf_counter() - start,
    )


def evaluate(predictor: Predictor, folder: Path, *, text_table: bool = False) -> Numbers:
    """The scores named in docs/figures.md; only those that the folder has ground truth for."""
    outcome = look(predictor, read_folder(folder))
    report: Numbers = {"images": len(outcome.samples), "model": predictor.identity, "labels": {}}
    captions = facts_said(predictor, outcome)
    if outcome.sentences:
        captions |= caption_scores(outcome)
    if with_captions(outcome):
        report["retrieval"] = retrieval(predictor, outcome)
    if captions:
        report["captions"] = captions
    for name in predictor.sets:
        if scores := label_scores(predictor, outcome, name):
            report["labels"][name] = scores
    # Of all photos of the folder, whatever it holds: where a set does not apply, nothing of it should be stated.
    stated = {name: np.mean([r.labels[name].stated is not None for r in outcome.reports]) for name in predictor.sets}
    report["gate"] = {name: {"stated": round(float(share), 4)} for name, share in stated.items()}
    if text_table and (table := texts_table(predictor, outcome)):
        report["text"] = table
    report["speed"] = {"images_per_s": round(len(outcome.samples) / outcome.seconds, 1)}
    return report


def facts_said(predictor: Predictor, outcome: Outcome) -> Numbers:
    """Slot words in what is said of shop photos, against their labels; nothing where the folder has no such labels."""
    rows = [row for row, s in enumerate(outcome.samples) if any(name in s.labels for name in SHOP)]
    if not rows:
        return {}
    samples, reports = [outcome.samples[row] for row in rows], [outcome.reports[row] for row in rows]
    said = [report.caption or "" for report in reports]
    return {
        "facts": facts_scores(predictor, samples, said),
        "template_facts": facts_scores(predictor, samples, [template(report.labels) or "" for report in reports]),
        "people_mentioned": round(sum(map(_mentions_people, reports)) / len(rows), 4),
    }


def _mentions_people(report: PhotoReport) -> bool:
    """Beside the names of things: "Pink Lady" is an apple."""
    said = report.caption or ""
    for each in report.labels.values():
        said = said.replace(each.stated, "") if each.stated else said
    return mentions_people(said)


def facts_scores(predictor: Predictor, samples: Sequence[Sample], sentences: Sequence[str]) -> Numbers:
    """Only words of the sets that a photo has a label of can be judged. A word is right when any slot of the photo has
    it, and said once however often it is there.
    """
    truths = [{label.lower() for name, label in s.labels.items() if name in SHOP} for s in samples]
    known = [[label for name in SHOP if name in s.labels for label in predictor.sets.get(name, [])] for s in samples]
    found = [facts(sentence, names) for sentence, names in zip(sentences, known, strict=True)]
    right = sum(len(said & truth) for said, truth in zip(found, truths, strict=True))
    said, true = sum(map(len, found)), sum(map(len, truths))
    return {"precision": round(right / said, 4) if said else None, "recall": round(right / true, 4)}


def texts_table(predictor: Predictor, outcome: Outcome) -> Numbers:
    """Accuracy by what the customer writes: nothing, nothing to the point, something true but coarse, something wrong.

    Of the most exact set that the folder has; and how much of it would be stated, and how much of that is right.
    """
    if (name := most_exact(predictor, outcome.samples)) is None:
        return {}
    told = customer_texts(outcome.samples)
    seen = {"none": outcome} | {kind: look(predictor, outcome.samples, words) for kind, words in told.items()}
    scores = {kind: label_scores(predictor, each, name) for kind, each in seen.items()}
    known = {kind: each for kind, each in scores.items() if each}
    stated = {kind: [each["stated"], each["stated_accuracy"]] for kind, each in known.items()}
    return {"set": name} | {kind: each["accuracy"] for kind, each in known.items()} | {"stated": stated}


def most_exact(predictor: Predictor, samples: Sequence[Sample]) -> str | None:
    """The set that the table of texts is about; None when nobody could say anything coarser of these photos."""
    if not any(rendered_text.coarse_word(s.labels) for s in samples):
        return None
    return next((name for name in SHOP if name in predictor.sets and any(name in s.labels for s in samples)), None)


def customer_texts(samples: Sequence[Sample], seed: int = 0) -> dict[str, list[str]]:
    """Of each kind one text a photo, worded as in training (rendered_text.py), drawn with ``seed``.

    Where the coarse word is the answer ("banana", a category of one product) nothing coarse is said: it is no test.
    """
    coarse = [rendered_text.coarse_word(s.labels) for s in samples]
    chance = random.Random(seed)
    others = sorted({word for word in coarse if word})
    wrong = [chance.choice([o for o in others if o != word] or ["thing"]) for word in coarse]

    def told(words: Sequence[str | None]) -> list[str]:
        return [chance.choice(rendered_text.COARSE).format(word) if word else "" for word in words]

    return {
        "contentless": [chance.choice(rendered_text.CONTENTLESS) for _ in coarse],
        "coarse": told([None if _is_answer(w, s) else w for w, s in zip(coarse, samples, strict=True)]),
        "wrong": told(wrong),
    }


def _is_answer(word: str | None, sample: Sample) -> bool:
    return word in {sample.labels[slot].lower() for slot in rendered_text.COARSER if slot in sample.labels}


def caption_scores(outcome: Outcome) -> Numbers:
    rows = with_captions(outcome)
    references = [outcome.samples[row].captions for row in rows]
    said = [outcome.sentences[row][0] for row in rows]
    cider = metrics.Cider(references)
    each = cider.each(said)
    constant, constant_score = cider.best_constant()
    return {
        "bleu4": round(metrics.bleu4(said, references), 4),
        "cider": round(float(each.mean()), 4),
        "cider_interval": metrics.interval(lambda rows: float(each[rows].mean()), len(each)),
        "constant_cider": round(constant_score, 4),
        "constant": constant,
    }


def retrieval(predictor: Predictor, outcome: Outcome) -> Numbers:
    """Recall@10 in the shared space, photo and text each alone; every sentence of every photo is a candidate."""
    rows = with_captions(outcome)
    captions = [outcome.samples[row].captions for row in rows]
    owner = np.repeat(np.arange(len(rows)), [len(cs) for cs in captions])
    scores = outcome.vectors[rows] @ predictor.text_vectors([c for cs in captions for c in cs]).T
    relevant = owner[None] == np.arange(len(rows))[:, None]
    found = metrics.found_at(scores, relevant, 10)
    return {
        "image_to_text_r10": round(float(found.mean()), 4),
        "image_to_text_r10_interval": metrics.interval(lambda at: float(found[at].mean()), len(found)),
        "text_to_image_r10": round(float(metrics.found_at(scores.T, relevant.T, 10).mean()), 4),
    }


def with_captions(outcome: Outcome) -> list[int]:
    return [row for row, sample in enumerate(outcome.samples) if sample.captions]


def guesses(
    predictor: Predictor, outcome: Outcome, name: str
) -> tuple[list[int], npt.NDArray[np.int64], npt.NDArray[np.float64]] | None:
    """Rows [N] with a label of this set that the checkpoint knows, which one [N], the probabilities [N, labels]."""
    index = {label: n for n, label in enumerate(predictor.sets[name])}
    rows = [at for at, s in enumerate(outcome.samples) if s.labels.get(name) in index]
    if not rows:
        return None
    target = np.array([index[outcome.samples[at].labels[name]] for at in rows])
    return rows, target, labels.softmax(outcome.logits[name][rows], predictor.calibration[name].temperature)


def draw(predictor: Predictor, folder: Path, out: Path, *, photos: bool = True) -> list[Path]:
    """calibration.png, contact-sheet.png of the most exact label set, and confusion-SET.png of each that ``folder``
    has; which were written. Without ``photos`` the sheet has no picture of anybody's in it.

    On the odd rows alone: calibration is fitted on the even ones.
    """
    outcome = look(predictor, read_folder(folder)).odd()
    found = {name: g for name in predictor.sets if (g := guesses(predictor, outcome, name))}
    if not found:
        return []
    out.mkdir(parents=True, exist_ok=True)
    said = {name: (chances.max(1), chances.argmax(1) == target) for name, (_, target, chances) in found.items()}
    plots.reliability(said, out / "calibration.png")
    exact = next((name for name in SHOP if name in found), next(iter(found)))
    plots.contact_sheet(cards(predictor, outcome, exact, photos=photos), out / "contact-sheet.png")
    for name, (_, target, chances) in found.items():
        plots.confusion(predictor.sets[name], target, chances.argmax(1), out / f"confusion-{name}.png")
    return [out / "calibration.png", out / "contact-sheet.png", *(out / f"confusion-{name}.png" for name in found)]


def cards(predictor: Predictor, outcome: Outcome, name: str, *, photos: bool, each: int = 12) -> list[plots.Card]:
    """Of the label set ``name``, ``each`` successes from the surest to the least sure, and the surest failures."""
    found = guesses(predictor, outcome, name)
    assert found, f"no photo has a label of {name}"
    rows, target, chances = found
    order = (-chances.max(1)).argsort(kind="stable")
    right = [n for n in order if chances[n].argmax() == target[n]]
    wrong = [n for n in order if chances[n].argmax() != target[n]][:each]
    shown = [right[n] for n in sorted(set(np.linspace(0, len(right) - 1, each).astype(int).tolist()))] if right else []
    names, pixels = predictor.sets[name], {}
    if photos:
        chosen = [*shown, *wrong]
        loaded = load_pixels([outcome.samples[rows[n]] for n in chosen], predictor.size).transpose(0, 2, 3, 1)
        pixels = dict(zip(chosen, loaded, strict=True))
    return [
        plots.Card(
            truth=names[target[n]],
            guess=names[chances[n].argmax()],
            probability=float(chances[n].max()),
            stated=outcome.reports[rows[n]].labels[name].stated is not None,
            photo=pixels.get(n),
        )
        for n in (*shown, *wrong)
    ]


def quick_score(predictor: Predictor, folders: Sequence[Path]) -> float:
    """Mean accuracy of the label sets on the even rows: what a run is stopped by. The odd ones stay unseen."""
    scores = []
    for folder in folders:
        samples = read_folder(folder)[::2]
        if any(s.labels for s in samples):
            outcome = look(predictor, samples, captions=False)
            found = [label_scores(predictor, outcome, name) for name in predictor.sets]
            scores += [each["accuracy"] for each in found if each]
    return float(np.mean(scores)) if scores else 0.0


def label_scores(predictor: Predictor, outcome: Outcome, name: str) -> Numbers | None:
    """None when no photo of the folder has a label of this set that the checkpoint knows."""
    if (guessed := guesses(predictor, outcome, name)) is None:
        return None
    calibration = predictor.calibration[name]
    rows, target, probabilities = guessed
    guess, confidence = probabilities.argmax(1), probabilities.max(1)
    right = guess == target
    top5 = (np.argsort(-probabilities, 1)[:, :5] == target[:, None]).any(1)
    gate_at = list(predictor.sets).index(name)
    applies = labels.sigmoid(outcome.gates[rows, gate_at], calibration.gate_temperature) >= calibration.gate_floor
    stated = applies & (confidence >= calibration.floor)
    surest = (-confidence).argsort(kind="stable")[: max(1, round(0.8 * len(rows)))]
    return {
        "images": len(rows),
        "unknown_labels": sum(s.labels.get(name) not in (None, *predictor.sets[name]) for s in outcome.samples),
        "accuracy": round(float(right.mean()), 4),
        "accuracy_interval": metrics.interval(lambda at: float(right[at].mean()), len(rows)),
        "macro_f1": round(metrics.macro_f1(guess, target), 4),
        "macro_f1_interval": metrics.interval(lambda at: metrics.macro_f1(guess[at], target[at]), len(rows)),
        "top5": round(float(top5.mean()), 4),
        "ece": round(metrics.calibration_error(confidence, right), 4),
        "ece_of_perfect": round(metrics.calibration_error_of_perfect(confidence), 4),
        "majority": round(max(Counter(target.tolist()).values()) / len(rows), 4),
        "stated": round(float(stated.mean()), 4),
        "stated_accuracy": round(float(right[stated].mean()), 4) if stated.any() else None,
        "abstention": {
            "accuracy": round(float(right.mean()), 4),
            "accuracy_at_80": round(float(right[surest].mean()), 4),
        },
    }
