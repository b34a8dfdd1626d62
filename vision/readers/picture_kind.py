"""What kind of picture it is, whether its text can be read at all, what is wrong with it: from all readers at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import get_args

from vision.frame import Frame
from vision.readers.layout import Piece
from vision.readers.ocr import Read
from vision.report import Flaw, Kind, PhotoReport

PRINTED = 12  # lines that make a page
COVERED = 0.12  # of the picture by a code: it was taken to show the code
FLAT = 0.93  # share of equal neighbours: nobody photographs that
EVEN = 0.8  # the same: photos have at most 0.75
LEVEL, TURNED = 0.15, 0.5  # degrees: drawn by a program; seen by a camera
BLURRED, DARK, BURNT, DIM = 0.14, 0.16, 0.6, 0.2
SMALL_PHOTO = 240  # pixels of the longer side
SMALL_PRINT = 9.0  # pixels of a letter's height
SEVERAL = 2  # lines of which nothing could be read: one alone may be a pattern or a logo (on 5 of 180 photos it was)
UNSURE = 0.86
KNOWN: dict[str, Kind] = {name: name for name in get_args(Kind)}
MONEY = re.compile(r"\d[.,]\d\d\b")
TOTAL = re.compile(r"\btotal|\bcash\b|change|receipt|invoice|summe", re.IGNORECASE)


def stated(report: PhotoReport) -> Kind | None:
    """The kind that the model is sure of."""
    found = report.labels.get("kind")
    return KNOWN.get(found.stated or "") if found else None


def kind(report: PhotoReport, child: Frame, lines: Sequence[Piece], slant: float | None = None) -> Kind:
    """Readers before the model: what was read is known, what the model says is likely. ``slant``: degrees that lines of
    text lie off the picture's edges; no camera is held as straight as a screen is drawn.
    """
    if (
        any((c.box[2] - c.box[0]) * (c.box[3] - c.box[1]) >= COVERED for c in child.codes or ())
        and len(lines) < PRINTED
    ):
        return "code"
    money = sum(bool(MONEY.search(line.text)) for line in lines)
    if money >= 3 and any(TOTAL.search(line.text) for line in lines):
        return "receipt"
    said = stated(report)
    flat = child.quality is not None and child.quality.flat >= FLAT
    level = slant is not None and slant <= LEVEL
    page = len(lines) >= PRINTED and sum(len(line.text) for line in lines) > 250
    # Paper and things are held straight at times: where the model sees them, it must be as even as nothing real is.
    least = {"document": FLAT if page else 0.0, "receipt": EVEN, "photo": EVEN}.get(said or "", 0.0)
    drawn = level and child.quality is not None and child.quality.flat >= least
    seen = page and slant is not None and slant >= TURNED  # by a camera
    if drawn or (said == "screenshot" and not seen) or (flat and len(lines) >= 2 and not page):
        return "screenshot"
    if page:
        return "document"
    # An empty picture looks like paper to the model.
    if said in ("receipt", "code", "document") and (lines or not flat):
        return said
    return "drawing" if flat and not lines and child.quality and child.quality.contrast > DIM else "photo"


def overruled(report: PhotoReport, kind: Kind) -> PhotoReport:
    """``report`` without the model's word for the kind of picture, where the readers know better."""
    said = stated(report)
    if said in (None, "photo", kind):
        return report
    unsaid = {"labels": report.labels | {"kind": report.labels["kind"].model_copy(update={"stated": None})}}
    own = report.caption == f"A {said}."
    return report.model_copy(update=unsaid | ({"caption": None, "caption_source": "none"} if own else {}))


def foreign(pieces: Sequence[Piece]) -> bool:
    """Whether the text is in a script that the reader does not know: it then writes look-alikes, unsure of them."""
    words = [piece for piece in pieces if sum(letter.isalpha() for letter in piece.text) >= 4]
    if not words:
        return False
    odd = sum(len(piece.text) for piece in words if piece.confidence < UNSURE and _odd(piece.text))
    return odd > 0.5 * sum(len(piece.text) for piece in words)


def _odd(text: str) -> bool:
    """Capitals and digits in the middle of words: "3aka3a", "ДOCTABKa" read as Latin."""
    return bool(re.search(r"[a-z][A-Z0-9]|[A-Z][a-z]*[A-Z]|\d[a-z]", text)) or not text.isascii()


def flaws(child: Frame, said: Read, lines: Sequence[Piece]) -> tuple[Flaw, ...]:
    """Why the photo is hard to see; worst first. Whether anybody is told depends on what could be read all the same."""
    measured = child.quality
    if measured is None or foreign(said.pieces):
        return ()
    found: list[Flaw] = []
    if measured.light < DARK and measured.contrast < 0.6:
        found.append("dark")
    if measured.burnt > BURNT and measured.contrast < DIM:
        found.append("overexposed")
    if measured.sharp < BLURRED and measured.contrast > 0.05:
        found.append("blurred")
    if max(measured.width, measured.height) < SMALL_PHOTO or _small_print(said, lines):
        found.append("too_small")
    if _cut(said.pieces):
        found.append("cut_off")
    return tuple(found)


def _small_print(said: Read, lines: Sequence[Piece]) -> bool:
    """Text is there, most of it could not be read, and it is small; or not a letter of it could be read."""
    if not said.pieces:
        return said.state == "partly" and said.left >= SEVERAL
    small = [piece for piece in said.pieces if piece.height < SMALL_PRINT]
    lost = said.left + len(said.pieces) - len(lines)
    return lost > len(lines) and 2 * len(small) >= len(said.pieces)


def _cut(pieces: Sequence[Piece]) -> bool:
    """Several lines run into the same edge of the picture."""
    if len(pieces) < 3:
        return False
    at_left = sum(piece.box[0] <= 0.002 for piece in pieces)
    at_right = sum(piece.box[2] >= 0.998 for piece in pieces)
    return max(at_left, at_right) >= max(3, 0.3 * len(pieces))
