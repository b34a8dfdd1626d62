"""What a turn's facts say about the shop's articles: guesses with probabilities, the specific before the broad."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialogue.articles import Article
from dialogue.search import Knowledge
from dialogue.turn import Fact

SPECIFIC = ("product", "item", "article")  # what exactly it is
BROAD = ("category", "kind", "damage")  # what sort of thing, or of trouble, it is
UNREADABLE = "unreadable"
SURE = 0.6  # a guess is sure from here on: what a checkpoint states is given so much, what it does not state less
# The kinds of picture that say something where no article does.
KINDS = {
    "receipt": "a receipt",
    "screenshot": "a screenshot",
    "document": "a document",
    "code": "a barcode or QR code",
}
# What was read in a photo and what an article about it may be called, the most telling first.
READ = {
    "error_code": ("error codes", "error code"),
    "tracking": ("tracking number", "parcel label"),
    "order": ("order number",),
    "invoice": ("receipt", "invoice"),
    "total": ("receipt",),
    "serial": ("serial number",),
    "imei": ("serial number",),
    "gtin": (),
    "date": (),
}
LITERAL = (*READ, "code")  # what is looked for in the articles letter by letter
PRINTED = 0.9  # a name that stands on the thing is nearly always its own
CAPTION = 0.5  # what bot gives one: it has no calibrated probability
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
class PhotoEvidence:
    """Everything a turn's photos show, best guess first in each field."""

    specific: tuple[Guess, ...] = ()
    broad: tuple[Guess, ...] = ()
    caption: str = ""
    colour: str = ""
    unreadable: bool = False
    read: tuple[Fact, ...] = ()  # what is printed there, in the order of READ: facts, no guesses
    literal: tuple[str, ...] = ()  # values that an article may mention
    about: tuple[Guess, ...] = ()  # the articles about the kind of thing that was read

    def __bool__(self) -> bool:
        return bool(self.specific or self.broad or self.caption or self.unreadable or self.read or self.literal)

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
        """The one or two guesses of one photo that are asked about when none is sure."""
        likely = [guess for guess in self.specific if guess.probability >= CHOICE]
        return tuple(guess for guess in likely if guess.source == likely[0].source)[:2]

    def _useful(self, guess: Guess, least: float) -> bool:
        """A product without an article gives way to its category's article."""
        if guess.article is not None or guess.slot not in SPECIFIC:
            return guess.article is not None or guess.slot in {"category", "damage"} or guess.name in KINDS
        return not any(b.article and b.probability >= least and b.source == guess.source for b in self.broad)


def look(facts: Iterable[Fact], knowledge: Knowledge) -> PhotoEvidence:
    """Sort a turn's facts into guesses. Facts in slots that are not known here are left to the chat model."""
    facts = sorted(facts, key=lambda fact: -fact.probability)
    guesses = _guesses(facts, SPECIFIC, knowledge)
    return PhotoEvidence(
        specific=(*_printed(facts, guesses, knowledge), *guesses),
        # What the readers say of the whole picture comes before what the model takes parts of it for.
        broad=_guesses(sorted(facts, key=lambda fact: fact.slot != "kind"), BROAD, knowledge),
        caption=next((fact.value for fact in facts if fact.slot == "caption" and fact.probability >= CAPTION), ""),
        colour=next((fact.value for fact in facts if fact.slot == "colour" and fact.probability >= SURE), ""),
        unreadable=any(fact.slot == "photo" and fact.value == UNREADABLE for fact in facts),
        read=(read := tuple(fact for slot in READ for fact in facts if fact.slot == slot)),
        literal=tuple(fact.value for slot in LITERAL for fact in facts if fact.slot == slot),
        about=_about(read, knowledge),
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


def _printed(facts: Sequence[Fact], guesses: Sequence[Guess], knowledge: Knowledge) -> tuple[Guess, ...]:
    """A line on a label that is, word for word, what one of the shop's articles is called.

    Where the model has guesses of its own, one of them must be that: a sign on the shelf names the neighbour, too
    (on grocery photos, 7 wrong articles of 296 and 5 right ones fewer; docs/research/log.md).
    """
    likely = {guess.article.id for guess in guesses if guess.article}
    named = [
        (fact, articles[0]) for fact in facts if fact.slot == "printed" and (articles := knowledge.named(fact.value))
    ]
    return tuple(
        Guess(article.title, PRINTED, "printed", fact.source, article)
        for fact, article in named
        if not guesses or article.id in likely
    )


def _about(read: Sequence[Fact], knowledge: Knowledge) -> tuple[Guess, ...]:
    found = (
        Guess(fact.value, 1.0, "read", fact.source, articles[0])
        for fact in read
        for name in READ[fact.slot]
        if (articles := knowledge.named(name))
    )
    return tuple({guess.article.id: guess for guess in found if guess.article}.values())
