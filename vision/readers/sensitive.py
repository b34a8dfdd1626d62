"""What must not be kept: payment cards, IBANs, identity papers, secrets in codes. Found and masked here,
blurred in blur.py. No heavy import: the bot masks what customers type by the same rules.

A missed card number is kept for a month and shown to people; a false alarm hides a number that a case needs. So a
number must prove itself (check digits), and may do so by where it stands only when the picture says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Literal

from stdnum import ean, iban, luhn

from vision.readers.rows import Piece, Row
from vision.report import Code, Finding

Type = Literal["card", "iban", "mrz", "wifi", "otp", "licence"]
MASK = "•"

# What a reader makes of digits: O, l and the like, only where nearly all else are digits.
CONFUSED = str.maketrans(
    {
        "O": "0",
        "o": "0",
        "Q": "0",
        "D": "0",
        "I": "1",
        "l": "1",
        "|": "1",
        "i": "1",
        "Z": "2",
        "S": "5",
        "B": "8",
        "G": "6",
    }
)
DIGIT = r"[\dOoQDIl|iZSBG]"
# Groups of digits beside each other: a card's, and those of other numbers. "1,5" and "1.5" begin none at the 5.
RUN = re.compile(rf"(?<!\w)(?<!\d[.,])\d{DIGIT}*(?:[ \-–.]{{1,3}}{DIGIT}+)*(?!\w)")
GROUPS = re.compile(rf"{DIGIT}+")
# Blanks that do not look different, as copied from a page or a message; a line's end is none.
BLANK = re.compile(r"[^\S\r\n]|[\u200b\u2060\ufeff]")
# Scheme by first digits and length: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro.
SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|3(?:0[0-5]|[68]\d)\d{11,16}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
    r"|(?:50|5[6-9]|6\d)\d{11,17}"
)
SHORTEST, LONGEST = 13, 19  # digits of a card
USUAL = (15, 16)
LAYOUTS = {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 5), (6, 13), (8, 8)}
# The same with blanks that were not read: (4, 4, 8).
RUN_TOGETHER = {
    tuple(sum(layout[start:end]) for start, end in pairwise((0, *kept, len(layout))))
    for layout in LAYOUTS
    for count in range(len(layout))
    for kept in combinations(range(1, len(layout)), count)
}
CARD = re.compile(
    r"visa|master|maestro|amex|american express|debit|credit|valid|thru|expir|\bcard\b|cv[vc]"
    r"|unionpay|discover",
    re.IGNORECASE,
)
EXPIRY = re.compile(r"(?<![\d/])(?:0[1-9]|1[0-2])\s?/\s?(?:\d{2}|20\d{2})(?![\d/])")
NAMED_SECRET = re.compile(
    r"\b(?:exp|expir\w*|valid|thru|cv[vcn]2?|cid|csc|security\s?code|sicherheitscode|prüf(?:nummer|ziffer))"
    r"(?:\W{0,3}(?:thru|until|to|date|code|no|nr|number|is))*\W{0,3}"
    r"(?P<secret>\d{1,2}\s?[/.\-]\s?(?:20)?\d{2}|\d{3,4})(?!\w)",
    re.IGNORECASE,
)
UNNAMED_CODE = re.compile(r"[\s,;/|]{1,3}(?P<secret>\d{3,4})(?!\w)")  # right after the number or the expiry
ACCOUNT = re.compile(
    r"(?<![A-Z0-9])(?P<country>[A-Z]{2})\s?(?P<check>[0-9OIl]{2})(?P<rest>(?:[ .\-]{0,3}[A-Z0-9]){11,30})(?![A-Z0-9])"
)
IBAN_WORD = re.compile(r"iban|account|konto|bic|swift", re.IGNORECASE)
NAMED_NUMBER = re.compile(
    r"(?:tracking|imei|serial|order|invoice|parcel|shipment|ean|gtin|isbn|terminal|merchant|approval|trace|ref)\W{0,3}(?:no|nr|number|id)?\W{0,4}$",
    re.IGNORECASE,
)
# Machine readable zones (ICAO 9303): two lines of 44 or 36, three of 30. "<" is read as "く", "«" or "(", too.
FILLER = str.maketrans(dict.fromkeys("«‹く〈《＜≤({", "<"))
ZONE = (
    re.compile(r"[PVIAC][A-Z<][A-Z<]{3}[A-Z<]{6,}<"),
    re.compile(r"[A-Z0-9<]{9}[0-9OQ<][A-Z<]{3}\d{6}[\dO][MFX<]\d{6}[\dO]"),
    re.compile(r"\d{6}[\dO][MFX<]\d{6}[\dO][A-Z<]{3}"),
    re.compile(r"[IAC][A-Z<][A-Z<]{3}[A-Z0-9<]{9}[0-9<]"),
)
SECRETS: tuple[tuple[Type, re.Pattern[str]], ...] = (
    ("wifi", re.compile(r"^\s*wifi:", re.IGNORECASE)),
    ("otp", re.compile(r"otpauth(?:-migration)?://", re.IGNORECASE)),
    ("licence", re.compile(r"^@\s*\x1e?\s*ANSI ?\d|^@\n.{0,3}\n?ANSI|\bANSI 6360\d\d", re.DOTALL)),
)


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
    marks = _marks(pieces, rows, articles)
    safe_codes, in_codes = _codes(codes)
    if any(hit.type == "mrz" for hits in marks.values() for hit in hits) or any(f.type == "licence" for f in in_codes):
        return _whole_paper(pieces, marks, codes, in_codes)
    safe = tuple(
        piece.model_copy(update={"text": masked(piece.text, marks[at])}) if at in marks else piece
        for at, piece in enumerate(pieces)
    )
    findings = [Finding(type=hits[0].type, box=pieces[at].box) for at, hits in sorted(marks.items())]
    return Checked(safe, safe_codes, (*findings, *in_codes))


def _marks(pieces: Sequence[Piece], rows: Sequence[Row], articles: frozenset[str]) -> dict[int, list[Hit]]:
    """What is to be masked in each piece."""
    proof = _speaks_of_cards(" ".join(row.text for row in rows))
    found = [list(_in_row(row.text, proof, articles)) for row in rows]
    alone = [(line, Hit(type_, 0, len(pieces[line].text))) for line, type_ in _stacked(pieces)]
    if alone or any(hit.type == "card" for hits in found for hit in hits):
        for row, hits in zip(rows, found, strict=True):
            hits += list(_beside_cards(row.text, hits))
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
    """What a customer typed, with the numbers masked that prove themselves, and what belongs to a card's."""
    begin = text[:10_000]
    hits = [hit for hit in _in_row(begin, _speaks_of_cards(begin)) if hit.type in {"card", "iban"}]
    if any(hit.type == "card" for hit in hits):
        hits += list(_beside_cards(begin, hits))
    return masked(text, hits)


def _speaks_of_cards(text: str) -> bool:
    return bool(CARD.search(text) or EXPIRY.search(text))


def _in_row(text: str, proof: bool, articles: frozenset[str] = frozenset()) -> Iterator[Hit]:
    accounts = list(_ibans(text))
    yield from accounts
    for hit in _cards(text, proof, articles):  # sixteen digits of an account are no card
        if not any(_overlap(hit, account) for account in accounts):
            yield hit
    if _is_zone(text):
        yield Hit("mrz", 0, len(text))


def _overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def _cards(text: str, proof: bool, articles: frozenset[str]) -> list[Hit]:
    """The likeliest first: what shares digits with one of them is a card and a part of its neighbour."""
    text = BLANK.sub(" ", text)
    likely = [
        (rank, Hit("card", start, end))
        for run in RUN.finditer(text)
        for start, end, between in _windows(run)
        if (rank := _card_rank(text, start, end, between=between, proof=proof, articles=articles))
    ]
    found: list[Hit] = []
    for _, hit in sorted(likely, key=lambda ranked: ranked[0], reverse=True):
        if not any(_overlap(hit, other) for other in found):
            found.append(hit)
    return found


def _windows(run: re.Match[str]) -> Iterator[tuple[int, int, bool]]:
    """Neighbouring groups with a card's number of digits, and whether there are others on both sides. Those count only
    as cards are printed, and where cards are spoken of: of a long run's many windows some have right check digits.
    """
    groups = [(run.start() + group.start(), run.start() + group.end()) for group in GROUPS.finditer(run[0])]
    for first in range(len(groups)):
        layout: tuple[int, ...] = ()
        for last in range(first, len(groups)):
            layout += (groups[last][1] - groups[last][0],)
            if sum(layout) > LONGEST:
                break
            between = first > 0 and last < len(groups) - 1
            if sum(layout) >= SHORTEST and (not between or layout in RUN_TOGETHER):
                yield groups[first][0], groups[last][1], between


def _card_rank(
    text: str, start: int, end: int, *, between: bool, proof: bool, articles: frozenset[str]
) -> tuple[bool, bool, int] | None:
    """How likely it is a card; None where it is none. Check digits first, then the usual length: a security code of
    three digits behind sixteen may seem to be the end of nineteen.
    """
    part = text[start:end]
    groups = GROUPS.findall(part.translate(CONFUSED))
    digits, layout = "".join(groups), tuple(len(group) for group in groups)
    if sum(letter.isdigit() for letter in part) < 0.75 * len(digits) or not SCHEMES.fullmatch(digits):
        return None
    if NAMED_NUMBER.search(text[max(0, start - 40) : start]) or any(article in digits for article in articles):
        return None
    # Under a bar code: many countries' articles begin as cards do, and one in ten has a card's check digit.
    if layout not in LAYOUTS and any(len(one) == 13 and ean.is_valid(one) for one in (digits, *groups)):
        return None
    grouped = layout in LAYOUTS and len(layout) > 2
    right = luhn.is_valid(digits) and len(set(digits)) > 1
    alone = not text[:start].strip() and not text[end:].strip() and len(digits) in USUAL
    if (right and (proof or alone)) or (grouped and not between and (right or proof)):
        return right, len(digits) in USUAL, len(digits)
    return None


def _ibans(text: str) -> Iterator[Hit]:
    named = bool(IBAN_WORD.search(text))
    # Only ASCII: "ß" has two capitals, and places would shift.
    upper = "".join(letter.upper() if letter.isascii() else letter for letter in BLANK.sub(" ", text))
    at = 0
    while match := ACCOUNT.search(upper, at):
        end = _iban_end(match, named=named)
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


def _stacked(pieces: Sequence[Piece]) -> Iterator[tuple[int, Type]]:
    """A card whose number stands in four lines of four digits."""
    fours = [at for at, piece in enumerate(pieces) if re.fullmatch(r"\d{4}", piece.text.strip())]
    for at in range(len(fours) - 3):
        four = fours[at : at + 4]
        digits = "".join(pieces[line].text.strip() for line in four)
        edges = [pieces[line].box[0] for line in four]
        if max(edges) - min(edges) < 0.1 and SCHEMES.fullmatch(digits) and luhn.is_valid(digits):
            for line in four:
                yield line, "card"


def _beside_cards(text: str, hits: Sequence[Hit]) -> Iterator[Hit]:
    """Expiry and security code: together with the number they buy things."""
    named = [match.span() for match in EXPIRY.finditer(text)]
    named += [match.span("secret") for match in NAMED_SECRET.finditer(text)]
    for start, end in named:
        yield Hit("card", start, end)
    for end in (*(hit.end for hit in hits if hit.type == "card"), *(end for _, end in named)):
        if code := UNNAMED_CODE.match(text, end):
            yield Hit("card", *code.span("secret"))


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
        Finding(type=hits[0].type, box=pieces[at].box) for at, hits in marks.items() if hits[0].type != "mrz"
    )
    hidden = tuple(
        piece.model_copy(update={"text": masked(piece.text, [Hit(type_, 0, len(piece.text))])}) for piece in pieces
    )
    hidden_codes = tuple(code.model_copy(update=_hidden(type_)) for code in codes)
    return Checked(hidden, hidden_codes, (Finding(type=type_, box=(0.0, 0.0, 1.0, 1.0)), *others, *in_codes))


def _hidden(type_: Type) -> dict[str, str | None]:
    """Of a code: what it is about, and nothing of what it says."""
    return {"payload": f"{type_}:{MASK * 8}", "gtin": None}


def _codes(codes: Sequence[Code]) -> tuple[tuple[Code, ...], tuple[Finding, ...]]:
    safe, findings = [], []
    for code in codes:
        type_ = next((name for name, secret in SECRETS if secret.search(code.payload)), None)
        lines = code.payload if type_ else masked_code(code.payload)
        if type_ or lines != code.payload:
            kind = type_ or ("iban" if iban_in(code.payload) else "card")
            findings.append(Finding(type=kind, box=code.box))
            update = _hidden(type_) if type_ else {"payload": lines}
            code = code.model_copy(update=update)  # noqa: PLW2901 - the masked one takes its place
        safe.append(code)
    return tuple(safe), tuple(findings)


def masked_code(payload: str) -> str:
    """Payment codes carry an IBAN in a line of its own. A long run of digits in a code is an article, not a card."""
    return "\n".join(masked(line, list(_ibans(line))) for line in payload.split("\n"))


def iban_in(payload: str) -> bool:
    return any(True for line in payload.split("\n") for _ in _ibans(line))
