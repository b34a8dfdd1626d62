"""Is the photo good enough, and if not, what is wrong with it? Numbers in the child, words where the text is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from vision.frame import Quality

Grey = npt.NDArray[np.uint8]


def grey(picture: npt.NDArray[np.uint8]) -> Grey:
    """[height, width, 3] → [height, width]."""
    return np.asarray(Image.fromarray(picture).convert("L"))


def measure(picture: Grey) -> Quality:
    height, width = picture.shape
    low, high = np.percentile(picture[:: max(1, height // 512), :: max(1, width // 512)], (0.2, 99.8))
    contrast = float(high - low)
    wide = picture.astype(np.int16)
    steps = np.abs(np.diff(wide, axis=1))
    # Sharpness at the photo's own size: how high the steepest step is, seen from 2 pixels apart for noise's sake.
    edges = np.abs(wide[:, 2:] - wide[:, :-2]) if width > 2 else steps
    steepest = float(np.percentile(edges[:: max(1, height // 256)], 99.5)) if edges.size else 0.0
    return Quality(
        width=width,
        height=height,
        light=round(float(picture.mean()) / 255, 4),
        contrast=round(contrast / 255, 4),
        burnt=round(float((picture >= 250).mean()), 4),
        sharp=round(min(1.0, steepest / max(contrast, 1.0)), 4),
        flat=round(float((steps <= 1).mean()) if steps.size else 1.0, 4),
    )
