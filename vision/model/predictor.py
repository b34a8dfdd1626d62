"""A checkpoint as a pair of eyes: pixels and texts in, PhotoReports out, one forward pass for all of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vision.model import captions, labels, runtimes
from vision.model.adapted import Adapted
from vision.model.catalogue import Catalogue
from vision.model.place import place
from vision.model.runtime import Floats, Runtime
from vision.model.views import MIDDLE, contrast, views
from vision.report import LabelSet, PhotoReport
from vision.settings import SHIPPED

Array = npt.NDArray[np.float64]

# Brightness over a grid of 16 × 16 must differ by so much (standard deviation, of 255), or there is nothing to see and
# nothing is stated: an empty picture or noise. A card may say otherwise.
PLAIN = 6.0
# Share of the kinds that are right where they are said: documents, the worst, on new sources (docs/model-card.md). A
# card may say otherwise.
KIND_RIGHT = 0.83


@dataclass(frozen=True)
class Prediction:
    """What one forward pass says about a batch, as numbers."""

    logits: dict[str, Array]  # set → [N, labels]
    gates: Array  # [N, sets]
    vectors: Array  # [N, shared] unit length, to compare with texts
    looks: Array  # [N, C] unit length, to compare photos with one another
    grid: Floats  # [N, h·w, C] of the whole photo
    tuned: Floats  # [N, h·w, C] the same, of the tuned branch
    plain: npt.NDArray[np.bool_]  # [N] nothing to see


class Predictor:
    def __init__(self, network: Runtime, beams: int = 3) -> None:
        self.network, self.tokens, self.identity = network, network.tokens, network.identity
        self.captions, self.config = network.captions, network.config
        self.catalogue: Catalogue | None = None
        self.adapted: Adapted | None = None
        self.beams = beams
        self.sets = self.config.label_sets
        self.size = round(self.config.image_size / MIDDLE)  # of the pixels that ``see`` is given
        self.centre = network.centre.astype(np.float64)
        card = network.card
        self.calibration = labels.calibrations(card, list(self.sets))
        self.caption_floor = float(card.get("caption_floor", -2.0))
        # Label set → how much the customer's words count. A card that was never fitted has none.
        self.trust: dict[str, float] = {s: v for s, v in card.get("text_trust", {}).items() if v}
        # A decoder that does not beat one constant sentence is not listened to: confident nonsense is worse than none.
        self.says_scenes = bool(card.get("says_scenes", False)) and self.captions is not None
        self.least_contrast = float(card.get("plain", PLAIN))
        self.kind_right = float(card.get("kind_right", KIND_RIGHT))

    @classmethod
    def load(
        cls,
        folder: Path = SHIPPED,
        beams: int = 3,
        catalogue: Path | None = None,
        add_on: Path | None = None,
        *,
        adapted: Path | None = None,
        name: str | None = None,
        threads: int = 0,
    ) -> Predictor:
        """``catalogue``: the shop's own products; they take the place of the products the model was trained on.
        ``add_on``: more labels and sentences on the same eyes (checkpoint.py). ``adapted``: what the shop's own photos
        change of the labels (adapted.py). ``name``: of the runtime (runtimes.py).
        """
        predictor = cls(runtimes.load(folder, add_on, name, threads), beams)
        if adapted is not None:
            predictor.adapt(Adapted.load(adapted, folder, predictor.sets))
        if catalogue is not None:
            predictor.catalogue = Catalogue.load(catalogue, predictor.identity)
            predictor.identity = f"{predictor.identity}+{predictor.catalogue.identity}"
        return predictor

    def adapt(self, adapted: Adapted) -> None:
        self.adapted = adapted
        self.sets = {**self.sets, **{name: head.names for name, head in adapted.heads.items()}}
        self.calibration |= {name: head.calibration for name, head in adapted.heads.items()}
        self.identity = f"{self.identity}+{adapted.identity}"

    def see(self, pixels: npt.NDArray[np.uint8], texts: Sequence[str]) -> Prediction:
        """``pixels`` uint8 [N, size, size, 3]; ``texts`` what the customers wrote, "" for nothing.

        Words move the labels that they can speak of, and nothing else: gates and the kind of picture are the photo's.
        """
        both = self.network.see(views(pixels, self.config.image_size))
        grid = both.grid[: len(pixels)]
        heard = self.words_say(grid, texts) if self.trust and any(texts) else {}
        whole = self.config.whole
        seen = {name: _first(value) if name in whole else _mean(value) for name, value in both.logits.items()}
        logits = {name: value + self.trust.get(name, 0.0) * heard.get(name, 0.0) for name, value in seen.items()}
        gates, looks = _mean(both.gates), self.looks(_mean(both.pooled))
        for name, head in self.adapted.heads.items() if self.adapted else ():
            at = list(self.sets).index(name)
            logits[name], gates[:, at] = head.logits(logits[name], looks), head.gate(gates[:, at], looks)
        plain = contrast(pixels) < self.least_contrast
        tuned = both.tuned[: len(pixels)]
        return Prediction(logits, gates, _unit(_mean(both.vectors)), looks, grid, tuned, plain)

    def looks(self, pooled: Array) -> Array:
        """[N, C] of the world branch → unit vectors by which photos are compared."""
        return _unit(pooled - self.centre)

    def words_say(self, grid: Floats, texts: Sequence[str]) -> dict[str, Array]:
        """What the words change of the logits [N, labels] of the sets they can speak of, each photo (``grid``) by its
        own text; nothing where there are none.
        """
        said, mask = self.read([text.strip() for text in texts])
        heard = self.network.hear(grid.astype(np.float32, copy=False), said, mask, self._nothing)
        spoke = np.array([bool(text.strip()) for text in texts])[:, None]
        return {name: spoke * each.astype(np.float64) for name, each in heard.items()}

    @cached_property
    def _nothing(self) -> Floats:
        """F_T of no words [1, T, text_width]."""
        return self.read([""])[0]

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Token vectors F_T [N, T, text_width] and their mask [N, T]."""
        rows = np.array(self.tokens.texts(list(texts), self.config.text_length))
        return self.network.read(rows)[0], (rows != 0).astype(np.float32)

    def text_vectors(self, texts: Sequence[str]) -> Array:
        """[N, shared] unit vectors of texts alone: what image vectors are compared with."""
        parts = []
        for at in range(0, len(texts), 256):
            rows = np.array(self.tokens.texts(list(texts[at : at + 256]), self.config.text_length))
            parts.append(self.network.read(rows)[1].astype(np.float64))
        return np.concatenate(parts)

    def describe(self, pixels: npt.NDArray[np.uint8], texts: Sequence[str]) -> list[PhotoReport]:
        start = time.perf_counter()
        seen = self.see(pixels, texts)
        return self.reports(seen, round((time.perf_counter() - start) * 1000, 1))

    def reports(self, seen: Prediction, model_ms: float = 0.0) -> list[PhotoReport]:
        """What is said of each photo of a forward pass that took ``model_ms``."""
        start = time.perf_counter()
        found = [self._labels(seen, row) for row in range(len(seen.vectors))]
        sentences = self._scenes(seen, found)
        spent = {"model": model_ms, "caption": round((time.perf_counter() - start) * 1000, 1)}
        return [self._report(sets, scene, spent) for sets, scene in zip(found, sentences, strict=True)]

    def _labels(self, seen: Prediction, row: int) -> dict[str, LabelSet]:
        found = {
            name: labels.read(names, seen.logits[name][row], seen.gates[row, at], self.calibration[name])
            for at, (name, names) in enumerate(self.sets.items())
        }
        if self.catalogue:
            found["product"] = self.catalogue.label(seen.looks[row])
        if seen.plain[row]:
            found = {name: each.model_copy(update={"stated": None}) for name, each in found.items()}
        return {name: self._placed(seen, row, name, each) for name, each in found.items()}

    def _placed(self, seen: Prediction, row: int, name: str, found: LabelSet) -> LabelSet:
        """With the part of the photo that speaks for what is stated; what a catalogue states, or the shop's own weights
        say of a label that the network has not, is of the whole.
        """
        known = self.config.label_sets.get(name, [])
        if name not in captions.SHOP or found.stated not in known or (self.catalogue and name == "product"):
            return found
        grid, label = (seen.tuned if name in self.config.tuned else seen.grid)[row], known.index(found.stated)
        return found.model_copy(update={"place": place(grid, self.network.head(name), label)})

    def sentences(self, grid: Floats) -> list[tuple[str, float]]:
        """The decoder's sentence for each photo's grid [N, h·w, C], with its mean log-probability a token."""
        assert self.captions is not None, "this checkpoint has no decoder"
        longest = self.config.caption_length
        words, scores = captions.beam_search(self.network, grid, self.captions, longest, self.beams)
        return list(zip(words, scores, strict=True))

    def _scenes(self, seen: Prediction, found: Sequence[dict[str, LabelSet]]) -> list[str | None]:
        """The decoder's sentence for each photo of a scene, where nothing is surer and the sentence is good enough."""
        said: list[str | None] = [None] * len(found)
        if not self.says_scenes:
            return said
        rows = [
            n
            for n, sets in enumerate(found)
            if not seen.plain[n] and captions.sure_thing(sets) is None and not captions.is_thing(sets)
        ]
        if rows:
            for row, (sentence, score) in zip(rows, self.sentences(seen.grid[rows]), strict=True):
                said[row] = captions.without_looks(sentence) or None if score >= self.caption_floor else None
        return said

    def _report(self, sets: dict[str, LabelSet], scene: str | None, spent: dict[str, float]) -> PhotoReport:
        sure = captions.sure_thing(sets) or (None if scene else captions.template(sets))
        return PhotoReport(
            caption=sure or scene,
            caption_source="product" if sure else "scene" if scene else "none",
            labels=sets,
            kind_right=self.kind_right,
            model=self.identity,
            milliseconds=spent,
        )


def _mean(value: Floats) -> Array:
    """Of both views [2N, …] → [N, …]."""
    first, second = np.split(value.astype(np.float64), 2)
    return np.asarray((first + second) / 2)


def _first(value: Floats) -> Array:
    """Of the whole photo alone [2N, …] → [N, …]."""
    return np.asarray(np.split(value, 2)[0], dtype=np.float64)


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12))
