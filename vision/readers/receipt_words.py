"""What receipts of many countries call their rows, money and months: receipts.yaml, and Unicode's CLDR by babel."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.numbers import get_currency_symbol, list_currencies

FILE = Path(__file__).with_name("receipts.yaml")
TOTAL = r"[t7f][o0]t[a-z]?[lis1!|]?"  # "total", as blurred print is read
# Of all that European languages print on receipts; no two of them call different months alike.
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "tr", "sv", "da", "nb", "fi", "ro", "hu", "id")
PLAIN = {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "ı": "i", "İ": "I", "ß": "s"}


class WordsError(ValueError):
    """receipts.yaml is wrong: the message says where."""


@dataclass(frozen=True, slots=True)
class Words:
    """Regular expressions for ``folded`` text."""

    due: re.Pattern[str]
    total: re.Pattern[str]
    other: re.Pattern[str]
    paid: re.Pattern[str]
    change: re.Pattern[str]
    rounding: re.Pattern[str]
    summary: re.Pattern[str]
    day: re.Pattern[str]
    later: re.Pattern[str]
    ahead: re.Pattern[str]


def folded(text: str) -> str:
    """Without case and accents, letter for letter: a place in one is a place in the other."""
    return "".join(_folded(letter) for letter in text)


@lru_cache(1024)
def _folded(letter: str) -> str:
    plain = unicodedata.normalize("NFD", PLAIN.get(letter, letter))[:1]
    low = plain.lower()
    return low if len(low) == 1 else plain


@lru_cache(1)
def words() -> Words:
    found: dict[str, list[str]] = {name: [] for name in Words.__slots__}
    for language, kinds in _file()["words"].items():
        if unknown := set(kinds) - set(found):
            raise WordsError(f"{FILE.name}, {language}: no {', '.join(sorted(unknown))}; there are {', '.join(found)}")
        for kind, forms in kinds.items():
            found[kind] += forms
    found["due"] += [
        rf"{TOTAL} *(?:amt|amount)? *(?:payable|due|to pay)|grand *{TOTAL}|(?:net|nett) *{TOTAL}",
        rf"{TOTAL} *after *(?:round|adj)|round(?:ed|ing)? *{TOTAL}|{TOTAL} *round|{TOTAL} *\(?(?: *incl)",
    ]
    found["total"] += [rf"\b{TOTAL}\b|\botal\b|\bt[il1] *:"]
    return Words(**{name: re.compile("|".join(forms)) for name, forms in found.items()})


@lru_cache(1)
def signs() -> dict[str, str]:
    """What stands beside an amount (folded) → currency."""
    own = dict(_file()["signs"])
    codes = own.pop("codes")
    known = {code: get_currency_symbol(code, "en") for code in list_currencies()}
    world = {folded(sign): code for code, sign in known.items() if sign != code and not sign.isalpha() and sign != "¤"}
    return world | {code: code.upper() for code in codes} | {folded(str(sign)): str(to) for sign, to in own.items()}


@lru_cache(1)
def sign_pattern() -> str:
    """A regular expression for any of ``signs``; letters stand alone, or right before or behind the digits."""
    longest = sorted(signs(), key=len, reverse=True)
    forms = [
        rf"(?<![a-z]){re.escape(sign)}(?![a-z])" if sign[0].isalpha() and sign.isascii() else re.escape(sign)
        for sign in longest
    ]
    return "(?:" + "|".join(forms) + r")\.?"


@lru_cache(1)
def _countries() -> dict[str, dict[str, re.Pattern[str]]]:
    return {
        sign: {currency: re.compile(pattern) for currency, pattern in countries.items()}
        for sign, countries in _file()["countries"].items()
    }


def currency(sign: str, page: str) -> str:
    """ISO 4217, or the sign itself where several countries write it and ``page`` (folded) does not tell which."""
    known = signs().get(sign, "")
    telling = {name for name, pattern in _countries().get(known, {}).items() if pattern.search(page)}
    return telling.pop() if len(telling) == 1 else known


@lru_cache(1)
def months() -> dict[str, int]:
    """Names and abbreviations in LANGUAGES, folded, without their full stop."""
    found = {"sept": 9}
    for language in LANGUAGES:
        for context in Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in context.get(width, {}).items():
                    found.setdefault(folded(name).strip(". "), number)
    return found


@lru_cache(1)
def _file() -> dict[str, Any]:
    try:
        found = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise WordsError(f"{FILE}: {error}") from error
    if not isinstance(found, dict) or set(found) != {"words", "signs", "countries"}:
        raise WordsError(f"{FILE}: needs words, signs and countries")
    return found
