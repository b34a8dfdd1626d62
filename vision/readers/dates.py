"""Dates as shops print them, the one that counts first: the day of the purchase, not of the print-out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from vision.readers.layout import Row
from vision.readers.receipt_words import folded, months, words
from vision.report import Reference

_MONTH = r"(?P<name>[^\W\d_]{3,12})\.?"  # any word; CLDR's are looked up
_D, _M, _Y = r"(?P<d>[0-3]?[\dOIl])", r"(?P<m>[01]?[\dOIl])", r"(?P<y>(?:19|20)[\dOIl]{2}|[\dOIl]{2})"
FORMS = tuple(
    re.compile(rf"(?:(?<=date)|(?<!\w))(?<!\d[-/.]){form}(?!\d|[-/.]\d|[a-z](?!\d\d:))", re.IGNORECASE)
    for form in (
        r"(?P<y>(?:19|20)\d{2})\s?(?P<s>[-/.])\s?(?P<m>[01]?\d)\s?(?P=s)\s?(?P<d>[0-3]?\d)",
        rf"{_D}\s?(?P<s>[-/.])\s?{_M}\s?(?P=s)\s?{_Y}",
        rf"(?P<m>0?[1-9]|1[0-2])(?P<s>[-/.])(?P<d>1[3-9]|2\d|3[01])(?P=s){_Y}",
        rf"{_D}(?:st|nd|rd|th|er|[°ºª])?(?:[\s/.-]{{0,3}}|\s{{1,3}}(?:de|di|of)\s){_MONTH}(?:[\s,/.'-]{{0,3}}|\s(?:de|del)\s){_Y}",
        rf"{_MONTH}\s{{0,2}}{_D}(?:st|nd|rd|th)?[\s,]{{1,3}}(?P<y>(?:19|20)\d{{2}})",
        r"(?P<y>(?:19|20)\d{2})\s?年\s?(?P<m>[01]?\d)\s?月\s?(?P<d>[0-3]?\d)\s?日",
        r"(?:令和|R)\s?(?P<reiwa>\d{1,2})\s?年\s?(?P<m>[01]?\d)\s?月\s?(?P<d>[0-3]?\d)\s?日",
    )
)
# A time glues itself to the date: "27/04/201818:02", "04/05/20177:19", "18:1524/05/18".
GLUED = re.compile(r"(?<=[-/.](?:19|20)\d\d)(?=\d{1,2}:\d\d)|(?<=:\d\d)(?=\d\d[-/.]\d\d[-/.]\d\d)")
# Eight digits that stand alone.
BARE = re.compile(r"(?:(?<=\s\s)|^)(?P<d>[0-3]\d)(?P<m>[01]\d)(?P<y>20\d{2})(?=\s\s|$)")
VERSION = re.compile(r"\b(?:version|firmware|software|ver|v|build|release)\W{0,3}(?:(?:no|nr)\W{0,3})?$", re.IGNORECASE)
DOTTED = re.compile(r"\d\d\.\d\d\.\d\d|\d\d?\.\d\d?\.\d{4}|\d{4}\.\d\d\.\d\d")  # "2.4.12" is a version
# Where prices are in dollars, 04/05 is as likely the fifth of April; S$ and the like are others'.
DOLLARS = re.compile(r"(?:\bus|(?<![a-z]))\$|\busd\b", re.IGNORECASE)
OTHERS = re.compile(r"[€£¥₹]|[a-z]\$(?<!us\$)|\b(?:rm|myr|euro?|gbp|chf|sgd|aud|cad|nzd|hkd)(?![a-z])", re.IGNORECASE)
EITHER = re.compile(r"0?([1-9]|1[0-2])\s?[/-]\s?0?(?!\1\b)(?:[1-9]|1[0-2])\s?[/-]")
TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
DIGITS = str.maketrans("OoIilL", "001111")

Found = tuple[int, tuple[int, int], Reference | None]


def dates(rows: Sequence[Row]) -> list[Found]:
    """(row, span, reference) of each date, the likeliest day of the purchase first. None: it may be two days."""
    seen: list[tuple[float, int, tuple[int, int], Reference]] = []
    for at, row in enumerate(rows):
        for start, end, value, day in _in(row.text):
            around = folded(row.text[:start] if row.text[:start].strip() else _heading(rows, at))
            labelled, other = words().day.search(around), words().later.search(around)
            score = 2.0 * bool(labelled) + bool(TIME.search(row.text[end:])) - 3.0 * bool(other)
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
    if not any(letter.isdigit() for letter in parts["d"]):  # "I alt 2 12", not the first of anything
        return None
    day, month = int(parts["d"].translate(DIGITS)), _month(parts)
    if month is None:
        return None
    if parts.get("reiwa"):  # the first year of Reiwa was 2019
        return _date(2018 + int(parts["reiwa"]), month, day)
    year = int(parts["y"].translate(DIGITS))
    if year < 100:
        year += 2000 if year + 2000 <= datetime.now(UTC).year + 1 or words().ahead.search(folded(before)) else 1900
    found = _date(year, month, day) or (None if parts.get("name") else _date(year, day, month))
    return found if found and 1990 <= found.year <= 2099 else None


def _month(parts: dict[str, str | None]) -> int | None:
    if name := parts.get("name"):
        return months().get(folded(name))
    return int((parts["m"] or "").translate(DIGITS) or 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
