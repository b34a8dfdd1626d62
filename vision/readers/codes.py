"""Barcodes and QR codes, always: zxing-cpp on the photo, on the photo inverted, and on stripes that it could not read.

A payload is data. Nothing here follows a link, joins a network or believes a sender's name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image, ImageFilter

from vision.readers import bars
from vision.readers.checks import CORRECTED
from vision.readers.gtin import gtin, upc_e
from vision.readers.stripes import Stripes, striped, upright
from vision.report import Box, Code

Grey = npt.NDArray[np.uint8]  # [height, width]

MOST_CODES = 20  # of one photo
LONGEST = 8_000  # characters of a payload; the largest QR code holds 7,089 digits
# Names as ZXing has always had them; zxing-cpp 3 says "EAN-13", "DataBar Omni".
NAMES = {
    "databaromni": "rss14",
    "databarstacked": "rss14",
    "databarstackedomni": "rss14",
    "databarlimited": "rsslimited",
    "databarexpanded": "rssexpanded",
    "databarexpandedstacked": "rssexpandedstacked",
    "microqrcode": "microqr",
    "code39extended": "code39",
    "code39standard": "code39",
}
CONTROL = re.compile(r"[\u2400-\u2426]|<(?:[A-Z]{2,3}\d?|U\+[0-9A-F]+)>")
FORMATS, LINES, SQUARES = (
    zxingcpp.barcode_formats_from_str(name) for name in ("All-Readable", "All-Linear", "All-Matrix")
)
SMALL_PHOTO = 400_000  # pixels: enlarging a whole photo costs little up to here
COVERED = 0.5  # of stripes by a code that was read: they are its own
WIDTHS, ROWS = (720, 1080), 24  # of stripes that were turned upright
MIDDLE = range(9, 16)  # rows that are enough to see that they are no bars
VOTES, FEWER = 3, 2  # of the looks at one line code; of those that no row's shape can confirm, but a check digit does
CHECKED = {"upce", "ean8", "rss14", "rsslimited", "rssexpanded", "code128"}
SHARPER = ((0, 0), (4, 250), (2, 200), (6, 300))  # radius and percent of an unsharp mask


def read(grey: Grey) -> list[Code] | None:
    """The MOST_CODES of an upright photo: what holds more than a number before the bars, the largest first. None when
    there are more of the former: what is left out is not checked for secrets.
    """
    found = _once(_decode(grey) + _inverted(grey))
    found += _lines(grey, found)
    if not found and grey.size <= SMALL_PHOTO:
        softened = _softened(grey)
        found = _decode(softened) or _decode(softened, binarizer=zxingcpp.Binarizer.GlobalHistogram)
    found.sort(key=lambda code: (code.symbology not in CORRECTED, -_area(code.box)))
    return found[:MOST_CODES] if sum(code.symbology in CORRECTED for code in found) <= MOST_CODES else None


def _once(found: Sequence[Code]) -> list[Code]:
    return list({(code.symbology, code.payload): code for code in reversed(found)}.values())[::-1]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _decode(
    grey: Grey,
    formats: zxingcpp.BarcodeFormats = FORMATS,
    *,
    whole: bool = True,
    binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage,
) -> list[Code]:
    """Dark on light. ``whole``: a photo, in which codes lie anyhow, rather than one code's rows."""
    height, width = grey.shape
    found = []
    for barcode in zxingcpp.read_barcodes(
        np.ascontiguousarray(grey),
        formats=formats,
        try_rotate=whole,
        try_downscale=whole,
        try_invert=False,
        binarizer=binarizer,
    ):
        symbology, payload = _payload(_symbology(barcode), barcode)
        if payload and len(payload) <= LONGEST and _likely(symbology, payload):
            box = _box(barcode.position, width, height)
            found.append(Code(symbology=symbology, payload=payload, box=box, gtin=gtin(symbology, payload)))
    return _once(found)


def _symbology(barcode: zxingcpp.Barcode) -> str:
    name = "".join(letter for letter in str(barcode.format).lower() if letter.isalnum())
    return NAMES.get(name, name)


def _payload(symbology: str, barcode: zxingcpp.Barcode) -> tuple[str, str]:
    """What is printed or encoded, and the name of how: an EAN-13 that begins with 0 is a UPC-A."""
    text: str = barcode.text
    if symbology == "ean13" and text.startswith("0"):
        return "upca", text[1:]
    if symbology == "upce":
        return symbology, upc_e(text)
    if symbology in {"rss14", "rsslimited"}:
        return symbology, text.removeprefix("(01)")
    if symbology.startswith("rssexpanded"):
        return symbology, text  # "(01)9001…(3103)001750": the brackets are how the standard prints it
    if symbology in CORRECTED:
        text = _decoded(barcode.bytes, text)
    return symbology, text.replace("\r\n", "\n")


def _decoded(data: bytes, shown: str) -> str:
    """zxing-cpp writes control characters as their pictures or names; the payload has the characters."""
    if not CONTROL.search(shown):
        return shown
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _likely(symbology: str, payload: str) -> bool:
    """Stripes that are no code read as short ITF and Codabar ones."""
    if symbology in {"itf", "codabar", "telepen", "code39", "code93"}:
        return len(payload) >= 4 and not (symbology == "itf" and len(payload) < 6)
    return symbology not in {"dxfilmedge", "ean2", "ean5"}


def _box(position: zxingcpp.Position, width: int, height: int) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    across = [min(max(corner.x / width, 0.0), 1.0) for corner in corners]
    down = [min(max(corner.y / height, 0.0), 1.0) for corner in corners]
    return (round(min(across), 4), round(min(down), 4), round(max(across), 4), round(max(down), 4))


# -- where the photo as it is gives nothing -----------------------------------------------------------------------
def _inverted(grey: Grey) -> list[Code]:
    """What is light on dark. At half the size of a large photo: noise costs a search for corners most."""
    image = Image.fromarray(255 - grey)
    return _decode(np.asarray(image if grey.size <= SMALL_PHOTO else image.reduce(2)), SQUARES)


def _softened(grey: Grey) -> Grey:
    """Enlarged, so that thin bars are several pixels, and smooth, so that grain and pixels are no edges."""
    image = Image.fromarray(grey)
    larger = image.resize((2 * image.width, 2 * image.height), Image.Resampling.BICUBIC)
    return np.asarray(larger.filter(ImageFilter.GaussianBlur(1)))


def _lines(grey: Grey, found: Sequence[Code]) -> list[Code]:
    """Stripes at any angle, light on dark, or out of focus, that no code of ``found`` explains."""
    height, width = grey.shape
    codes: list[Code] = []
    tried = 0
    for place in striped(grey):
        box = place.box(width, height)
        if any(_covers(code.box, box) for code in [*found, *codes]):
            continue
        if not bars.looks_like_bars(upright(grey, place, WIDTHS[0], ROWS, MIDDLE)):
            continue
        read = _line(grey, place)
        if not read and not tried:  # that costs a tenth of a second
            read, tried = _blurred(upright(grey, place, WIDTHS[0], ROWS)), 1
        if read:
            symbology, payload = read
            codes.append(Code(symbology=symbology, payload=payload, box=box, gtin=gtin(symbology, payload)))
    return codes


def _covers(box: Box, other: Box) -> bool:
    """Whether a code lies on stripes, or fills enough of them. ZXing's boxes of lines may be a line thin."""
    across = min(box[2], other[2]) - max(box[0], other[0])
    down = min(box[3], other[3]) - max(box[1], other[1])
    return across >= 0 and down >= 0 and across * down >= COVERED * min(_area(box), _area(other))


def _line(grey: Grey, place: Stripes) -> tuple[str, str] | None:
    """(symbology, payload) of one line code, when several looks agree: it has at most one check digit."""
    votes: Counter[tuple[str, str]] = Counter()
    for picture in _looks(grey, place):
        votes.update((code.symbology, code.payload) for code in _decode(picture, LINES, whole=False))
        (best, count), *rest = votes.most_common(2) or [(("", ""), 0)]
        if count >= VOTES and count > 3 * (rest[0][1] if rest else 0):
            return best
    alone = len(votes) == 1 and max(votes.values()) >= FEWER
    return next(iter(votes)) if alone and next(iter(votes))[0] in CHECKED else None


def _blurred(rows: Grey) -> tuple[str, str] | None:
    """Bars that have run together: the whole row is asked what it looks like."""
    digits = bars.read_ean(rows)
    return (("upca", digits[1:]) if digits.startswith("0") else ("ean13", digits)) if digits else None


def _looks(grey: Grey, place: Stripes) -> Iterator[Grey]:
    """One code's rows in several sizes and sharpnesses, dark on light and the other way round."""
    for radius, percent in SHARPER:
        for width in WIDTHS:
            rows = Image.fromarray(upright(grey, place, width, ROWS))
            sharper = np.asarray(rows.filter(ImageFilter.UnsharpMask(radius, percent, 0)) if radius else rows)
            yield sharper
            yield 255 - sharper
