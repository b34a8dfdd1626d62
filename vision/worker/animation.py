"""Scenes of a GIF, WebP or PNG that moves. Pillow knows best what stays of the frame before."""

from __future__ import annotations

import io
import struct
import time

import numpy as np
from PIL import Image, ImageFile

from vision.worker.decode import MOST_PIXELS, readable
from vision.worker.scenes import LONGEST, READABLE, STEP, Pixels, Scenes

ODD = (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError, OverflowError)  # what decoders raise


def animation(data: bytes, until: float) -> Scenes | None:
    """None when there is but one frame, or none that opens: decode.py knows best what that is, or why."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image = Image.open(io.BytesIO(data), formats=("GIF", "WEBP", "PNG"))
    except (*ODD, Image.DecompressionBombError):
        return None
    with image:
        return _shown(image, until) if image.width * image.height <= MOST_PIXELS else None


def _shown(image: Image.Image, until: float) -> Scenes | None:
    """All frames are opened, since each may build on the one before; those STEP apart are compared."""
    scenes, at, due, number = Scenes(), 0.0, 0.0, 0
    passed: float | None = None  # when the frame begins that was not compared
    while at < LONGEST and time.monotonic() < until:
        try:
            image.seek(number)
            image.load()
        except EOFError:
            if number > 1 and passed is not None:  # the last one is what stays before one's eyes
                image.seek(number - 1)
                _see(scenes, image, passed)
            return scenes if number > 1 else None
        except ODD:
            scenes.broken = True
            return scenes if number else None
        lasts = max(0.02, float(image.info.get("duration") or 100) / 1000)  # browsers: 0 is a tenth of a second
        passed = at
        if at >= due or lasts >= STEP:
            _see(scenes, image, at)
            due, passed = at + STEP, None
        at, number = at + lasts, number + 1
        scenes.looked = at
    scenes.whole = False
    return scenes if number > 1 or _has(image, 1) else None


def _see(scenes: Scenes, image: Image.Image, at: float) -> None:
    seen = readable(image, READABLE)
    scenes.see(at, _small(seen), lambda: seen)


def _has(image: Image.Image, number: int) -> bool:
    try:
        image.seek(number)
    except EOFError:
        return False
    except ODD:
        return True  # one that is broken
    return True


def _small(picture: Image.Image) -> Pixels:
    small = picture.copy()
    small.thumbnail((320, 320), Image.Resampling.BILINEAR, reducing_gap=1.0)
    return np.asarray(small)
