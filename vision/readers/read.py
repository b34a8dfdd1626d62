"""One photo's readers, in order: is there text, what does it say, what must not be kept, what is a case found by."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.frame import Frame
from vision.model.captions import sure_thing
from vision.model.catalogue import Catalogue
from vision.readers import picture_kind, sensitive, sketch
from vision.readers.blur import safe_copy
from vision.readers.layout import mended, rows_of
from vision.readers.ocr import Ocr, Read
from vision.readers.references import references
from vision.readers.text_detector import TextDetector
from vision.report import Code, PhotoReport, Reference

SURE = 0.8  # mean confidence from which a line is believed; below it is counted in ``unread``
NO_SKETCH = {"receipt", "code"}
WITH_TEXT = {"receipt", "screenshot", "document", "code"}  # kinds that are read without asking the gate


@dataclass(frozen=True)
class Reading:
    """A report with all that the readers add, and the copy that may be shown where the photo may not."""

    report: PhotoReport
    sure: tuple[float, ...] = ()  # of each of its lines: how sure the reader is, 0..1
    safe_copy: bytes | None = None  # JPEG


class Readers:
    """``gate`` and ``ocr`` may be asked from several threads; the rest is arithmetic."""

    def __init__(self, gate: TextDetector, ocr: Ocr, catalogue: Catalogue | None = None) -> None:
        """``catalogue``: the shop's own products, which codes may name."""
        self.gate, self.ocr, self.catalogue = gate, ocr, catalogue

    def has_text(self, report: PhotoReport, child: Frame) -> bool:
        """Whether reading is worth a second: the kind of picture says so, or a quick look. A photo with a code is read
        without asking; its codes may still be looked for when this is asked.
        """
        return picture_kind.stated(report) in WITH_TEXT or bool(self.gate.boxes(child.readable))

    def read(self, report: PhotoReport, child: Frame, seconds: float, within: float | None = None) -> Reading:
        """With the text; ``seconds`` and ``within`` as in Ocr.read, but a first try leaves time for another."""
        start = time.perf_counter()
        said = self.ocr.read(child.readable, seconds if within is None else min(seconds, within / 2), within)
        spent = {"text": round((time.perf_counter() - start) * 1000, 1)}
        return finished(
            report.model_copy(update={"milliseconds": report.milliseconds | spent}), child, said, self.catalogue
        )

    def look(self, report: PhotoReport, child: Frame, seconds: float) -> Reading:
        """All of it, for whoever has one picture and waits: ``read`` where there is text, else ``without_text``."""
        if child.codes or self.has_text(report, child):
            return self.read(report, child, seconds)
        return self.without_text(report, child)

    def without_text(self, report: PhotoReport, child: Frame) -> Reading:
        return finished(report, child, Read("none"), self.catalogue)

    def warm(self) -> None:
        self.gate.boxes(np.full((96, 96, 3), 255, np.uint8))
        self.ocr.warm()

    def close(self) -> None:
        self.ocr.close()


def finished(report: PhotoReport, child: Frame, said: Read, catalogue: Catalogue | None = None) -> Reading:
    """Masking comes before everything else: no later step sees what must not be kept."""
    pieces = [piece.model_copy(update={"text": mended(piece.text)}) for piece in said.pieces]
    codes = child.codes or ()
    checked = sensitive.check(pieces, rows_of(pieces), codes)
    kept = [piece for piece in checked.pieces if piece.confidence >= SURE]
    foreign = picture_kind.foreign(said.pieces) and said.state != "late"
    unread = said.left + len(checked.pieces) - len(kept)
    if foreign:
        kept, unread = [], said.left + len(said.pieces)
    state = "foreign" if foreign else "partly" if said.state == "read" and unread else said.state
    kind = picture_kind.kind(report, child, kept, said.slant)
    full = _numbered(picture_kind.overruled(report, kind), checked.codes, catalogue).model_copy(
        update={
            "lines": tuple(piece.text for piece in kept),
            "text": state,
            "unread": unread,
            "codes": checked.codes,
            "codes_read": child.codes is not None,
            "references": (*_from_codes(checked.codes), *references(rows_of(kept))),
            "sensitive": checked.findings,
            "kind": kind,
            "flaws": picture_kind.flaws(child, said, kept),
            "sketch": None if kind in NO_SKETCH else sketch.look(child.readable, [piece.box for piece in said.pieces]),
        }
    )
    copy = safe_copy(child.readable, checked.findings) if checked.findings else None
    return Reading(full, tuple(piece.confidence for piece in kept), copy)


def _numbered(report: PhotoReport, codes: Sequence[Code], catalogue: Catalogue | None) -> PhotoReport:
    """With the product of the shop's own whose number a code holds."""
    product = catalogue and catalogue.by_numbers(code.gtin for code in codes if code.gtin)
    if not product:
        return report
    sets = report.labels | {"product": product}
    return report.model_copy(update={"labels": sets, "caption": sure_thing(sets), "caption_source": "product"})


def _from_codes(codes: Sequence[Code]) -> list[Reference]:
    """Article numbers as they are printed under retail codes; out of links and element strings the number alone."""
    found = {
        code.gtin: Reference(
            type="gtin", value=code.payload if code.payload.isdecimal() else code.gtin, normal=code.gtin
        )
        for code in codes
        if code.gtin
    }
    return list(found.values())
