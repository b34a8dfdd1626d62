"""Article numbers, as one number of 14 digits whose check digit is right.

A shop's "EAN", "UPC" and "GTIN" are lengths of one thing (GS1 General Specifications 3.3.2): with zeros in front they
are compared as GTIN-14. What bars hold, a catalogue names and customers write is compared here.
"""

from __future__ import annotations

import re

from stdnum import ean

LENGTHS = (8, 12, 13, 14)
# "4006381333931"; "4 006381 333931" and "0 425261 4" as they are printed under the bars.
PRINTED = re.compile(r"(?<!\d)\d{8,14}(?!\d)|(?<!\d)\d{1,6}(?:[ -]\d{1,6}){1,4}(?!\d)")


def normal(digits: str) -> str | None:
    """GTIN-8, -12, -13 or -14 as 14 digits; None when it is none."""
    right = len(digits) in LENGTHS and digits.isascii() and digits.isdecimal() and ean.is_valid(digits)
    return digits.zfill(14) if right and digits.strip("0") else None


def upc_a(short: str) -> str:
    """The twelve digits that a UPC-E stands for (GS1 5.2.2.4); "" when it is none. Its check digit is not looked at."""
    if len(short) != 8 or not short.isascii() or not short.isdecimal() or short[0] not in "01":
        return ""
    system, body, check = short[0], short[1:7], short[7]
    match body[5]:
        case "0" | "1" | "2":
            full = f"{body[:2]}{body[5]}0000{body[2:5]}"
        case "3":
            full = f"{body[:3]}00000{body[3:5]}"
        case "4":
            full = f"{body[:4]}00000{body[4]}"
        case _:
            full = f"{body[:5]}0000{body[5]}"
    return f"{system}{full}{check}"


def typed(digits: str) -> tuple[str, ...]:
    """What ``digits`` without their bars are, as 14 digits. Eight are a GTIN-8 or a UPC-E. The check digit tells which,
    but for 58 of 100 UPC-E it is right as a GTIN-8, too. Then both are compared: what a shop sells decides.
    """
    return tuple(dict.fromkeys(one for one in (normal(digits), normal(upc_a(digits))) if one))


def named(text: str) -> frozenset[str]:
    """Every article number that ``text`` may name, as 14 digits."""
    found = (re.sub(r"[ -]", "", one) for one in PRINTED.findall(text))
    return frozenset(number for digits in found for number in typed(digits))
