"""What must not be kept: payment cards, IBANs, identity papers, secrets in codes. Found and masked here,
blurred in blur.py. No heavy import: the bot masks what customers type by the same rules.

A missed card number is kept for a month and shown to people; a false alarm hides a number that a case needs. So a
number must prove itself (check digits), and may do so by where it stands only when the picture says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from stdnum import iban, luhn

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
NUMBER = re.compile(rf"(?<![\w.,])\d{DIGIT}(?:[ \-–.]{{0,3}}{DIGIT}){{11,18}}(?![\w])")
GROUPS = re.compile(rf"{DIGIT}+")
# Scheme by first digits and length: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro.
SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|3(?:0[0-5]|[68]\d)\d{11,16}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:50|5[6-9]|6\d)\d{10,17}"
)
LAYOUTS = {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 5), (6, 13), (8, 8)}
CARD = re.compile(
    r"visa|master|maestro|amex|american express|debit|credit|valid|thru|expir|\bcard\b|cv[vc]"
    r"|unionpay|discover",
    re.IGNORECASE,
)
EXPIRY = re.compile(r"(?<![\d/])(?:0[1-9]|1[0-2])\s?/\s?(?:\d{2}|20\d{2})(?![\d/])")
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
    marks: dict[int, list[Hit]] = {}
    evidence = " ".join(row.text for row in rows)
    proof = bool(CARD.search(evidence) or EXPIRY.search(evidence))
    for row in rows:
        for hit in _in_row(row.text, proof):
            for line, start, end in _spread(row, pieces, hit):
                marks.setdefault(line, []).append(replace(hit, start=start, end=end))
    for line, type_ in _stacked(pieces):
        marks.setdefault(line, []).append(Hit(type_, 0, len(pieces[line].text)))
    if any(hit.type == "card" for hits in marks.values() for hit in hits):
        for line, hit in _beside_a_card(pieces):
            marks.setdefault(line, []).append(hit)
    safe_codes, in_codes = _codes(codes)
    if any(hit.type == "mrz" for hits in marks.values() for hit in hits) or any(f.type == "licence" for f in in_codes):
        return _whole_paper(pieces, marks, safe_codes, in_codes)
    safe = tuple(
        piece.model_copy(update={"text": masked(piece.text, marks[at])}) if at in marks else piece
        for at, piece in enumerate(pieces)
    )
    findings = [Finding(type=hits[0].type, box=pieces[at].box) for at, hits in sorted(marks.items())]
    return Checked(safe, safe_codes, (*findings, *in_codes))


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
    """What a customer typed, with the numbers masked that prove themselves."""
    hits = [hit for hit in _in_row(text[:10_000], bool(CARD.search(text[:10_000]))) if hit.type in {"card", "iban"}]
    return masked(text, hits)


def _in_row(text: str, proof: bool) -> Iterator[Hit]:
    accounts = list(_ibans(text))
    yield from accounts
    for hit in _cards(text, proof):  # sixteen digits of an account are no card
        if not any(hit.start < account.end and account.start < hit.end for account in accounts):
            yield hit
    if _is_zone(text):
        yield Hit("mrz", 0, len(text))


def _cards(text: str, proof: bool) -> Iterator[Hit]:
    for match in NUMBER.finditer(text):
        for start, end in _windows(match):
            part = text[start:end]
            digits = re.sub(r"\D", "", part.translate(CONFUSED))
            if sum(letter.isdigit() for letter in part) < 0.75 * len(digits) or not SCHEMES.fullmatch(digits):
                continue
            layout = tuple(len(group) for group in GROUPS.findall(part))
            grouped = layout in LAYOUTS and len(layout) > 2
            named = bool(NAMED_NUMBER.search(text[:start]))
            right = luhn.is_valid(digits) and len(set(digits)) > 1
            alone = not text[:start].strip() and not text[end:].strip() and len(digits) in (15, 16)
            if (right and not named and (grouped or proof or alone)) or (grouped and proof and not named):
                yield Hit("card", start, end)
                break


def _windows(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The whole run of digits, and the run without its first or last group: a date may stand beside a number."""
    groups = [(match.start() + g.start(), match.start() + g.end()) for g in GROUPS.finditer(match[0])]
    yield match.start(), match.end()
    for first, last in ((0, -1), (1, 0), (0, -2), (2, 0)):
        inner = groups[first : len(groups) + last]
        if inner and len(inner) < len(groups):
            yield inner[0][0], inner[-1][1]


def _ibans(text: str) -> Iterator[Hit]:
    named = bool(IBAN_WORD.search(text))
    upper = text.upper()
    if len(upper) != len(text):  # "ß": places would shift
        upper = text
    for match in ACCOUNT.finditer(upper):
        rest = re.sub(r"[^A-Z0-9]", "", match["rest"])
        check_digits = match["check"].translate(CONFUSED)
        for length in range(len(rest), 10, -1):
            for body in {rest[:length], rest[:length].translate(CONFUSED)}:
                if iban.is_valid(f"{match['country']}{check_digits}{body}"):
                    yield Hit("iban", match.start(), _end_of(match, length))
                    return
        wanted = LENGTHS.get(match["country"])
        # A misread letter breaks the check digits; the word IBAN beside it and the right length speak for it.
        if named and wanted and abs(len(rest) + 4 - wanted) <= 1:
            yield Hit("iban", match.start(), match.end())


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


def _beside_a_card(pieces: Sequence[Piece]) -> Iterator[tuple[int, Hit]]:
    """Its expiry and its security code: together with the number they buy things."""
    for line, piece in enumerate(pieces):
        for match in EXPIRY.finditer(piece.text):
            yield line, Hit("card", match.start(), match.end())
        if re.fullmatch(r"(?:cv[vc]2?\W{0,3})?\d{3,4}", piece.text.strip(), re.IGNORECASE):
            yield line, Hit("card", 0, len(piece.text))


def _whole_paper(
    pieces: Sequence[Piece], marks: dict[int, list[Hit]], codes: tuple[Code, ...], in_codes: tuple[Finding, ...]
) -> Checked:
    """An identity paper is all about one person: none of its text is kept, none of it is shown."""
    type_: Type = "mrz" if any(hit.type == "mrz" for hits in marks.values() for hit in hits) else "licence"
    others = tuple(
        Finding(type=hits[0].type, box=pieces[at].box) for at, hits in marks.items() if hits[0].type != "mrz"
    )
    hidden = tuple(
        piece.model_copy(update={"text": masked(piece.text, [Hit(type_, 0, len(piece.text))])}) for piece in pieces
    )
    return Checked(hidden, codes, (Finding(type=type_, box=(0.0, 0.0, 1.0, 1.0)), *others, *in_codes))


def _codes(codes: Sequence[Code]) -> tuple[tuple[Code, ...], tuple[Finding, ...]]:
    safe, findings = [], []
    for code in codes:
        type_ = next((name for name, secret in SECRETS if secret.search(code.payload)), None)
        lines = code.payload if type_ else masked_code(code.payload)
        if type_ or lines != code.payload:
            kind = type_ or ("iban" if iban_in(code.payload) else "card")
            findings.append(Finding(type=kind, box=code.box))
            payload = f"{kind}:{MASK * 8}" if type_ else lines
            code = code.model_copy(update={"payload": payload})  # noqa: PLW2901 - the masked one takes its place
        safe.append(code)
    return tuple(safe), tuple(findings)


def masked_code(payload: str) -> str:
    """Payment codes carry an IBAN in a line of its own. A long run of digits in a code is an article, not a card."""
    return "\n".join(masked(line, list(_ibans(line))) for line in payload.split("\n"))


def iban_in(payload: str) -> bool:
    return any(True for line in payload.split("\n") for _ in _ibans(line))
