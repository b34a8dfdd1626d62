"""The copy of a photo that may be shown, where the photo itself may not."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from vision.report import Box, Finding

QUALITY = 85  # JPEG


def safe_copy(picture: npt.NDArray[np.uint8], findings: Sequence[Finding]) -> bytes:
    """A JPEG made from pixels alone: it has no metadata to lose."""
    out = io.BytesIO()
    Image.fromarray(blurred(picture, findings)).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def blurred(picture: npt.NDArray[np.uint8], findings: Sequence[Finding]) -> npt.NDArray[np.uint8]:
    """A copy of ``picture`` in which the findings cannot be read, nor computed back: three colours stay of each."""
    out = picture.copy()
    height, width = out.shape[:2]
    for finding in findings:
        left, top, right, bottom = _with_margin(finding.box, width, height)
        region = Image.fromarray(out[top:bottom, left:right])
        if region.width and region.height:
            tiny = region.resize((3, 1) if finding.box != (0.0, 0.0, 1.0, 1.0) else (6, 4), Image.Resampling.BOX)
            out[top:bottom, left:right] = np.asarray(tiny.resize(region.size, Image.Resampling.BICUBIC))
    return out


def _with_margin(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    margin = 0.25 * min(right - left, bottom - top) + 4
    return (
        max(0, int(left - margin)),
        max(0, int(top - margin)),
        min(width, int(right + margin) + 1),
        min(height, int(bottom + margin) + 1),
    )
