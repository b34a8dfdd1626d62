"""Sentences: beam search over the decoder, and a template of what is sure.

On shop photos the template of the stated labels is what is said: it names nothing that abstention held back. The
decoder speaks about scenes, where there are no labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vision.model.runtime import Floats, Steps
from vision.model.tokens import CLS, SEP, SPECIAL, Tokens
from vision.report import LabelSet

SHOP = ("product", "item", "article", "damage", "category", "object")  # sets about things, the most exact first


class Decoder(Protocol):
    """The part of a runtime that makes sentences."""

    def steps(self, grid: Floats, beams: int) -> Steps: ...


def beam_search(
    decoder: Decoder, grid: Floats, tokens: Tokens, longest: int, beams: int = 3
) -> tuple[list[str], list[float]]:
    """One sentence for each photo's grid [N, h·w, C], of ``longest`` tokens at most, and its mean log-probability a
    token.

    Finished beams stay; ranking is by the mean (length normalisation of Wu et al. 2016 with α = 1), so that short is
    not better.
    """
    n = len(grid)
    end, never = tokens.id[SEP], [tokens.id[word] for word in SPECIAL if word != SEP]
    steps = decoder.steps(grid, beams)
    words = np.full((n * beams, 1), tokens.id[CLS])
    starts = np.full((n, beams), -np.inf)
    starts[:, 0] = 0  # all beams start alike: only one may breed at first
    scores = starts.ravel()
    done = np.zeros(n * beams, bool)
    lengths = np.zeros(n * beams)  # without the first token, which nobody had to guess
    for _ in range(longest - 1):
        logs = _log_softmax(steps(words[:, -1]))
        logs[:, never] = -np.inf
        logs[done] = -np.inf
        logs[done, 0] = 0  # a finished sentence goes on with padding, for free
        total = (scores[:, None] + logs).reshape(n, -1)
        grown = np.broadcast_to((lengths + ~done)[:, None], logs.shape).reshape(n, -1)
        picks = _best(total / grown, beams)
        rows = (picks // logs.shape[1] + np.arange(n)[:, None] * beams).ravel()
        next_words = (picks % logs.shape[1]).ravel()
        scores = np.take_along_axis(total, picks, 1).ravel()
        lengths = lengths[rows] + ~done[rows]
        words = np.concatenate([words[rows], next_words[:, None]], 1)
        steps.keep(rows)
        done = done[rows] | (next_words == end)
        if done.all():
            break
    mean = (scores / lengths).reshape(n, beams)
    best = mean.argmax(1)
    chosen = words[best + np.arange(n) * beams].tolist()
    return [_tidy(tokens.decode(row)) for row in chosen], mean[np.arange(n), best].tolist()


def _log_softmax(logits: Floats) -> npt.NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max(1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(1, keepdims=True)))


def _best(scores: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.int64]:
    """Where the ``count`` highest of each row are, the highest first."""
    found = np.argpartition(scores, -count, axis=1)[:, -count:]
    order = np.take_along_axis(scores, found, 1).argsort(1, kind="stable")[:, ::-1]
    return np.asarray(np.take_along_axis(found, order, 1))


def _tidy(words: str) -> str:
    sentence = words.strip(" .").replace(" ,", ",")
    return sentence[:1].upper() + sentence[1:] + "." if sentence else ""


ORIGIN = "asian|african(?: american)?|caucasian|hispanic|latino|indian|chinese|japanese"
LOOKS = (
    "young|old|older|elderly|little|small|tall|adult|teenaged?|bald|bearded|thin|skinny|chubby|fat|pregnant|blonde?|"
    "dark[ -]haired|muslim|jewish|christian|hindu|"
    f"dark[ -]skinned|male|female|white|black|pretty|beautiful|{ORIGIN}"
)
SEX = r"(?:fe)?males?(?=\s+(?:\w+ing|in|with|at|on|is|are|and|who|from|to|dressed)\b|\s*(?:[,.]|$))"  # as a noun
ONE = f"man|woman|boy|girl|lady|guy|gentleman|child|kid|toddler|baby|infant|teen|teenager|adult|youth|{SEX}"
MANY = "men|women|boys|girls|ladies|guys|gentlemen|children|kids|toddlers|babies|infants|teens|teenagers|adults"
KIN = "mother|father|mom|mum|dad|son|daughter|brother|sister|husband|wife|grandmother|grandfather"
SINGULAR = re.compile(rf"(?:\b(an?|the)\s+)?\b(?:(?:{LOOKS})\s+)*\b(?:{ONE}|{KIN})\b(?!-)", re.I)
PLURAL = re.compile(rf"\b(?:(?:{LOOKS})\s+)*(?:{MANY})\b", re.I)
# Before what people do ("a female tennis player"). Black, white, young and old are said of dogs and buildings, too.
BESIDE = re.compile(
    rf"\b(?:(?:fe)?male|teenaged?|{ORIGIN})\s+(?=\w)|\b(?:young|old|older|elderly)\s+(?=(?:person|people)\b)|"
    r"\byoung\s+(?=\w+(?:er|ist)s?\b)",
    re.I,
)
COUPLE = re.compile(rf"(?:\b(?:an?|the)\s+)?\b(?:(?:{LOOKS})\s+)*\bcouple\b(?!\s+of)", re.I)
BOTH = re.compile(r"\b(?:a|the) person and (?:a|the|another) person\b", re.I)  # a man and a woman
POSSESSIVE = re.compile(r"\b(?:his|her)\b", re.I)
# What is left then, in whatever place, is not said: the sentence goes.
LEFT = re.compile(
    rf"\b(?:{ORIGIN}|(?!human|german|roman)\w*(?:wo)?m[ae]n|\w*girls?|\w*boys?|brides?|grooms?|nuns?|monks?|priests?|"
    "wi(?:fe|ves)|husbands?|elderly|aged|teens?|teenage\\w*|toddlers?|bald\\w*|beard\\w*|mo?ustache\\w*|blondes?|"
    "brunettes?|pregnant|overweight|chubby|skinny|muslims?|jew(?:s|ish)?|christians?|hindus?|burqas?|turbans?|naked|shirtless|topless|"
    "(?:dark|light|fair|white|black|brown)[ -]skin\\w*|(?:fe)?males?|he|she|his|her|him)\\b",
    re.I,
)
PRONOUN = re.compile(r"\b(?:he|she|him)\b", re.I)


def without_looks(sentence: str) -> str:
    """People are "a person": never gender, age, ethnicity or looks, whatever the training sentences say. "" for a
    sentence that would still speak of them.
    """
    sentence = SINGULAR.sub(
        lambda found: {"the": "the person", None: "person"}.get(_low(found[1]), "a person"), sentence
    )
    sentence = BOTH.sub("two people", sentence)
    sentence = BESIDE.sub("", PLURAL.sub("people", COUPLE.sub("two people", sentence)))
    sentence = PRONOUN.sub("that person", POSSESSIVE.sub("their", sentence))
    return "" if LEFT.search(sentence) else sentence[:1].upper() + sentence[1:]


def _low(word: str | None) -> str | None:
    return word.lower() if word else None


PEOPLE = re.compile(r"\b(?:person|people|crowd|player|dog|puppy|cat|horse|bird|animal)s?\b", re.I)


def mentions_people(sentence: str) -> bool:
    """Whether a sentence speaks of people or animals: in the words that the scenes' sentences mostly have for them."""
    return any(words.search(sentence) for words in (PEOPLE, PLURAL, SINGULAR))


def facts(sentence: str, names: Iterable[str]) -> set[str]:
    """The label ``names`` that a sentence says, in lower case; of names within one another, the longest alone."""
    rest, said = sentence.lower(), set()
    for name in sorted({name.lower() for name in names}, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        if re.search(pattern, rest):
            said.add(name)
            rest = re.sub(pattern, " ", rest)
    return said


def is_thing(labels: dict[str, LabelSet]) -> bool:
    """Whether some question about the shop's things applies: then no sentence about a scene is said."""
    return max((labels[s].applies for s in SHOP if s in labels and s != "object"), default=0) >= 0.5


def sure_thing(labels: dict[str, LabelSet]) -> str | None:
    """What is sure of the kind of picture and the shop's things; None when nothing is."""
    return template({name: found for name, found in labels.items() if name != "object"})


def template(labels: dict[str, LabelSet]) -> str | None:
    """What is sure, most exact first and everyday things last; None when nothing is."""
    said = {name: found.stated for name, found in labels.items() if found.stated}
    kind = said.get("kind")
    if kind and kind != "photo":
        return f"A {kind}."
    of_a_kind = " ({category})" if "category" in said else ""
    coloured = " in {colour}" if "colour" in said else ""
    sentences = {
        "product": "{product}" + of_a_kind,
        "article": "{article}" + of_a_kind + coloured,
        "item": "Clothing: {item}",
        "damage": "A vehicle with {damage} damage",
        "category": "{category}" + coloured,
        "object": "{object}",
    }
    said |= {"colour": said.get("colour", "").lower()}
    return next((words.format(**said) + "." for name, words in sentences.items() if name in said), None)
