"""Search over the shop's articles: BM25 over fields, with synonyms and typing errors, scored 0..1.

The score is BM25 divided by the most that the question could reach, so that one floor fits a shop of 25 articles and
one of 1,000: a question of which half is not in the articles at all stays low whatever the folder's size.
BM25F: Robertson, Zaragoza 2009, "The Probabilistic Relevance Framework".
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from dialogue.articles import Article, Passage, load
from dialogue.text import SYNONYM, TYPO, WEAK, Term, Words, deletions, one_slip

K1 = 1.2  # how soon saying a word again adds nothing
TITLE, HEADING, BODY = 4.0, 2.0, 1.0  # what a word counts by where it stands
TITLE_SHARE = 0.35  # of the score: how much of the article's title (or one alias) the question covers
LENGTH = 0.4  # 0..1: how much longer passages are discounted
LEAST = 0.6  # of a rare word's weight: a question that says less than that ("check?") fits nothing fully
LONGEST = 24  # letters: what is longer is no word, and its deletions would fill the memory
# "E-204", "X200", "4006381333931": what is told apart by its digits is looked up as it is written, or not at all.
LITERAL = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*")
GTIN = re.compile(r"([a-z]{0,4})(\d{8,14})")
QUESTION_CHARACTERS = 2_000  # longer is a document, not a question: the rest is not looked up


@dataclass(frozen=True, slots=True)
class Found:
    """A passage and how well it fits the question."""

    passage: Passage
    score: float  # 0..1
    title: float = 0.0  # 0..1: how much of the article's title the question says


class Knowledge:
    """An index in memory. Building it for 1,000 articles takes well under a second; a search below a millisecond."""

    def __init__(self, articles: Sequence[Article], words: Words | None = None) -> None:
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
        self._names = self._index_names(articles)
        self._titles = [self._title_terms(passage.title) for passage in self._passages]
        self._postings = self._index_passages()
        self._literals = self._index_literals()
        texts = (f"{article.title} {' '.join(article.aliases)}" for article in articles)
        self._vocabulary = self.words.vocabulary.union(
            *(self.words.raw(text) for text in (*texts, *(passage.text for passage in self._passages)))
        )
        self._typos = self._index_typos()
        # A shop's customers use few words: looked up once, a word costs nothing again. Bounded: they type anything.
        self._expand = lru_cache(5_000)(self._expand_uncached)
        self._hits = lru_cache(5_000)(self._hits_uncached)
        self._idf = lru_cache(5_000)(self._idf_uncached)

    @classmethod
    def read(cls, folder: Path) -> Knowledge:
        """Raises KnowledgeError when the folder holds no article."""
        return cls(load(folder).articles)

    def named(self, name: str) -> tuple[Article, ...]:
        """The articles whose title, alias or file name is ``name``, whatever its case, plural or ``&``."""
        return tuple(self._names.get(self.words.name(name), ()))

    def search(self, question: str, limit: int = 4) -> list[Found]:
        """The best passage of each article that shares a word with ``question``, best first."""
        best = {found.passage.article: found for found in reversed(self.mentioning(question[:QUESTION_CHARACTERS]))}
        for number, (score, title) in self._scores(question).items():
            passage = self._passages[number]
            if passage.article not in best or score > best[passage.article].score:
                best[passage.article] = Found(passage, score, title)
        return sorted(best.values(), key=lambda found: (-found.score, found.passage.article))[:limit]

    def mentioning(self, text: str) -> list[Found]:
        """The passages with a code or number of ``text``: "E-204" finds "E 204" and "e204", never "E-205"."""
        numbers = dict.fromkeys(number for literal in literals(text) for number in self._literals.get(literal, ()))
        return [Found(self._passages[number], 1.0, 1.0) for number in numbers]

    def best_of(self, article: str, question: str, language: str = "") -> Found:
        """The passage of ``article`` that fits ``question`` best; its first one where none does (score 0).

        In ``language`` where the article has it, else in the shop's own.
        """
        scores = self._scores(question)
        spoken = language if language in self.versions[article] else self.articles[article].language
        own = [(scores.get(n, (0.0, 0.0)), -n) for n in self._numbers[article] if self._passages[n].language == spoken]
        (score, title), number = max(own)
        return Found(self._passages[-number], score, title)

    def passages_of(self, article: str, language: str) -> tuple[Passage, ...]:
        """In ``language`` where the article has it, else in the shop's own."""
        return self.versions[article].get(language, self.articles[article]).passages

    def mentioned_in(self, text: str, passage: Passage) -> bool:
        """Whether ``passage`` holds a code or number of ``text``."""
        return bool(set(literals(text)) & set(literals(f"{passage.heading} ; {passage.text}")))

    def unknown(self, question: str) -> list[str]:
        """The words of ``question`` that no article has."""
        return [term.word for term in self._topic(question) if not self._expand(term.word)]

    def in_a_title(self, word: str) -> bool:
        return any(self.words.stem(word) in title for title in self._titles)

    def overlap(self, question: str, text: str) -> float:
        """How much of ``question``'s topic ``text`` speaks about, 0..1; for choosing sentences."""
        said = {term.stem for term in self.words.terms(text)}
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

    def _scores(self, question: str) -> dict[int, tuple[float, float]]:
        """passage's number → (score, share of the title), both 0..1."""
        scores: dict[int, float] = defaultdict(float)
        titles: dict[int, dict[str, float]] = defaultdict(dict)
        most = 0.0
        for term in self._topic(question):
            weight = term.weight * self._idf(term.word)
            most += weight
            for number, (stem, likeness, frequency) in self._hits(term.word).items():
                scores[number] += weight * likeness * frequency / (frequency + K1)
                for part in stem.split("_"):
                    titles[number][part] = max(titles[number].get(part, 0.0), likeness)
        most = max(most, LEAST * math.log(1 + 2 * len(self.articles)))
        shares = {number: self._title_share(number, titles[number]) for number in scores}
        return {
            number: (score / most * (1 - TITLE_SHARE + TITLE_SHARE * shares[number]), shares[number])
            for number, score in scores.items()
        }

    def _topic(self, question: str) -> list[Term]:
        """The question's terms, each once; a phrase that no article knows is taken apart."""
        terms = self.words.terms(question[:QUESTION_CHARACTERS])
        apart = [part for term in terms for part in ([term] if self._expand(term.word) else self.words.parts(term))]
        proper = self.words.proper(question)
        return list({term.stem: self._lighter(term, proper) for term in apart}.values())

    def _lighter(self, term: Term, proper: frozenset[str]) -> Term:
        named = term.word in proper and not self._expand(term.word)
        return replace(term, weight=WEAK) if named else term

    def _hits_uncached(self, word: str) -> dict[int, tuple[str, float, float]]:
        """passage's number → (stem found, likeness, frequency), the best meaning of ``word`` in each passage."""
        hits: dict[int, tuple[str, float, float]] = {}
        for stem, likeness in self._expand(word).items():
            for number, frequency in self._postings[stem].items():
                if number not in hits or likeness * frequency > hits[number][1] * hits[number][2]:
                    hits[number] = (stem, likeness, frequency)
        return hits

    def _title_share(self, number: int, hit: dict[str, float]) -> float:
        title = self._titles[number]
        total = sum(title.values())
        return sum(weight * hit.get(stem, 0.0) for stem, weight in title.items()) / total if total else 0.0

    def _idf_uncached(self, word: str) -> float:
        """Rare words say more; a word that no article has says most, and holds the score down."""
        count = len({self._passages[number].article for number in self._hits(word)})
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
        near = {other for cut in deletions(word) for other in self._typos.get(cut, ())}
        alike = {other for other in near if one_slip(word, other)}
        return {self.words.stem(other) for other in (alike or self._split(word))}

    def _split(self, word: str) -> set[str]:
        """``thisorder`` → ``order``: a blank left out between two known words."""
        for at in range(1, len(word)):
            left, right = word[:at], word[at:]
            if self._is_word(left) and self._is_word(right) and max(len(left), len(right)) > 3:
                return {part for part in (left, right) if part in self._vocabulary}
        return set()

    def _is_word(self, word: str) -> bool:
        return word in self._vocabulary or self.words.in_lexicon(word)

    def _title_terms(self, title: str) -> dict[str, float]:
        terms = self.words.terms(title)
        return {part.stem: part.weight for term in terms for part in self.words.parts(term)}

    def _index_names(self, articles: Sequence[Article]) -> dict[tuple[str, ...], list[Article]]:
        names: dict[tuple[str, ...], list[Article]] = defaultdict(list)
        for article in articles:
            own = self.articles[article.id]
            for name in {self.words.name(name) for name in (article.title, article.id, *article.aliases)}:
                if own not in names[name]:
                    names[name].append(own)
        return dict(names)

    def _index_passages(self) -> dict[str, dict[int, float]]:
        """stem → {passage's number: how often it is said there, weighed by where and by the passage's length}."""
        counted = [self._count(passage) for passage in self._passages]
        mean = sum(sum(counts.values()) for counts in counted) / max(1, len(counted))
        postings: dict[str, dict[int, float]] = defaultdict(dict)
        for number, counts in enumerate(counted):
            longer = 1 - LENGTH + LENGTH * sum(counts.values()) / (mean or 1)
            for stem, frequency in counts.items():
                postings[stem][number] = frequency / longer
        return dict(postings)

    def _count(self, passage: Passage) -> Counter[str]:
        article = self.versions[passage.article][passage.language]
        names = " ; ".join((article.title, *article.aliases))
        counts: Counter[str] = Counter()
        for text, weight in ((names, TITLE), (passage.heading, HEADING), (passage.text, BODY)):
            for term in self.words.terms(text):
                for stem in {term.stem, *(part.stem for part in self.words.parts(term))}:
                    counts[stem] += weight  # type: ignore[assignment]
        return counts

    def _index_literals(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for number, passage in enumerate(self._passages):
            aliases = " ; ".join(self.versions[passage.article][passage.language].aliases)
            names = f"{passage.title} ; {aliases}" if self._numbers[passage.article][0] == number else ""
            for literal in literals(f"{names} ; {passage.heading} ; {passage.text}"):
                index[literal].append(number)
        return dict(index)

    def _index_typos(self) -> dict[str, list[str]]:
        near: dict[str, list[str]] = defaultdict(list)
        for word in self._vocabulary:
            for cut in deletions(word) if len(word) > 3 else ():
                near[cut].append(word)
        return dict(near)


def literals(text: str) -> list[str]:
    """Codes and long numbers of ``text``, as one writes them to compare: ``"Error E-204 (20:15)"`` → ``["e204"]``."""
    joined = re.sub(r"\b([A-Z]{1,3}) (\d{2,})\b", r"\1\2", text)
    plain = [re.sub(r"[-./]", "", found).lower() for found in LITERAL.findall(joined)]
    # "EAN 4006381333931" is that number; with zeros in front or without, it is one article's.
    plain += [found[2].lstrip("0") for one in plain if (found := GTIN.fullmatch(one))]
    return [one for one in dict.fromkeys(plain) if _tells_apart(one)]


def _tells_apart(token: str) -> bool:
    digits = sum(letter.isdigit() for letter in token)
    return digits >= 2 and (len(token) > digits or digits >= 6) and len(token) >= 3
