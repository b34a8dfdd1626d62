"""From what people type to terms that can be looked up: words, stems, synonyms, typing errors."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import snowballstemmer

LEXICON = Path(__file__).parent / "lexicon"
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
PROPER = re.compile(r"(?<=[a-z,.] )[A-Z][a-z]+")
WEAK = 0.25  # what "check" or "item" counts beside "invoice"
SHORT = 5  # letters
_INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")  # written without blanks: looked up by pairs of signs
SYNONYM = 0.8
TYPO = 0.75


@dataclass(frozen=True, slots=True)
class Term:
    """One word (or fixed phrase) of a text. ``weight`` is 0..1: how much it says about the topic."""

    stem: str  # of a phrase: its stems joined by "_"
    weight: float
    word: str  # as it was written: typing errors are searched by it


class Words:
    """English words: reads ``stopwords.txt`` and ``synonyms.txt`` from ``lexicon`` once."""

    def __init__(self, lexicon: Path = LEXICON) -> None:
        self._stem_word = lru_cache(50_000)(snowballstemmer.stemmer("english").stemWord)
        self._stop, self._weak = self._read_stopwords(lexicon / "stopwords.txt")
        self._phrases: set[tuple[str, ...]] = set()
        self.synonyms = self._read_synonyms(lexicon / "synonyms.txt")

    def stem(self, word: str) -> str:
        stem: str = self._stem_word(word)
        return stem

    def raw(self, text: str) -> list[str]:
        """Lower-case words without apostrophes: ``"Don't know"`` → ``["dont", "know"]``."""
        folded = tidy(text).lower().replace("’", "'").replace("'s ", " is ")
        spaced = _DENSE.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", folded)
        return [word.replace("'", "") for word in WORD.findall(spaced)]

    def name(self, text: str) -> tuple[str, ...]:
        """A name to compare by: ``"Red & White Beets"`` and ``"red and white beet"`` are one."""
        return tuple(self.stem(word) for word in self.raw(text.replace("&", " and ")))

    def with_item(self, text: str, names: Collection[str]) -> str:
        """``text`` with "item" in the place of each word whose stem is in ``names``."""
        return WORD.sub(lambda found: "item" if self.stem(found[0].lower()) in names else found[0], text)

    def terms(self, text: str) -> list[Term]:
        """The topic of ``text`` in order, phrases joined. Numbers carry none: an order's number matches nothing."""
        words = [word for word in self.raw(text) if not any(letter.isdigit() for letter in word)]
        return [self._term(found) for found in self._join_phrases(words) if found not in self._stop]

    def proper(self, text: str) -> frozenset[str]:
        """Words written with a capital inside a sentence: names of people and places, which no article has."""
        return frozenset(word.lower() for word in PROPER.findall(text))

    def parts(self, term: Term) -> list[Term]:
        """The words of a phrase, or the term itself."""
        if "_" not in term.stem:
            return [term]
        return [self._term(word) for word in term.word.split() if word not in self._stop]

    @property
    def stop(self) -> frozenset[str]:
        """Words without a topic."""
        return self._stop

    def in_lexicon(self, word: str) -> bool:
        return word in self._stop or self.stem(word) in self.synonyms

    def _term(self, found: str) -> Term:
        stem = "_".join(map(self.stem, found.split()))
        return Term(stem, WEAK if stem in self._weak else 1.0, found)

    def _join_phrases(self, words: list[str]) -> list[str]:
        """``"i want my money back"`` → ``["i", "want", "money back"]``; "a" or "my" inside a phrase does not matter."""
        words = [word for word in words if word not in {"a", "an", "the", "my", "your", "some"}]
        stems = [self.stem(word) for word in words]
        joined: list[str] = []
        at = 0
        while at < len(words):
            length = next((n for n in (3, 2) if tuple(stems[at : at + n]) in self._phrases), 1)
            joined.append(" ".join(words[at : at + length]))
            at += length
        return joined

    def _read_stopwords(self, path: Path) -> tuple[frozenset[str], frozenset[str]]:
        dropped, _, weak = "\n".join(lines_of(path)).partition("[weak]")
        return frozenset(self.raw(dropped)), frozenset(self.stem(word) for word in self.raw(weak))

    def _read_synonyms(self, path: Path) -> Mapping[str, frozenset[str]]:
        groups: dict[str, set[str]] = defaultdict(set)
        self.vocabulary = frozenset(self.raw("\n".join(lines_of(path)))) - self._stop
        for line in lines_of(path):
            group = [self.name(entry) for entry in line.split(",") if entry.strip()]
            self._phrases.update(entry for entry in group if len(entry) > 1)
            stems = {"_".join(entry) for entry in group}
            for stem in stems:
                groups[stem] |= stems
        return {stem: frozenset(others - {stem}) for stem, others in groups.items()}


def tidy(text: str) -> str:
    """One form of each letter, and none that cannot be seen: "𝐖𝐡𝐞𝐫𝐞", "re\u200bfund" and "cre\u0300me" are words."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def lines_of(path: Path) -> list[str]:
    """A lexicon file without its comments and empty lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def deletions(word: str) -> set[str]:
    """The word and every way to leave one letter out: two words that share one are about one typing error apart."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def one_slip(typed: str, meant: str) -> bool:
    """Whether ``typed`` may be a typing error of ``meant``, given that they are one letter or one swap apart.

    Wrong first letters and, in short words, wrong letters are mostly other words: border/order, live/lime.
    """
    swapped = sorted(typed) == sorted(meant)
    return swapped or (typed[0] == meant[0] and (len(typed) != len(meant) or len(typed) > SHORT))
