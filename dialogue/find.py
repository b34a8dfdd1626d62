"""Search by meaning and by words, and how sure it is: calibrated chances that the best article is the right one, and
that the question is any business of ours.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from dialogue.articles import Article, KnowledgeError, Passage, fingerprint, load, sentences
from dialogue.encode import Encoders, Floats
from dialogue.going_on import GoingOn
from dialogue.meaning import Examples, Meaning
from dialogue.search import QUESTION_CHARACTERS, Found, Knowledge
from dialogue.shelf import Shelf
from dialogue.wordbook import Wordbook
from monitoring.plainly import why

log = logging.getLogger(__name__)

LOOK_S = 1.0  # seconds between two looks at the folder
CALIBRATION = Path(__file__).parent / "calibration.json"
EXAMPLES = Path(__file__).parent / "lexicon" / "examples.yaml"
LEXICAL = 0.3  # what the words' score (0..1) weighs beside a cosine
# Cosines from which on a sentence touches a question without sharing a word with it: the whole, or what it asks beside
# the article's name.
ANSWERS, SPEAKS_OF, FOREIGN = 0.7, 0.4, 0.2
CLOSE = 0.05  # of a cosine: what is that much behind the best counts e times less in its share among the first few
NEAREST = 3  # examples of "none of our business" that a question is compared with
HEARD = 0.5  # chance that words which are only alike in sound have at the most: titles are offered, nothing is answered
NOISE_WORDS, LONGEST_WORD = 50, 60  # words and letters
LIMIT = 4  # articles that a search gives
WHOLE = 0.99  # share of a title from which on all of it is said
NAME_WORDS = 2  # of a title that is a thing's name
SIGNALS = {  # what the chances are made of, in this order
    "meaning": ("score", "ahead", "share", "words", "words_ahead", "above_mean", "length", "outside", "outside_ahead"),
    "words": ("score", "ahead", "ahead_of_third", "title", "length"),
}


class CalibrationError(Exception):
    """The file of coefficients is not usable; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A chance from signals: 1 / (1 + exp(-(bias + Σ weight · (signal - mean) / scale)))."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]  # the bias first

    def __call__(self, signals: Sequence[float]) -> float:
        bias, *weights = self.weights
        parts = zip(weights, signals, self.mean, self.scale, strict=True)
        total = bias + sum(weight * (signal - mean) / scale for weight, signal, mean, scale in parts)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What ``python -m dialogue calibrate`` fits, and the thresholds of the decision."""

    right: dict[str, Logistic]  # by kind of search: "both", "wide", "words"
    ours: dict[str, Logistic]
    answer: dict[str, float]  # the best article is quoted from this chance on that it is the right one
    refuse: dict[str, float]  # below this chance it is none of our business

    @classmethod
    def read(cls, path: Path = CALIBRATION) -> Calibration:
        """Raises CalibrationError for a file that is missing or of another shape."""
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            kinds = {kind: {name: _logistic(found[kind][name]) for name in ("right", "ours")} for kind in KINDS}
            return cls(
                {kind: both["right"] for kind, both in kinds.items()},
                {kind: both["ours"] for kind, both in kinds.items()},
                {kind: float(found[kind]["answer"]) for kind in KINDS},
                {kind: float(found[kind]["refuse"]) for kind in KINDS},
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CalibrationError(
                f"{path}: cannot be read as coefficients ({why(error)}); make it with `python -m dialogue calibrate`"
            ) from error


KINDS = ("both", "wide", "words")


def _logistic(row: dict[str, Any]) -> Logistic:
    return Logistic(*(tuple(map(float, row[name])) for name in ("mean", "scale", "weights")))


@dataclass(frozen=True, slots=True)
class Hits:
    """The articles that fit a question, best first, and the chances. ``score`` of each is comparable within one."""

    found: tuple[Found, ...] = ()
    right: float = 0.0  # 0..1: the first one is the right one
    ours: float = 0.0  # 0..1: there is something of ours to say
    kind: str = "words"  # how it was searched
    signals: tuple[float, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)  # article → score, all of them

    def score_of(self, article: str) -> float:
        return self.scores.get(article, 0.0)


class Finder:
    """``knowledge`` for words, names and codes; with ``encoders`` also what is meant, in any language."""

    def __init__(
        self,
        knowledge: Knowledge,
        articles: Sequence[Article],
        encoders: Encoders | None = None,
        calibration: Calibration | None = None,
        examples: Path = EXAMPLES,
        *,
        common_words: bool = True,
    ) -> None:
        """``common_words=False`` searches as for a customer whose language shares no word with the articles."""
        self.knowledge = knowledge
        self._common_words, self._encoders = common_words, encoders
        self.calibration = calibration or Calibration.read()
        self._meaning = Meaning(articles, encoders) if encoders else None
        self._wordbook = Wordbook(knowledge, encoders.wide, itself=common_words) if encoders else None
        self.examples = Examples(encoders, read_examples(examples)) if encoders else None
        self.goes_on = GoingOn(encoders.wide) if encoders else None
        self.find = lru_cache(500)(self._find)

    @classmethod
    def read(
        cls,
        folder: Path,
        encoders: Encoders | None = None,
        calibration: Calibration | None = None,
        shelf: Shelf | None = None,
    ) -> Finder:
        """``shelf`` knows what was read before; who gives one saves it. Raises KnowledgeError for an empty folder."""
        shelf = shelf or Shelf()
        articles = load(folder, shelf).articles
        return cls(Knowledge(articles, entries=shelf.entries), articles, encoders, calibration)

    def _find(self, question: str, language: str, leaning: tuple[tuple[str, float], ...] = ()) -> Hits:
        """``leaning``: what an article's score is raised by, since the conversation is about it."""
        if not question.strip() or _is_noise(question):
            return Hits()
        # What the encoder has never seen it would compare with anything.
        if self._meaning is None or not (self._encoders and self._encoders.know(language)):
            return self._by_words(question, language, dict(leaning))
        return self._by_meaning(self._meaning, question, language, dict(leaning))

    def passage(self, article: str, question: str, language: str) -> Found:
        """The passage of ``article`` that fits ``question`` best, in ``language`` where the article has it."""
        by_words = self.knowledge.best_of(article, question, language)
        passages = self.knowledge.passages_of(article, language)
        if self._meaning is None or len(passages) < 2 or not question.strip():
            return by_words
        if self.knowledge.mentioned_in(question, by_words.passage):
            return by_words
        alike = self._meaning.passages(article, question, language)
        return Found(max(passages, key=lambda p: self._fit(p, question, alike)), by_words.score, by_words.title)

    def behind_name(self, question: str, language: str, best: Found) -> tuple[str, ...]:
        """The article that the question is about once the name of the ``best`` one is taken out: "the milk leaked" is
        about milk, and "the item leaked" about what arrives damaged. None where that is not sure, or another name."""
        names = [self.knowledge.words.name(best.passage.title)]
        if best.title < WHOLE or len(names[0]) > NAME_WORDS or self._meaning is None:
            return ()
        names += [self.knowledge.words.name(alias) for alias in self.knowledge.articles[best.passage.article].aliases]
        without = self.knowledge.words.with_item(question, {word for name in names for word in name})
        hits = self.find(without, language)
        sure = hits.right >= self.calibration.answer[hits.kind]
        article = hits.found[0].passage.article if sure else best.passage.article
        return () if article == best.passage.article else (article,)

    def best_sentences(self, question: str, pieces: Sequence[str], count: int) -> list[int]:
        """The numbers of the ``count`` pieces that say most about ``question``, in their order."""
        fit = np.array([self.knowledge.overlap(question, piece) for piece in pieces], np.float32)
        if self._meaning is not None and question.strip():
            fit = LEXICAL * fit + self._meaning.choose(question, pieces)
        return sorted(sorted(range(len(pieces)), key=lambda n: (-fit[n], n))[:count])

    def likeness(self, words: str, pieces: Sequence[str]) -> float:
        """Of ``words`` to the likest of ``pieces``, as a cosine; by the words they share where nothing is encoded."""
        if self._meaning is None:
            return max((self.knowledge.overlap(words, piece) for piece in pieces), default=0.0)
        return float(self._meaning.choose(words, pieces).max())

    def touches(self, question: str, topic: str, said: str, language: str) -> bool:
        """Whether ``said`` speaks about ``question``: a word of its ``topic``, or a sentence that means the like."""
        if self.knowledge.overlap(topic, said) > 0:
            return True
        if self._meaning is None or not (pieces := sentences(said)):
            return False
        # In another language the topic's words, and the article's name, are not told apart.
        least = ANSWERS if language == "en" else FOREIGN
        if float(self._meaning.choose(question, pieces).max()) >= least:
            return True
        return language == "en" and float(self._meaning.choose(topic, pieces).max()) >= SPEAKS_OF

    def _fit(self, passage: Passage, question: str, alike: dict[Passage, float]) -> float:
        return alike.get(passage, 0.0) + LEXICAL * self.knowledge.overlap(question, passage.text)

    def _said(self, question: str) -> Floats:
        """[articles] the words' scores."""
        said = self.knowledge.by_article(question)
        return said if self._common_words else np.zeros_like(said)

    def _translated(self, question: str, language: str) -> Floats:
        """[articles] likewise, of a question in another language also by what its words mean."""
        said = self._said(question)
        if self._wordbook is None or language == "en":
            return said
        return np.maximum(said, self._wordbook.scores(question))

    def _by_words(self, question: str, language: str, leaning: dict[str, float]) -> Hits:
        written, question = question, self.knowledge.heard(question, language)
        said = zip(self.knowledge.articles, self._said(question).tolist(), strict=True)
        scores = {name: score + leaning.get(name, 0.0) for name, score in said}
        scores = {name: score for name, score in scores.items() if score > 0}
        ranked = sorted(scores, key=lambda name: (-scores[name], name))
        first, second, third = ([scores[name] for name in ranked[:3]] + [0.0] * 3)[:3]
        title = self.knowledge.best_of(ranked[0], question, own=False).title if ranked else 0.0
        signals = (first, first - second, first - third, title, _length(question))
        found = self._found(question, language, ranked, scores)
        hits = self._chances("words", found, scores, signals)
        return hits if question == written else replace(hits, right=min(hits.right, HEARD))

    def _by_meaning(self, meaning: Meaning, question: str, language: str, leaning: dict[str, float]) -> Hits:
        assert self._encoders and self.examples
        alike = meaning.alike(question, language)
        said = self._translated(question, language)
        total: Floats = alike.both + LEXICAL * said
        for name, more in leaning.items():
            total[meaning.ids.index(name)] += more
        order = np.argsort(-total, kind="stable")
        best = int(order[0])
        ahead = total[best] - total[order[1:LIMIT]]
        outside = self.examples.alike(question, language, NEAREST)["outside"]
        signals = (
            float(total[best]),
            float(ahead[0]) if len(ahead) else float(total[best]),
            float(1 / (1 + np.exp(-ahead / CLOSE).sum())),
            float(said[best]),
            float(said[best] - np.delete(said, best).max(initial=0.0)),
            float(alike.both[best] - alike.both.mean()),
            _length(question),
            outside,
            outside - float(alike.both[best]),
        )
        both = self._encoders.english is not None and language == "en"
        scores = dict(zip(meaning.ids, total.tolist(), strict=True))
        ranked = [meaning.ids[n] for n in order[:LIMIT]]
        found = self._found(question, language, ranked, scores)
        return self._chances("both" if both else "wide", found, scores, signals)

    def _found(
        self, question: str, language: str, ranked: Sequence[str], scores: dict[str, float]
    ) -> tuple[Found, ...]:
        passages = ((name, self.passage(name, question, language)) for name in ranked[:LIMIT])
        return tuple(Found(passage.passage, scores[name], passage.title) for name, passage in passages)

    def _chances(
        self, kind: str, found: tuple[Found, ...], scores: dict[str, float], signals: tuple[float, ...]
    ) -> Hits:
        right, ours = (chance[kind](signals) for chance in (self.calibration.right, self.calibration.ours))
        return Hits(found, right if found else 0.0, ours if found else 0.0, kind, signals, scores)


class Library:
    """The folder's articles as they are now: a changed file is read within a second or two, without a restart."""

    def __init__(
        self,
        folder: Path,
        encoders: Encoders | None = None,
        calibration: Calibration | None = None,
        kept: Path | None = None,
    ) -> None:
        """``kept`` is a folder for what was read. Raises KnowledgeError when ``folder`` holds no article."""
        self._folder, self._encoders, self._calibration = folder, encoders, calibration
        self._shelf = Shelf(kept)
        self._fingerprint = fingerprint(folder)
        self._looked = time.monotonic()
        self._lock = asyncio.Lock()
        self.finder = Finder.read(folder, encoders, calibration, self._shelf)
        self._shelf.save()

    async def fresh(self) -> Finder:
        """Never raises for what is in the folder: while it cannot serve, the articles from before do."""
        if time.monotonic() - self._looked >= LOOK_S and not self._lock.locked():
            async with self._lock:
                self._looked = time.monotonic()
                await asyncio.to_thread(self._look)
        return self.finder

    def _look(self) -> None:
        now = fingerprint(self._folder)
        if now == self._fingerprint:
            return
        self._fingerprint = now
        try:
            self.finder = Finder.read(self._folder, self._encoders, self._calibration, self._shelf)
        except (KnowledgeError, OSError) as error:
            log.warning("%s: the articles from before are kept: %s", self._folder, error)
        else:
            self._shelf.save()  # answers do not wait for that
            log.info("%s: articles have changed and were read anew", self._folder)


def read_examples(path: Path = EXAMPLES) -> dict[str, list[str]]:
    """kind → sentences."""
    kinds = yaml.safe_load(path.read_text(encoding="utf-8")).items()
    return {kind: [str(text) for text in texts] for kind, texts in kinds}


def parts_of(text: str, most: int = 4) -> list[str]:
    """The questions of a message: its sentences, and what "and" joins where both sides have a verb's worth of words."""
    parts = [piece.strip() for one in sentences(text) for piece in one.replace("?", "?\n").splitlines()]
    joined = [half.strip() for part in parts for half in _halves(part)]
    return [part for part in dict.fromkeys(joined) if len(part) >= 3][:most]


_AND = (" and ", " und ", " y ", " et ", " e ", " и ", " ve ", " और ")


def _halves(part: str) -> list[str]:
    for word in _AND:
        left, found, right = part.partition(word)
        if found and min(len(left.split()), len(right.split())) >= 3:
            return [left, right]
    return [part]


def _is_noise(text: str) -> bool:
    """ "xxxx…", "why why why …": letters, and nothing that is said by them."""
    words = text[:QUESTION_CHARACTERS].split()
    repeated = len(words) > NOISE_WORDS and len(set(words)) < len(words) / 10
    return repeated or (text.isascii() and all(len(word) > LONGEST_WORD for word in words))


def _length(question: str) -> float:
    return math.log1p(sum(letter.isalpha() for letter in question[:2_000]))
