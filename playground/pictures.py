"""What Telegram does to a picture sent as a photo: upright, no metadata, JPEG, four sizes."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

SIDES = (90, 320, 800, 1280)
_QUALITY = 85
_MOST_PIXELS = 64_000_000  # a phone's 48 MP passes; an app would scale it before sending, so do we
_MOST_RATIO = 20
_ODD_PICTURE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class NotAPhotoError(Exception):
    """These bytes cannot be sent as a photo."""


@dataclass(frozen=True)
class Rendition:
    """One of a photo's sizes."""

    width: int
    height: int
    data: bytes


def renditions(data: bytes) -> list[Rendition]:
    """The sizes Telegram would keep, smallest first. Blocking: decode it in a thread."""
    try:
        picture = _upright(data)
        sizes = [side for side in SIDES if side < max(picture.size)]
        return [_rendition(picture, side) for side in [*sizes, min(max(picture.size), SIDES[-1])][: len(SIDES)]]
    except _ODD_PICTURE as error:
        raise NotAPhotoError(str(error)) from error


def _upright(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        if width * height > _MOST_PIXELS or max(width, height) > _MOST_RATIO * min(width, height):
            raise NotAPhotoError(f"{width}x{height} is no photo's size")
        if picture.format == "JPEG":
            picture.draft("RGB", (SIDES[-1], SIDES[-1]))  # decodes a large JPEG at a fraction of its size
        upright = ImageOps.exif_transpose(picture)
        if upright.mode in ("RGBA", "LA", "PA", "P"):
            upright = upright.convert("RGBA")
            white = Image.new("RGBA", upright.size, "white")
            upright = Image.alpha_composite(white, upright)
        return upright.convert("RGB")


def _rendition(picture: Image.Image, side: int) -> Rendition:
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=_QUALITY, optimize=True)  # Pillow writes no EXIF unless it is handed some
    return Rendition(*small.size, out.getvalue())
