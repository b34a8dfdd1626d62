"""What people say around their question: asking for a person, accepting, turning down, greeting, thanking.

Rules over words (``lexicon/phrases.txt``) instead of a model: they are read in a minute, cost microseconds, and a
hand-over must not depend on luck.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Literal, get_args

from dialogue.text import LEXICON, deletions, lines_of

SmallTalk = Literal["greeting", "ok", "thanks", "bye", "how_are_you", "who_are_you"]

MACHINE = {"bot", "bots", "robot", "robots", "machine", "computer", "ai", "chatbot"}
NOT = {"not", "dont", "no", "stop", "without", "instead", "tired", "hate", "enough"}
ALIVE = {"real", "live", "actual", "human"}
TELEPHONE = {"number", "phone", "hotline", "hours"}
WITHIN = 6  # words between "talk" and "person"
CHARACTERS = 80  # longer is no small talk; and "thank you" can be read in two ways, so that time doubles with each
LOOKED_AT = 1_000  # characters of a message that is no small talk
_THANKS = re.compile(r"((thanks|thank|you) ?)+")  # alone it is politeness, after an offer too
SHORT = 4  # words: "human please", "agent now"


def plain(text: str) -> str:
    """Lower case, no punctuation: ``"No, that's not it!"`` → ``"no thats not it"``."""
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("'", "").replace("’", "")))


class Phrases:
    """Reads ``phrases.txt`` once. All methods take a customer's message as it was written."""

    def __init__(self, lexicon: Path = LEXICON) -> None:
        sections = _sections(lexicon / "phrases.txt")
        self._accept, self._decline = _whole(sections["accept"]), _whole(sections["decline"])
        self._dissatisfied = _anywhere(sections["dissatisfied"])
        self._small_talk = {kind: _whole(sections[kind]) for kind in get_args(SmallTalk)}
        self._danger, self._health = _anywhere(sections["danger"]), _anywhere(sections["health"])
        self._foreign = [frozenset(line.split()) for line in sections["foreign"]]
        self._talk = _with_typos(sections["talk"])
        self._want = frozenset(" ".join(sections["want"]).split())
        self._person = _with_typos(sections["person"])
        self._somebody = _with_typos(sections["somebody"])
        self._team = {tuple(line.split()) for line in sections["team"]}
        self._not_a_person = {tuple(line.split()) for line in sections["not_a_person"]}

    def asks_for_person(self, text: str) -> bool:
        """``"let me talk to someone"``, ``"human please"``, ``"customer service number"``, ``"no more bots"``."""
        words = plain(text).split()
        if MACHINE & set(words) and NOT & set(words) and any(w in self._talk or w in self._person for w in words):
            return True
        return any(self._asked_at(words, at) for at in range(len(words)))

    def accepts(self, text: str) -> bool:
        """``"yes please"``: the whole message, so that "yes, but where is my order?" stays a question."""
        return _says(self._accept, text) and not _says(_THANKS, text)

    def declines(self, text: str) -> bool:
        return _says(self._decline, text)

    def is_dissatisfied(self, text: str) -> bool:
        """``"no, that's not it"``: the last answer did not help."""
        return len(text) <= CHARACTERS and bool(self._dissatisfied.search(plain(text)))

    def in_danger(self, text: str) -> bool:
        """``"I want to kill myself"``."""
        return bool(self._danger.search(plain(text[:LOOKED_AT])))

    def about_health(self, text: str) -> bool:
        """``"I am allergic to milk, what can I drink?"``."""
        return bool(self._health.search(plain(text[:LOOKED_AT])))

    def is_foreign(self, text: str) -> bool:
        """Whether the message is in a language that we do not understand: by its script, or by the small words that
        every sentence needs. A foreign name in an English sentence is English.
        """
        letters = [letter for letter in text if letter.isalpha()]
        if letters and sum(not _is_latin(letter) for letter in letters) > len(letters) / 2:
            return True
        words = plain(text[:LOOKED_AT]).split()
        english, *others = (sum(word in known for word in words) for known in self._foreign)
        return max(others) > english and max(others) >= min(2, len(words))

    def small_talk(self, text: str) -> SmallTalk | None:
        """What kind of small talk the whole message is, or None."""
        return next((kind for kind, pattern in self._small_talk.items() if _says(pattern, text)), None)

    def _asked_at(self, words: list[str], at: int) -> bool:
        """Whether the word at ``at`` is a person who is asked for."""
        before = words[max(0, at - WITHIN) : at]
        team = tuple(words[at : at + 2]) in self._team
        person = words[at] in self._person and tuple(words[max(0, at - 1) : at + 1]) not in self._not_a_person
        if team or person or words[at] in self._somebody:
            if any(word in self._talk for word in before):
                return True
            if team:
                return bool(TELEPHONE & set(words))
        return person and self._wanted(words, before)

    def _wanted(self, words: list[str], before: list[str]) -> bool:
        is_there = {"is", "are", "any"} & set(before) and ALIVE & set(words)
        return len(words) <= SHORT or bool(is_there) or any(word in self._want for word in before)


def _says(pattern: re.Pattern[str], text: str) -> bool:
    return len(text) <= CHARACTERS and bool(pattern.fullmatch(plain(text)))


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN", "MATHEMATICAL"))


def _anywhere(phrases: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{phrase})" for phrase in phrases))


def _sections(path: Path) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = defaultdict(list)
    name = ""
    for line in lines_of(path):
        if line.startswith("["):
            name = line.strip("[]")
        else:
            sections[name].append(line)
    return sections


def _whole(phrases: list[str]) -> re.Pattern[str]:
    """Matches a message that is nothing but these phrases, in any order."""
    return re.compile(rf"(?:(?:{'|'.join(phrases)})(?: |$))+")


def _with_typos(lines: list[str]) -> frozenset[str]:
    """The words, and the longer ones with one letter left out or two neighbours swapped."""
    words = set(" ".join(lines).split())
    longer = [word for word in words if len(word) > 4]
    left_out = {typed for word in longer for typed in deletions(word) if typed != "each"}
    swapped = {w[:n] + w[n + 1] + w[n] + w[n + 2 :] for w in longer for n in range(len(w) - 1)}
    return frozenset(words | left_out | swapped)
