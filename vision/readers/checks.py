"""Check digits: what a number says about itself. Each takes a value without blanks and hyphens, in capitals."""

from __future__ import annotations

from collections.abc import Callable

from stdnum import luhn as _luhn

# Codes that carry Reed-Solomon codes: a misreading is all but impossible. A line code has one check digit or none.
CORRECTED = {"qrcode", "microqr", "rmqrcode", "datamatrix", "aztec", "pdf417", "micropdf417", "maxicode"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def luhn(value: str) -> bool:
    """ISO/IEC 7812-1 annex B: payment cards, IMEI."""
    return value.isdecimal() and _luhn.is_valid(value)


def s10(value: str) -> bool:
    """UPU S10: two letters, eight digits, a check digit, a country: RR 473 124 829 GB."""
    digits = value[2:11]
    if len(value) != 13 or not digits.isdecimal() or not (value[:2] + value[11:]).isalpha():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=False))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11) == int(digits[8])


def ups(value: str) -> bool:
    """1Z and sixteen; letters count as 2 to 9 and around again, every second place twice."""
    if len(value) != 18 or not value.startswith("1Z") or not value[-1].isdecimal():
        return False
    numbers = [
        int(c) if c.isdecimal() else (LETTERS.index(c) + 2) % 10 for c in value[2:-1] if c.isdecimal() or c in LETTERS
    ]
    if len(numbers) != 15:
        return False
    return -(sum(numbers[0::2]) + 2 * sum(numbers[1::2])) % 10 == int(value[-1])


def weighted(value: str) -> bool:
    """GS1's: 3 and 1 from the right. USPS's parcels and SSCC use it, too."""
    if not value.isdecimal():
        return False
    digits = [int(digit) for digit in reversed(value)]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def usps(value: str) -> bool:
    return len(value) in (20, 22) and weighted(value)


def sscc(value: str) -> bool:
    digits = value.removeprefix("(00)")
    return len(digits := digits[2:] if len(digits) == 20 else digits) == 18 and weighted(digits)


def parcel(value: str) -> bool:
    """No check digit, only what carriers' numbers look like."""
    return 8 <= len(value) <= 31 and sum(letter.isdecimal() for letter in value) >= 6


CHECKS: dict[str, Callable[[str], bool]] = {
    "luhn": luhn,
    "s10": s10,
    "ups": ups,
    "usps": usps,
    "sscc": sscc,
    "parcel": parcel,
}
