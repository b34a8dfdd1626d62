"""Numbers of payment cards: which digits of a text are one, and what stands beside it that buys things with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from stdnum import ean, luhn

Span = tuple[int, int]

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
# Groups of digits beside each other: a card's, and those of other numbers. "1,5" and "1.5" begin none at the 5. Words
# may stick to its ends ("Visa4539", "1111exp"): _is_another looks at them.
RUN = re.compile(rf"(?<![\d_])(?<!\d[.,])(?:\d{DIGIT}*(?!\w)|\d++)(?:[ \-./]{{1,3}}(?:{DIGIT}+(?!\w)|\d++))*")
GROUPS = re.compile(rf"{DIGIT}+")
# Schemes by first digits and length, as nearly all cards have them: Visa, Mastercard, American Express, Discover,
# Diners, JCB, UnionPay, Maestro. Then all that there may be.
NETWORKS = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|4[4-9]\d|5\d\d)\d{12}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14}|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{12}"
)
SCHEMES = re.compile(
    rf"{NETWORKS.pattern}|4(?:\d{{12}}|\d{{18}})|6(?:011|4[4-9]\d|5\d\d)\d{{12,15}}|3(?:0[0-5]|[68]\d)\d{{11,16}}"
    r"|62\d{14,17}|(?:50|5[6-9]|6\d)\d{11,17}"
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
# A number's groups, of which some stand in lines of their own. A lookahead: one that is none may hold another's start.
SPLIT = re.compile(
    r"(?<!\d)(?=(?P<number>\d{4}(?:[ \-./\n]{1,3}\d{4}){3}|\d{4}[ \-./\n]{1,3}\d{6}[ \-./\n]{1,3}\d{5}"
    r"|\d{8}\n\d{8})(?!\d))"
)
SOME_GROUPS = re.compile(r"\d{8}|\d{4,6}(?:[ \-./]{1,3}\d{4,6}){0,2}")  # a line of a picture that may be some of them
CARD = re.compile(
    r"visa|master|maestro|amex|american express|debit|credit|valid|thru|expir|\bcard\b|cv[vc]"
    r"|unionpay|discover",
    re.IGNORECASE,
)
STUCK = re.compile(  # to a number without a blank
    r"(?:visa|card|maestro|amex|express|discover|no|nr|number)$|^(?:exp|valid|thru|cv[vcn])", re.IGNORECASE
)
EXPIRY = re.compile(r"(?<![\d/])(?:0[1-9]|1[0-2])\s?/\s?(?:\d{2}|20\d{2})(?![\d/])")
NAMED_SECRET = re.compile(
    r"(?<![^\W\d_])(?:exp|expir\w*|valid|thru|cv[vcn]2?|cid|csc|security\s?code|sicherheitscode|prüf(?:nummer|ziffer))"
    r"(?:\W{0,3}(?:thru|until|to|date|code|no|nr|number|is))*\W{0,3}"
    r"(?P<secret>\d{1,2}\s?[/.\-]\s?(?:20)?\d{2}|\d{3,4})(?!\w)",
    re.IGNORECASE,
)
UNNAMED_CODE = re.compile(r"[\s,;/|]{1,3}(?P<secret>\d{3,4})(?!\w)")  # right after the number or the expiry
# "Please refund my order. 4111 …" names none: a full stop ends what is said.
NAMED_NUMBER = re.compile(
    r"\b(?:track(?:ing)?|imei|serial|order|invoice|parcel|shipment|consignment|waybill|awb|ean|gtin|isbn|upc|sku|article"
    r"|barcode|terminal|merchant|approval|trace|ref|reference|(?:bestell|sendungs|paket|rechnungs|serien|artikel)nummer)"
    r"s?(?:[ :#]*\b(?:no|nr|number|id|code|is)\b\.?)*[ :#]*(?::\s*)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Page:
    """What the rest of a picture or a message says about the numbers in it."""

    proof: bool  # cards are spoken of
    dated: bool = False  # and there is an expiry date: of a payment card, hardly of a loyalty card or a parcel
    typed: bool = False  # by a customer: nobody types what is printed on parcels and packets
    code: bool = False  # all of it is what a code says: no digit is misread, and plain ones are orders and articles
    paid: bool = False  # or a card's, where the code says what buys things with it
    articles: frozenset[str] = frozenset()  # what its bar codes say


def spoken_of(text: str) -> bool:
    return bool(CARD.search(text) or EXPIRY.search(text))


def dated(text: str) -> bool:
    return bool(CARD.search(text) and EXPIRY.search(text))


def paid(text: str) -> bool:
    """Whether it names an expiry date or a security code."""
    return bool(NAMED_SECRET.search(text))


def cards(text: str, page: Page) -> list[Span]:
    """The likeliest first: what shares digits with one of them is a card and a part of its neighbour."""
    likely = [
        (rank, (start, end))
        for run in RUN.finditer(text)
        for start, end, between in _windows(run)
        if (rank := _rank(text, start, end, between=between, page=page))
    ]
    found: list[Span] = []
    for _, (start, end) in sorted(likely, key=lambda ranked: ranked[0], reverse=True):
        if not any(start < other_end and other_start < end for other_start, other_end in found):
            found.append((start, end))
    return found


def over_lines(text: str, *, proof: bool) -> Iterator[Span]:
    """A number in four lines of four digits or, where cards are spoken of, in two or three lines."""
    for match in SPLIT.finditer(text):
        lines, digits = match["number"].count("\n"), re.sub(r"\D", "", match["number"])
        if lines and (proof or lines == 3) and SCHEMES.fullmatch(digits) and luhn.is_valid(digits):
            yield match.span("number")


def beside(text: str, numbers: Sequence[Span]) -> Iterator[Span]:
    """Expiry and security code: together with the number they buy things."""
    named = [match.span() for match in EXPIRY.finditer(text)]
    named += [match.span("secret") for match in NAMED_SECRET.finditer(text)]
    yield from named
    for _, end in (*numbers, *named):
        if code := UNNAMED_CODE.match(text, end):
            yield code.span("secret")


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


def _rank(text: str, start: int, end: int, *, between: bool, page: Page) -> tuple[bool, bool, int] | None:
    """How likely it is a card; None where it is none. Check digits first, then the usual length: a security code of
    three digits behind sixteen may seem to be the end of nineteen.
    """
    part = text[start:end]
    groups = GROUPS.findall(part.translate(CONFUSED))
    digits, layout = "".join(groups), tuple(len(group) for group in groups)
    if sum(letter.isdigit() for letter in part) < 0.75 * len(digits) or not SCHEMES.fullmatch(digits):
        return None
    grouped = layout in LAYOUTS and len(layout) > 2
    right = luhn.is_valid(digits) and len(set(digits)) > 1
    # Loyalty cards and parcels repeat their numbers in bars; a payment card that does is one all the same.
    paying = page.dated and grouped and right and NETWORKS.fullmatch(digits)
    repeated = not paying and any(one in digits for one in page.articles)
    if repeated or (layout not in LAYOUTS and _is_article((digits, *groups))):
        return None
    plain = page.code and not (page.paid and NETWORKS.fullmatch(digits))
    if not grouped and (plain or "/" in part):  # an order in a code; a day, and another number behind it
        return None
    if _is_another(text, start, end, right=right, grouped=grouped, page=page):
        return None
    alone = len(digits) in USUAL and _is_alone(text, start, end)
    misread = page.proof and not page.code
    written = page.typed and len(layout) == 1 and bool(NETWORKS.fullmatch(digits)) and _is_free(text, start)
    if (right and (page.proof or alone or written)) or (grouped and not between and (right or misread)):
        return right, len(digits) in USUAL, len(digits)
    return None


def _is_article(numbers: Sequence[str]) -> bool:
    """Under a bar code: many countries' articles begin as cards do, and one in ten has a card's check digit."""
    return any(len(one) == 13 and ean.is_valid(one) for one in numbers)


def _is_another(text: str, start: int, end: int, *, right: bool, grouped: bool, page: Page) -> bool:
    """Called an order or the like, or stuck to letters that are not about cards. Customers write "for my order 4111 …,
    exp …": what looks and checks like a card is one all the same, where anything else speaks of cards.
    """
    stuck = re.search(r"[^\W\d_]+$", text[max(0, start - 12) : start]), re.match(r"[^\W\d_]+", text[end : end + 12])
    if any(word and not STUCK.search(word[0]) for word in stuck) and not (grouped and right):
        return True
    after = text[end : end + 20]
    paid = (grouped and page.proof) or EXPIRY.search(after) or NAMED_SECRET.search(after)
    return bool(NAMED_NUMBER.search(text[max(0, start - 40) : start])) and not (right and paid)


def _is_alone(text: str, start: int, end: int) -> bool:
    """In its line."""
    return not text[:start].rpartition("\n")[2].strip() and not text[end:].partition("\n")[0].strip()


def _is_free(text: str, start: int) -> bool:
    """A word of its own, and no part of an address."""
    return not text[max(0, start - 1) : start].strip("(:;,'\"“ \n\r")
