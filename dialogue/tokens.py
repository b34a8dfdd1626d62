"""The words and numbers of a text, so that two texts can be compared: stems, forms of one word, numbers with units.

Stems are English; in another language forms of a word share their beginning. Of Chinese each character is a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence, Set

import snowballstemmer

from dialogue.claims import FORMS, NUMBERS, STOP, UNITS

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
TOKEN = re.compile(rf"{_NUMBER.pattern}|{WORD.pattern}|[€$£%°]")
BETWEEN = frozenset(("to", "or", "and", "bis", "oder", "à", "ou", "a", "o", "working", "full"))  # a number and its unit
_ENDS = re.compile(r"(?<=[.!?…])\s+|(?<=。)|\n+")
_IDEOGRAM = re.compile(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])")
_snowball = snowballstemmer.stemmer("english").stemWord


def sentences_of(text: str) -> list[str]:
    return [one for one in _ENDS.split(clean(text)) if one.strip()]


def clean(text: str) -> str:
    """One way to write each letter, without those that cannot be seen: full-width brackets are brackets."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    return "".join(
        letter for letter in plain if letter == "\n" or unicodedata.category(letter) not in ("Cf", "Cc", "Co")
    )


def words_of(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(spaced(clean(text)))]


def spaced(text: str) -> str:
    """With a blank between Chinese characters."""
    return _IDEOGRAM.sub(" ", text)


def stem(word: str) -> str:
    return str(_snowball(FORMS.get(word, word)))


def stems_of(text: str) -> set[str]:
    return {stem(word.removesuffix("'s")) for word in words_of(text)}


def content_of(text: str) -> set[str]:
    """Stems of the words that say something. Number words are compared as numbers."""
    return {stem(word.removesuffix("'s")) for word in words_of(text) if says(word)}


def says(word: str) -> bool:
    """Whether it is a word that says something, and no number."""
    return STOP.isdisjoint([word, word.partition("'")[0], stem(word)]) and word not in NUMBERS


def share_of(own: Set[str], known: Set[str]) -> float:
    return sum(near(word, known) for word in own) / len(own) if own else 0.0


def near(word: str, known: Set[str]) -> bool:
    """The same word, or another form of it: "store" and "storing", in whatever language."""
    if word in known:
        return True
    return len(word) >= 5 and any(_one_family(word, other) for other in known)


def _one_family(one: str, other: str) -> bool:
    least = max(5, min(len(one), len(other)) - 1)
    return len(other) >= 5 and abs(len(one) - len(other)) <= 3 and one[:least] == other[:least]


def numbers_of(text: str) -> set[tuple[float, str]]:
    """Each number with the unit that follows it ("" where none does), and once more without."""
    tokens = TOKEN.findall(text.lower())
    found: set[tuple[float, str]] = set()
    for at, token in enumerate(tokens):
        number = value_of(token)
        if number is None:
            continue
        unit = unit_at(tokens, at)
        if token in NUMBERS and number <= 2 and not unit:
            continue  # "one of them", "both"
        found |= {(number, unit), (number, "")}
    return found


def unit_at(tokens: Sequence[str], at: int) -> str:
    """Of the number at ``at``: the sign before it, or what follows. Of "4", in "4 to 6 working days": days."""
    if at and tokens[at - 1] in "€$£":
        return UNITS[tokens[at - 1]]
    for word in tokens[at + 1 : at + 6]:
        if word in UNITS:
            return UNITS[word]
        if value_of(word) is None and word not in BETWEEN:
            return ""
    return ""


def value_of(token: str) -> float | None:
    if token in NUMBERS:
        return float(NUMBERS[token])
    if not token[0].isdigit():
        return None
    if ":" in token:
        hours, _, rest = token.partition(":")
        return float(hours) + (float(rest) / 100 if rest.isdigit() else 0.001)  # a time of day: 8:00 is 8
    whole, _, part = token.replace(",", ".").rpartition(".")
    if whole and len(part) == 3:  # 1,000
        return float(token.replace(",", "").replace(".", ""))
    return float(f"{whole.replace('.', '')}.{part}" if whole else part)
