"""What was paid, out of all the amounts on a receipt: labels speak, sums confirm."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vision.readers.layout import Row
from vision.report import Reference

CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "$": "$", "us$": "USD", "usd": "USD", "£": "GBP", "gbp": "GBP",
    "rm": "RM", "myr": "RM", "rh": "RM", "chf": "CHF", "sek": "SEK", "kr": "kr", "pln": "PLN", "zł": "PLN",
    "s$": "SGD", "sgd": "SGD", "¥": "¥", "yen": "JPY", "inr": "INR", "₹": "INR", "rs": "Rs",
}  # fmt: skip
_SIGN = r"(?:€|\$|£|¥|₹|us\$|s\$|\b(?:eur|euro|usd|gbp|rm|rh|myr|chf|sek|kr|pln|zł|sgd|yen|inr|rs)\b\.?)"
AMOUNT = re.compile(
    rf"(?P<before>{_SIGN}|rm(?=\d))?\s{{0,3}}(?<![\d.,/:-])(?P<minus>[-–(]\s?)?"
    rf"(?P<value>\d{{1,3}}(?:[,.' ]\d{{3}})+[.,]\s?\d{{2}}|\d{{1,6}}[.,]\s?\d{{2}})(?![\d%/:]|[.,]\d|\s?%)"
    rf"\s{{0,2}}(?P<after>{_SIGN})?",
    re.IGNORECASE,
)
# Without cents, or with one digit of them: "¥1,250", "18.9 €". Only beside a currency.
ROUND = re.compile(
    rf"(?P<before>{_SIGN})?\s{{0,3}}(?<![\d.,/:-])(?P<value>\d{{1,3}}(?:[,.' ]\d{{3}})+|\d{{1,6}}(?:[.,]\d)?)"
    rf"(?!\d|[.,]\d)\s{{0,2}}(?P<after>{_SIGN})?",
    re.IGNORECASE,
)
_T = r"[t7f][o0]t[a-z]?[lis1!|]?"  # total, as blurred print is read
BEST = re.compile(
    rf"{_T}\s*(?:amt|amount)?\s*(?:payable|due|to pay)|(?:amt|amount|balance)\s*(?:due|payable|to pay)|grand\s*{_T}"
    rf"|(?:net|nett)\s*{_T}|{_T}\s*(?:after)\s*(?:round|adj)|round(?:ed|ing)?\s*{_T}|{_T}\s*round|{_T}\s*incl|{_T}\s*\(?\s*incl"
    r"|zu zahlen|gesamtbetrag|total a payer|total ttc|net\s*(?:amt|amount)\b|to(?:tal)?\s*pay\b",
    re.IGNORECASE,
)
GOOD = re.compile(
    rf"\b{_T}\b|\botal\b|\bsumme\b|\bgesamt|\bbetrag\b|\bsum\b|\bt[il1]\s*:|\bamount\s*[:(]|\bpaid\b",
    re.IGNORECASE,
)
BAD = re.compile(
    r"sub|excl|exc\b|w/o|without|before|disc|sav(?:ing|ed)|point|gst\b.*(?:6|0)\s?%|\btax\b|\bvat\b|mwst|otal\s*gst"
    r"|gst\s*(?:amt|amount)"
    r"|item|qty|quantity|\bpcs?\b|round(?:ing)?\s*(?:adj|diff)?\b(?!\s*"
    + _T
    + r")|change|chg\b|tender|balance b|deposit|service|summary|taxable",
    re.IGNORECASE,
)
PAID = re.compile(
    r"\bcash\b(?!ier)|\bpaid\b|tender|visa|master|debit|credit|card|bargeld|payment|\bmbb\b", re.IGNORECASE
)
CHANGE = re.compile(r"change|chng|rückgeld|\bbaki\b|\bbal(?:ance)?\b", re.IGNORECASE)
ROUNDING = re.compile(r"round", re.IGNORECASE)
SUMMARY = re.compile(r"(?:gst|tax|vat)\s*(?:summary|sumary|analysis|code|rate)|tax\s*invoice\s*sum", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    row: int
    cents: int
    text: str
    currency: str
    line: int


def total(rows: Sequence[Row]) -> Reference | None:
    """The one amount that was to be paid; None when nothing on the picture is called a total."""
    seen = [amount for at in range(len(rows)) for amount in _amounts(rows, at)]
    amounts = [amount for amount in seen if amount.cents]
    if not amounts:
        return None
    scores: dict[int, float] = defaultdict(float)
    for amount in amounts:
        scores[amount.cents] = max(scores[amount.cents], _label_score(rows, amount))
    if max(scores.values()) <= 0:
        return None
    often, sums = Counter(amount.cents for amount in amounts), _confirmed(rows, seen)
    for cents in scores:
        scores[cents] += min(0.6, 0.2 * (often[cents] - 1)) + 1.5 * (cents in sums)
    best = _rounded(rows, amounts, max(scores, key=lambda cents: (scores[cents], cents)), sums)
    chosen = max((a for a in amounts if a.cents == best), key=lambda a: _label_score(rows, a))
    currency = chosen.currency or next((a.currency for a in amounts if a.currency), "")
    return Reference(type="total", value=chosen.text, normal=f"{best / 100:.2f}", detail=currency, line=chosen.line)


def _amounts(rows: Sequence[Row], at: int) -> Iterator[Amount]:
    text = rows[at].text[:400]
    found = list(AMOUNT.finditer(text))
    if not found and GOOD.search(text):
        found = [match for match in ROUND.finditer(text) if match["before"] or match["after"]]
    for match in found:
        cents = _cents(match["value"])
        groups = match.groupdict()
        if groups.get("minus"):
            continue
        sign = (
            (groups.get("before") or groups.get("after") or _sign_beside(text, match.start()))
            .strip()
            .lower()
            .rstrip(".")
        )
        yield Amount(
            at, cents, match["value"].replace(" ", ""), CURRENCIES.get(sign, ""), rows[at].line_at(match.start("value"))
        )


def _sign_beside(text: str, start: int) -> str:
    before = re.search(rf"(?P<sign>{_SIGN})\W*$", text[:start], re.IGNORECASE)
    return before["sign"] if before else ""


def _cents(value: str) -> int:
    digits = re.sub(r"\D", "", value)
    cents = re.search(r"[.,]\s?(\d{1,2})$", value)
    return int(digits + "00"[len(cents[1]) if cents else 0 :])


def _label_score(rows: Sequence[Row], amount: Amount) -> float:
    """How much the words beside (or, where there are none, above) the amount call it the total."""
    words = _words(rows[amount.row].text)
    if not words and amount.row:
        above = rows[amount.row - 1]
        words = "" if AMOUNT.search(above.text) else _words(above.text)
    late = 0.02 * amount.row / max(1, len(rows))
    if any(SUMMARY.search(row.text) for row in rows[max(0, amount.row - 6) : amount.row]):
        return 0.3 * bool(GOOD.search(words)) - 0.3
    if BEST.search(words) and not re.search(r"excl|exc\b|w/o", words, re.IGNORECASE):
        return 3.0 + late
    if CHANGE.search(words):
        return -1.0
    if GOOD.search(words):
        return (
            (0.4 if BAD.search(words) else 2.5)
            + late
            + 0.2 * bool(re.search(r"\brm\b|\(rm\)|€|\$", words, re.IGNORECASE))
        )
    if BAD.search(words):
        return -0.5
    return 0.8 if PAID.search(words) else 0.0


def _rounded(rows: Sequence[Row], amounts: Sequence[Amount], best: int, sums: set[int]) -> int:
    """Where cash is rounded to five cents, the rounded amount was paid: it stands below, a few cents away."""
    labelled = max(amount.row for amount in amounts if amount.cents == best)
    for amount in amounts:
        near = 0 < abs(amount.cents - best) <= 5 and amount.row > min(a.row for a in amounts if a.cents == best)
        rounding = any(ROUNDING.search(row.text) for row in rows[labelled : amount.row + 1])
        if near and best not in sums and (amount.cents in sums or (rounding and amount.cents % 5 == 0)):
            return amount.cents
    return best


def _words(text: str) -> str:
    return AMOUNT.sub(" ", text).strip(" .:")


def _confirmed(rows: Sequence[Row], amounts: Sequence[Amount]) -> set[int]:
    """Amounts that what was given minus the change comes to."""
    paid = {a.cents for a in amounts if PAID.search(rows[a.row].text) and not CHANGE.search(rows[a.row].text)}
    back = {a.cents for a in amounts if CHANGE.search(rows[a.row].text)}
    known = {a.cents for a in amounts}
    return {given - change for given in paid for change in back if given > change and given - change in known}
