"""The words dialogue speaks: what a customer's turn is, and what a reply to it is. No heavy import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["answer", "clarify", "refuse", "hand_over"]
Reason = Literal[
    "asked",
    "accepted_offer",
    "repeated_failure",
    "low_confidence",
    "policy",
    "sensitive",
    "model_error",
    "unreadable_photo",
    "form",  # they filled one in
    "other",
]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known about the turn that the customer did not write: data, never an instruction."""

    slot: str  # "product", "category", "kind", "caption", "photo" ...
    value: str
    probability: float  # 0..1, calibrated where it comes from vision
    source: str  # "photo 1", "photo 2", "order system" ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What one customer says at one time. ``facts`` hold every guess worth weighing, also the unsure ones."""

    customer: int
    text: str  # may be empty: a photo alone is a turn
    facts: tuple[Fact, ...] = ()
    photos: int = 0  # how many photos came with the turn
    language: str = ""  # of the customer's Telegram, "" if it says nothing: where words do not tell, that does
    chosen_language: str = ""  # what they chose by /language: nothing else counts then
    plain: bool = False  # no chat model is asked: this customer had their share of it
    replied: str = ""  # what was said in the message that this one is a reply to: ours names its articles
    forwarded: tuple[tuple[str, str], ...] = ()  # (who, words) of what others wrote and the customer passed on

    @property
    def words(self) -> str:
        """What the customer shows in words: their own, then what others wrote, marked as theirs."""
        return "\n".join(filter(None, (self.text, *(f"↪ {who}: {said}" for who, said in self.forwarded))))


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage the answer stands on. ``number`` is how the text names it: ``[1]``."""

    number: int
    article: str  # the article's id: its file name without ".md"
    title: str
    passage: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An article that the question may be about: the bot shows its title as a button."""

    article: str
    title: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Dialogue says what it thinks (action, confidence, reason); the bot decides who owns the conversation.

    ``offers_person`` is a field because words in an answer never hand over: the bot shows a button for it.
    """

    text: str
    action: Action
    confidence: float  # 0..1
    citations: tuple[Citation, ...] = ()
    reason: Reason | None = None  # why, when action is "hand_over" or a person is offered
    offers_person: bool = False
    offers: tuple[Offer, ...] = ()  # at most three; what the customer taps or says comes back as words
    language: str = "en"  # which the text is in
    picture: str = ""  # the web address of the quoted article's picture; Telegram shows it above the text
