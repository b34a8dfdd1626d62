"""Bytes → clean pixels, or a reason. Run in a child process that may be killed (worker.py): nothing else meets a
hostile file. Pillow and NumPy only, so that a child starts fast.
"""

from __future__ import annotations

import io
import struct
import warnings

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

from vision.data import squash
from vision.report import Trouble

MOST_BYTES = 20 * 2**20  # what Telegram lets a bot download
MOST_PIXELS = 50_000_000  # 150 MB as RGB; phones make up to 48 megapixels
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


def decode(data: bytes, size: int) -> npt.NDArray[np.uint8]:
    """uint8 [size, size, 3], upright (EXIF), first frame of an animation. Raises Unreadable with a reason."""
    if not data:
        raise Unreadable("empty", "the file has no bytes")
    if len(data) > MOST_BYTES:
        raise Unreadable("too_large", f"{len(data)} bytes; at most {MOST_BYTES} are opened")
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # half a label is worse than a question
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd metadata is not news; a bomb is judged by its size below
        return _decode(data, size)


def _decode(data: bytes, size: int) -> npt.NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unreadable("too_large", f"{image.width} × {image.height} pixels; at most {MOST_PIXELS}")
            # A JPEG is decoded at a fraction of its size where that is enough: half the time for a phone's photo.
            image.draft("RGB", (2 * size, 2 * size))
            return squash(image, size)
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


def _webp_is_short(data: bytes) -> bool:
    """libwebp does not say why it refused; the RIFF header says how long the file should be."""
    return data[:4] == b"RIFF" and len(data) >= 8 and struct.unpack("<I", data[4:8])[0] + 8 > len(data)
