"""Whether a chat model's words stand on what they cite. Pure functions; nothing here asks anybody.

A model obeys whatever it reads and invents what it does not know, so its words are a draft. They reach the customer
when each number with its unit, each date, link and name stands in a cited passage (or is a product in the photo), each
sentence shares enough of its words with one of theirs, says no when it says no, and claims nothing that was done,
will be done or is so with this customer. Else the built-in answer is given, which was ready before the model was asked.
The check compares words, so it knows no other language: an answer in another language than what it cites does not pass.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import snowballstemmer

from dialogue.claims import (
    ACTORS,
    ASKING,
    ASKS,
    COURTESY,
    DAYS,
    FIRST,
    NEGATION,
    NUMBERS,
    SECRETS,
    STOP,
    UNITS,
    WANTS,
    YOURS,
)
from dialogue.turn import Fact, Reply

log = logging.getLogger(__name__)

ENOUGH = 0.6  # of a sentence's own words stand in the cited passages
STRICT = 0.8  # … and in one sentence of them, where it speaks of us, or of what is the customer's
SHORT = 3  # words of a sentence: each must stand there, or the strange one is all that it says
FEW = 4  # words of a question that stand in passages; more of them state something
LONGEST, LONGEST_QUESTION = 1200, 300  # characters
LABELS = {"product", "category", "kind", "colour", "department"}  # facts of our own label sets: nobody wrote them
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_TOKEN = re.compile(rf"{_NUMBER.pattern}|{_WORD.pattern}|[€$£%°]")
_LINK = re.compile(
    r"\b(?:https?|tg|ftp|mailto|tel):|\bwww\.|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b(?:/\S*)?", re.IGNORECASE
)
_HANDLE = re.compile(r"[\w.+-]*@[\w.-]+")
_CITED = re.compile(r"\s?\[\d{1,3}\]")
_SOURCES = re.compile(r"\n\n(?:\[\d{1,3}\] [^\n]*(?:\n|$))+\Z")
_NAME = re.compile(r"(?<=[^\W\d_.!?:] |, |; )[A-ZÀ-ÖØ-Þ](?!-?\d)[\w’'-]+")
_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")
_PARTS = re.compile(r"[,;:–]|\b(?:and|but|or|und|aber|et|mais|y|pero)\b")
_CLAUSES = re.compile(
    r"[.;:,!?\n]+|\b(?:so that|because|unless|if|when|where|which|while|although|weil|wenn|car|si|porque)\b"
)
_stem = snowballstemmer.stemmer("english").stemWord


@dataclass(frozen=True)
class Evidence:
    """What an answer may stand on."""

    cited: str  # the cited passages with their titles
    known: str = ""  # labels of the photo, answers of tools

    @property
    def all(self) -> str:
        return f"{self.cited}\n{self.known}"


def gate(
    reply: Reply,
    built_in: Reply,
    *,
    facts: Sequence[Fact] = (),
    shown: Sequence[str] = (),
    tools: Sequence[str] = (),
    care: str = "",
) -> Reply:
    """``reply``, made of a model's words, or ``built_in`` where they do not hold.

    ``shown``: the passages that the model had, which a question of its may speak of; ``tools``: what tools answered;
    ``care``: the warning that stays where the built-in answer gives it.
    """
    if reply is built_in or reply.action not in ("answer", "clarify"):
        return reply  # the words are our own
    cited = "\n".join(f"{one.title}.\n{one.passage}" for one in reply.citations) or "\n".join(shown)
    known = "\n".join([*(fact.value for fact in facts if fact.slot in LABELS), *tools])
    why = problem(_SOURCES.sub("", reply.text), Evidence(cited, known), asking=reply.action == "clarify")
    if why:
        log.warning("chat model: its words are replaced by the built-in ones: %s", why)
        return built_in
    if care and care in built_in.text and care not in reply.text:
        sources = _SOURCES.search(reply.text)
        at = sources.start() if sources else len(reply.text)
        return replace(reply, text=f"{reply.text[:at]}\n\n{care}{reply.text[at:]}")
    return reply


def problem(text: str, evidence: Evidence, *, asking: bool = False) -> str:
    """Why ``text`` may not be sent, "" when it may. ``asking``: it is a question to the customer. Says nothing of what
    the text says: it goes to the log.
    """
    if any(unicodedata.category(letter) in ("Cf", "Cc", "Co") and letter not in "\n\u200d" for letter in text):
        return "hidden characters"
    said = clean(_CITED.sub("", text)).strip()
    if len(said) > (LONGEST_QUESTION if asking else LONGEST) or not (said if asking else _content(said)):
        return "length, or no words"
    if not _literals(said) <= _literals(clean(evidence.all)):
        return "a link, an address or a name of somebody that stands in no passage"
    if not _numbers(said) <= _numbers(clean(evidence.all)):
        return "a number, a price or a time that stands in no passage"
    if any(word in DAYS for word in _words(said) if word not in _words(evidence.all)):
        return "a day that stands in no passage"
    return _asked(said, evidence) if asking else _stated(said, evidence)


def clean(text: str) -> str:
    """One way to write each letter, without those that cannot be seen: full-width brackets are brackets."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    return "".join(
        letter for letter in plain if letter == "\n" or unicodedata.category(letter) not in ("Cf", "Cc", "Co")
    )


# -- an answer ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Line:
    """One sentence of the passages."""

    words: set[str]  # with the title's
    own: set[str]
    numbers: set[tuple[float, str]]


@dataclass(frozen=True)
class _Clause:
    words: set[str]
    negated: bool
    sentence_negated: bool


def _lines(evidence: Evidence) -> list[_Line]:
    """A sentence about the article's subject seldom names it again: the title belongs to each, labels likewise."""
    title = _stems(evidence.cited.split("\n", 1)[0]) | _stems(evidence.known)
    sentences = _sentences(evidence.all)
    return [_Line(_stems(one) | title, _stems(one), _numbers(one)) for one in sentences if _WORD.search(one)]


def _stated(said: str, evidence: Evidence) -> str:
    lines, cited = _lines(evidence), clean(evidence.cited).lower()
    clauses = [
        _Clause(_stems(one), _negated(one), _negated(whole))
        for whole in _sentences(evidence.cited)
        for one in _CLAUSES.split(whole)
    ]
    for sentence in _sentences(said):
        if not _stands(sentence, lines) and not all(_stands(part, lines) for part in _PARTS.split(sentence)):
            return "words that stand in no passage"
        if why := _strange_names(sentence, evidence.all):
            return why
        if _content(sentence) <= COURTESY:
            continue
        if WANTS.search(sentence.lower()) and any(word.removesuffix("'s") in SECRETS for word in _words(sentence)):
            return "it asks for what no shop asks for in a chat"
        if (found := _speaks_of(sentence)) and not _quotes(_content(sentence), found, lines, cited):
            return "something that nobody did, will do or knows"
        if any(_turned(clause, clauses) for clause in _CLAUSES.split(sentence)):
            return "the opposite of a passage"
    return ""


def _stands(part: str, lines: Sequence[_Line]) -> bool:
    """Whether enough of its words stand in one sentence of the passages, and its numbers in that or one as near."""
    own, numbers = _content(part), _numbers(part)
    if not own:
        return not numbers or any(numbers <= line.numbers for line in lines)
    if own <= COURTESY:
        return not numbers
    secret = {_stem(bare) for word in _words(part) if (bare := word.removesuffix("'s")) in SECRETS}
    shares = [_share(own, line.words) if secret <= line.own else 0.0 for line in lines]
    best = max(shares, default=0.0)
    near = set().union(*(line.numbers for line, share in zip(lines, shares, strict=True) if share == best))
    return best >= (ENOUGH if len(own) > SHORT else 1.0) and numbers <= near


def _strange_names(sentence: str, known: str) -> str:
    """A capital inside a sentence is a name, where not every noun has one."""
    capitals = _NAME.findall(sentence)
    strange = [name for name in capitals if not _near(_stem(name.lower().removesuffix("'s")), _stems(known))]
    strange = [name for name in strange if name.lower() not in STOP and not name.startswith("I'")]
    return "a name that stands in no passage" if strange else ""


def _speaks_of(sentence: str) -> list[str]:
    """Phrases by which it says what we did or will do, that somebody will, or what is so with the customer's things."""
    low = sentence.lower()
    return [found[0] for pattern in (FIRST, ACTORS, YOURS) for found in pattern.finditer(low)]


def _quotes(own: set[str], phrases: Iterable[str], lines: Sequence[_Line], cited: str) -> bool:
    """Whether it says no more than one sentence of the passages, with their own phrase for who does it."""
    return max((_share(own, line.words) for line in lines), default=0.0) >= STRICT and all(
        " ".join(phrase.split()) in cited for phrase in phrases
    )


def _turned(clause: str, clauses: Sequence[_Clause]) -> bool:
    """Whether it says yes where the part of the passages that is most like it says no, or no where not even the whole
    sentence does."""
    own = _content(clause)
    shares = [_share(own, one.words) for one in clauses]
    best = max(shares, default=0.0)
    alike = [one for one, share in zip(clauses, shares, strict=True) if share == best]
    if len(own) < 2 or best < ENOUGH:
        return False
    return not any(one.sentence_negated for one in alike) if _negated(clause) else all(one.negated for one in alike)


def _negated(text: str) -> bool:
    return any(word in NEGATION or word.endswith("n't") for word in _words(text))


# -- a question ---------------------------------------------------------------------------------------------------
def _asked(said: str, evidence: Evidence) -> str:
    """A statement with "ok?" behind it is a statement."""
    if not said.endswith(("?", "？", "؟")) or len(_sentences(said)) > 2:
        return "no question"
    if any(word.removesuffix("'s") in SECRETS for word in _words(said)):
        return "it asks for what no shop asks for in a chat"
    own = _content(said) - ASKING
    known = _stems(evidence.all)
    if ASKS.match(said.lower()) and len(own) <= FEW and _share(own, known) >= ENOUGH * bool(own):
        return _strange_names(said, evidence.all)
    return _stated(said, evidence)


# -- words --------------------------------------------------------------------------------------------------------
def _sentences(text: str) -> list[str]:
    return [one for one in _ENDS.split(clean(text)) if one.strip()]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(clean(text))]


def _stems(text: str) -> set[str]:
    return {_stem(word.removesuffix("'s")) for word in _words(text)}


def _content(text: str) -> set[str]:
    """Stems of the words that say something. Number words are compared as numbers."""
    words = (word for word in _words(text) if word.partition("'")[0] not in STOP and word not in STOP | NUMBERS.keys())
    return {_stem(word.removesuffix("'s")) for word in words}


def _share(own: set[str], known: set[str]) -> float:
    return sum(_near(word, known) for word in own) / len(own) if own else 0.0


def _near(word: str, known: set[str]) -> bool:
    """The same word, or another form of it: "store" and "storing", in whatever language."""
    if word in known:
        return True
    return len(word) >= 5 and any(_one_family(word, other) for other in known)


def _one_family(one: str, other: str) -> bool:
    least = max(5, min(len(one), len(other)) - 1)
    return len(other) >= 5 and abs(len(one) - len(other)) <= 3 and one[:least] == other[:least]


def _literals(text: str) -> set[str]:
    found = [*_LINK.findall(text), *_HANDLE.findall(text)]
    links = [match[0] for match in _LINK.finditer(text)]
    return {one.lower().rstrip("/.") for one in (*links, *found) if not re.fullmatch(r"[\d.]+", one)}


def _numbers(text: str) -> set[tuple[float, str]]:
    """Each number with the unit that follows it ("" where none does), and once more without."""
    tokens = _TOKEN.findall(text.lower())
    found: set[tuple[float, str]] = set()
    for at, token in enumerate(tokens):
        number = _value(token)
        if number is None:
            continue
        before = UNITS.get(tokens[at - 1], "") if at and tokens[at - 1] in "€$£" else ""
        unit = before or _unit(tokens[at + 1 : at + 6])
        if token in NUMBERS and number <= 2 and not unit:
            continue  # "one of them", "both"
        found |= {(number, unit), (number, "")}
    return found


def _unit(following: Sequence[str]) -> str:
    """Of "4", in "4 to 6 working days": days."""
    for word in following:
        if word in UNITS:
            return UNITS[word]
        if _value(word) is None and word not in {
            "to",
            "or",
            "and",
            "bis",
            "oder",
            "à",
            "ou",
            "a",
            "o",
            "working",
            "full",
        }:
            return ""
    return ""


def _value(token: str) -> float | None:
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
