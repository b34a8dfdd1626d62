"""What must not be kept of a photo: payment cards, IBANs, identity papers, secrets of codes. The rules for words are in
storage/redact.py; here they meet a page, its lines and its codes. Blurred in blur.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from storage.redact import MASK, Hit, Type, beside_cards, ibans, in_text, masked, overlap, plain
from storage.redact_cards import CONFUSED, SOME_GROUPS, Page, cards, dated, over_lines, paid, spoken_of
from vision.readers.checks import CORRECTED
from vision.readers.layout import Piece, Row
from vision.report import Code, Finding

SECRETS: tuple[tuple[Type, re.Pattern[str]], ...] = (
    ("wifi", re.compile(r"^\s*wifi:", re.IGNORECASE)),
    ("otp", re.compile(r"otpauth(?:-migration)?://", re.IGNORECASE)),
    ("licence", re.compile(r"^@\s*\x1e?\s*ANSI ?\d|^@\n.{0,3}\n?ANSI|\bANSI 6360\d\d", re.DOTALL)),
)
PAPERS = ("mrz", "licence")


@dataclass(frozen=True)
class Checked:
    """The same, without what must not be kept."""

    pieces: tuple[Piece, ...]
    codes: tuple[Code, ...]
    findings: tuple[Finding, ...]


def check(pieces: Sequence[Piece], rows: Sequence[Row], codes: Sequence[Code]) -> Checked:
    articles = frozenset(code.payload for code in codes if len(code.payload) >= 12 and code.payload.isdecimal())
    text = plain(" ".join(row.text for row in rows))
    page = Page(spoken_of(text), dated=dated(text), articles=articles)
    found = [list(in_text(row.text, page)) for row in rows]
    for at, hit in _accounts_over(rows):
        found[at].append(hit)
    numbers = {
        re.sub(r"\D", "", plain(row.text[hit.start : hit.end]).translate(CONFUSED))
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
            hits.extend(beside_cards(row.text, hits))
        alone += _codes_alone(pieces)
    marks: dict[int, list[Hit]] = {}
    for row, hits in zip(rows, found, strict=True):
        for hit in hits:
            for line, start, end in _spread(row, pieces, hit):
                marks.setdefault(line, []).append(replace(hit, start=start, end=end))
    for line, hit in alone:
        marks.setdefault(line, []).append(hit)
    return marks


def _accounts_over(rows: Sequence[Row]) -> Iterator[tuple[int, Hit]]:
    """An account's number that goes on in the next row, or the next two: its part in each. Check digits must agree."""
    for first in range(len(rows) - 1):
        text, begins = "", []
        for row in rows[first : first + 3]:
            begins.append(len(text))
            text += f"{row.text} "
        for hit in ibans(text, proven=True):
            if hit.start >= begins[1] or hit.end <= begins[1]:
                continue  # in one row, or found from the next one on
            for at, begin in enumerate(begins, first):
                start, end = max(hit.start - begin, 0), min(hit.end - begin, len(rows[at].text))
                if start < end:
                    yield at, Hit("iban", start, end)


def _spread(row: Row, pieces: Sequence[Piece], hit: Hit) -> Iterator[tuple[int, int, int]]:
    """A hit in a row's text as (piece, start, end) in each piece that it touches."""
    for begin, line in zip(row.starts, row.lines, strict=True):
        start, end = max(hit.start - begin, 0), min(hit.end - begin, len(pieces[line].text))
        if start < end:
            yield line, start, end


def _stacked(pieces: Sequence[Piece], page: Page) -> Iterator[int]:
    """Lines of a card whose number stands in several, below each other."""
    digits = [at for at, piece in enumerate(pieces) if SOME_GROUPS.fullmatch(plain(piece.text).strip())]
    below = "\n".join(plain(pieces[line].text).strip() for line in digits)
    for start, end in over_lines(below, proof=page.proof):
        lines = digits[below.count("\n", 0, start) : below.count("\n", 0, end) + 1]
        edges = [pieces[line].box[0] for line in lines]
        if max(edges) - min(edges) < 0.1:
            yield from lines


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
        hits += [Hit("iban", line.start() + hit.start, line.start() + hit.end) for hit in ibans(line[0])]
    payload = plain(code.payload)
    spans = {match.span() for one in numbers for match in re.finditer(r"[ \-./]{0,3}".join(one), payload)}
    if code.symbology in CORRECTED:
        spans.update(cards(payload, Page(spoken_of(payload), code=True, paid=paid(payload))))
    found = [hit for hit in (Hit("card", *at) for at in sorted(spans)) if not any(overlap(hit, one) for one in hits)]
    return [*hits, *found, *(beside_cards(code.payload, found) if found else ())]
