"""What people say around their question: asking for a person, accepting, turning down, greeting, thanking.

Words first (``lexicon/phrases.txt`` for English, ``answers.yaml`` for eleven languages): a hand-over must not depend on
luck. Beside them examples (``lexicon/examples.yaml``), which a sentence encoder compares a message with.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Literal, Protocol, cast, get_args

import yaml

from dialogue.text import LEXICON, deletions, lines_of, tidy

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
COUNTED = {"one", "two", "three"}  # "the second one" is not the first
NEGATES = {"not", "dont", "no", "never", "without", "wont"}
NEGATED_WITHIN = 4  # words between "not" and "talk"
_CLAUSE = re.compile(r"[.,;:!?\n，。；！？、،؛؟]+| but ", re.IGNORECASE)
# How alike a message is to examples, from what on it is one of them. Measured on development halves (docs/figures.md).
PERSON, POLITE, AHEAD = 0.48, 0.62, 0.02
_GET_ME = re.compile(
    r"\bget me (?:someone|somebody|anyone|(?:a |the |your )?(?:real |human )?(?:person|human|boss|manager|guy))\b"
)
CONTRADICTED = 0.08  # so much nearer to "I do not want a person" it is not, whatever its words are
POLITE_WORDS = 8  # a longer message is no mere thanks


class Nearness(Protocol):
    """dialogue.meaning.Examples: how alike a message is to the nearest example of each kind."""

    def alike(self, message: str, language: str, nearest: int = 1) -> dict[str, float]: ...


def plain(text: str) -> str:
    """Lower case, no punctuation: ``"No, that's not it!"`` → ``"no thats not it"``. A 👍 alone stays."""
    folded = tidy(text).lower().replace("'", "").replace("’", "").strip()
    return " ".join(re.findall(r"[^\W_]+", folded)) or folded


class Phrases:
    """Reads ``phrases.txt`` once. All methods take a customer's message as it was written."""

    def __init__(self, lexicon: Path = LEXICON) -> None:
        sections = _sections(lexicon / "phrases.txt")
        self._accept, self._decline = _whole(sections["accept"]), _whole(sections["decline"])
        self._dissatisfied = _anywhere(sections["dissatisfied"])
        self._small_talk = {kind: _whole(sections[kind]) for kind in get_args(SmallTalk)}
        self._doubt = _whole(sections["doubt"])
        self._danger, self._health = _anywhere(sections["danger"]), _anywhere(sections["health"])
        answers: dict[str, list[Any]] = yaml.safe_load((lexicon / "answers.yaml").read_text(encoding="utf-8"))
        self._answers = {kind: frozenset(plain(str(one)) for one in some) for kind, some in answers.items()}
        self._anywhere = {kind: [str(one).lower() for one in answers[kind]] for kind in ("danger", "health", "not")}
        self._persons = [str(one).lower().split("|") for one in answers["person"]]
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
        clauses = [plain(clause).split() for clause in _CLAUSE.split(text.lower())]
        if _GET_ME.search(plain(text)):
            return True
        if any(self._asked_at(clause, at) for clause in clauses for at in range(len(clause))):
            return True
        # "Not" beside it, "my parcel has not come, I want …", is about something else.
        folded = tidy(text).lower()
        return any(self._names_a_person(part) for part in (folded, *_CLAUSE.split(folded)))

    def _names_a_person(self, folded: str) -> bool:
        return any(all(word in folded for word in some) for some in self._persons) and not self._negated(folded)

    def turns_person_down(self, text: str) -> bool:
        """``"I do NOT want to talk to a person"``: said of a person, and negated."""
        clauses = [plain(clause).split() for clause in _CLAUSE.split(text.lower())]
        return any(self._not_asked_at(clause, at) for clause in clauses for at in range(len(clause)))

    def without_person(self, text: str) -> str:
        """What is left of "please don't transfer me to an agent. How do I return a pan?" without the first half."""
        clauses = [clause for clause in _CLAUSE.split(text) if clause.strip()]
        return ". ".join(clause.strip() for clause in clauses if not self.turns_person_down(clause))

    def accepts(self, text: str) -> bool:
        """``"yes please"``: the whole message, so that "yes, but where is my order?" stays a question."""
        if plain(text) in self._answers["accept"]:
            return True
        return _says(self._accept, text) and not _says(_THANKS, text)

    def place(self, text: str) -> int | None:
        """Which of some things is meant: ``"the first one"`` → 0, ``"2"`` → 1, ``"the last"`` → -1."""
        words = plain(text)
        if len(words.split()) > SHORT:
            return None
        for kind, at in (("first", 0), ("second", 1), ("third", 2), ("last", -1)):
            said = {words, *(word for word in words.split() if word not in COUNTED)}
            if said & self._answers[kind]:
                return at
        return None

    def neither(self, text: str) -> bool:
        return plain(text) in self._answers["neither"]

    def declines(self, text: str) -> bool:
        return plain(text) in self._answers["decline"] or _says(self._decline, text)

    def is_dissatisfied(self, text: str) -> bool:
        """``"no, that's not it"``: the last answer did not help."""
        return len(text) <= CHARACTERS and bool(self._dissatisfied.search(plain(text)))

    def doubts(self, text: str) -> bool:
        """``"are you sure?"``: the whole message, which asks nothing else."""
        return plain(text) in self._answers["doubt"] or _says(self._doubt, text)

    def in_danger(self, text: str) -> bool:
        """``"I want to kill myself"``."""
        return bool(self._danger.search(plain(text[:LOOKED_AT]))) or self._says_anywhere("danger", text)

    def about_health(self, text: str) -> bool:
        """``"I am allergic to milk, what can I drink?"``."""
        return bool(self._health.search(plain(text[:LOOKED_AT]))) or self._says_anywhere("health", text)

    def small_talk(self, text: str) -> SmallTalk | None:
        """What kind of small talk the whole message is, or None."""
        return next((kind for kind, pattern in self._small_talk.items() if _says(pattern, text)), None)

    def _says_anywhere(self, kind: str, text: str) -> bool:
        folded = tidy(text[:LOOKED_AT]).lower()
        return any(phrase in folded for phrase in self._anywhere[kind])

    def _negated(self, folded: str) -> bool:
        return any(word in folded for word in self._anywhere["not"])

    def _asked_at(self, words: list[str], at: int) -> bool:
        """Whether the word at ``at`` is a person who is asked for."""
        return self._named_at(words, at) and not self._not_asked_at(words, at)

    def _not_asked_at(self, words: list[str], at: int) -> bool:
        if not self._named_at(words, at):
            return False
        verb = next((n for n in range(at - 1, -1, -1) if words[n] in self._talk or words[n] in self._want), at)
        return bool(NEGATES & set(words[max(0, verb - NEGATED_WITHIN) : at]))

    def _named_at(self, words: list[str], at: int) -> bool:
        before = words[max(0, at - WITHIN) : at]
        team = tuple(words[at : at + 2]) in self._team
        person = words[at] in self._person and tuple(words[max(0, at - 1) : at + 1]) not in self._not_a_person
        if team or person or words[at] in self._somebody:
            if any(word in self._talk for word in before):
                return True
            if team:
                short = len(words) <= SHORT
                return short or bool(TELEPHONE & set(words)) or any(word in self._want for word in before)
        return person and self._wanted(words, before)

    def _wanted(self, words: list[str], before: list[str]) -> bool:
        is_there = {"is", "are", "any"} & set(before) and ALIVE & set(words)
        return len(words) <= SHORT or bool(is_there) or any(word in self._want for word in before)


class Intents:
    """Phrases, and where there is an encoder also examples."""

    def __init__(self, phrases: Phrases | None = None, examples: Nearness | None = None) -> None:
        self.phrases = phrases or Phrases()
        self._examples = examples

    def asks_for_person(self, text: str, language: str, subject: float = 0.0) -> bool:
        """``subject``: how alike the words are to our best article; a wish for a person is more like the examples."""
        if self.phrases.turns_person_down(text):
            return False
        if self.phrases.asks_for_person(text):
            return not self._contradicted(text, language)
        # Of several messages in one go, each may be the wish.
        return any(self._is_like_a_wish(one, language, subject) for one in {text, *text.splitlines()})

    def _is_like_a_wish(self, text: str, language: str, subject: float) -> bool:
        near = self._near(text, language)
        return bool(near) and near["person"] >= max(PERSON, subject) and near["person"] - near["not_person"] > AHEAD

    def _contradicted(self, text: str, language: str) -> bool:
        """Whether the words that ask for a person are much nearer to "I do not want a person". Of the clauses that ask:
        what else is said, "my card is …", is no reason to keep a person from anybody."""
        asking = [clause for clause in _CLAUSE.split(text) if self.phrases.asks_for_person(clause)] or [text]
        near = [self._near(clause, language) for clause in asking]
        return all(one and one["not_person"] - one["person"] >= CONTRADICTED for one in near)

    def small_talk(self, text: str, language: str, subject: float = 0.0) -> SmallTalk | None:
        """What kind of small talk the whole message is, or None. ``subject``: how alike it is to an article."""
        kind = self.phrases.small_talk(text) or self._nearest(text, language, ("greeting", "thanks", "bye"), subject)
        return cast("SmallTalk | None", kind)

    def is_dissatisfied(self, text: str, language: str, subject: float = 0.0) -> bool:
        nearest = self._nearest(text, language, ("greeting", "thanks", "bye", "dissatisfied"), subject)
        return self.phrases.is_dissatisfied(text) or nearest == "dissatisfied"

    def doubts(self, text: str, language: str, subject: float = 0.0) -> bool:
        """Whether the whole message only asks whether what was said is true."""
        return self.phrases.doubts(text) or self._nearest(text, language, ("doubt",), subject) == "doubt"

    def _nearest(self, text: str, language: str, kinds: tuple[str, ...], subject: float) -> str | None:
        near = self._near(text, language)
        if not near or len(text.split()) > POLITE_WORDS or len(text) > CHARACTERS or self.phrases.accepts(text):
            return None
        best = max(near, key=lambda kind: near[kind])
        return best if best in kinds and near[best] >= max(POLITE, subject) else None

    def _near(self, text: str, language: str) -> dict[str, float]:
        if self._examples is None or not text.strip() or len(text) > LOOKED_AT:
            return {}
        return self._examples.alike(text, language)


def _says(pattern: re.Pattern[str], text: str) -> bool:
    return len(text) <= CHARACTERS and bool(pattern.fullmatch(plain(text)))


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
