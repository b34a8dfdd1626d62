"""Search over the shop's articles: BM25 over fields, with synonyms and typing errors, scored 0..1.

The score is BM25 divided by the most that the question could reach, so that one floor fits a shop of 25 articles and
one of 1,000: a question of which half is not in the articles at all stays low whatever the folder's size.
BM25F: Robertson, Zaragoza 2009, "The Probabilistic Relevance Framework".
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from dialogue.articles import Article, Passage, load
from dialogue.codes import literals
from dialogue.postings import Entries, Entry, Postings
from dialogue.sounds import by_sound, heard
from dialogue.text import SYNONYM, TYPO, WEAK, Term, Words, one_slip

Floats = NDArray[np.float32]
Gains = tuple[NDArray[np.intp], Floats]  # numbers of passages, and what each gains

K1 = 1.2  # how soon saying a word again adds nothing
TITLE, HEADING, BODY = 4.0, 2.0, 1.0  # what a word counts by where it stands
TITLE_SHARE = 0.35  # of the score: how much of the article's title (or one alias) the question covers
LENGTH = 0.4  # 0..1: how much longer passages are discounted
LEAST = 0.6  # of a rare word's weight: a question that says less than that ("check?") fits nothing fully
LONGEST = 24  # letters: what is longer is no word, and its deletions would fill the memory
QUESTION_CHARACTERS = 2_000  # longer is a document, not a question: the rest is not looked up


@dataclass(frozen=True, slots=True)
class Found:
    """A passage and how well it fits the question."""

    passage: Passage
    score: float  # 0..1
    title: float = 0.0  # 0..1: how much of the article's title the question says


class Knowledge:
    """An index in memory (benchmarks/search.py measures it for 10,000 passages)."""

    def __init__(self, articles: Sequence[Article], words: Words | None = None, entries: Entries | None = None) -> None:
        """``entries`` remembers what was counted before: a passage that stands there is not read again."""
        # Of one article in several languages the first is the shop's own; all of them are searched.
        self.versions: dict[str, dict[str, Article]] = defaultdict(dict)
        for article in articles:
            self.versions[article.id].setdefault(article.language, article)
        self.articles = {name: next(iter(versions.values())) for name, versions in self.versions.items()}
        self.words = words or Words()
        self._passages = [passage for article in articles for passage in article.passages]
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, passage in enumerate(self._passages):
            self._numbers[passage.article].append(number)
        at = {name: number for number, name in enumerate(self.articles)}
        self._owners = np.array([at[passage.article] for passage in self._passages], np.intp)
        self._names = self._index_names(articles)
        kept = self._entries(Entries() if entries is None else entries)
        self._literals = self._index_literals(kept)
        self._said = [entry.words for entry in kept]
        self._vocabulary = sorted(self.words.vocabulary.union(*self._said))
        self._known = frozenset(self._vocabulary)
        self._postings = Postings([entry.counts for entry in kept], LENGTH)
        self._titles = Postings([self._title_terms(passage.title) for passage in self._passages])
        # A shop's customers use few words: looked up once, a word costs nothing again. Bounded: they type anything.
        self._expand = lru_cache(5_000)(self._expand_uncached)
        self._hits = lru_cache(1_000)(self._hits_uncached)
        english = [entry for entry, passage in zip(kept, self._passages, strict=True) if passage.language == "en"]
        self._sounds = lru_cache(1)(lambda: by_sound({word for entry in english for word in entry.words}))
        self._idf = lru_cache(5_000)(self._idf_uncached)
        self._scores = lru_cache(16)(self._scores_uncached)
        self._topic = lru_cache(64)(self._topic_uncached)
        self._stems = lru_cache(5_000)(self._stems_uncached)  # of sentences of articles, which are quoted again

    @classmethod
    def read(cls, folder: Path) -> Knowledge:
        """Raises KnowledgeError when the folder holds no article."""
        return cls(load(folder).articles)

    def named(self, name: str) -> tuple[Article, ...]:
        """The articles whose title, alias or file name is ``name``, whatever its case, plural or ``&``."""
        return tuple(self._names.get(self.words.name(name), ()))

    def search(self, question: str, limit: int = 4) -> list[Found]:
        """The best passage of each article that shares a word with ``question``, best first."""
        mentioned = {
            found.passage.article: found for found in reversed(self.mentioning(question[:QUESTION_CHARACTERS]))
        }
        said = self.by_article(question)
        names = list(self.articles)
        best = [names[number] for number in np.argsort(-said, kind="stable")[:limit] if said[number] > 0]
        found = [mentioned.get(name) or self.best_of(name, question, own=False) for name in best]
        return sorted(found, key=lambda one: (-one.score, one.passage.article))

    def by_article(self, question: str) -> Floats:
        """[articles] the score of each one's best passage, 0..1, in the order of ``articles``."""
        best = self._best_of_each(self._scores(question[:QUESTION_CHARACTERS])[0])
        for found in self.mentioning(question[:QUESTION_CHARACTERS]):
            best[self._owners[self._numbers[found.passage.article][0]]] = 1.0
        return best

    def own_words(self, most: int) -> list[str]:
        """The lexicon's words, and of the shop's own articles those ``most`` that stand in most passages."""
        own = {article.language for article in self.articles.values()}
        said = zip(self._passages, self._said, strict=True)
        counts = Counter(chain.from_iterable(words for passage, words in said if passage.language in own))
        words = self.words.vocabulary.union(word for word, _ in counts.most_common(most))
        return sorted(word for word in words if len(word) > 1 and word.isalpha())

    def by_meanings(self, said: Sequence[Mapping[str, float]]) -> Floats:
        """[articles] as ``by_article``, for words of another language: of each the words of ours that it may mean, the
        likeliest first, with how alike they are. One that means nothing of ours, or nothing with a topic, is left out.
        """
        parts = []
        for meant in said:
            terms = self.words.terms(next(iter(meant), ""))
            stems = _likeliest((self._expand(word), likeness) for word, likeness in meant.items())
            if terms and stems:
                gains = self._gains(stems)
                parts.append((terms[0].weight * self._rarity(gains[0]), stems, gains))
        return self._best_of_each(self._weighed(parts)[0])

    def mentioning(self, text: str) -> list[Found]:
        """The passages with a code or number of ``text``: "E-204" finds "E 204" and "e204", never "E-205"."""
        numbers = dict.fromkeys(number for literal in literals(text) for number in self._literals.get(literal, ()))
        return [Found(self._passages[number], 1.0, 1.0) for number in numbers]

    def best_of(self, article: str, question: str, language: str = "", *, own: bool = True) -> Found:
        """The passage of ``article`` that fits ``question`` best; its first one where none does (score 0).

        In ``language`` where the article has it, else in the shop's own; ``own=False``: whatever it is in.
        """
        scores, titles = self._scores(question[:QUESTION_CHARACTERS])
        spoken = language if language in self.versions[article] else self.articles[article].language
        numbers = [n for n in self._numbers[article] if not own or self._passages[n].language == spoken]
        number = max(numbers, key=lambda n: (scores[n], titles[n], -n))
        return Found(self._passages[number], float(scores[number]), float(titles[number]))

    def passages_of(self, article: str, language: str) -> tuple[Passage, ...]:
        """In ``language`` where the article has it, else in the shop's own."""
        return self.versions[article].get(language, self.articles[article]).passages

    def mentioned_in(self, text: str, passage: Passage) -> bool:
        """Whether ``passage`` holds a code or number of ``text``."""
        return bool(set(literals(text)) & set(literals(f"{passage.heading} ; {passage.text}")))

    def heard(self, question: str, language: str) -> str:
        """``question`` with its words of other letters as the articles write them, where none is in ``language``."""
        if any(language in versions for versions in self.versions.values()):
            return question
        return heard(question, self._sounds())

    def unknown(self, question: str) -> list[str]:
        """The words of ``question`` that no article has."""
        return [term.word for term in self._topic(question) if not self._expand(term.word)]

    def in_a_title(self, word: str) -> bool:
        return self.words.stem(word) in self._titles

    def overlap(self, question: str, text: str) -> float:
        """How much of ``question``'s topic ``text`` speaks about, 0..1; for choosing sentences."""
        said = self._stems(text)
        total = hit = 0.0
        for term in self._topic(question):
            weight = term.weight * self._idf(term.word)
            total += weight
            hit += weight * max((w for stem, w in self._expand(term.word).items() if stem in said), default=0.0)
        return hit / total if total else 0.0

    def beyond_name(self, question: str, articles: Iterable[str]) -> str:
        """The topic of ``question`` without what only names these articles: "what do apples cost?" → "cost"."""
        named = [version for name in articles for version in self.versions[name].values()]
        names = " ; ".join(name for version in named for name in (version.title, *version.aliases))
        return " ".join(term.word for term in self._topic(question) if not self.overlap(term.word, names))

    def _best_of_each(self, scores: Floats) -> Floats:
        """[passages] → [articles]."""
        best = np.zeros(len(self.articles), np.float32)
        np.maximum.at(best, self._owners, scores)
        return best

    def _scores_uncached(self, question: str) -> tuple[Floats, Floats]:
        """[passages] the scores and the shares of the title, both 0..1."""
        topic = self._topic(question)
        return self._weighed(
            [(term.weight * self._idf(term.word), self._expand(term.word), self._hits(term.word)) for term in topic]
        )

    def _weighed(self, parts: Sequence[tuple[float, dict[str, float], Gains]]) -> tuple[Floats, Floats]:
        """Of each term what it weighs, the stems it may mean, and what it brings to which passages."""
        scores, shares = np.zeros((2, len(self._passages)), np.float32)
        titled: dict[str, Floats] = {}
        for weight, stems, (numbers, gains) in parts:
            scores[numbers] += weight * gains
            self._note_title(titled, stems)
        for part, likeness in titled.items():
            numbers, weights = self._titles[part]
            shares[numbers] += weights * likeness
        most = max(sum(weight for weight, _, _ in parts), LEAST * math.log(1 + 2 * len(self.articles)))
        return scores / most * (1 - TITLE_SHARE + TITLE_SHARE * shares), shares

    def _note_title(self, titled: dict[str, Floats], stems: dict[str, float]) -> None:
        """How alike what is said is to each word of titles. A phrase counts where the passage has the whole of it."""
        for stem, likeness in stems.items():
            for part in stem.split("_"):
                if part in self._titles:
                    numbers, _ = self._titles[part]
                    there = likeness * np.isin(numbers, self._postings[stem][0]).astype(np.float32)
                    titled[part] = np.maximum(titled.get(part, 0.0), there)

    def _stems_uncached(self, text: str) -> frozenset[str]:
        return frozenset(term.stem for term in self.words.terms(text))

    def _topic_uncached(self, question: str) -> tuple[Term, ...]:
        """The question's terms, each once; a phrase that no article knows is taken apart."""
        terms = self.words.terms(question[:QUESTION_CHARACTERS])
        apart = [part for term in terms for part in ([term] if self._expand(term.word) else self.words.parts(term))]
        proper = self.words.proper(question)
        return tuple({term.stem: self._lighter(term, proper) for term in apart}.values())

    def _lighter(self, term: Term, proper: frozenset[str]) -> Term:
        named = term.word in proper and not self._expand(term.word)
        return replace(term, weight=WEAK) if named else term

    def _hits_uncached(self, word: str) -> Gains:
        return self._gains(self._expand(word))

    def _gains(self, stems: Mapping[str, float]) -> Gains:
        """The passages that say one of ``stems``, and how much each does, 0..1: by the best meaning there."""
        best, gains = np.zeros((2, len(self._passages)), np.float32)
        for stem, likeness in stems.items():
            numbers, frequencies = self._postings[stem]
            better = likeness * frequencies > best[numbers]
            numbers, frequencies = numbers[better], frequencies[better]
            best[numbers] = likeness * frequencies
            gains[numbers] = likeness * frequencies / (frequencies + K1)
        numbers = np.flatnonzero(best)
        return numbers, gains[numbers]

    def _idf_uncached(self, word: str) -> float:
        return self._rarity(self._hits(word)[0])

    def _rarity(self, numbers: NDArray[np.intp]) -> float:
        """Rare words say more; a word that no article has says most, and holds the score down."""
        count = len(np.unique(self._owners[numbers]))
        return math.log(1 + (len(self.articles) - count + 0.5) / (count + 0.5))

    def _expand_uncached(self, word: str) -> dict[str, float]:
        """The indexed stems that ``word`` may mean, with how alike they are, 0..1."""
        stem = "_".join(map(self.words.stem, word.split()))
        known = stem in self._postings or stem in self.words.synonyms
        roots = {stem: 1.0} if known else dict.fromkeys(self._corrections(word), TYPO)
        expanded: dict[str, float] = {}
        for root, likeness in roots.items():
            for other in self.words.synonyms.get(root, ()):
                expanded[other] = max(expanded.get(other, 0.0), likeness * SYNONYM)
        expanded.update(roots)
        return {other: likeness for other, likeness in expanded.items() if other in self._postings}

    def _corrections(self, word: str) -> set[str]:
        """Stems of known words one typing error away. Short words are left alone: too many real words lie that near."""
        if not 4 <= len(word) <= LONGEST:
            return set()
        near = process.extract(word, self._vocabulary, scorer=OSA.distance, score_cutoff=1, limit=None)
        alike = {other for other, _, _ in near if len(other) > 3 and one_slip(word, other)}
        return {self.words.stem(other) for other in (alike or self._split(word))}

    def _split(self, word: str) -> set[str]:
        """``thisorder`` → ``order``: a blank left out between two known words."""
        for at in range(1, len(word)):
            left, right = word[:at], word[at:]
            if self._is_word(left) and self._is_word(right) and max(len(left), len(right)) > 3:
                return {part for part in (left, right) if part in self._known}
        return set()

    def _is_word(self, word: str) -> bool:
        return word in self._known or self.words.in_lexicon(word)

    def _title_terms(self, title: str) -> dict[str, float]:
        """stem → its share of the title."""
        terms = self.words.terms(title)
        weights = {part.stem: part.weight for term in terms for part in self.words.parts(term)}
        return {stem: weight / sum(weights.values()) for stem, weight in weights.items()}

    def _index_names(self, articles: Sequence[Article]) -> dict[tuple[str, ...], list[Article]]:
        names: dict[tuple[str, ...], list[Article]] = defaultdict(list)
        for article in articles:
            own = self.articles[article.id]
            for name in {self.words.name(name) for name in (article.title, article.id, *article.aliases)}:
                if own not in names[name]:
                    names[name].append(own)
        return dict(names)

    def _entries(self, known: Entries) -> list[Entry]:
        """What the index knows of each passage; what is no passage any more is forgotten."""
        kept: list[Entry] = []
        fresh = {}
        for passage in self._passages:
            article = self.versions[passage.article][passage.language]
            names = " ; ".join((article.title, *article.aliases))
            key = known.key(names, passage.heading, passage.text)
            entry = fresh[key] = known.get(key) or self._entry(names, passage)
            kept.append(entry)
        known.keep(fresh)
        return kept

    def _entry(self, names: str, passage: Passage) -> Entry:
        counts: dict[str, float] = defaultdict(float)
        for text, weight in ((names, TITLE), (passage.heading, HEADING), (passage.text, BODY)):
            for term in self.words.terms(text):
                for stem in {term.stem, *(part.stem for part in self.words.parts(term))}:
                    counts[stem] += weight
        words = tuple(dict.fromkeys(self.words.raw(f"{names} {passage.text}")))
        return Entry(dict(counts), tuple(literals(f"{passage.heading} ; {passage.text}")), words)

    def _index_literals(self, entries: Sequence[Entry]) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for number, (passage, entry) in enumerate(zip(self._passages, entries, strict=True)):
            named: list[str] = []
            if self._numbers[passage.article][0] == number:
                aliases = " ; ".join(self.versions[passage.article][passage.language].aliases)
                named = literals(f"{passage.title} ; {aliases}")
            for literal in dict.fromkeys((*named, *entry.literals)):
                index[literal].append(number)
        return dict(index)


def _likeliest(meant: Iterable[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """Stems of several words, each as likely as by the word that means it most."""
    stems: dict[str, float] = {}
    for some, likeness in meant:
        for stem, alike in some.items():
            stems[stem] = max(stems.get(stem, 0.0), alike * likeness)
    return stems
