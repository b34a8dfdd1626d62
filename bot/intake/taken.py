"""What the bot saw or read already, by the name that a form's ``from`` gives it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.photos import facts_of, source_name
from dialogue.evidence import SURE
from vision.readers.layout import Row
from vision.readers.references import references
from vision.report import PhotoReport, shown

TYPED = ("order", "invoice", "tracking", "serial", "imei")  # what is looked for in a customer's words
_UNIT = r"(?:mm|cm|m|in|inch(?:es)?|zoll|ft|\"|″)"
SIZE = re.compile(
    rf"\d+(?:[.,]\d+)?\s?{_UNIT}?\s?[x×*]\s?\d+(?:[.,]\d+)?(?:\s?[x×*]\s?\d+(?:[.,]\d+)?)?\s?{_UNIT}?(?![\w.])"
    rf"|\d+(?:[.,]\d+)?\s?{_UNIT}(?!\w)",
    re.IGNORECASE,
)
LINES = 12  # of a drawing that are taken as its words

Taken = tuple[tuple[str, str, str], ...]  # (slot, value, source)


def from_photos(reports: Sequence[PhotoReport]) -> Taken:
    """What is stated or read, in the photos' order; nothing that the bot would have to ask about."""
    found: list[tuple[str, str, str]] = []
    for number, report in enumerate(reports, 1):
        if report.error:
            continue
        source = source_name(report, number)
        found += [(one.slot, one.value, source) for one in facts_of(report, source) if one.probability >= SURE]
        found += [(slot, value, source) for slot, value in _drawn(report)]
    return tuple(found)


def _drawn(report: PhotoReport) -> list[tuple[str, str]]:
    sizes = [shown(size[0], 40) for line in report.lines for size in SIZE.finditer(line)]
    words = [shown(line, 80) for line in report.lines if not SIZE.fullmatch(line.strip())][:LINES]
    found = [("size", ", ".join(dict.fromkeys(sizes))), ("words", " / ".join(words))]
    if report.sketch:
        shapes = ", ".join(f"{count} × {name}" for name, count in report.sketch.shapes)
        found += [("colours", ", ".join(report.sketch.colours)), ("shapes", shapes)]
    return [(slot, value) for slot, value in found if value]


def from_words(text: str) -> Taken:
    """Numbers that the customer wrote with their name: "order no. 4471-22"."""
    rows = [Row(line, (0,), (0,), 20.0) for line in text.splitlines()[:20]]
    return tuple((one.type, shown(one.value), "") for one in references(rows) if one.type in TYPED)
