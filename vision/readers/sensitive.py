"""What must not be kept: payment cards, IBANs, identity papers, secrets of codes. Found and masked here,
blurred in blur.py. No heavy import: the bot masks what customers type by the same rules.

A missed card number is kept for a month and shown to people; a false alarm hides a number that a case needs. So a
number must prove itself (check digits), and may do so by where it stands only when the picture says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from stdnum import iban

from vision.readers.cards import CONFUSED, SOME_GROUPS, Page, beside, cards, dated, over_lines, paid, spoken_of
from vision.readers.checks import CORRECTED
from vision.readers.layout import Piece, Row
from vision.report import Code, Finding

Type = Literal["card", "iban", "mrz", "wifi", "otp", "licence"]
MASK = "•"

# Blanks that do not look different, as copied from a page or a message; a line's end is none.
BLANK = re.compile(r"[^\S\r\n]|[\u200b\u2060\ufeff]")
DASHES = str.maketrans(dict.fromkeys("\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d", "-"))  # likewise
OTHER_DIGIT = re.compile(r"[^\D0-9]")  # full-width, Arabic and the like
ACCOUNT = re.compile(
    r"(?<![A-Z0-9])(?P<country>[A-Z]{2})\s?(?P<check>[0-9OIl]{2})(?P<rest>(?:[ .\-]{0,3}[A-Z0-9]){11,30})(?![A-Z0-9])"
)
IBAN_WORD = re.compile(r"\b(?:ibans?|bic|swift)\b", re.IGNORECASE)
# Machine readable zones (ICAO 9303): two lines of 44 or 36, three of 30. "<" is read as "く", "«" or "(", too.
FILLER = str.maketrans(dict.fromkeys("«‹く〈《＜≤", "<"))
BRACKETS = str.maketrans(dict.fromkeys("({", "<"))
ZONE = (
    re.compile(r"[PVIAC][A-Z<][A-Z<]{3}[A-Z<]{6,}<"),
    re.compile(r"[A-Z0-9<]{9}[0-9OQ<][A-Z<]{3}\d{6}[\dO][MFX<]\d{6}[\dO]"),
    re.compile(r"\d{6}[\dO][MFX<]\d{6}[\dO][A-Z<]{3}"),
    re.compile(r"[IAC][A-Z<][A-Z<]{3}[A-Z0-9<]{9}[0-9<]"),
)
ZONE_PARTS = (  # where one may stand: a row or line, a piece of a row, a word
    re.compile(r"[^\n]+"),
    re.compile(r"\S+(?: \S+)*"),
    re.compile(r"\S{24,}"),
)
SECRETS: tuple[tuple[Type, re.Pattern[str]], ...] = (
    ("wifi", re.compile(r"^\s*wifi:", re.IGNORECASE)),
    ("otp", re.compile(r"otpauth(?:-migration)?://", re.IGNORECASE)),
    ("licence", re.compile(r"^@\s*\x1e?\s*ANSI ?\d|^@\n.{0,3}\n?ANSI|\bANSI 6360\d\d", re.DOTALL)),
)
# The same as text: printed below its code, or copied from one. A password's field may stand in a line of its own.
WRITTEN: tuple[tuple[Type, re.Pattern[str]], ...] = (
    (
        "wifi",
        re.compile(r"(?im)\bwifi: ?(?:(?:[tsphreai]|ph2):(?:\\.|[^;\\\n])*(?:; ?|$)){2,};?"),
    ),
    ("wifi", re.compile(r"\bp:(?:\\.|[^;\\\s])+;;", re.IGNORECASE)),
    ("otp", re.compile(r"otpauth(?:-migration)?: ?//\S*|\bsecret=[a-z2-7]{8,}", re.IGNORECASE)),
    ("licence", re.compile(r"\bANSI ?6360\d\d.*", re.DOTALL)),
)
PAPERS = ("mrz", "licence")


@dataclass(frozen=True, slots=True)
class Hit:
    type: Type
    start: int
    end: int


@dataclass(frozen=True)
class Checked:
    """The same, without what must not be kept."""

    pieces: tuple[Piece, ...]
    codes: tuple[Code, ...]
    findings: tuple[Finding, ...]


def check(pieces: Sequence[Piece], rows: Sequence[Row], codes: Sequence[Code]) -> Checked:
    articles = frozenset(code.payload for code in codes if len(code.payload) >= 12 and code.payload.isdecimal())
    text = _plain(" ".join(row.text for row in rows))
    page = Page(spoken_of(text), dated=dated(text), articles=articles)
    found = [list(_in_text(row.text, page)) for row in rows]
    for at, hit in _accounts_over(rows):
        found[at].append(hit)
    numbers = {
        re.sub(r"\D", "", _plain(row.text[hit.start : hit.end]).translate(CONFUSED))
        for row, hits in zip(rows, found, strict=True)
        for hit in hits
        if hit.type == "card"
    }
    marks = _marks(pieces, rows, found, page)
    safe_codes, in_codes = _codes(codes, numbers)
    if any(hit.type in PAPERS for hits in marks.values() for hit in hits) or any(f.type == "licence" for f in in_codes):
        return _whole_paper(pieces, marks, codes, in_codes)
    safe = tuple(
        piece.model_copy(update={"text": masked(piece.text, marks[at])}) if at in marks else piece
        for at, piece in enumerate(pieces)
    )
    findings = [Finding(type=hits[0].type, box=pieces[at].box) for at, hits in sorted(marks.items())]
    return Checked(safe, safe_codes, (*findings, *in_codes))


def _marks(
    pieces: Sequence[Piece], rows: Sequence[Row], found: Sequence[list[Hit]], page: Page
) -> dict[int, list[Hit]]:
    """What is to be masked in each piece, of what was ``found`` in each row."""
    alone = [(line, Hit("card", 0, len(pieces[line].text))) for line in _stacked(pieces, page)]
    if alone or any(hit.type == "card" for hits in found for hit in hits):
        for row, hits in zip(rows, found, strict=True):
            hits.extend(_beside_cards(row.text, hits))
        alone += _codes_alone(pieces)
    marks: dict[int, list[Hit]] = {}
    for row, hits in zip(rows, found, strict=True):
        for hit in hits:
            for line, start, end in _spread(row, pieces, hit):
                marks.setdefault(line, []).append(replace(hit, start=start, end=end))
    for line, hit in alone:
        marks.setdefault(line, []).append(hit)
    return marks


def masked(text: str, hits: Sequence[Hit]) -> str:
    """Every letter and digit of a hit as a dot; of a card or account the last four stay, as on any receipt."""
    letters = list(text)
    for hit in hits:
        places = [
            at for at in range(hit.start, min(hit.end, len(letters))) if letters[at].isalnum() or letters[at] == "<"
        ]
        kept = places[-4:] if hit.type in {"card", "iban"} and len(places) >= 12 else []
        for at in places:
            letters[at] = letters[at] if at in kept else MASK
    return "".join(letters)


def masked_words(text: str) -> str:
    """What a customer typed, without all that would be hidden in a photo of it."""
    begin = text[:10_000]
    page = Page(spoken_of(_plain(begin)), typed=True)
    hits = [*_in_text(begin, page), *(Hit("card", *span) for span in over_lines(_plain(begin), proof=page.proof))]
    hits += [hit for hit in _ibans(begin.replace("\n", " "), proven=True) if "\n" in begin[hit.start : hit.end]]
    if any(hit.type == "card" for hit in hits):
        hits += _beside_cards(begin, hits)
    return masked(text, hits)


def _plain(text: str) -> str:
    """With one kind of blank, of dash and of digits; every letter stays in its place."""
    return OTHER_DIGIT.sub(lambda digit: str(int(digit[0])), BLANK.sub(" ", text).translate(DASHES))


def _in_text(text: str, page: Page) -> Iterator[Hit]:
    """In one row of a photo, or in all that was typed."""
    accounts = list(_ibans(text))
    yield from accounts
    for span in cards(_plain(text), page):  # sixteen digits of an account are no card
        hit = Hit("card", *span)
        if not any(_overlap(hit, account) for account in accounts):
            yield hit
    for type_, written in WRITTEN:
        yield from (Hit(type_, *match.span()) for match in written.finditer(text))
    for parts in ZONE_PARTS:
        yield from (Hit("mrz", *part.span()) for part in parts.finditer(text) if _is_zone(part[0]))


def _overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def _accounts_over(rows: Sequence[Row]) -> Iterator[tuple[int, Hit]]:
    """An account's number that goes on in the next row, or the next two: its part in each. Check digits must agree."""
    for first in range(len(rows) - 1):
        text, begins = "", []
        for row in rows[first : first + 3]:
            begins.append(len(text))
            text += f"{row.text} "
        for hit in _ibans(text, proven=True):
            if hit.start >= begins[1] or hit.end <= begins[1]:
                continue  # in one row, or found from the next one on
            for at, begin in enumerate(begins, first):
                start, end = max(hit.start - begin, 0), min(hit.end - begin, len(rows[at].text))
                if start < end:
                    yield at, Hit("iban", start, end)


def _ibans(text: str, *, proven: bool = False) -> Iterator[Hit]:
    """``proven``: only those whose check digits agree."""
    named = not proven and bool(IBAN_WORD.search(text))
    # Only ASCII: "ß" has two capitals, and places would shift.
    upper = "".join(letter.upper() if letter.isascii() else letter for letter in _plain(text))
    at = 0
    while match := ACCOUNT.search(upper, at):
        # "order no 123… swift delivery" is no account in Norway: what only its name speaks for is written together.
        end = _iban_end(match, named=named and match.end("country") == match.start("check"))
        if end:
            yield Hit("iban", match.start(), end)
        # The match may have swallowed the beginning of the next one.
        at = end or match.start() + 1


def _iban_end(match: re.Match[str], *, named: bool) -> int | None:
    rest = re.sub(r"[^A-Z0-9]", "", match["rest"])
    check_digits = match["check"].translate(CONFUSED)
    wanted = LENGTHS.get(match["country"])
    for length in (wanted - 4,) if wanted else range(len(rest), 10, -1):
        for body in {rest[:length], rest[:length].translate(CONFUSED)}:
            if iban.is_valid(f"{match['country']}{check_digits}{body}"):
                return _end_of(match, length)
    # A misread letter breaks the check digits; the word IBAN beside it and the right length speak for it.
    return match.end() if named and wanted and abs(len(rest) + 4 - wanted) <= 1 else None


LENGTHS = {
    "AT": 20, "BE": 16, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27,
    "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26, "AE": 23,
    "SA": 24, "UA": 29,
}  # fmt: skip


def _end_of(match: re.Match[str], length: int) -> int:
    """Where the ``length``-th letter of the rest stands."""
    at, seen = match.start("rest"), 0
    while seen < length:
        seen += match.string[at].isalnum()
        at += 1
    return at


def _is_zone(text: str) -> bool:
    packed = re.sub(r"\s", "", text).translate(FILLER)
    if not re.search(r"[)}]", packed):  # "BAKERIES (KL) SDN BHD (139386 X)" has no filler
        packed = packed.translate(BRACKETS)
    if len(packed) < 24 or packed != packed.upper():
        return False
    fill = packed.count("<")
    if fill < 2 and not ZONE[1].search(packed):
        return False
    return any(zone.search(packed) for zone in ZONE) or (fill >= 6 and len(packed) >= 28 and "<<" in packed)


def _spread(row: Row, pieces: Sequence[Piece], hit: Hit) -> Iterator[tuple[int, int, int]]:
    """A hit in a row's text as (piece, start, end) in each piece that it touches."""
    for begin, line in zip(row.starts, row.lines, strict=True):
        start, end = max(hit.start - begin, 0), min(hit.end - begin, len(pieces[line].text))
        if start < end:
            yield line, start, end


def _stacked(pieces: Sequence[Piece], page: Page) -> Iterator[int]:
    """Lines of a card whose number stands in several, below each other."""
    digits = [at for at, piece in enumerate(pieces) if SOME_GROUPS.fullmatch(_plain(piece.text).strip())]
    below = "\n".join(_plain(pieces[line].text).strip() for line in digits)
    for start, end in over_lines(below, proof=page.proof):
        lines = digits[below.count("\n", 0, start) : below.count("\n", 0, end) + 1]
        edges = [pieces[line].box[0] for line in lines]
        if max(edges) - min(edges) < 0.1:
            yield from lines


def _beside_cards(text: str, hits: Sequence[Hit]) -> list[Hit]:
    numbers = [(hit.start, hit.end) for hit in hits if hit.type == "card"]
    return [Hit("card", *span) for span in beside(_plain(text), numbers)]


def _codes_alone(pieces: Sequence[Piece]) -> Iterator[tuple[int, Hit]]:
    """A security code is seldom named: three digits in a line of their own."""
    for line, piece in enumerate(pieces):
        if re.fullmatch(r"\d{3,4}", piece.text.strip()):
            yield line, Hit("card", 0, len(piece.text))


def _whole_paper(
    pieces: Sequence[Piece], marks: dict[int, list[Hit]], codes: Sequence[Code], in_codes: tuple[Finding, ...]
) -> Checked:
    """An identity paper is all about one person: nothing that it or its codes say is kept, none of it is shown."""
    type_: Type = "mrz" if any(hit.type == "mrz" for hits in marks.values() for hit in hits) else "licence"
    others = tuple(
        Finding(type=hits[0].type, box=pieces[at].box) for at, hits in marks.items() if hits[0].type not in PAPERS
    )
    hidden = tuple(
        piece.model_copy(update={"text": masked(piece.text, [Hit(type_, 0, len(piece.text))])}) for piece in pieces
    )
    hidden_codes = tuple(code.model_copy(update=_hidden(type_)) for code in codes)
    return Checked(hidden, hidden_codes, (Finding(type=type_, box=(0.0, 0.0, 1.0, 1.0)), *others, *in_codes))


def _hidden(type_: Type) -> dict[str, str | None]:
    """Of a code: what it is about, and nothing of what it says."""
    return {"payload": f"{type_}:{MASK * 8}", "gtin": None}


def _codes(codes: Sequence[Code], numbers: Collection[str]) -> tuple[tuple[Code, ...], tuple[Finding, ...]]:
    """``numbers``: of the cards that the text beside them shows."""
    safe, findings = [], []
    for code in codes:
        type_ = next((name for name, secret in SECRETS if secret.search(code.payload)), None)
        hits = [] if type_ else _in_code(code, numbers)
        if type_ or hits:
            findings.append(Finding(type=type_ or hits[0].type, box=code.box))
            update = _hidden(type_) if type_ else {"payload": masked(code.payload, hits), "gtin": None}
            code = code.model_copy(update=update)  # noqa: PLW2901 - the masked one takes its place
        safe.append(code)
    return tuple(safe), tuple(findings)


def _in_code(code: Code, numbers: Collection[str]) -> list[Hit]:
    """Payment codes carry an IBAN in a line of its own. A long run of digits is an article, no card, unless the text
    beside it says so; a card's number in groups is one where sentences are written. Line codes hold numbers.
    """
    hits: list[Hit] = []
    for line in re.finditer(r"[^\n]+", code.payload):
        hits += [Hit("iban", line.start() + hit.start, line.start() + hit.end) for hit in _ibans(line[0])]
    plain = _plain(code.payload)
    spans = {match.span() for one in numbers for match in re.finditer(r"[ \-./]{0,3}".join(one), plain)}
    if code.symbology in CORRECTED:
        spans.update(cards(plain, Page(spoken_of(plain), code=True, paid=paid(plain))))
    found = [hit for hit in (Hit("card", *at) for at in sorted(spans)) if not any(_overlap(hit, one) for one in hits)]
    return [*hits, *found, *(_beside_cards(code.payload, found) if found else ())]
