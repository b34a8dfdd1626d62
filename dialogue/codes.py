"""Codes and long numbers in a text: what is looked up as it is written, or not at all."""

from __future__ import annotations

import re

from storage import gtin

# "E-204", "X200", "4006381333931": what is told apart by its digits is looked up as it is written, or not at all.
LITERAL = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*")
GTIN = re.compile(r"([a-z]{0,4})(\d{8,14})")
GROUPED = re.compile(r"(?<!\d)\d{1,6}(?:[ -]\d{1,6}){1,4}(?!\d)")


def literals(text: str) -> list[str]:
    """Codes and long numbers of ``text``, as one writes them to compare: ``"Error E-204 (20:15)"`` → ``["e204"]``."""
    joined = re.sub(r"\b([A-Z]{1,3}) (\d{2,})\b", r"\1\2", text)
    plain = [re.sub(r"[-./]", "", found).lower() for found in LITERAL.findall(joined)]
    # "EAN 4006381333931" is that number; with zeros in front or without, it is one article's.
    numbers = [found[2] for one in plain if (found := GTIN.fullmatch(one))]
    # "4 006381 333931", in groups as it is printed under the bars, and "04252614", which is short for "042100005264":
    # numbers whose check digit is right.
    grouped = [re.sub(r"[ -]", "", found) for found in GROUPED.findall(text)]
    plain += [digits.lstrip("0") for digits in numbers]
    plain += [one.lstrip("0") for digits in (*grouped, *numbers) for one in gtin.typed(digits)]
    return [one for one in dict.fromkeys(plain) if _tells_apart(one)]


def _tells_apart(token: str) -> bool:
    digits = sum(letter.isdigit() for letter in token)
    return digits >= 2 and (len(token) > digits or digits >= 6) and len(token) >= 3
