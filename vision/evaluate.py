"""Scores a checkpoint on an imagefolder, and calibrates it on one.

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

from vision import checkpoint, labels, metrics, render
from vision.captions import SHOP, facts, mentions_people, template
from vision.data import Sample, load_pixels, read_folder
from vision.describe import Describer
from vision.report import PhotoReport
from vision.tokens import SCENE

log = logging.getLogger(__name__)
BATCH = 64
WORTH = 2.0  # times the best constant sentence: from there on a sentence about a scene is said (docs/log.md)
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
    seconds: float


def look(describer: Describer, folder: Path, texts: Sequence[str] = ()) -> Outcome:
    """``texts``: what the customer writes with each photo; none: nothing."""
    samples = read_folder(folder)
    pixels = load_pixels(samples, describer.size).transpose(0, 2, 3, 1)
    scenes = any(s.captions for s in samples)
    told = texts or [""] * len(samples)
    parts, sentences, reports, start = [], [], [], time.perf_counter()
    for at in range(0, len(samples), BATCH):
        seen = describer.see(pixels[at : at + BATCH], told[at : at + BATCH])
        if scenes:
            sentences += describer.sentences(seen.encoded, [SCENE] * len(seen.vectors))
        reports += describer.reports(seen)
        parts.append(seen)
    return Outcome(
        samples,
        {name: np.concatenate([p.logits[name] for p in parts]) for name in describer.sets},
        np.concatenate([p.gates for p in parts]),
        np.concatenate([p.vectors for p in parts]),
        sentences,
        reports,
        time.perf_counter() - start,
    )


def evaluate(describer: Describer, folder: Path, *, text_table: bool = False) -> Numbers:
    """The scores named in the README's table; only those that the folder has ground truth for."""
    outcome = look(describer, folder)
    report: Numbers = {"images": len(outcome.samples), "model": describer.identity, "labels": {}}
    captions = facts_said(describer, outcome)
    if outcome.sentences:
        captions |= caption_scores(outcome)
        report["retrieval"] = retrieval(describer, outcome)
    if captions:
        report["captions"] = captions
    for name in describer.sets:
        if scores := label_scores(describer, outcome, name):
            report["labels"][name] = scores
    # Of all photos of the folder, whatever it holds: where a set does not apply, nothing of it should be stated.
    stated = {name: np.mean([r.labels[name].stated is not None for r in outcome.reports]) for name in describer.sets}
    report["gate"] = {name: {"stated": round(float(share), 4)} for name, share in stated.items()}
    if text_table and (table := texts_table(describer, folder, outcome)):
        report["text"] = table
    report["speed"] = {"images_per_s": round(len(outcome.samples) / outcome.seconds, 1)}
    return report


def facts_said(describer: Describer, outcome: Outcome) -> Numbers:
    """Slot words in what is said of shop photos, against their labels; nothing where the folder has no such labels.

    A word is right when any slot of the photo has it, and said once however often it is there.
    """
    names = [label for name in SHOP for label in describer.sets.get(name, [])]
    rows = [row for row, s in enumerate(outcome.samples) if any(name in s.labels for name in SHOP)]
    if not rows:
        return {}
    truths = [{label.lower() for name, label in outcome.samples[row].labels.items() if name in SHOP} for row in rows]
    said = [outcome.reports[row].caption or "" for row in rows]
    templates = [template(outcome.reports[row].labels) or "" for row in rows]
    people = sum(map(mentions_people, said)) / len(rows)
    return {
        "facts": _facts(said, truths, names),
        "template_facts": _facts(templates, truths, names),
        "people_mentioned": round(people, 4),
    }


def _facts(sentences: Sequence[str], truths: Sequence[set[str]], names: Sequence[str]) -> Numbers:
    found = [facts(sentence, names) for sentence in sentences]
    right = sum(len(said & truth) for said, truth in zip(found, truths, strict=True))
    said, true = sum(map(len, found)), sum(map(len, truths))
    return {"precision": round(right / said, 4) if said else None, "recall": round(right / true, 4)}


def texts_table(describer: Describer, folder: Path, outcome: Outcome) -> Numbers:
    """Accuracy by what the customer writes: nothing, nothing to the point, something true but coarse, something wrong.

    Of the most exact set that the folder has; texts as in training (render.py), drawn anew with a fixed seed.
    """
    name = next((n for n in SHOP if n in describer.sets and any(n in s.labels for s in outcome.samples)), None)
    coarse = [render.coarse_word(s.labels) for s in outcome.samples]
    if name is None or not any(coarse):
        return {}
    chance = random.Random(0)
    others = sorted({word for word in coarse if word})

    def told(words: Sequence[str | None]) -> list[str]:
        return [chance.choice(render.COARSE).format(word) if word else "" for word in words]

    wrong = [chance.choice([o for o in others if o != word] or ["thing"]) for word in coarse]
    texts = {
        "contentless": [chance.choice(render.CONTENTLESS) for _ in coarse],
        "coarse": told(coarse),
        "wrong": told(wrong),
    }
    seen = {"none": outcome} | {kind: look(describer, folder, words) for kind, words in texts.items()}
    scores = {kind: label_scores(describer, each, name) for kind, each in seen.items()}
    return {"set": name} | {kind: each["accuracy"] for kind, each in scores.items() if each}


def caption_scores(outcome: Outcome) -> Numbers:
    rows = _with_captions(outcome)
    references = [outcome.samples[row].captions for row in rows]
    said = [outcome.sentences[row][0] for row in rows]
    cider = metrics.Cider(references)
    constant, constant_score = cider.best_constant()
    return {
        "bleu4": round(metrics.bleu4(said, references), 4),
        "cider": round(cider.mean(said), 4),
        "constant_cider": round(constant_score, 4),
        "constant": constant,
    }


def retrieval(describer: Describer, outcome: Outcome) -> Numbers:
    """Recall@10 in the shared space, photo and text each alone; every sentence of every photo is a candidate."""
    rows = _with_captions(outcome)
    captions = [outcome.samples[row].captions for row in rows]
    owner = np.repeat(np.arange(len(rows)), [len(cs) for cs in captions])
    scores = outcome.vectors[rows] @ describer.text_vectors([c for cs in captions for c in cs]).T
    relevant = owner[None] == np.arange(len(rows))[:, None]
    return {
        "image_to_text_r10": round(metrics.recall_at(scores, relevant, 10), 4),
        "text_to_image_r10": round(metrics.recall_at(scores.T, relevant.T, 10), 4),
    }


def _with_captions(outcome: Outcome) -> list[int]:
    return [row for row, sample in enumerate(outcome.samples) if sample.captions]


def label_scores(describer: Describer, outcome: Outcome, name: str) -> Numbers | None:
    """None when no photo of the folder has a label of this set that the checkpoint knows."""
    names, calibration = describer.sets[name], describer.calibration[name]
    index = {label: n for n, label in enumerate(names)}
    rows = [at for at, s in enumerate(outcome.samples) if s.labels.get(name) in index]
    if not rows:
        return None
    target = np.array([index[outcome.samples[at].labels[name]] for at in rows])
    probabilities = labels.softmax(outcome.logits[name][rows], calibration.temperature)
    guess, confidence = probabilities.argmax(1), probabilities.max(1)
    right = guess == target
    top5 = (np.argsort(-probabilities, 1)[:, :5] == target[:, None]).any(1)
    gate_at = list(describer.sets).index(name)
    applies = labels.sigmoid(outcome.gates[rows, gate_at], calibration.gate_temperature) >= calibration.gate_floor
    stated = applies & (confidence >= calibration.floor)
    surest = (-confidence).argsort(kind="stable")[: max(1, round(0.8 * len(rows)))]
    return {
        "images": len(rows),
        "unknown_labels": sum(s.labels.get(name) not in (None, *index) for s in outcome.samples),
        "accuracy": round(float(right.mean()), 4),
        "macro_f1": round(metrics.macro_f1(guess, target), 4),
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


def calibrate(model: Path, folders: dict[Path, tuple[str, ...]], precision: float = 0.85) -> Numbers:
    """Fit on the even rows of validation folders, score on the odd ones, write both into the card.

    ``folders``: each with the label sets of which it is not known whether they apply there.
    """
    describer = Describer.load(model)
    outcomes = {folder: look(describer, folder) for folder in folders}
    stored = {
        name: _fit(describer, outcomes, folders, name, precision).to_dict()
        for name in describer.sets
        if any(name in s.labels for o in outcomes.values() for s in o.samples)
    }
    card = checkpoint.load(model).card
    scores = [score for o in outcomes.values() for _, score in o.sentences[::2]]
    card |= {"calibration": stored, "caption_floor": round(float(np.quantile(scores, 0.1)), 3) if scores else 0.0}
    checkpoint.write_card(model, card)
    fresh = Describer.load(model)
    card["validation"] = {
        folder.parent.name: evaluate_odd(fresh, outcomes[folder], unknown) for folder, unknown in folders.items()
    }
    scored = [found["captions"] for found in card["validation"].values() if "captions" in found]
    card["says_scenes"] = bool(scored) and all(found["cider"] > WORTH * found["constant_cider"] for found in scored)
    checkpoint.write_card(model, card)
    return card


def evaluate_odd(describer: Describer, outcome: Outcome, unknown: tuple[str, ...] = ()) -> Numbers:
    """Scores on the rows that calibration did not see. ``unknown``: sets that may or may not apply here."""
    odd = Outcome(
        outcome.samples[1::2],
        {name: logits[1::2] for name, logits in outcome.logits.items()},
        outcome.gates[1::2],
        outcome.vectors[1::2],
        outcome.sentences[1::2],
        outcome.reports[1::2],
        outcome.seconds / 2,
    )
    report: Numbers = {name: s for name in describer.sets if (s := label_scores(describer, odd, name))}
    if odd.sentences and _with_captions(odd):
        report["captions"] = caption_scores(odd)
    report["stated_where_it_does_not_apply"] = {
        name: share
        for name in describer.sets
        if name not in unknown and (share := _stated_elsewhere(describer, odd, name)) is not None
    }
    return report


def _stated_elsewhere(describer: Describer, outcome: Outcome, name: str) -> float | None:
    if not outcome.samples or any(name in s.labels for s in outcome.samples) or name == "kind":
        return None  # every picture is of some kind
    at, calibration = list(describer.sets).index(name), describer.calibration[name]
    found = [
        labels.read(describer.sets[name], outcome.logits[name][row], outcome.gates[row, at], calibration)
        for row in range(len(outcome.samples))
    ]
    return round(sum(f.stated is not None for f in found) / len(found), 4)


def _fit(
    describer: Describer,
    outcomes: dict[Path, Outcome],
    unknown: dict[Path, tuple[str, ...]],
    name: str,
    precision: float,
) -> labels.Calibration:
    index = {label: n for n, label in enumerate(describer.sets[name])}
    at = list(describer.sets).index(name)
    logits, target, source, gates, applies = [], [], [], [], []
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
    if not logits:  # nothing to fit on: the cautious defaults
        return labels.Calibration()
    return labels.fit(
        np.array(logits), np.array(target), np.array(gates), np.array(applies), precision, source=np.array(source)
    )
