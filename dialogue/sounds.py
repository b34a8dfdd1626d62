"""English words that Hindi writes in its own letters: "ऑर्डर" sounds like "order", "पासवर्ड" like "password".

The encoder does not know Hindi, and a good part of what is said to a shop in it are such words. They are compared by
their consonants alone, since vowels are written in many ways.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

LEAST = 3  # consonants: "कोड" (k, d) sounds like too many words
SPELT = tuple(  # how English spells a sound, in this order
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ch", "ç"),
        ("[cst]io", "s"),
        ("ph", "f"),
        ("gh|h", ""),
        ("c(?=[eiy])", "s"),
        ("[cq]", "k"),
        ("x", "ks"),
        ("w", "v"),
        ("z", "j"),
        ("m", "n"),  # "नंबर" has one sign for both
        ("[aeiouy]", ""),
        (r"(.)\1+", r"\1"),
    )
)
_SIGNS = re.compile("[\u0900-\u097f]+")
NASAL = "\u0902"  # the one above a letter; "ँ" beside it makes a vowel nasal, which English words have not


def heard(text: str, words: dict[str, list[str]]) -> str:
    """``text`` with each word in Hindi's letters replaced by those of ``words`` (from ``by_sound``) it sounds like."""
    return _SIGNS.sub(lambda found: " ".join(words.get(_of_signs(found[0]), ())), text)


def by_sound(vocabulary: Iterable[str]) -> dict[str, list[str]]:
    """Sound → the English words that have it, but for those that are too short to be told by it."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in vocabulary:
        if word.isascii() and len(sound := _of_letters(word)) >= LEAST:
            found[sound].append(word)
    return dict(found)


def _of_letters(word: str) -> str:
    for pattern, sound in SPELT:
        word = pattern.sub(sound, word)
    return word


def _of_signs(word: str) -> str:
    return _of_letters("".join(map(_consonant, unicodedata.normalize("NFC", word))))


@cache
def _consonant(sign: str) -> str:
    """ "DEVANAGARI LETTER TTHA" → "tth"; vowels and marks have no sound here."""
    name = unicodedata.name(sign, "")
    if sign == NASAL:
        return "n"
    letter = name.removeprefix("DEVANAGARI LETTER ").lower()
    if letter == name.lower() or not letter.endswith("a") or letter in {"a", "aa"}:
        return ""
    return {"pha": "f", "ca": "ch"}.get(letter, letter[:-1])
