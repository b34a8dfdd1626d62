"""Whether a chat model's words stand on what they cite. Pure functions; nothing here asks anybody.

A model obeys whatever it reads and invents what it does not know, so its words are a draft. They reach the customer
when each number with its unit, each date, link and name stands in a cited passage (or is a product in the photo), each
sentence keeps to one of theirs (dialogue/anchor.py), and claims nothing that was done, will be done or is so with this
customer. Else the built-in answer is given, which was ready before the model was asked.
The check compares words, so it knows no other language: an answer in another language than what it cites does not pass.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dialogue.anchor import anchored
from dialogue.claims import (
    ACTORS,
    ASKING,
    ASKS,
    COURTESY,
    DAYS,
    FIRST,
    SECRETS,
    STOP,
    WANTS,
    YOURS,
)
from dialogue.tokens import clean, content_of, near, numbers_of, sentences_of, share_of, stem, stems_of, words_of
from dialogue.turn import Fact, Reply

log = logging.getLogger(__name__)

ENOUGH = 0.6  # of a question's words stand in the passages
STRICT = 0.8  # of a sentence's words in one of theirs, where it speaks of us, or of what is the customer's
TOO_MUCH = "it asks for what no shop asks for in a chat"
FEW = 4  # words of a question that stand in passages; more of them state something
LONGEST, LONGEST_QUESTION = 1200, 300  # characters
LABELS = {"product", "category", "kind", "colour", "department"}  # facts of our own label sets: nobody wrote them
_LINK = re.compile(
    r"\b(?:https?|tg|ftp|mailto|tel):|\bwww\.|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b(?:/\S*)?", re.IGNORECASE
)
_HANDLE = re.compile(r"[\w.+-]*@[\w.-]+")
_CITED = re.compile(r"\s?\[\d{1,3}\]")
_SOURCES = re.compile(r"\n\n(?:\[\d{1,3}\] [^\n]*(?:\n|$))+\Z")
_NAME = re.compile(r"(?<=[^\W\d_.!?:] |, |; )[A-ZÀ-ÖØ-Þ](?!-?\d)[\w’'-]+")


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
    if len(said) > (LONGEST_QUESTION if asking else LONGEST) or not (said if asking else content_of(said)):
        return "length, or no words"
    if not _literals(said) <= _literals(clean(evidence.all)):
        return "a link, an address or a name of somebody that stands in no passage"
    if not numbers_of(said) <= numbers_of(clean(evidence.all)):
        return "a number, a price or a time that stands in no passage"
    if any(word in DAYS for word in words_of(said) if word not in words_of(evidence.all)):
        return "a day that stands in no passage"
    return _asked(said, evidence) if asking else _stated(said, evidence)


def _literals(text: str) -> set[str]:
    found = [*_LINK.findall(text), *_HANDLE.findall(text)]
    links = [match[0] for match in _LINK.finditer(text)]
    return {one.lower().rstrip("/.") for one in (*links, *found) if not re.fullmatch(r"[\d.]+", one)}


# -- an answer ----------------------------------------------------------------------------------------------------
def _stated(said: str, evidence: Evidence) -> str:
    anchors, cited = sentences_of(evidence.all), clean(evidence.cited).lower()
    # A sentence about the article's subject seldom names it again: the title belongs to each, labels likewise.
    title = stems_of(evidence.cited.split("\n", 1)[0]) | stems_of(evidence.known)
    lines, known = [stems_of(one) | title for one in anchors], title - set(map(stem, SECRETS))
    for sentence in sentences_of(said):
        own = content_of(sentence)
        if own <= COURTESY and not numbers_of(sentence):
            continue
        if why := _strange_names(sentence, evidence.all) or _asks_too_much(sentence):
            return why
        if (found := _speaks_of(sentence)) and not _quotes(own, found, lines, cited):
            return "something that nobody did, will do or knows"
        if not anchored(sentence, anchors, known):
            return "there is no sentence of a passage that it keeps to"
    return ""


def _strange_names(sentence: str, known: str) -> str:
    """A capital inside a sentence is a name, where not every noun has one."""
    capitals = _NAME.findall(sentence)
    strange = [name for name in capitals if not near(stem(name.lower().removesuffix("'s")), stems_of(known))]
    strange = [name for name in strange if name.lower() not in STOP and not name.startswith("I'")]
    return "a name that stands in no passage" if strange else ""


def _asks_too_much(sentence: str) -> str:
    return TOO_MUCH if WANTS.search(sentence.lower()) and _names_secrets(sentence) else ""


def _names_secrets(text: str) -> bool:
    return any(word.removesuffix("'s") in SECRETS for word in words_of(text))


def _speaks_of(sentence: str) -> list[str]:
    """Phrases by which it says what we did or will do, that somebody will, or what is so with the customer's things."""
    low = sentence.lower()
    return [found[0] for pattern in (FIRST, ACTORS, YOURS) for found in pattern.finditer(low)]


def _quotes(own: set[str], phrases: Iterable[str], lines: Sequence[set[str]], cited: str) -> bool:
    """Whether it says no more than one sentence of the passages, with their own phrase for who does it."""
    return max((share_of(own, line) for line in lines), default=0.0) >= STRICT and all(
        " ".join(phrase.split()) in cited for phrase in phrases
    )


# -- a question ---------------------------------------------------------------------------------------------------
def _asked(said: str, evidence: Evidence) -> str:
    """A statement with "ok?" behind it is a statement."""
    if not said.endswith(("?", "？", "؟")) or len(sentences_of(said)) > 2:
        return "no question"
    if _names_secrets(said):
        return TOO_MUCH
    own = content_of(said) - ASKING
    known = stems_of(evidence.all)
    if ASKS.match(said.lower()) and len(own) <= FEW and share_of(own, known) >= ENOUGH * bool(own):
        return _strange_names(said, evidence.all)
    return _stated(said, evidence)
