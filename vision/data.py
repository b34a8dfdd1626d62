"""Reads picture sets in the imagefolder convention: a folder of pictures and a ``metadata.jsonl`` beside them.

One JSON object a line: ``file_name`` and any of ``labels`` (set → label), ``captions``, ``text``, ``title``
(https://huggingface.co/docs/datasets/image_dataset#imagefolder). Bad metadata is refused with file and line.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

log = logging.getLogger(__name__)


class DataError(ValueError):
    """Bad metadata: the message names file and line and says what to mend."""


@dataclass(frozen=True, slots=True)
class Sample:
    path: Path
    labels: dict[str, str] = field(default_factory=dict)
    captions: tuple[str, ...] = ()  # sentences by people
    text: str = ""  # a description of the product, when there is one


def read_folder(folder: Path) -> list[Sample]:
    """All samples of ``folder``. Raises DataError for bad lines, missing pictures and an empty set."""
    metadata = folder / "metadata.jsonl"
    if not metadata.is_file():
        raise DataError(f"{metadata} is missing: one JSON object a line, with file_name and labels or captions")
    samples = [_sample(folder, metadata, number, line) for number, line in _lines(metadata)]
    if not samples:
        raise DataError(f"{metadata} names no picture")
    return samples


def _lines(metadata: Path) -> Iterator[tuple[int, str]]:
    try:
        with metadata.open(encoding="utf-8") as lines:
            yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    except UnicodeDecodeError as error:
        raise DataError(f"{metadata} is not UTF-8 text: {error}") from error


def _sample(folder: Path, metadata: Path, number: int, line: str) -> Sample:
    where = f"{metadata}, line {number}"
    try:
        entry: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not JSON ({error})") from error
    if not isinstance(entry, dict) or not isinstance(entry.get("file_name"), str):
        raise DataError(f'{where}: needs an object with "file_name"')
    path = folder / entry["file_name"]
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise DataError(f"{where}: no picture at {path}")
    labels, captions = entry.get("labels", {}), entry.get("captions", [])
    if not isinstance(labels, dict) or not all(isinstance(v, str) and v for v in labels.values()):
        raise DataError(f"{where}: labels must map a set's name to one label")
    if not isinstance(captions, list) or not all(isinstance(c, str) for c in captions):
        raise DataError(f"{where}: captions must be a list of sentences")
    return Sample(path, dict(labels), tuple(captions), str(entry.get("text", "")))


def load_pixels(samples: Sequence[Sample], size: int, cache: Path | None = None) -> npt.NDArray[np.uint8]:
    """uint8 [N, 3, size, size]: every photo squashed to a square; kept in ``cache`` (an .npy file) between runs."""
    if cache is not None and cache.is_file():
        pixels: npt.NDArray[np.uint8] = np.load(cache)
        if pixels.shape == (len(samples), 3, size, size):
            return pixels
        log.warning("%s holds %s, not what is asked for: made anew", cache, pixels.shape)
    pixels = np.empty((len(samples), 3, size, size), np.uint8)

    def load(at: int) -> None:
        with Image.open(samples[at].path) as image:
            pixels[at] = squash(image, size).transpose(2, 0, 1)

    with ThreadPoolExecutor(2) as pool:  # Pillow releases the GIL while it decodes
        list(pool.map(load, range(len(samples))))
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.save(cache, pixels)
    return pixels


def squash(image: Image.Image, size: int) -> npt.NDArray[np.uint8]:
    """uint8 [size, size, 3]. The one way a photo becomes the network's input, in training and in serving."""
    # Pillow's bilinear resize is antialiased: a large photo does not turn into noise.
    return np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
