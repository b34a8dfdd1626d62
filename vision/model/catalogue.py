"""A shop's own products without training: example photos become prototypes (Snell et al. 2017), compared by what the
pretrained eyes see; words are compared in the shared space of photos and texts.

A photo's product is the nearest prototype, with a calibrated probability, or "none of these". Both are learnt from the
examples themselves: each is left out once (its product should still be found), and each once with all of its product
(nothing should be found). Products without a picture are found by their words only. A code in the photo is surer than
looks: whose name or description has its article number is stated, with or without pictures.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from monitoring.plainly import why
from storage import gtin
from vision.images import DataError
from vision.model.labels import sigmoid, softmax
from vision.report import Label, LabelSet

Array = npt.NDArray[np.float64]
FORMAT = 2
FILE = "catalogue.json"
BUILD = "python -m vision catalogue build DIR"


class CatalogueError(ValueError):
    """The message names the file and says what to mend."""


@dataclass(frozen=True)
class Product:
    name: str
    description: str = ""
    pictures: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Certainty:
    """From similarities to what may be said. The defaults never state anything."""

    temperature: float = 0.05
    middle: float = 1.0  # similarity at which "one of these" and "none" are equally likely
    width: float = 0.05
    floor: float = 1.01


@dataclass(frozen=True)
class Hit:
    name: str
    score: float  # of photos: probability; of words: mean cosine
    description: str


def read(folder: Path) -> list[Product]:
    """The products of ``folder``/metadata.jsonl, one JSON object a line; lines of one name are one product.

    ``{"name", "description", "pictures": ["a.jpg", …]}``, or the imagefolder form ``{"file_name", "labels":
    {"product"}, "text"}``. Raises DataError with file and line.
    """
    metadata = folder / "metadata.jsonl"
    try:
        lines = metadata.read_text(encoding="utf-8").split("\n")  # a description may hold other line ends
    except (OSError, UnicodeDecodeError) as error:
        needs = "it names your products, one JSON object a line (shop/README.md)"
        raise DataError(f"{metadata} cannot be read: {why(error)}; {needs}") from error
    products: dict[str, Product] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            found = _product(folder, f"{metadata}, line {number}", line)
            known = products.get(found.name, found)
            pictures = tuple(dict.fromkeys((*known.pictures, *found.pictures)))
            products[found.name] = Product(found.name, known.description or found.description, pictures)
    if not products:
        raise DataError(f"{metadata} names no product")
    return list(products.values())


def _product(folder: Path, where: str, line: str) -> Product:
    try:
        entry: Any = json.loads(line)
    except (ValueError, RecursionError) as error:  # as in images.py
        raise DataError(f"{where}: not JSON ({error})") from error
    if not isinstance(entry, dict):
        raise DataError(f"{where}: needs an object with name, description and pictures")
    labels = entry.get("labels")
    name = entry.get("name", labels.get("product") if isinstance(labels, dict) else None)
    description = entry.get("description", entry.get("text") or "")
    pictures = entry.get("pictures", [entry["file_name"]] if "file_name" in entry else [])
    if not isinstance(name, str) or not name.strip() or not isinstance(description, str):
        raise DataError(f"{where}: needs a name (and may have a description), as text")
    if not isinstance(pictures, list) or not all(isinstance(p, str) for p in pictures):
        raise DataError(f"{where}: pictures must be a list of file names")
    paths = tuple(folder / p for p in pictures)
    for path in paths:
        if "\0" in str(path) or not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise DataError(f"{where}: no picture at {path}")
    return Product(name.strip(), description.strip(), paths)


@dataclass(frozen=True)
class Catalogue:
    """Products as vectors of one checkpoint; a vector of zeros where there is no picture."""

    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    photos: Array  # [P, C] prototypes of how the example pictures look, unit length
    shown: Array  # [P, shared] the same pictures in the space of texts, unit length
    texts: Array  # [P, shared] of name and description, unit length
    certainty: Certainty
    model: str  # identity of the checkpoint whose space this is
    left_out: dict[str, float]  # how it did on examples that were left out

    @property
    def identity(self) -> str:
        digest = hashlib.sha256(
            json.dumps([self.names, self.photos.round(6).tolist(), sorted(self.numbers.items())]).encode()
        )
        return digest.hexdigest()[:8]

    @cached_property
    def numbers(self) -> dict[str, str]:
        """GTIN-14 → the one product whose name or description has that number."""
        owners: dict[str, list[str]] = defaultdict(list)
        for name, description in zip(self.names, self.descriptions, strict=True):
            for number in gtin.named(f"{name} ; {description}"):
                owners[number].append(name)
        return {number: names[0] for number, names in owners.items() if len(names) == 1}

    def by_numbers(self, numbers: Iterable[str]) -> LabelSet | None:
        """What a photo shows in which codes hold these GTIN-14; None where they name no product, or more than one."""
        found = {self.numbers[number] for number in numbers if number in self.numbers}
        if len(found) != 1:
            return None
        (name,) = found
        return LabelSet(applies=1.0, stated=name, top=(Label(name=name, probability=1.0),))

    def label(self, looks: Array) -> LabelSet:
        """Which product a photo that looks so [C] shows; ``applies`` is "one of these at all"."""
        seen = np.flatnonzero(self.photos.any(1))
        if not len(seen):
            return LabelSet(applies=0.0)
        similar = self.photos[seen] @ looks
        applies, chances = chances_of(similar[None], self.certainty)
        order = chances[0].argsort()[::-1][:5]
        top = tuple(Label(name=self.names[seen[i]], probability=round(float(chances[0, i]), 4)) for i in order)
        sure = applies[0] * top[0].probability >= self.certainty.floor
        return LabelSet(applies=round(float(applies[0]), 4), stated=top[0].name if sure else None, top=top)

    def by_photo(self, looks: Array, vector: Array, count: int = 5) -> list[Hit]:
        """Products by how likely the photo shows them: by how it ``looks`` [C]. Those without a picture come last, by
        their words against its ``vector`` [shared].
        """
        seen = self.photos.any(1)
        scores = np.full(len(self.names), -1.0)
        if seen.any():
            applies, chances = chances_of((self.photos[seen] @ looks)[None], self.certainty)
            scores[seen] = applies[0] * chances[0]
        scores[~seen] = -1 + (self.texts[~seen] @ vector) / 4  # cosine −1..1: below every probability
        return self._hits(scores, count)

    def by_words(self, vector: Array, count: int = 5) -> list[Hit]:
        """Products by a text vector [shared]: against their words, and against their pictures where there are any."""
        words, pictures = self.texts @ vector, self.shown @ vector
        return self._hits(np.where(self.photos.any(1), (words + pictures) / 2, words), count)

    def _hits(self, scores: Array, count: int) -> list[Hit]:
        order = scores.argsort()[::-1][:count]
        return [Hit(self.names[i], round(float(max(scores[i], 0)), 4), self.descriptions[i]) for i in order]

    def save(self, path: Path) -> None:
        entry = asdict(self) | {
            "format": FORMAT,
            "photos": self.photos.round(4).tolist(),
            "shown": self.shown.round(4).tolist(),
            "texts": self.texts.round(4).tolist(),
        }
        partial = path.with_name(path.name + ".partial")
        partial.write_text(json.dumps(entry, ensure_ascii=False) + "\n", encoding="utf-8")
        partial.replace(path)  # a worker that reads it meanwhile sees the old one or the new one

    @classmethod
    def load(cls, path: Path, model: str) -> Catalogue:
        """``path``: the file, or the folder it was built from. Raises CatalogueError, also for another ``model``'s."""
        path, again = _file(path), f"build it again: {BUILD}"
        entry = _entry(path)
        try:
            found = cls._of(entry)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CatalogueError(f"{path} is a catalogue that does not fit ({error}); {again}") from error
        if found.model != model:
            raise CatalogueError(f"{path} was built with the model {found.model}, this is {model}; {again}")
        return found

    @classmethod
    def _of(cls, entry: dict[str, Any]) -> Catalogue:
        if (stated := entry.pop("format")) != FORMAT:
            raise ValueError(f"format {stated}, this program reads {FORMAT}")
        names = tuple(map(str, entry["names"]))
        for key in ("photos", "shown", "texts"):
            entry[key] = np.array(entry[key], dtype=np.float64).reshape(len(names), -1)
        words = tuple(map(str, entry["descriptions"]))
        return cls(**entry | {"names": names, "descriptions": words, "certainty": Certainty(**entry["certainty"])})


def _file(path: Path) -> Path:
    return path / FILE if path.is_dir() else path


def _entry(path: Path) -> dict[str, Any]:
    """Raises CatalogueError for what was never a catalogue: there is nothing to build again."""
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        do = f"; build one: {BUILD}" if isinstance(error, FileNotFoundError) else ""
        raise CatalogueError(f"no catalogue can be read at {path}: {why(error)}{do}") from error
    except ValueError as error:
        raise CatalogueError(f"{path} is no catalogue, it is not JSON; build one: {BUILD}") from error
    if not isinstance(entry, dict) or "format" not in entry:
        raise CatalogueError(f"{path} is no catalogue, it has no format; build one: {BUILD}")
    return entry


def expect(path: Path) -> None:
    """Raises CatalogueError where there is none: at once, before a model is loaded."""
    _entry(_file(path))


def unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True).clip(1e-12))


def chances_of(similar: Array, certainty: Certainty) -> tuple[Array, Array]:
    """Similarities [N, P] → probability [N] that it is one of these, and which one, given that it is [N, P]."""
    applies = sigmoid(similar.max(1) - certainty.middle, certainty.width)
    return applies, softmax(similar, certainty.temperature)
