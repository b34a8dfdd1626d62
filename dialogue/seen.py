"""What a turn's facts say about the shop's articles: guesses with probabilities, the specific before the broad."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialogue.articles import Article
from dialogue.knowledge import Knowledge
from dialogue.turn import Fact

SPECIFIC = ("product", "item", "article")  # what exactly it is
BROAD = ("category", "kind", "damage")  # what sort of thing, or of trouble, it is
UNREADABLE = "unreadable"
SURE = 0.65  # measured on grocery validation photos with weights/first: 0.07 wrong; 0.55 gave 0.13 (docs/log.md)
# The kinds of picture that say something where no article does. A caption has no calibrated probability: bot gives 0.5.
KINDS = {"receipt": "a receipt", "screenshot": "a screenshot", "code": "a barcode or QR code"}
CAPTION = 0.5
CHOICE = 0.15  # a guess less likely than that is not worth asking about
CERTAIN = 0.85  # above it, no "looks like"


@dataclass(frozen=True, slots=True)
class Guess:
    """One name of what is in a photo. ``article`` is the shop's own about it, if there is one."""

    name: str
    probability: float
    slot: str
    source: str
    article: Article | None = None

    @property
    def by_customer(self) -> bool:
        return self.source == "customer"


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything a turn's photos show, best guess first in each field."""

    specific: tuple[Guess, ...] = ()
    broad: tuple[Guess, ...] = ()
    caption: str = ""
    colour: str = ""
    unreadable: bool = False

    def __bool__(self) -> bool:
        return bool(self.specific or self.broad or self.caption or self.unreadable)

    def guesses(self) -> tuple[Guess, ...]:
        return (*self.specific, *self.broad)

    def sure(self, least: float = SURE) -> tuple[Guess, ...]:
        """The best guess of each photo that is sure enough to be said; the specific one where there are both."""
        said: dict[str, Guess] = {}
        for guess in self.guesses():
            if guess.probability >= least and self._useful(guess, least):
                said.setdefault(guess.source, guess)
        return tuple(said.values())

    def choices(self) -> tuple[Guess, ...]:
        """The one or two guesses that are asked about when none is sure."""
        return tuple(guess for guess in self.specific if guess.probability >= CHOICE)[:2]

    def _useful(self, guess: Guess, least: float) -> bool:
        """A product without an article gives way to its category's article."""
        if guess.article is not None or guess.slot not in SPECIFIC:
            return guess.article is not None or guess.slot in {"category", "damage"} or guess.name in KINDS
        return not any(b.article and b.probability >= least and b.source == guess.source for b in self.broad)


def look(facts: Iterable[Fact], knowledge: Knowledge) -> Seen:
    """Sort a turn's facts into guesses. Facts in slots that are not known here are left to the chat model."""
    facts = sorted(facts, key=lambda fact: -fact.probability)
    return Seen(
        specific=_guesses(facts, SPECIFIC, knowledge),
        broad=_guesses(facts, BROAD, knowledge),
        caption=next((fact.value for fact in facts if fact.slot == "caption" and fact.probability >= CAPTION), ""),
        colour=next((fact.value for fact in facts if fact.slot == "colour" and fact.probability >= SURE), ""),
        unreadable=any(fact.slot == "photo" and fact.value == UNREADABLE for fact in facts),
    )


def _guesses(facts: Sequence[Fact], slots: tuple[str, ...], knowledge: Knowledge) -> tuple[Guess, ...]:
    guesses = []
    for fact in facts:
        if fact.slot in slots:
            articles = knowledge.named(fact.value)
            guesses.append(
                Guess(fact.value, fact.probability, fact.slot, fact.source, articles[0] if articles else None)
            )
    return tuple(guesses)
