"""Reads picture sets in the imagefolder convention: a folder of pictures and a ``metadata.jsonl`` beside them.

One JSON object a line: ``file_name`` and any of ``labels`` (set → label), ``captions``, ``text``, ``title``
(https://huggingface.co/docs/datasets/image_dataset#imagefolder). Bad metadata is refused with file and line.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps

from monitoring.plainly import why

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
    with metadata.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                if words := line.decode().strip():
                    yield number, words
            except UnicodeDecodeError as error:
                raise DataError(f"{metadata}, line {number}: not UTF-8 text ({error})") from error


def _sample(folder: Path, metadata: Path, number: int, line: str) -> Sample:
    where = f"{metadata}, line {number}"
    try:
        entry: Any = json.loads(line)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError, deep nesting the other
        raise DataError(f"{where}: not JSON ({error})") from error
    if not isinstance(entry, dict) or not isinstance(entry.get("file_name"), str):
        raise DataError(f'{where}: needs an object with "file_name"')
    path = folder / entry["file_name"]
    # \0 would end in a ValueError of resolve() that names no line.
    if "\0" in entry["file_name"] or not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise DataError(f"{where}: no picture at {path}")
    labels, captions = entry.get("labels", {}), entry.get("captions", [])
    if not isinstance(labels, dict) or not all(isinstance(v, str) and v for v in labels.values()):
        raise DataError(f"{where}: labels must map a set's name to one label")
    if not isinstance(captions, list) or not all(isinstance(c, str) for c in captions):
        raise DataError(f"{where}: captions must be a list of sentences")
    text = entry.get("text") or ""
    if not isinstance(text, str):
        raise DataError(f"{where}: text must be a string")
    return Sample(path, dict(labels), tuple(captions), text)


def load_pixels(samples: Sequence[Sample], size: int, cache: Path | None = None) -> npt.NDArray[np.uint8]:
    """uint8 [N, 3, size, size]: every photo squashed to a square; kept in ``cache`` (an .npy file) between runs."""
    shape = (len(samples), 3, size, size)
    if cache is not None and (kept := _cached(cache, shape, samples)) is not None:
        return kept
    pixels = np.empty(shape, np.uint8)

    def load(at: int) -> None:
        try:
            with Image.open(samples[at].path) as image:
                pixels[at] = squash(image, size).transpose(2, 0, 1)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise DataError(
                f"{samples[at].path} cannot be read as a picture ({why(error)}): mend or remove it"
            ) from error

    with ThreadPoolExecutor(2) as pool:  # Pillow releases the GIL while it decodes
        list(pool.map(load, range(len(samples))))
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        partial = cache.with_name(f"{cache.name}.{os.getpid()}.partial")  # of several processes, each makes its own
        with partial.open("wb") as out:
            np.save(out, pixels)
        partial.replace(cache)  # a run killed while it saves leaves no half a cache
    return pixels


def _cached(cache: Path, shape: tuple[int, ...], samples: Sequence[Sample]) -> npt.NDArray[np.uint8] | None:
    """The pixels kept in ``cache``; None when there are none, or others than are asked for."""
    if not cache.is_file():
        return None
    # The metadata, too: the same number of lines in another order would give every photo another's labels.
    sources = {sample.path for sample in samples} | {s.path.parent / "metadata.jsonl" for s in samples}
    newest = max((source.stat().st_mtime for source in sources if source.is_file()), default=0.0)
    try:
        pixels: npt.NDArray[np.uint8] = np.load(cache)
    except (ValueError, EOFError, OSError):
        log.warning("%s cannot be read: made anew", cache)
        return None
    if pixels.shape == shape and pixels.dtype == np.uint8 and cache.stat().st_mtime >= newest:
        return pixels
    log.warning("%s holds %s, which is not (any more) what is asked for: made anew", cache, pixels.shape)
    return None


def squash(image: Image.Image, size: int) -> npt.NDArray[np.uint8]:
    """uint8 [size, size, 3], upright (EXIF) and on white. The one way a photo becomes the network's input, in training
    and in serving.
    """
    # Pillow's bilinear resize is antialiased: a large photo does not turn into noise.
    seen = rgb(image_on_white(upright(image)))
    return np.asarray(seen.resize((size, size), Image.Resampling.BILINEAR))


def upright(image: Image.Image) -> Image.Image:
    """As the camera was held (EXIF); the very image where nothing is to be turned: Pillow's own way copies it then."""
    image.load()  # some formats say it after their pixels
    lies = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
    # Of an animation whatever asks for pixels may load the next frame.
    return ImageOps.exif_transpose(image) if lies or getattr(image, "is_animated", False) else image


def rgb(image: Image.Image) -> Image.Image:
    """In three colours; the very image where it has them."""
    return image if image.mode == "RGB" else image.convert("RGB")


def part_of(picture: npt.NDArray[np.uint8], box: tuple[float, float, float, float], size: int) -> npt.NDArray[np.uint8]:
    """uint8 [height, width, 3] → [size, size, 3]: what lies in ``box``, in shares of its sides."""
    height, width = picture.shape[:2]
    left, top = min(int(box[0] * width), width - 1), min(int(box[1] * height), height - 1)
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    return squash(Image.fromarray(picture[top:bottom, left:right]), size)


def image_on_white(image: Image.Image) -> Image.Image:
    """A transparent picture as people see it: on white, not on the black that dropping alpha leaves."""
    return image_on(image, (255, 255, 255))


def image_on(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    """A transparent picture on ``ground``; any other as it is."""
    if image.mode.startswith(("I", "F")):  # 16 bit and float: scale to what a screen would show
        pixels = np.asarray(image, dtype=np.float32)
        # A 16-bit grey is what it says; 32 bits and floats have no agreed white, so their brightest is.
        white_point = 65535.0 if image.mode.startswith("I;16") else float(pixels.max(initial=1))
        low = min(float(pixels.min(initial=0)), 0.0)
        return Image.fromarray(((pixels - low) / max(white_point - low, 1e-6) * 255).astype(np.uint8))
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image
    under = Image.new("RGBA", image.size, ground)
    under.alpha_composite(image.convert("RGBA"))
    return under
