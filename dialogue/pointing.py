"""What a chat model points at: ``[1.2]`` is the second sentence of the first passage. No word of it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dialogue.articles import sentences
from dialogue.find import Finder
from dialogue.judgement import Judgement
from dialogue.search import Found
from dialogue.text import tidy

POINTED = 6  # sentences that are pointed at, at most; where one stands in a list, all of the list is quoted
NEAREST = 2  # sentences of a passage that is named as a whole
ALIKE = 0.45  # cosine of a model's words with what they name, below which they do not say it ("I could not find that")
LONGEST = 4_000  # characters of an answer that are read

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_SOURCES = re.compile(r"\n\n(?:\[\d{1,3}\] [^\n\[\]]+(?:\n|\Z))+\Z")  # as our own answers end
# [1.2], [1.1, 1.3], 【2】, [1.1 and 1.3], [sentence 1.2], (1.2)
_SIGNS = r"[\d.,;:/#、\s'\"\\–—-]|and|to|sentences?"
_GROUP = re.compile(rf"[\[【(]((?:{_SIGNS})+)[\]】)]", re.IGNORECASE)
_JOINED = re.compile(r"\]\s*(?:-|–|—|to)\s*\[", re.IGNORECASE)  # [1.1] to [1.3]
_BARE = re.compile(r"[\d.,;\s]+")
_RANGE = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\s*(?:-|–|—|to)\s*(?:\1\.)?(\d{1,2})(?!\.?\d)")
_PLACE = re.compile(r"(?<![\d.])(\d{1,2})(?:\.(\d{1,3}))?(?!\.?\d)")


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence of the model's: its words without the numbers, and what they point at, from 0. ``None``: the whole."""

    words: str
    places: tuple[tuple[int, int | None], ...]


def pointed(text: str, shown: Sequence[Found], asked: str, finder: Finder, own: Judgement) -> Judgement | None:
    """An answer of the sentences that ``text`` points at. None where there are none, or where the words beside the
    numbers do not say what they name and our ``own`` judgement was not to answer: then a model says what it lacks.

    ``asked``: the customer's question.
    """
    chosen: dict[int, list[int]] = {}
    room, doubtful = POINTED, own.about != "passages"
    for saying in sayings(text):
        for passage, at in saying.places:
            if not 0 <= passage < len(shown):
                continue
            pieces = sentences(shown[passage].passage.text)
            whole = at is None
            numbers = finder.best_sentences(f"{asked} {saying.words}".strip(), pieces, NEAREST) if whole else [at]
            numbers = [number for number in numbers if number is not None and 0 <= number < len(pieces)]
            if doubtful and (saying.words or whole) and not _says(finder, saying.words, [pieces[n] for n in numbers]):
                continue
            for number in numbers[:room]:
                if number not in chosen.setdefault(passage, []):
                    chosen[passage].append(number)
                    room -= 1
    return _answer(own, {passage: tuple(sorted(numbers)) for passage, numbers in chosen.items() if numbers}, shown)


def without_sources(text: str) -> str:
    """An answer as it is said: no ``[1]``, no list of titles behind it."""
    return re.sub(r"\s?\[\d{1,3}\]", "", _SOURCES.sub("", text))


def sayings(text: str) -> Iterator[Saying]:
    plain = _JOINED.sub("-", _SOURCES.sub("", tidy(_THOUGHT.sub(" ", text)))).strip()[:LONGEST]
    if _BARE.fullmatch(plain):
        plain = f"[{plain}]"
    words = ""
    for sentence in sentences(plain):
        places = tuple(place for group in _GROUP.finditer(sentence) for place in _places(group))
        said = _GROUP.sub("", sentence).strip()
        said = said if any(letter.isalpha() for letter in said) else ""
        if places:  # "Within 30 days. [1.1]": the numbers belong to what stands before them
            yield Saying(said or words, places)
        words = said if not places else ""


def _places(group: re.Match[str]) -> Iterator[tuple[int, int | None]]:
    inside = group[1]
    for passage, first, last in _RANGE.findall(inside):
        yield from ((int(passage) - 1, at - 1) for at in range(int(first), int(last) + 1))
    for passage, at in _PLACE.findall(_RANGE.sub(" ", inside)):
        if at or group[0][0] != "(":  # (2) counts something
            yield int(passage) - 1, int(at) - 1 if at else None


def _says(finder: Finder, words: str, pieces: Sequence[str]) -> bool:
    return bool(words) and bool(pieces) and finder.likeness(words, pieces) >= ALIKE


def _answer(own: Judgement, chosen: dict[int, tuple[int, ...]], shown: Sequence[Found]) -> Judgement | None:
    if not chosen:
        return None
    passages, places = [shown[passage] for passage in chosen], list(chosen.values())
    left: tuple[str, ...] = ()
    if own.about == "passages" and own.quote > 1:  # two questions, two photos: what the model left out stays
        taken, left = {found.passage.article for found in passages}, own.left_open
        rest = [found for found in own.passages[: own.quote] if found.passage.article not in taken]
        passages, places = [*passages, *rest], [*places, *([()] * len(rest))]
    answer = replace(
        own, action="answer", about="passages", reason=None, offers_person=False, offers=(), left_open=left
    )
    return replace(answer, passages=tuple(passages), quote=len(passages), sentences=tuple(places))
