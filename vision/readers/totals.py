"""What was paid, out of all the amounts on a receipt: labels speak (receipts.yaml), sums confirm."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vision.readers.layout import Row
from vision.readers.receipt_words import currency, folded, sign_pattern, words
from vision.report import Reference

LONGEST = 400  # characters of a row that are looked at
ROUNDED_BY = 5  # cents at most by which cash is rounded
_LAKH = r"\d{1,2}(?:,\d{2})+,\d{3}"  # 1,23,456
_GROUPS = r"\d{1,3}(?:[,.' ]\d{3})+"
# A minus stands right before the digits or the sign, or begins its column; "Total - 12.50" has a dash. (12.50) is one.
_BEFORE = (
    r"(?P<lead>(?<![\w.,])[-–−](?=\S))?(?P<before>{sign})?\s{{0,3}}(?<![\d.,/:-])"
    r"(?P<minus>(?:(?:(?<=\s\s)|^)[-–−]\s?|[-–−](?=\d)|\((?=[\d.,' ]+\)))?)"
)


@lru_cache(1)
def _amount() -> re.Pattern[str]:
    return re.compile(
        _BEFORE.format(sign=sign_pattern())
        + rf"(?P<value>{_LAKH}\.\s?\d{{2}}|{_GROUPS}[.,]\s?\d{{2}}|\d{{1,6}}[.,]\s?\d{{2}})"
        + r"(?![\d%/:]|[.,]\d|\s?%)"
        + rf"(?P<behind>[-–−](?![\w])|\))?\s{{0,2}}(?P<after>{sign_pattern()})?"
    )


@lru_cache(1)
def _round_amount() -> re.Pattern[str]:
    """Without cents, or with one digit of them: "¥1,250", "18.9 €". Only beside a currency."""
    return re.compile(
        _BEFORE.format(sign=sign_pattern())
        + rf"(?P<value>{_LAKH}|{_GROUPS}|\d{{1,9}}(?:[.,]\d)?)(?!\d|[.,]\d)"
        + rf"(?P<behind>[-–−](?![\w])|\))?\s{{0,2}}(?P<after>{sign_pattern()})?"
    )


@dataclass(frozen=True, slots=True)
class Amount:
    row: int
    cents: int
    text: str
    sign: str  # folded
    line: int


def total(rows: Sequence[Row]) -> Reference | None:
    """The one amount that was to be paid, negative when it was given back; None when nothing is called a total."""
    pages = [folded(row.text[:LONGEST]) for row in rows]
    seen = [amount for at in range(len(rows)) for amount in _amounts(rows, pages, at)]
    amounts = [amount for amount in seen if amount.cents and (amount.cents > 0 or _given_back(pages[amount.row]))]
    if not amounts:
        return None
    scores: dict[int, float] = defaultdict(float)
    for amount in amounts:
        scores[amount.cents] = max(scores[amount.cents], _label_score(pages, amount))
    if max(scores.values()) <= 0:
        return None
    often, sums = Counter(amount.cents for amount in amounts), _confirmed(pages, seen)
    for cents in scores:
        scores[cents] += min(0.6, 0.2 * (often[cents] - 1)) + 1.5 * (cents in sums)
    best = _rounded(pages, amounts, max(scores, key=lambda cents: (scores[cents], cents)), sums)
    chosen = max((a for a in amounts if a.cents == best), key=lambda a: _label_score(pages, a))
    sign = chosen.sign or next((a.sign for a in amounts if a.sign), "")
    detail = currency(sign, " ".join(pages)) if sign else ""
    return Reference(type="total", value=chosen.text, normal=f"{best / 100:.2f}", detail=detail, line=chosen.line)


def _given_back(text: str) -> bool:
    """Whether a row may be the total of a refund; what is taken off on the way to a total is none."""
    said = _words(text)
    return bool((words().due.search(said) or words().total.search(said)) and not words().other.search(said))


def _amounts(rows: Sequence[Row], pages: Sequence[str], at: int) -> Iterator[Amount]:
    text = pages[at]
    found = list(_amount().finditer(text))
    if not found and (words().total.search(text) or words().due.search(text)):
        found = [match for match in _round_amount().finditer(text) if match["before"] or match["after"]]
    for match in found:
        start, end = match.span("value")
        minus = match["lead"] or match["minus"] or (match["behind"] or "").replace(")", "")
        sign = (match["before"] or match["after"] or _sign_beside(text, match.start())).strip()
        printed = rows[at].text[start:end].replace(" ", "")
        cents = -_cents(match["value"]) if minus else _cents(match["value"])
        yield Amount(at, cents, f"-{printed}" if minus else printed, _known(sign), rows[at].line_at(start))


def _known(sign: str) -> str:
    """``"rs."`` → ``"rs"``, but ``"kr."`` is one of its own."""
    return sign.rstrip(".") if sign.rstrip(".") else sign


def _sign_beside(text: str, start: int) -> str:
    before = re.search(rf"(?P<sign>{sign_pattern()})\W*$", text[:start])
    return before["sign"] if before else ""


def _cents(value: str) -> int:
    digits = re.sub(r"\D", "", value)
    cents = re.search(r"[.,]\s?(\d{1,2})$", value)
    return int(digits + "00"[len(cents[1]) if cents else 0 :])


def _label_score(pages: Sequence[str], amount: Amount) -> float:
    """How much the words beside (or, where there are none, above) the amount call it the total."""
    known = words()
    said = _words(pages[amount.row])
    if not said and amount.row:
        above = pages[amount.row - 1]
        said = "" if _amount().search(above) else _words(above)
    late = 0.02 * amount.row / max(1, len(pages))
    if any(known.summary.search(text) for text in pages[max(0, amount.row - 6) : amount.row]):
        return 0.3 * bool(known.total.search(said)) - 0.3
    if known.due.search(said) and not re.search(r"excl|exc\b|w/o|\bht\b", said):
        return 3.0 + late
    if known.change.search(said):
        return -1.0
    if known.total.search(said):
        beside = re.search(sign_pattern(), said)
        return (0.4 if known.other.search(said) else 2.5) + late + 0.2 * bool(beside)
    if known.other.search(said):
        return -0.5
    return 0.8 if known.paid.search(said) else 0.0


def _rounded(pages: Sequence[str], amounts: Sequence[Amount], best: int, sums: set[int]) -> int:
    """Where cash is rounded to five cents, the rounded amount was paid: it stands below, a few cents away."""
    labelled = max(amount.row for amount in amounts if amount.cents == best)
    for amount in amounts:
        first = min(a.row for a in amounts if a.cents == best)
        near = 0 < abs(amount.cents - best) <= ROUNDED_BY and amount.row > first
        rounding = any(words().rounding.search(text) for text in pages[labelled : amount.row + 1])
        if near and best not in sums and (amount.cents in sums or (rounding and amount.cents % ROUNDED_BY == 0)):
            return amount.cents
    return best


def _words(text: str) -> str:
    return _amount().sub(" ", text).strip(" .:")


def _confirmed(pages: Sequence[str], amounts: Sequence[Amount]) -> set[int]:
    """Amounts that what was given minus the change comes to."""
    paid, change = words().paid, words().change
    given = {a.cents for a in amounts if paid.search(pages[a.row]) and not change.search(pages[a.row])}
    back = {a.cents for a in amounts if change.search(pages[a.row])}
    known = {a.cents for a in amounts}
    return {one - other for one in given for other in back if one > other > 0 and one - other in known}
