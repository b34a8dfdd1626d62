"""Sentences: beam search over the decoder, and a template of what is sure.

On shop photos the template of the stated labels is what is said: it names nothing that abstention held back. The
decoder speaks about scenes, where there are no labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import torch
from torch import Tensor

from vision.model.cached_decoder import Steps
from vision.model.network import FusedModel
from vision.model.tokens import CLS, SEP, SPECIAL, Tokens
from vision.report import LabelSet

SHOP = ("product", "item", "article", "damage", "category", "object")  # sets about things, the most exact first


@torch.no_grad()
def beam_search(model: FusedModel, grid: Tensor, tokens: Tokens, beams: int = 3) -> tuple[list[str], list[float]]:
    """One sentence for each photo's grid [N, h·w, C], and its mean log-probability a token.

    Finished beams stay; ranking is by the mean (length normalisation of Wu et al. 2016 with α = 1), so that short is
    not better.
    """
    n, device = len(grid), grid.device
    end, never = tokens.id[SEP], [tokens.id[word] for word in SPECIAL if word != SEP]
    steps = Steps(model, model.memory(grid), beams)
    words = torch.full((n * beams, 1), tokens.id[CLS], device=device)
    scores = torch.full((n, beams), float("-inf"), device=device)
    scores[:, 0] = 0  # all beams start alike: only one may breed at first
    scores = scores.flatten()
    done = torch.zeros(n * beams, dtype=torch.bool, device=device)
    lengths = torch.zeros(n * beams, device=device)  # without the first token, which nobody had to guess
    for _ in range(model.config.caption_length - 1):
        logs = steps(words[:, -1]).float().log_softmax(-1)
        logs[:, never] = float("-inf")
        logs[done] = float("-inf")
        logs[done, 0] = 0  # a finished sentence goes on with padding, for free
        total = (scores[:, None] + logs).view(n, -1)
        grown = (lengths + (~done).float()).view(n, beams, 1).expand(-1, -1, logs.shape[1]).reshape(n, -1)
        _, picks = (total / grown).topk(beams, -1)
        rows = (picks // logs.shape[1] + torch.arange(n, device=device)[:, None] * beams).flatten()
        next_words = (picks % logs.shape[1]).flatten()
        scores = total.gather(1, picks).flatten()
        lengths = lengths[rows] + (~done[rows]).float()
        words = torch.cat([words[rows], next_words[:, None]], 1)
        steps.keep(rows)
        done = done[rows] | (next_words == end)
        if done.all():
            break
    mean = (scores / lengths).view(n, beams)
    best = mean.argmax(1)
    rows = best + torch.arange(n, device=device) * beams
    return [_tidy(tokens.decode(row)) for row in words[rows].tolist()], mean.gather(1, best[:, None])[:, 0].tolist()


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
