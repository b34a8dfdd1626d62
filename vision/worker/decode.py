"""Bytes → clean pixels, or a reason. Run in a child process that may be killed (sandbox.py): nothing else meets a
hostile file. Pillow and NumPy only, so that a child starts fast; the decoder of iPhones' pictures comes with the first.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import AvifImagePlugin, Image, ImageFile, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

from vision.images import image_on, rgb, squash, upright
from vision.report import Trouble
from vision.signature import heif
from vision.worker.first_bytes import first_bytes

MOST_BYTES = 20 * 2**20  # what Telegram lets a bot download
MOST_PIXELS = 50_000_000  # 150 MB as RGB; phones make up to 48 megapixels
# What the readers get. By area, not by the longer side: a panorama of 20,000 × 1,500 pixels keeps letters 440 high.
READABLE = 2_500_000  # pixels
LONGEST = 8_000
STRIP = 32  # rows that are passed on at a time
# Well-kept decoders only; JPEG opens MPO, too. HEIF (libheif, libde265) is asked about what says that it is one.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
# Importing them is what registers the formats; the rest Pillow knows.
assert TiffImagePlugin and WebPImagePlugin
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # a cell starts none
# What decoders raise. pi-heif raises RuntimeError.
ODD = (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError, OverflowError, RuntimeError)
PIECES = (  # what a decoder says when the end of the file is missing
    "truncated",
    "unexpected end",
    "broken data stream",
    "not enough image data",
    "end of file",
)


class Unreadable(ValueError):
    def __init__(self, trouble: Trouble, reason: str) -> None:
        super().__init__(reason)
        self.trouble, self.reason = trouble, reason


@dataclass(frozen=True)
class Opened:
    """One photo, upright, without its metadata: nothing of EXIF (place, owner, camera) leaves the decoder."""

    pixels: npt.NDArray[np.uint8]  # [size, size, 3], squashed: for the network
    picture: Image.Image  # RGB, in proportion, at most READABLE pixels: for the readers

    @property
    def readable(self) -> npt.NDArray[np.uint8]:
        """The picture [height, width, 3]."""
        return np.array(self.picture)

    def strips(self) -> Iterator[bytes]:
        """The same from top to bottom, some rows at a time: a whole copy is 4 MB that a child had to ask for."""
        for top in range(0, self.picture.height, STRIP):
            box = (0, top, self.picture.width, min(top + STRIP, self.picture.height))
            yield self.picture.crop(box).tobytes()


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
    formats = (*FORMATS, heif_format()) if heif(data) else FORMATS
    try:
        with Image.open(io.BytesIO(data), formats=formats) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unreadable("too_large", f"{image.width} × {image.height} pixels; at most {MOST_PIXELS}")
            # A JPEG is decoded at a fraction of its size where that is enough: half the time for a phone's photo.
            width, height = _within(image.size)
            image.draft("RGB", (max(width, 2 * size), max(height, 2 * size)))
            held = upright(image)
            return Opened(squash(held, size), readable(held))
    except UnidentifiedImageError as error:
        said = f"its first bytes say {first_bytes(data)}; what opens is {', '.join(FORMATS)} and HEIF"
        raise Unreadable("not_an_image", said) from error
    except Image.DecompressionBombError as error:
        raise Unreadable("too_large", str(error)) from error
    except ODD as error:
        if isinstance(error, Unreadable):
            raise
        said = str(error).lower()
        short = any(piece in said for piece in PIECES) or _webp_is_short(data)
        trouble: Trouble = "truncated" if short else "unreadable"
        raise Unreadable(trouble, f"the decoder gave up: {type(error).__name__}: {error}"[:300]) from error


def heif_format() -> str:
    import pi_heif

    pi_heif.options.DECODE_THREADS = 0  # beside libde265's one, for which the cell has a door (cell.py)

    pi_heif.register_heif_opener(thumbnails=False)
    return "HEIF"


def readable(image: Image.Image, pixels: int = READABLE) -> Image.Image:
    """Upright, RGB, at most ``pixels``, on the ground that shows what is drawn best: what the readers get."""
    held = upright(image)
    seen = rgb(image_on(held, ground(held)))
    size = _within(seen.size, pixels)
    return seen if size == seen.size else seen.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


GROUNDS = (255, 24, 128)  # grey values: as people see it, as a dark screen shows it, and for ink of both kinds
CONTRAST, CLOSE = 90, 5  # grey values that are enough for white; percent of the ink that may stand out less


def ground(image: Image.Image) -> tuple[int, int, int]:
    """White, unless what borders on nothing is so light that it would be lost there: a share from a dark screen."""
    value = GROUNDS[0]
    if "A" in image.getbands() or "transparency" in image.info:
        small = image.convert("RGBA")
        small.thumbnail((1_000, 1_000), Image.Resampling.NEAREST)  # in place; colours are not mixed
        pixels = np.asarray(small)
        ink, clear = pixels[:, :, 3] >= 128, pixels[:, :, 3] < 64
        light = np.asarray(small.convert("RGB").convert("L"))[ink & _beside(clear)].astype(np.int16)
        if light.size:
            lost = {grey: float(np.percentile(np.abs(light - grey), CLOSE)) for grey in GROUNDS}
            value = value if lost[value] >= CONTRAST else max(GROUNDS, key=lambda grey: lost[grey])
    return (value, value, value)


def _beside(clear: npt.NDArray[np.bool_], reach: int = 3) -> npt.NDArray[np.bool_]:
    """What is at most ``reach`` pixels from nothing."""
    for _ in range(reach):
        wide = np.pad(clear, 1)
        clear = clear | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    return clear


def _within(size: tuple[int, int], pixels: int = READABLE) -> tuple[int, int]:
    """``size`` in its proportions, within what the readers get."""
    width, height = size
    scale = min(1.0, math.sqrt(pixels / (width * height)), LONGEST / max(size))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _webp_is_short(data: bytes) -> bool:
    """libwebp does not say why it refused; the RIFF header says how long the file should be."""
    return data[:4] == b"RIFF" and len(data) >= 8 and struct.unpack("<I", data[4:8])[0] + 8 > len(data)
