"""What articles are about, as vectors: how alike a question is to each article's best passage and best name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dialogue.articles import Article, Passage
from dialogue.encode import Encoders, Floats, RememberingEncoder

NOTHING = np.zeros(0, np.float32)


class Likeness:
    """Texts of any language beside the encoders that fit: English ones are compared in both spaces, others in the wide.

    ``owners`` says what each text belongs to, from 0 on, in order.
    """

    def __init__(
        self, encoders: Encoders, texts: Sequence[str], owners: Sequence[int], languages: Sequence[str]
    ) -> None:
        self._encoders = encoders
        self._english = np.array([language == "en" for language in languages], bool)
        self._wide = encoders.wide.encode_articles(texts)
        english = [text for text, yes in zip(texts, self._english, strict=True) if yes]
        self._narrow = encoders.english.encode_articles(english) if encoders.english else np.zeros((0, 1), np.float32)
        owned = np.asarray(owners)
        assert (np.diff(owned) >= 0).all()
        self._starts = np.flatnonzero(np.r_[True, np.diff(owned) > 0]) if len(owned) else np.zeros(0, int)
        self._owners = owned[self._starts]
        self.of_texts = lru_cache(8)(self._of_texts)

    def _of_texts(self, question: str, language: str) -> Floats:
        """[N] cosines of ``question`` with each text."""
        if not len(self._wide):
            return NOTHING
        wide: Floats = self._wide @ _vector(self._encoders.wide, question)
        narrow = self._encoders.beside_english(question, language)
        if narrow is None or not len(self._narrow):
            return wide
        vector, share = narrow
        alike = wide.copy()
        alike[self._english] *= 1 - share
        alike[self._english] += share * (self._narrow @ vector)
        return alike

    def of_owners(self, question: str, language: str, owners: int) -> Floats:
        """[owners] the best cosine of each owner's texts; -1 for one without any."""
        best = np.full(owners, -1.0, np.float32)
        if len(self._wide):
            best[self._owners] = np.maximum.reduceat(self.of_texts(question, language), self._starts)
        return best


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike a question is to the articles, each [articles] from -1 to 1."""

    passage: Floats
    name: Floats

    @property
    def both(self) -> Floats:
        return np.asarray((self.passage + self.name) / 2, np.float32)


class Meaning:
    """An index of all articles in all their languages; one of the same id is one article."""

    def __init__(self, articles: Sequence[Article], encoders: Encoders) -> None:
        self._encoders = encoders
        ordered = _grouped(articles)
        self.ids = list(ordered)
        passages = [(n, p) for n, group in enumerate(ordered.values()) for a in group for p in a.passages]
        names = [(n, name, a.language) for n, group in enumerate(ordered.values()) for a in group for name in _names(a)]
        self._rows: dict[str, list[tuple[int, Passage]]] = {}
        for row, (_, passage) in enumerate(passages):
            self._rows.setdefault(passage.article, []).append((row, passage))
        self._by_passage = Likeness(
            encoders,
            [_read_aloud(passage) for _, passage in passages],
            [owner for owner, _ in passages],
            [passage.language for _, passage in passages],
        )
        self._by_name = Likeness(
            encoders, [n for _, n, _ in names], [o for o, _, _ in names], [la for _, _, la in names]
        )

    def alike(self, question: str, language: str) -> Alike:
        count = len(self.ids)
        return Alike(
            self._by_passage.of_owners(question, language, count), self._by_name.of_owners(question, language, count)
        )

    def passages(self, article: str, question: str, language: str) -> dict[Passage, float]:
        """How alike ``question`` is to each passage of ``article``."""
        cosines = self._by_passage.of_texts(question, language)
        return {passage: float(cosines[row]) for row, passage in self._rows[article]}

    def choose(self, question: str, texts: Sequence[str]) -> Floats:
        """[N] cosines of ``question`` with some sentences, by the wide encoder alone: quick, in any language."""
        wide = self._encoders.wide
        chosen: Floats = wide.encode(list(texts)) @ _vector(wide, question)
        return chosen


class Examples:
    """Sentences of a few kinds; how alike a message is to the nearest of each."""

    def __init__(self, encoders: Encoders, kinds: dict[str, list[str]]) -> None:
        self._kinds = list(kinds)
        sentences = [(n, text) for n, texts in enumerate(kinds.values()) for text in texts]
        # One of another language that happens to be ASCII is compared by both encoders, and loses a little.
        languages = ["en" if text.isascii() else "" for _, text in sentences]
        owners = [owner for owner, _ in sentences]
        self._likeness = Likeness(encoders, [text for _, text in sentences], owners, languages)
        self._ends = np.searchsorted(owners, range(1, len(kinds) + 1)).tolist()  # of each kind's sentences

    def alike(self, message: str, language: str, nearest: int = 1) -> dict[str, float]:
        """kind → mean cosine with the ``nearest`` examples of it."""
        cosines = self._likeness.of_texts(message, language)
        ranges = zip(self._kinds, [0, *self._ends], self._ends, strict=False)
        return {kind: _top(cosines[start:end], nearest) for kind, start, end in ranges}


def _top(cosines: NDArray[np.float32], count: int) -> float:
    if not len(cosines):
        return -1.0
    return float(cosines.max()) if count == 1 else float(np.sort(cosines)[-count:].mean())


def _vector(encoder: RememberingEncoder, text: str) -> Floats:
    vector: Floats = encoder.encode([text])[0]
    return vector


def _grouped(articles: Iterable[Article]) -> dict[str, list[Article]]:
    groups: dict[str, list[Article]] = {}
    for article in articles:
        groups.setdefault(article.id, []).append(article)
    return groups


def _names(article: Article) -> list[str]:
    """What the article is called, and the questions it answers."""
    also = f"{article.title}, {', '.join(article.aliases)}" if article.aliases else article.title
    headings = (passage.heading for passage in article.passages if passage.heading)
    return list(dict.fromkeys((article.title, also, *headings, *article.asked)))


def _read_aloud(passage: Passage) -> str:
    return f"{passage.heading}: {passage.text}" if passage.heading else passage.text
