"""What a case can be found by: order and tracking numbers, serials, error codes, of a receipt its date and total."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from monitoring.plainly import why
from vision.readers.checks import CHECKS
from vision.readers.dates import Found as Dated
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
        raise PatternError(f"{path}: {why(error)}") from error
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
    dated = dates(rows)
    days = [day for _, _, day in dated if day]
    found: dict[tuple[str, str], Reference] = {}
    for reference in (*_by_pattern(rows, path, dated), *days):
        found.setdefault((reference.type, reference.normal), reference)
    if paid := total(rows):
        found[paid.type, paid.normal] = paid
    certain = {(one.type, one.normal) for one in (*days[:1], paid) if one}
    cut = set([key for key in found if key not in certain][MOST - len(certain) :])
    return tuple(reference for key, reference in found.items() if key not in cut)


def _by_pattern(rows: Sequence[Row], path: Path, dated: Sequence[Dated]) -> Iterator[Reference]:
    """Where two patterns want the same characters, the first one has them; a date has its own before all patterns."""
    taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, span, _ in dated:
        taken[at].append(span)
    for pattern in patterns(path):
        if pattern.unless and any(pattern.unless.search(row.text[:LONGEST]) for row in rows):
            continue
        for at, start, end, value in _matches(pattern, rows):
            if not any(start < other_end and other_start < end for other_start, other_end in taken[at]):
                taken[at].append((start, end))
                yield _reference(pattern, value, rows[at].line_at(start))


def _matches(pattern: Pattern, rows: Sequence[Row]) -> Iterator[tuple[int, int, int, str]]:
    """The row, where the value begins and ends in it, and the value."""
    for at, row in enumerate(rows):
        for match in pattern.pattern.finditer(row.text[:LONGEST]):
            start, end = match.span("value")
            value = match["value"].strip(" .,;:-")
            labelled = pattern.label is None or _labelled(pattern.label, rows, at, start)
            if value and labelled and _agrees(pattern, value):
                yield at, start, end, value


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
