"""What a case can be found by: order and tracking numbers, serials, error codes, of a receipt its date and total."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from vision.readers.checks import CHECKS
from vision.readers.dates import dates
from vision.readers.layout import Row
from vision.readers.totals import total
from vision.report import Reference

PATTERNS = Path(__file__).with_name("patterns.yaml")
MOST = 40  # of one photo
LONGEST = 400  # characters of a row that are looked at
SEPARATORS = re.compile(r"[\s()\[\]]+")
LABEL_END = r"\W{0,4}$"


class PatternError(ValueError):
    """A pattern is wrong: the message names the entry and says what to mend."""


@dataclass(frozen=True, slots=True)
class Pattern:
    type: str
    pattern: re.Pattern[str]
    label: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    check: str = ""
    detail: str = ""
    upper: bool = False


@lru_cache(4)
def patterns(path: Path = PATTERNS) -> tuple[Pattern, ...]:
    """Raises PatternError."""
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise PatternError(f"{path}: {error}") from error
    if not isinstance(entries, list):
        raise PatternError(f"{path}: needs a list of patterns")
    return tuple(_pattern(entry, f"{path}, entry {number}") for number, entry in enumerate(entries, 1))


def _pattern(entry: object, where: str) -> Pattern:
    known = {"type", "pattern", "label", "unless", "check", "detail", "upper"}
    if not isinstance(entry, dict) or not {"type", "pattern"} <= set(entry) <= known:
        raise PatternError(f"{where}: needs type and pattern, and may have {', '.join(sorted(known))}")
    if entry.get("check", "luhn") not in CHECKS:
        raise PatternError(f"{where}: no check named {entry['check']!r}; there are {', '.join(CHECKS)}")
    try:
        compiled = re.compile(entry["pattern"], re.IGNORECASE)
        # A label stands before the value, with a colon or a # between them and nothing else.
        label = re.compile(rf"(?<![a-z])(?:{entry['label']}){LABEL_END}", re.IGNORECASE) if "label" in entry else None
        unless = re.compile(entry["unless"], re.IGNORECASE) if "unless" in entry else None
    except (re.error, TypeError) as error:
        raise PatternError(f"{where}: {error}") from error
    if "value" not in compiled.groupindex:
        raise PatternError(f"{where}: the pattern needs a group (?P<value>…)")
    texts = entry.get("check", ""), entry.get("detail", "")
    return Pattern(str(entry["type"]), compiled, label, unless, *texts, upper=bool(entry.get("upper")))


def references(rows: Sequence[Row], path: Path = PATTERNS) -> tuple[Reference, ...]:
    """All that ``rows`` say, each thing once, in the order of the patterns; date and total last. Of too many the last
    ones are left out, but neither the likeliest date nor the total.
    """
    found: dict[tuple[str, str], Reference] = {}
    taken: dict[int, list[tuple[int, int]]] = {}
    seen_dates = dates(rows)
    for at, span, _ in seen_dates:
        taken.setdefault(at, []).append(span)
    for pattern in patterns(path):
        if pattern.unless and any(pattern.unless.search(row.text[:LONGEST]) for row in rows):
            continue
        for at, row in enumerate(rows):
            for start, end, value in _matches(pattern, rows, at):
                if any(start < other_end and other_start < end for other_start, other_end in taken.get(at, ())):
                    continue
                taken.setdefault(at, []).append((start, end))
                reference = _reference(pattern, value, row.line_at(start))
                found.setdefault((reference.type, reference.normal), reference)
    for _, _, said in seen_dates:
        if said:
            found.setdefault((said.type, said.normal), said)
    if paid := total(rows):
        found[paid.type, paid.normal] = paid
    last = [said for _, _, said in seen_dates if said][:1] + ([paid] if paid else [])
    kept = {(said.type, said.normal) for said in last}
    cut = set([key for key in found if key not in kept][MOST - len(kept) :])
    return tuple(said for key, said in found.items() if key not in cut)


def _matches(pattern: Pattern, rows: Sequence[Row], at: int) -> Iterator[tuple[int, int, str]]:
    text = rows[at].text[:LONGEST]
    for match in pattern.pattern.finditer(text):
        start, end = match.span("value")
        value = match["value"].strip(" .,;:-")
        if value and _agrees(pattern, value) and (pattern.label is None or _labelled(pattern.label, rows, at, start)):
            yield start, end, value


def _agrees(pattern: Pattern, value: str) -> bool:
    return not pattern.check or CHECKS[pattern.check](_plain(value).upper())


def _labelled(label: re.Pattern[str], rows: Sequence[Row], at: int, start: int) -> bool:
    before = rows[at].text[:start]
    if before.strip():
        return bool(label.search(before))
    # Alone in its row: the label may stand above it, alone, too.
    above = rows[at - 1].text if at else ""
    return bool(above and label.search(above) and label.match(above.lstrip("# ")))


def _reference(pattern: Pattern, value: str, line: int) -> Reference:
    normal = _plain(value) if pattern.type not in {"order", "invoice", "serial", "error_code", "url"} else _tight(value)
    normal = normal.upper() if pattern.upper else normal.lower() if pattern.type == "email" else normal
    return Reference(type=pattern.type, value=value, normal=normal, detail=pattern.detail, line=line)


def _plain(value: str) -> str:
    """``"RR 473-124 829GB"`` → ``"RR473124829GB"``; an address is left alone."""
    return value if "@" in value else re.sub(r"[\s()/.-]+", "", value)


def _tight(value: str) -> str:
    return SEPARATORS.sub("", value)
