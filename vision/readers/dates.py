"""Dates as shops print them, the one that counts first: the day of the purchase, not of the print-out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from vision.readers.layout import Row
from vision.report import Reference

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_D, _M, _Y = r"(?P<d>[0-3]?[\dOIl])", r"(?P<m>[01]?[\dOIl])", r"(?P<y>(?:19|20)[\dOIl]{2}|[\dOIl]{2})"
FORMS = tuple(
    re.compile(rf"(?:(?<=date)|(?<!\w))(?<!\d[-/.]){form}(?!\d|[-/.]\d|[a-z](?!\d\d:))", re.IGNORECASE)
    for form in (
        r"(?P<y>(?:19|20)\d{2})\s?(?P<s>[-/.])\s?(?P<m>[01]?\d)\s?(?P=s)\s?(?P<d>[0-3]?\d)",
        rf"{_D}\s?(?P<s>[-/.])\s?{_M}\s?(?P=s)\s?{_Y}",
        rf"(?P<m>0?[1-9]|1[0-2])(?P<s>[-/.])(?P<d>1[3-9]|2\d|3[01])(?P=s){_Y}",
        rf"{_D}(?:st|nd|rd|th)?[\s/.-]{{0,3}}{_MONTH}[\s,/.'-]{{0,3}}{_Y}",
        rf"{_MONTH}\s{{0,2}}{_D}(?:st|nd|rd|th)?[\s,]{{1,3}}(?P<y>(?:19|20)\d{{2}})",
    )
)
# A time glues itself to the date: "27/04/201818:02", "04/05/20177:19", "18:1524/05/18".
GLUED = re.compile(r"(?<=[-/.](?:19|20)\d\d)(?=\d{1,2}:\d\d)|(?<=:\d\d)(?=\d\d[-/.]\d\d[-/.]\d\d)")
# Eight digits that stand alone.
BARE = re.compile(r"(?:(?<=\s\s)|^)(?P<d>[0-3]\d)(?P<m>[01]\d)(?P<y>20\d{2})(?=\s\s|$)")
LABEL = re.compile(r"date|datum|fecha|data\b", re.IGNORECASE)
OTHER = re.compile(r"print|expir|exp\b|valid|best before|due|until|since|birth|dob|delivery|gst.?reg", re.IGNORECASE)
AHEAD = re.compile(r"expir|exp\b|valid|best before|until|use by|warranty", re.IGNORECASE)  # a day that is to come
VERSION = re.compile(r"\b(?:version|firmware|software|ver|v|build|release)\W{0,3}(?:(?:no|nr)\W{0,3})?$", re.IGNORECASE)
DOTTED = re.compile(r"\d\d\.\d\d\.\d\d|\d\d?\.\d\d?\.\d{4}|\d{4}\.\d\d\.\d\d")  # "2.4.12" is a version
# Where prices are in dollars, 04/05 is as likely the fifth of April; S$ and the like are others'.
DOLLARS = re.compile(r"(?:\bus|(?<![a-z]))\$|\busd\b", re.IGNORECASE)
OTHERS = re.compile(r"[€£¥₹]|[a-z]\$(?<!us\$)|\b(?:rm|myr|euro?|gbp|chf|sgd|aud|cad|nzd|hkd)(?![a-z])", re.IGNORECASE)
EITHER = re.compile(r"0?([1-9]|1[0-2])\s?[/-]\s?0?(?!\1\b)(?:[1-9]|1[0-2])\s?[/-]")
TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
DIGITS = str.maketrans("OoIl", "0011")

Found = tuple[int, tuple[int, int], Reference | None]


def dates(rows: Sequence[Row]) -> list[Found]:
    """(row, span, reference) of each date, the likeliest day of the purchase first. None: it may be two days."""
    seen: list[tuple[float, int, tuple[int, int], Reference]] = []
    for at, row in enumerate(rows):
        for start, end, value, day in _in(row.text):
            around = row.text[:start] if row.text[:start].strip() else _heading(rows, at)
            score = (
                2.0 * bool(LABEL.search(around)) + bool(TIME.search(row.text[end:])) - 3.0 * bool(OTHER.search(around))
            )
            reference = Reference(type="date", value=value, normal=day.isoformat(), line=row.line_at(start))
            seen.append((score, at, (start, end), reference))
    often = Counter(reference.normal for *_, reference in seen)
    seen.sort(key=lambda found: (-found[0] - 0.8 * (often[found[3].normal] - 1), found[1]))
    page = " ".join(row.text for row in rows)
    american = bool(DOLLARS.search(page)) and not OTHERS.search(page)
    return [(at, span, None if american and EITHER.match(said.value) else said) for _, at, span, said in seen]


def days(text: str) -> list[date]:
    """Every date in ``text``."""
    return [day for *_, day in _in(text)]


def _heading(rows: Sequence[Row], at: int) -> str:
    """The row above, when it is a label and nothing else."""
    above = rows[at - 1].text if at else ""
    return "" if any(letter.isdigit() for letter in above) else above


def _in(text: str) -> Iterator[tuple[int, int, str, date]]:
    pieces = GLUED.sub("\0", text[:400])  # a mark that no date holds, taken out again where the places are counted
    for form in (*FORMS, BARE):
        for match in form.finditer(pieces):
            if day := _day(match, pieces[: match.start()]):
                moved = pieces[: match.start()].count("\0")
                yield match.start() - moved, match.end() - moved, match[0].strip(), day


def _day(match: re.Match[str], before: str) -> date | None:
    """Day first, as most of the world writes it, unless that is no date. None, too, for what a version may be."""
    parts = match.groupdict()
    dotted = parts.get("s") == "." and not DOTTED.fullmatch(re.sub(r"\s", "", match[0]).translate(DIGITS))
    if dotted or VERSION.search(before):
        return None
    year, day = (int(parts[name].translate(DIGITS)) for name in ("y", "d"))
    month = MONTHS.index(parts["name"].lower()) + 1 if parts.get("name") else int(parts["m"].translate(DIGITS))
    if year < 100:
        year += 2000 if year + 2000 <= datetime.now(UTC).year + 1 or AHEAD.search(before) else 1900
    for first, second in ((month, day), (day, month)):
        try:
            found = date(year, first, second)
        except ValueError:
            continue
        return found if 1990 <= found.year <= 2099 else None
    return None
