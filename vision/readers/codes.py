"""Barcodes and QR codes, always: zxing-cpp on the photo, and where that finds nothing on what looks like a code in it.

A payload is data. Nothing here follows a link, joins a network or believes a sender's name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image, ImageFilter
from stdnum import ean

from vision.readers import bars
from vision.readers.checks import CORRECTED
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
RETAIL = {"ean13", "ean8", "upca", "upce", "rss14", "rsslimited", "itf14"}
CONTROL = re.compile(r"[\u2400-\u2426]|<(?:[A-Z]{2,3}\d?|U\+[0-9A-F]+)>")
MOST_REGIONS, BARS_WIDTH = 5, 480  # places where blurred bars are looked for, and pixels across that are enough
TINY_PHOTO = 130_000  # pixels: a code of few pixels may be read when they are more
SMALL_PHOTO = 400_000  # pixels: enlarging a whole photo costs little up to here


def read(grey: Grey) -> list[Code] | None:
    """The MOST_CODES of an upright photo: what holds more than a number before the bars, the largest first. None when
    there are more of the former: what is left out is not checked for secrets.
    """
    found = _decode(grey)
    if not found:
        found = _second_look(grey)
    found.sort(key=lambda code: (code.symbology not in CORRECTED, -_area(code.box)))
    return found[:MOST_CODES] if sum(code.symbology in CORRECTED for code in found) <= MOST_CODES else None


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _decode(grey: Grey, binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage) -> list[Code]:
    height, width = grey.shape
    codes: dict[tuple[str, str], Code] = {}
    for barcode in zxingcpp.read_barcodes(np.ascontiguousarray(grey), binarizer=binarizer):
        symbology, payload = _payload(_symbology(barcode), barcode)
        if payload and len(payload) <= LONGEST and _likely(symbology, payload):
            box = _box(barcode.position, width, height)
            code = Code(symbology=symbology, payload=payload, box=box, gtin=gtin(symbology, payload))
            codes.setdefault((symbology, payload), code)
    return list(codes.values())


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


def upc_e(expanded: str) -> str:
    """The eight digits that are printed under a UPC-E, from the twelve or thirteen that it stands for (GS1 5.2.2.4)."""
    digits = expanded[-12:]
    system, maker, product, check = digits[0], digits[1:6], digits[6:11], digits[11:]
    if maker[3:] == "00" and maker[2] in "012" and product[:2] == "00":
        return f"{system}{maker[:2]}{product[2:]}{maker[2]}{check}"
    if maker[3:] == "00" and product[:3] == "000":
        return f"{system}{maker[:3]}{product[3:]}3{check}"
    if maker[4:] == "0" and product[:4] == "0000":
        return f"{system}{maker[:4]}{product[4:]}4{check}"
    if product[:4] == "0000" and product[4] in "56789":
        return f"{system}{maker}{product[4]}{check}"
    return expanded


def gtin(symbology: str, payload: str) -> str | None:
    """The trade item's number in its 14-digit form, when ``payload`` is one and its check digit is right."""
    digits = payload[4:18] if symbology.startswith("rssexpanded") and payload.startswith("(01)") else payload
    if symbology == "upce":
        digits = upc_a(payload)
    if symbology not in RETAIL and not symbology.startswith("rssexpanded"):
        return None
    return digits.zfill(14) if digits.isdecimal() and len(digits) <= 14 and ean.is_valid(digits) else None


def upc_a(short: str) -> str:
    """The twelve digits that a UPC-E stands for; "" when it is none."""
    if len(short) != 8 or not short.isdecimal():
        return ""
    system, body, check = short[0], short[1:7], short[7]
    match body[5]:
        case "0" | "1" | "2":
            full = f"{body[:2]}{body[5]}0000{body[2:5]}"
        case "3":
            full = f"{body[:3]}00000{body[3:5]}"
        case "4":
            full = f"{body[:4]}00000{body[4]}"
        case _:
            full = f"{body[:5]}0000{body[5]}"
    return f"{system}{full}{check}"


def _box(position: zxingcpp.Position, width: int, height: int) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    across = [min(max(corner.x / width, 0.0), 1.0) for corner in corners]
    down = [min(max(corner.y / height, 0.0), 1.0) for corner in corners]
    return (round(min(across), 4), round(min(down), 4), round(max(across), 4), round(max(down), 4))


# -- where the photo as it is gives nothing -----------------------------------------------------------------------
def _second_look(grey: Grey) -> list[Code]:
    """Enlarged, sharpened, with other thresholds. What has no error correction must be read the same way twice."""
    barred = [region for region in striped(grey, 3) if bars.looks_like_bars(grey, region)]
    if not barred:
        return _decode(_enlarged(grey)) if grey.size <= TINY_PHOTO else []
    seen: dict[tuple[str, str], list[Code]] = defaultdict(list)
    for picture, left, top, scale in _pictures(grey):
        for code in _decode(picture):
            moved = _moved(code, picture, grey, (left, top), scale)
            seen[code.symbology, code.payload].append(moved)
            votes = len(seen[code.symbology, code.payload])
            if code.symbology in CORRECTED or votes >= (2 if code.symbology in RETAIL else 3):
                return [moved]
    return _out_of_focus(grey, barred)


def _enlarged(grey: Grey) -> Grey:
    image = Image.fromarray(grey)
    return np.asarray(image.resize((2 * image.width, 2 * image.height), Image.Resampling.BICUBIC))


def _out_of_focus(grey: Grey, barred: Sequence[tuple[int, int, int, int]]) -> list[Code]:
    """An EAN-13 or UPC-A whose bars have run together, one at most."""
    found = list(barred)
    height, width = grey.shape
    if found and grey.size <= SMALL_PHOTO:  # where exactly it stands hardly matters then
        found[2:] = [(0, int(height * part), width, int(height * (part + 0.4))) for part in (0.2, 0.35, 0.1)]
    for left, top, right, bottom in found[:MOST_REGIONS]:
        step = max(1, round((right - left) / BARS_WIDTH))
        small = tuple(edge // step for edge in (left, top, right, bottom))
        if digits := bars.read_ean(grey[::step, ::step], small):  # type: ignore[arg-type]  # four edges
            symbology, payload = ("upca", digits[1:]) if digits.startswith("0") else ("ean13", digits)
            box = (left / width, top / height, right / width, bottom / height)
            return [Code(symbology=symbology, payload=payload, box=box, gtin=gtin(symbology, payload))]
    return []


def _pictures(grey: Grey) -> Iterator[tuple[Grey, int, int, float]]:
    """(picture, left, top, scale) of what may show the code better, the cheapest first."""
    if grey.size <= SMALL_PHOTO:
        regions: Iterable[tuple[int, int, int, int]] = [(0, 0, grey.shape[1], grey.shape[0])]
    else:
        regions = striped(grey)
    for left, top, right, bottom in regions:
        image = Image.fromarray(grey[top:bottom, left:right])
        scale = 2.0 if image.width * image.height <= SMALL_PHOTO / 2 else 1.0
        larger = image.resize((int(image.width * scale), int(image.height * scale)), Image.Resampling.BICUBIC)
        for radius, percent in ((0, 0), (3, 200), (2, 200), (4, 250)):
            sharper = larger.filter(ImageFilter.UnsharpMask(radius, percent, 0)) if radius else larger
            yield np.asarray(sharper), left, top, scale


def striped(grey: Grey, most: int = 2) -> list[tuple[int, int, int, int]]:
    """The places (left, top, right, bottom) that are full of edges of one direction, as line codes are."""
    step = max(1, round(max(grey.shape) / 640))
    small = grey[::step, ::step].astype(np.int16)
    if min(small.shape) <= BLOCK:
        return []
    across, down = np.abs(np.diff(small, axis=1))[:-1], np.abs(np.diff(small, axis=0))[:, :-1]
    strength = np.abs(_blocks(across) - _blocks(down))
    low, high = np.percentile(small, (5, 95))
    least = max(LEAST_STEPS, STEPS * float(high - low))
    found = []
    for _ in range(most):
        row, column = np.unravel_index(int(strength.argmax()), strength.shape)
        if strength[row, column] < least:
            break
        rows, columns = _grown(strength, int(row), int(column))
        strength[rows, columns] = 0
        box = (columns.start - 1, rows.start - 1, columns.stop + 1, rows.stop + 1)
        left, top, right, bottom = (max(0, edge) * BLOCK * step for edge in box)
        found.append((left, top, min(right, grey.shape[1]), min(bottom, grey.shape[0])))
    return [box for box in found if box[2] - box[0] > 32 and box[3] - box[1] > 16]


BLOCK = 16
STEPS, LEAST_STEPS = 0.04, 2.5  # mean step from pixel to pixel that stripes have: of the contrast, and in grey values


def _blocks(values: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    height, width = (n // BLOCK * BLOCK for n in values.shape)
    cut = values[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return np.asarray(cut.mean((1, 3)))


def _grown(strength: npt.NDArray[np.float64], row: int, column: int) -> tuple[slice, slice]:
    """The rows and columns around a block whose blocks are at least a third as strong."""
    least = strength[row, column] / 3
    rows, columns = strength[:, column] >= least, strength[row] >= least
    return _run(rows, row), _run(columns, column)


def _run(on: npt.NDArray[np.bool_], at: int) -> slice:
    first = last = at
    while first > 0 and on[first - 1]:
        first -= 1
    while last + 1 < len(on) and on[last + 1]:
        last += 1
    return slice(first, last + 1)


def _moved(code: Code, picture: Grey, grey: Grey, corner: tuple[int, int], scale: float) -> Code:
    """``code`` with its box in the whole photo rather than in the piece that was enlarged."""
    (high, wide), (height, width), (x, y) = picture.shape, grey.shape, corner
    left, right = ((part * wide / scale + x) / width for part in code.box[::2])
    top, bottom = ((part * high / scale + y) / height for part in code.box[1::2])
    box = tuple(round(min(1.0, max(0.0, edge)), 4) for edge in (left, top, right, bottom))
    return code.model_copy(update={"box": box})
