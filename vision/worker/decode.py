"""Bytes → clean pixels, or a reason. Run in a child process that may be killed (sandbox.py): nothing else meets a
hostile file. Pillow and NumPy only, so that a child starts fast.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

from vision.images import image_on_white, squash
from vision.report import Trouble

MOST_BYTES = 20 * 2**20  # what Telegram lets a bot download
MOST_PIXELS = 50_000_000  # 150 MB as RGB; phones make up to 48 megapixels
# What the readers get. By area, not by the longer side: a panorama of 20,000 × 1,500 pixels keeps letters 440 high.
READABLE = 2_500_000  # pixels
LONGEST = 8_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")  # well-kept decoders only; JPEG opens MPO, too
assert TiffImagePlugin and WebPImagePlugin  # importing them is what registers the formats; the rest Pillow knows
PIECES = (  # what a decoder says when the end of the file is missing
    "truncated",
    "unexpected end",
    "broken data stream",
    "not enough image data",
)


class Unreadable(ValueError):
    def __init__(self, trouble: Trouble, reason: str) -> None:
        super().__init__(reason)
        self.trouble, self.reason = trouble, reason


@dataclass(frozen=True)
class Opened:
    """One photo, upright, without its metadata: nothing of EXIF (place, owner, camera) leaves the decoder."""

    pixels: npt.NDArray[np.uint8]  # [size, size, 3], squashed: for the network
    readable: npt.NDArray[np.uint8]  # [height, width, 3], in proportion, at most READABLE pixels: for the readers


def opened(data: bytes, size: int) -> Opened:
    """The photo (an animation's first frame) for the network and for the readers. Raises Unreadable with a reason."""
    if not data:
        raise Unreadable("empty", "the file has no bytes")
    if len(data) > MOST_BYTES:
        raise Unreadable("too_large", f"{len(data)} bytes; at most {MOST_BYTES} are opened")
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # half a label is worse than a question
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd metadata is not news; a bomb is judged by its size below
        return _opened(data, size)


def _opened(data: bytes, size: int) -> Opened:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unreadable("too_large", f"{image.width} × {image.height} pixels; at most {MOST_PIXELS}")
            # A JPEG is decoded at a fraction of its size where that is enough: half the time for a phone's photo.
            width, height = _within(image.size)
            image.draft("RGB", (max(width, 2 * size), max(height, 2 * size)))
            return Opened(squash(image, size), np.array(readable(image)))  # a copy: Pillow's cannot be written to
    except UnidentifiedImageError as error:
        raise Unreadable("not_an_image", f"no picture format that we open ({', '.join(FORMATS)})") from error
    except Image.DecompressionBombError as error:
        raise Unreadable("too_large", str(error)) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError, OverflowError) as error:
        if isinstance(error, Unreadable):
            raise
        said = str(error).lower()
        short = any(piece in said for piece in PIECES) or _webp_is_short(data)
        trouble: Trouble = "truncated" if short else "unreadable"
        raise Unreadable(trouble, f"the decoder gave up: {type(error).__name__}: {error}"[:300]) from error


def readable(image: Image.Image, pixels: int = READABLE) -> Image.Image:
    """Upright, on white, RGB, at most ``pixels``: what the readers get."""
    upright = image_on_white(ImageOps.exif_transpose(image)).convert("RGB")
    return upright.resize(_within(upright.size, pixels), Image.Resampling.BICUBIC, reducing_gap=3.0)


def _within(size: tuple[int, int], pixels: int = READABLE) -> tuple[int, int]:
    """``size`` in its proportions, within what the readers get."""
    width, height = size
    scale = min(1.0, math.sqrt(pixels / (width * height)), LONGEST / max(size))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _webp_is_short(data: bytes) -> bool:
    """libwebp does not say why it refused; the RIFF header says how long the file should be."""
    return data[:4] == b"RIFF" and len(data) >= 8 and struct.unpack("<I", data[4:8])[0] + 8 > len(data)
