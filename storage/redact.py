"""What must not be kept, found in words and masked: payment cards, IBANs, identity papers, secrets of codes.

Both sides use it: the bot for what customers type, the readers for what photos show (vision/readers/sensitive.py).

A missed card number is kept for a month and shown to people; a false alarm hides a number that a case needs. So a
number must prove itself (check digits), and may do so by where it stands only when the words say what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from stdnum import iban

from storage.redact_cards import CONFUSED, Page, beside, cards, over_lines, spoken_of

Type = Literal["card", "iban", "mrz", "wifi", "otp", "licence"]
MASK = "•"
PART, BESIDE = 4096, 40  # letters that are looked at together; around a place where a text may be cut

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
# Secrets of codes as text: printed below, or copied from one. A password's field may stand in a line of its own.
WRITTEN: tuple[tuple[Type, re.Pattern[str]], ...] = (
    (
        "wifi",
        re.compile(r"(?im)\bwifi: ?(?:(?:[tsphreai]|ph2):(?:\\.|[^;\\\n])*(?:; ?|$)){2,};?"),
    ),
    ("wifi", re.compile(r"\bp:(?:\\.|[^;\\\s])+;;", re.IGNORECASE)),
    ("otp", re.compile(r"otpauth(?:-migration)?: ?//\S*|\bsecret=[a-z2-7]{8,}", re.IGNORECASE)),
    ("licence", re.compile(r"\bANSI ?6360\d\d.*", re.DOTALL)),
)


@dataclass(frozen=True, slots=True)
class Hit:
    type: Type
    start: int
    end: int


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
    return "".join(map(_masked_part, _parts(text)))


def _parts(text: str) -> Iterator[str]:
    """Pieces that are looked at one by one, cut where no number stands: what it costs grows with the length alone."""
    while len(text) > PART:
        gaps = (at for at in range(PART, PART // 2, -1) if not any(map(str.isdigit, text[at - BESIDE : at + BESIDE])))
        at = next(gaps, PART)
        yield text[:at]
        text = text[at:]
    yield text


def _masked_part(text: str) -> str:
    page = Page(spoken_of(plain(text)), typed=True)
    hits = [*in_text(text, page), *(Hit("card", *span) for span in over_lines(plain(text), proof=page.proof))]
    hits += [hit for hit in ibans(text.replace("\n", " "), proven=True) if "\n" in text[hit.start : hit.end]]
    if any(hit.type == "card" for hit in hits):
        hits += beside_cards(text, hits)
    return masked(text, hits)


def plain(text: str) -> str:
    """With one kind of blank, of dash and of digits; every letter stays in its place."""
    return OTHER_DIGIT.sub(lambda digit: str(int(digit[0])), BLANK.sub(" ", text).translate(DASHES))


def in_text(text: str, page: Page) -> Iterator[Hit]:
    """In one row of a photo, or in all that was typed."""
    accounts = list(ibans(text))
    yield from accounts
    for span in cards(plain(text), page):  # sixteen digits of an account are no card
        hit = Hit("card", *span)
        if not any(overlap(hit, account) for account in accounts):
            yield hit
    for type_, written in WRITTEN:
        yield from (Hit(type_, *match.span()) for match in written.finditer(text))
    for parts in ZONE_PARTS:
        yield from (Hit("mrz", *part.span()) for part in parts.finditer(text) if _is_zone(part[0]))


def overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def ibans(text: str, *, proven: bool = False) -> Iterator[Hit]:
    """``proven``: only those whose check digits agree."""
    spoken = bool(IBAN_WORD.search(text))
    named = spoken and not proven
    # Only ASCII: "ß" has two capitals, and places would shift.
    upper = "".join(letter.upper() if letter.isascii() else letter for letter in plain(text))
    at = 0
    while match := ACCOUNT.search(upper, at):
        # "order no 123… swift delivery" is no account in Norway: what only its name speaks for is written together.
        together = match.end("country") == match.start("check")
        end = _iban_end(match, spoken=spoken, named=named and together)
        if end:
            yield Hit("iban", match.start(), end)
        # The match may have swallowed the beginning of the next one.
        at = end or match.start() + 1


def _iban_end(match: re.Match[str], *, spoken: bool, named: bool) -> int | None:
    """``spoken``: somebody says that there is one, so that a country which is none of the registry's may have it."""
    if not spoken and match["country"] not in LENGTHS:
        return None
    rest = re.sub(r"[^A-Z0-9]", "", match["rest"])
    check_digits = match["check"].translate(CONFUSED)
    wanted = LENGTHS.get(match["country"])
    for length in (wanted - 4,) if wanted else range(len(rest), 10, -1):
        for body in {rest[:length], rest[:length].translate(CONFUSED)}:
            if iban.is_valid(f"{match['country']}{check_digits}{body}"):
                return _end_of(match, length)
    # A misread letter breaks the check digits; the word IBAN beside it and the right length speak for it.
    return match.end() if named and wanted and abs(len(rest) + 4 - wanted) <= 1 else None


# Letters of an account, by country: SWIFT's IBAN registry.
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
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


def beside_cards(text: str, hits: Sequence[Hit]) -> list[Hit]:
    numbers = [(hit.start, hit.end) for hit in hits if hit.type == "card"]
    return [Hit("card", *span) for span in beside(plain(text), numbers)]
