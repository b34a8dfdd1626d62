"""Is the photo good enough, and if not, what is wrong with it? Numbers in the child, words where the text is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from vision.frame import Quality

Grey = npt.NDArray[np.uint8]
STRIP = 32  # rows


def grey(picture: npt.NDArray[np.uint8]) -> Grey:
    """[height, width, 3] → [height, width]."""
    return np.asarray(Image.fromarray(picture).convert("L"))


def measure(picture: Grey) -> Quality:
    height, width = picture.shape
    values = _counts(picture)
    low, high = _percentiles(picture[:: max(1, height // 512), :: max(1, width // 512)], 0.2, 99.8)
    contrast = high - low
    # Sharpness at the photo's own size: how high the steepest step is, seen from 2 pixels apart for noise's sake.
    edges = _steps(picture[:: max(1, height // 256)], 2 if width > 2 else 1)
    steepest = _percentiles(edges, 99.5)[0] if edges.size else 0.0
    # A few rows at a time stay in the processor's cache.
    strips = (picture[top : top + STRIP] for top in range(0, height, STRIP))
    even = sum(int(np.count_nonzero(_steps(strip, 1) <= 1)) for strip in strips)
    return Quality(
        width=width,
        height=height,
        light=round(float(values @ np.arange(256)) / picture.size / 255, 4),
        contrast=round(contrast / 255, 4),
        burnt=round(float(values[250:].sum()) / picture.size, 4),
        sharp=round(min(1.0, steepest / max(contrast, 1.0)), 4),
        flat=round(even / (height * (width - 1)) if width > 1 else 1.0, 4),
    )


def _steps(picture: Grey, apart: int) -> Grey:
    """How much a pixel differs from the one ``apart`` columns before it."""
    one, other = picture[:, apart:], picture[:, :-apart]
    return np.maximum(one, other) - np.minimum(one, other)


def _counts(values: Grey) -> npt.NDArray[np.int64]:
    """How many there are of each grey value [256]; Pillow counts bytes as they are, numpy makes eight of each."""
    return np.array(Image.fromarray(np.ascontiguousarray(values)).histogram())


def _percentiles(values: Grey, *percents: float) -> list[float]:
    """As numpy's, without sorting."""
    up_to = _counts(values).cumsum()
    places = [percent / 100 * (values.size - 1) for percent in percents]
    below = [int(np.searchsorted(up_to, int(place), "right")) for place in places]
    above = [int(np.searchsorted(up_to, min(int(place) + 1, values.size - 1), "right")) for place in places]
    return [low + (high - low) * (place % 1) for low, high, place in zip(below, above, places, strict=True)]
