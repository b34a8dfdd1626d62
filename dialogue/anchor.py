"""Whether a sentence keeps the relations of ONE sentence that it stands on, its anchor. Pure functions.

Words alone cannot tell "vouchers do not count" from "vouchers count", nor whose number a number is. So a sentence is
read as a row of words, numbers and hinges (not, only, except, before, after, must, always). It has to keep the order of
the words, what stands beside each number, and what each hinge turns.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from dialogue.claims import UNITS
from dialogue.tokens import TOKEN, clean, near, says, spaced, stem, unit_at, value_of, words_of

ENOUGH = 0.8  # of a sentence's own words stand in the anchor
ORDER = 0.6  # of the words that it shares with the anchor stand in the anchor's order
REACH, REACH_THERE = 2, 3  # words on each side of a number or a hinge that are its neighbours; the same in the anchor
OPPOSITES = ("un", "in", "non", "dis")  # before a word

_HINGES = {
    "not": "not no never none nothing nobody cannot neither nor without unable nicht nie kein keine keinen keiner "
    "keinem ohne nichts niemand pas jamais sans aucun aucune nunca sin ningún ninguna nadie nada 不 没 未 无 勿",
    "only": "only solely exclusively nur ausschließlich erst seulement solo sólo solamente 只 仅",
    "except": "except unless besides außer sauf excepto salvo 除",
    "before": "before until till bevor vor vorher bis avant jusqu antes hasta 前",
    "after": "after afterwards nach nachdem danach après después tras 后",
    "must": "must required obliged muss müssen pflicht doit doivent debe deben obligatorio 必 须",
    "always": "always all every everything everybody immer alle alles jede jeder jedes toujours tous siempre todo "
    "todos todas 始 任",
}
HINGES = {word: name for name, words in _HINGES.items() for word in words.split()}
KEPT = {"not", "only", "except"}  # what the anchor says with one of these is not said without
LEAST = 3  # words of a part that stands for itself; a shorter one belongs to the next
_PARTS = re.compile(r"[,;:–。]|\b(?:and|but|or|und|aber|et|mais|y|pero)\b")
_OPENING = re.compile(
    r"^\W*(?:yes|no|sure|of course|don't worry|no problem|unfortunately|ja|nein|leider|oui|non|sí)\b[\s,:!.]*"
)
PRONOUNS = frozenset("it they this that these there then es sie das dies dann ello esto eso 它 之".split())  # noqa: SIM905
_CLAUSES = re.compile(
    r"[.;:,!?。\n]+|\b(?:but|so that|because|if|when|where|which|while|although|aber|weil|wenn|pero|si|porque)\b"
)


@dataclass(frozen=True)
class Token:
    kind: str  # "word", "number", or the name of a hinge
    text: str = ""  # of a word its stem, of a number its value and unit

    @property
    def turns(self) -> bool:
        return self.kind not in ("word", "number")


def anchored(said: str, anchors: Sequence[str], known: Collection[str] = ()) -> bool:
    """Whether ``said`` keeps to one of ``anchors``, the sentences of the passages, or each part of it to one of two
    that stand together. ``known``: stems that say nothing new here, of the title and of what is in the photo."""
    everything = {token.text for anchor in anchors for token in read(anchor) if token.kind == "word"}
    before = ["", *anchors]
    about = [{*known, *_meant(anchor, last)} for anchor, last in zip(anchors, before, strict=False)]
    if any(_keeps(said, *one, everything) for one in zip(anchors, about, strict=True)):
        return True
    parts, pairs = _parts(said), list(zip(anchors, about, strict=True))
    stand = [[_keeps(part, *one, everything) for one in pairs] for part in parts]
    return any(all(any(row[at : at + 2]) for row in stand) for at in range(len(pairs)))


def _meant(anchor: str, last: str) -> set[str]:
    """Stems of the sentence before, where ``anchor`` begins with a word that stands for something in it."""
    begins = words_of(anchor)[:2]
    return {token.text for token in read(last) if token.kind == "word"} if not PRONOUNS.isdisjoint(begins) else set()


def _parts(sentence: str) -> list[str]:
    parts, rest = list[str](), ""
    for part in _PARTS.split(sentence):
        rest = f"{rest}, {part}" if rest else part
        if sum(not token.turns for token in read(rest)) >= LEAST:
            parts.append(rest)
            rest = ""
    if rest.strip():
        parts[-1:] = [f"{parts[-1]}, {rest}" if parts else rest]
    return parts


def _keeps(said: str, anchor: str, known: Set[str], everything: Set[str]) -> bool:
    """``everything``: stems of all anchors. A word that another sentence has, and this one has not, changes it."""
    ours, theirs = read(said), read(anchor)
    words = [token for token in ours if not token.turns]
    shared = [token for token in words if _is_among(token, theirs)]
    strange = [token.text for token in words if token not in shared and not near(token.text, known)]
    if not shared:
        return not words
    if len(shared) < ENOUGH * (len(shared) + len(strange)) or any(near(word, everything) for word in strange):
        return False
    return (
        not _opposite(words, theirs)
        and _count(ours) <= _count(theirs)
        and _in_order(shared, theirs)
        and all(_beside(at, ours, theirs) for at, token in enumerate(ours) if token.kind != "word")
        and all(_turned_alike(clause, anchor, ours) for clause in _clauses(said))
    )


def _count(tokens: Sequence[Token]) -> int:
    return sum(token.kind == "not" for token in tokens)


def read(text: str) -> list[Token]:
    """The row of tokens of a sentence; words that say nothing are left out."""
    found, row = TOKEN.findall(spaced(_OPENING.sub("", clean(text).lower()))), list[Token]()
    for at, token in enumerate(found):
        number = value_of(token)
        unit = "" if number is None else unit_at(found, at)
        if token in HINGES or token.endswith("n't"):
            row.append(Token(HINGES.get(token, "not")))
        elif number is not None and (unit or token[0].isdigit() or number > 2):
            row.append(Token("number", f"{number:g} {unit}"))
        elif number is None and token[0].isalpha() and token not in UNITS and says(token):
            row.append(Token("word", stem(token.removesuffix("'s"))))
    return row


def _is_among(token: Token, tokens: Sequence[Token]) -> bool:
    return any(_same(token, other) for other in tokens)


def _same(one: Token, other: Token) -> bool:
    return one.kind == other.kind and (one.text == other.text or (one.kind == "word" and near(one.text, {other.text})))


def _opposite(words: Sequence[Token], theirs: Sequence[Token]) -> bool:
    """ "opened" where the anchor says "unopened", or the other way round."""
    ours, there = {token.text for token in words}, {token.text for token in theirs}
    return any(
        (one not in there and f"{before}{one}" in there)
        or (one.startswith(before) and one not in there and one.removeprefix(before) in there)
        for one in ours
        for before in OPPOSITES
    )


def _in_order(shared: Sequence[Token], theirs: Sequence[Token]) -> bool:
    places = [next(at for at, other in enumerate(theirs) if _same(token, other)) for token in shared]
    places = list(dict.fromkeys(places))
    return LCSseq.similarity(places, sorted(places)) >= ORDER * len(places)


def _beside(at: int, ours: Sequence[Token], theirs: Sequence[Token]) -> bool:
    """Whether the number or hinge at ``at`` stands in the anchor, beside one of the words it stands beside here."""
    places = [there for there, other in enumerate(theirs) if _same(ours[at], other)]
    here = _neighbours(at, ours, REACH)
    if not here:
        return bool(places)
    return any(_is_among(one, _neighbours(there, theirs, REACH_THERE)) for there in places for one in here)


def _neighbours(at: int, tokens: Sequence[Token], reach: int) -> list[Token]:
    left = [token for token in tokens[:at] if not token.turns][-reach:]
    right = [token for token in tokens[at + 1 :] if not token.turns][:reach]
    return [*left, *right]


def _turned_alike(clause: str, anchor: str, ours: Sequence[Token]) -> bool:
    """Whether nothing is said plainly that the anchor's likest clause says with "not", "only" or "except"."""
    own = [token for token in read(clause) if token.kind == "word"]
    parts = [read(part) for part in _clauses(anchor)]
    shares = [sum(_is_among(token, part) for token in own) for part in parts]
    if not max(shares, default=0):
        return True
    likest = [part for part, count in zip(parts, shares, strict=True) if count == max(shares)]
    said = {token.kind for token in ours}
    return any({token.kind for token in part} & KEPT <= said for part in likest)


def _clauses(sentence: str) -> Iterator[str]:
    return (part for part in _CLAUSES.split(sentence) if part and part.strip())
