"""Makes a catalogue (catalogue.py): prototypes of a shop's example pictures, and how sure one may be of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from vision.images import Sample, load_pixels
from vision.model.catalogue import Array, Catalogue, Certainty, Product, chances_of, unit
from vision.model.labels import lowest_floor, sigmoid, softmax
from vision.model.predictor import Predictor

FEW = 3  # products with two pictures: with fewer there is nothing to learn the certainty from
PRECISION = 0.85  # of what is stated, as for the trained labels


def build(predictor: Predictor, products: Sequence[Product]) -> Catalogue:
    """Prototypes and their certainty. Raises DataError for a picture that cannot be read."""
    owner = np.array([at for at, product in enumerate(products) for _ in product.pictures], dtype=np.int64)
    samples = [Sample(path) for product in products for path in product.pictures]
    looks, shown = looks_of(predictor, samples)
    photos = _prototypes(looks.mean(1), owner, len(products))
    texts = predictor.text_vectors([f"{p.name} . {p.description}" if p.description else p.name for p in products])
    certainty, left_out = _learn(looks, owner, len(products))
    names, descriptions = tuple(p.name for p in products), tuple(p.description for p in products)
    vectors = _prototypes(shown, owner, len(products))
    return Catalogue(names, descriptions, photos, vectors, texts, certainty, predictor.identity, left_out)


def looks_of(predictor: Predictor, samples: Sequence[Sample]) -> tuple[Array, Array]:
    """How pictures look [N, 2, C], as they are and mirrored (photographed goods have no left and right), and their
    vectors [N, shared].
    """
    if not samples:
        return np.zeros((0, 2, len(predictor.centre))), np.zeros((0, predictor.config.shared))
    pixels = load_pixels(samples, predictor.size).transpose(0, 2, 3, 1)
    looks, shown = [], []
    for batch in _batches(pixels):
        views = [predictor.see(view, [""] * len(view)) for view in (batch, batch[:, :, ::-1])]
        looks.append(np.stack([view.looks for view in views], 1))
        shown.append(views[0].vectors)
    return np.concatenate(looks), np.concatenate(shown)


def _batches(pixels: npt.NDArray[np.uint8], size: int = 64) -> Iterator[npt.NDArray[np.uint8]]:
    return (pixels[at : at + size] for at in range(0, len(pixels), size))


def _prototypes(vectors: Array, owner: npt.NDArray[np.int64], count: int) -> Array:
    sums = np.zeros((count, vectors.shape[1]))
    np.add.at(sums, owner, vectors)
    return unit(sums)


def _learn(seen: Array, owner: npt.NDArray[np.int64], count: int) -> tuple[Certainty, dict[str, float]]:
    """``seen`` [N, 2, C]: the examples, whose products are ``owner`` [N]."""
    sizes = np.bincount(owner, minlength=count)
    rows = np.flatnonzero(sizes[owner] >= 2)
    if len(set(owner[rows].tolist())) < FEW:
        return Certainty(), {}
    means = seen.mean(1)
    sums = np.zeros((count, seen.shape[2]))
    np.add.at(sums, owner, means)
    everyone = seen[rows, 0] @ unit(sums).T  # [rows, P]
    everyone[:, sizes == 0] = -1  # no picture, no prototype
    at, mine = np.arange(len(rows)), owner[rows]
    known = everyone.copy()
    known[at, mine] = (seen[rows, 0] * unit(sums[mine] - means[rows])).sum(1)
    unknown = everyone.copy()
    unknown[at, mine] = -1  # as if its product were not in the catalogue
    right = known.argmax(1) == mine
    temperature = min(np.geomspace(0.01, 0.5, 40), key=lambda t: -_log(softmax(known, t)[at, mine]).mean())
    yes, no = known.max(1), unknown.max(1)
    middle, width = min(
        ((m, w) for m in np.linspace(no.min(), yes.max(), 40) for w in np.geomspace(0.005, 0.3, 20)),
        key=lambda mw: -_log(sigmoid(yes - mw[0], mw[1])).mean() - _log(sigmoid(mw[0] - no, mw[1])).mean(),
    )
    draft = Certainty(float(temperature), float(middle), float(width))
    sure = [_sure(similar, draft) for similar in (known, unknown)]
    floor = lowest_floor(np.concatenate(sure), np.concatenate([right, np.zeros(len(rows), bool)]), PRECISION)
    stated, invented = (part >= floor for part in sure)
    return Certainty(draft.temperature, draft.middle, draft.width, floor), {
        "pictures": len(rows),
        "right": round(float(right.mean()), 4),
        "stated": round(float(stated.mean()), 4),
        "right_when_stated": round(float(right[stated].mean()), 4) if stated.any() else 0.0,
        "stated_of_none": round(float(invented.mean()), 4),
    }


def _sure(similar: Array, certainty: Certainty) -> Array:
    applies, chances = chances_of(similar, certainty)
    return np.asarray(applies * chances.max(1))


def _log(probability: Array) -> Array:
    return np.asarray(np.log(probability.clip(1e-12)))
