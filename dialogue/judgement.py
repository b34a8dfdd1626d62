"""What dialogue thinks of a turn, before it has words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialogue.evidence import Guess
from dialogue.search import Found
from dialogue.turn import Action, Reason

# What the reply is about: the built-in replies have words for each.
About = Literal[
    "passages",  # answers from articles
    "doubted",  # "are you sure?": what the last answer stands on, again
    "choice",  # is it A or B?
    "no_article",  # we see what it is, and have nothing on it
    "only_caption",  # we can say what the scene is, and nothing the shop knows
    "only_read",  # we can say what is printed there, and nothing the shop knows
    "not_sure",  # we cannot tell what it is
    "unreadable",  # the photo did not open
    "which",  # "this", but no photo and no product named
    "more",  # please say more
    "which_title",  # of several that we offered
    "sorry",  # the last answer was no help
    "off_topic",
    "language",  # not one that we understand
    "danger",  # somebody may harm themselves
    "unknown",
    "person",
    "declined",
    "greeting",
    "ok",
    "thanks",
    "bye",
    "how_are_you",
    "who_are_you",
]
SEEN_BUT = {"no_article", "only_caption", "only_read"}  # worth saying again with the offer of a person


@dataclass(frozen=True, slots=True)
class Judgement:
    action: Action
    about: About
    confidence: float  # 0..1
    passages: tuple[Found, ...] = ()  # best first; the first ``quote`` of them are the built-in answer
    guesses: tuple[Guess, ...] = ()  # what the reply says is in the photo, or asks about
    quote: int = 1
    # Of each quoted passage the sentences that a chat model pointed at, from 0; () of one that it left to us.
    sentences: tuple[tuple[int, ...], ...] = ()
    reason: Reason | None = None
    offers_person: bool = False
    careful: bool = False  # the question is about somebody's health
    offers: tuple[str, ...] = ()  # articles whose titles are offered; of an answer: what else it may be about
    left_open: tuple[str, ...] = ()  # questions of the same message that no article answers
