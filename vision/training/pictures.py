"""A shop's own pictures for adapting: a folder for each product, or a metadata.jsonl; and corrections beside them.

Whatever would teach nonsense is refused before anything is looked at, in a sentence that says which pictures.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from PIL import Image

from monitoring.plainly import why
from vision.images import DataError, Sample, read_folder
from vision.model import catalogue

FEWEST = 3  # pictures of a product: one to learn from, one to calibrate on, one for chance
SHOWN = 5  # names in a sentence
Known = dict[str, list[str]]


def read(photos: Path, corrections: Path | None, known: Known) -> list[Sample]:
    """Raises DataError. ``known``: the checkpoint's label sets. Of corrections, those that bring a label of them."""
    own = _folders(photos) if not (photos / "metadata.jsonl").is_file() else _catalogue(photos)
    corrected = _corrections(corrections, known) if corrections else []
    samples = once([*own, *corrected])
    few({sample.labels["product"] for sample in own}, samples)
    return samples


def _catalogue(folder: Path) -> list[Sample]:
    found = catalogue.read(folder)
    samples = [Sample(path, {"product": one.name}) for one in found for path in one.pictures]
    if not samples:
        raise DataError(f"{folder / 'metadata.jsonl'} names no picture: each product needs {FEWEST} or more")
    return samples


def _folders(folder: Path) -> list[Sample]:
    """The folder's name is the product's. Files that are no pictures are refused, but for hidden ones."""
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder: give one with a folder of pictures for each product")
    products = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    samples = [
        Sample(path, {"product": product.name.strip()})
        for product in products
        for path in sorted(product.iterdir())
        if path.is_file() and not path.name.startswith(".")
    ]
    empty = [each.name for each in products if not any(s.path.parent == each for s in samples)]
    if not products or empty:
        raise DataError(
            f"{folder} needs a folder of pictures for each product, or a metadata.jsonl"
            + (f"; nothing is in {named(empty)}" if empty else "")
        )
    return samples


def _corrections(folder: Path, known: Known) -> list[Sample]:
    """Sentences are for ``python -m vision fit``; here only labels teach."""
    found = []
    for sample in read_folder(folder):
        labels = {name: label for name, label in sample.labels.items() if name in known}
        if labels:
            found.append(Sample(sample.path, labels))
    return found


def few(own: Collection[str], samples: Sequence[Sample]) -> None:
    """Raises DataError where a product of the shop's ``own`` has too few pictures, or there is only one product."""
    counted = Counter(sample.labels["product"] for sample in samples if "product" in sample.labels)
    short = [f"{name} ({counted[name]})" for name in sorted(own) if counted[name] < FEWEST]
    if short:
        raise DataError(f"fewer than {FEWEST} pictures of {named(short)}: take more, or leave the product out")
    if len(counted) < 2:
        raise DataError(
            f"all pictures are of {named(list(counted))}: with one product there is nothing to tell apart; "
            "add pictures of another"
        )


def once(samples: Sequence[Sample]) -> list[Sample]:
    """Each picture once. Raises DataError where one cannot be read, and where one has two names."""
    seen: dict[tuple[str, str], tuple[Sample, str]] = {}
    kept, against = [], []
    for sample in samples:
        picture = fingerprint(sample.path)
        fresh = False
        for name, label in sample.labels.items():
            before = seen.setdefault((picture, name), (sample, label))
            fresh |= before[0] is sample
            if before[1] != label:
                against.append(f"{before[0].path} is {before[1]}, and {sample.path} is {label}")
        if fresh:
            kept.append(sample)
    if against:
        more = f"; and {len(against) - SHOWN} more" if len(against) > SHOWN else ""
        raise DataError(f"the same picture under two names: {'; '.join(against[:SHOWN])}{more}: keep the right one")
    return kept


def fingerprint(path: Path) -> str:
    """Of the pixels: a copy under another name, or with other metadata, is the same picture."""
    try:
        with Image.open(path) as image:
            return hashlib.sha256(f"{image.size}".encode() + image.convert("RGB").tobytes()).hexdigest()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read as a picture ({why(error)}): mend or remove it") from error


def named(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
