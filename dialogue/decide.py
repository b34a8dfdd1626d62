"""What dialogue thinks of a turn: answer, ask back, refuse or hand over, and how sure it is. The bot decides who owns.

Right counts and wrong hurts: where it is not sure it asks, once; then it offers a person; then it hands over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from dialogue.context import Memory, Question
from dialogue.evidence import CHOICE, SURE, Guess
from dialogue.intents import Phrases
from dialogue.search import Found, Knowledge
from dialogue.turn import Action, Reason

FLOOR = 0.2  # below it nothing is answered; this and the next were measured on support questions (docs/research/log.md)
OFF_TOPIC = 0.17  # below it the question is none of the shop's business; between the two we ask
OVER_PHOTO = 0.4  # from here on the words alone choose the article, whatever the photo shows ("refund for this")
# Share of an article's title that the words must say to overrule a photo or a "this": "how much is it?" is no fee.
# More than half: "is this available in red?" is not about red beet.
BY_TITLE = 0.51
BESIDE_PHOTO = 1.25  # times the floor: for words beside a photo that do not point at it
IN_PASSING = 1.4  # times the floor: for an article whose title the words do not touch
TOUCHED = 0.3  # share of a title
PASSAGES = 4  # how many are given to a chat model

# What the reply is about: the responder has words for each.
About = Literal[
    "passages",  # answers from articles
    "choice",  # is it A or B?
    "no_article",  # we see what it is, and have nothing on it
    "only_caption",  # we can say what the scene is, and nothing the shop knows
    "only_read",  # we can say what is printed there, and nothing the shop knows
    "not_sure",  # we cannot tell what it is
    "unreadable",  # the photo did not open
    "which",  # "this", but no photo and no product named
    "more",  # please say more
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
    reason: Reason | None = None
    offers_person: bool = False
    careful: bool = False  # the question is about somebody's health


class Judge:
    """Thresholds are constructor arguments: a shop with other articles may want others."""

    def __init__(
        self,
        knowledge: Knowledge,
        phrases: Phrases | None = None,
        *,
        floor: float = FLOOR,
        off_topic: float = OFF_TOPIC,
        over_photo: float = OVER_PHOTO,
        sure: float = SURE,
    ) -> None:
        self._knowledge = knowledge
        self._phrases = phrases or Phrases()
        self._floor = floor
        self._off_topic = min(off_topic, floor)
        self._over_photo = over_photo
        self._sure = sure

    def judge(self, question: Question, memory: Memory) -> Judgement:
        around = self._around(question, memory)
        if around is not None:
            return around
        found = self._knowledge.search(question.text, PASSAGES) if question.text else []
        looked = question.seen or question.photos
        judgement = self._with_photo(question, found) if looked else self._by_words(question, found)
        judgement = self._with_care(judgement, question)
        # "Yes" to "is it A or B?": asked again, and nobody's failure.
        return judgement if question.undecided else self._after_failures(judgement, memory)

    def _around(self, question: Question, memory: Memory) -> Judgement | None:
        """What is not about an article at all: a person, yes, no, thanks."""
        first = self._before_all(question.text)
        if first or question.photos or question.chosen:
            return first
        return self._to_our_offer(question.text, memory) or self._polite(question.text)

    def _before_all(self, text: str) -> Judgement | None:
        if self._phrases.in_danger(text):
            return Judgement("answer", "danger", 1.0, offers_person=True)
        if self._phrases.small_talk(text) == "who_are_you":  # "are you a real person?" asks, and does not ask for one
            return Judgement("answer", "who_are_you", 1.0)
        asked = self._phrases.asks_for_person(text)
        return Judgement("hand_over", "person", 1.0, reason="asked") if asked else None

    def _to_our_offer(self, text: str, memory: Memory) -> Judgement | None:
        if memory.offered and self._phrases.accepts(text):
            return Judgement("hand_over", "person", 1.0, reason="accepted_offer")
        if memory.offered and self._phrases.declines(text):
            return Judgement("answer", "declined", 1.0)
        if memory.action is not None and self._phrases.is_dissatisfied(text) and not self._answers(text):
            return self._no_help(memory)
        return None

    def _polite(self, text: str) -> Judgement | None:
        kind = self._phrases.small_talk(text)
        if kind:
            return Judgement("answer", kind, 1.0)
        if self._phrases.is_foreign(text):
            return Judgement("refuse", "language", 1.0, reason="other", offers_person=True)
        return None

    def _no_help(self, memory: Memory) -> Judgement:
        if memory.failures:
            return Judgement("hand_over", "person", 1.0, reason="repeated_failure")
        return Judgement("clarify", "sorry", 0.3, reason="low_confidence", offers_person=True)

    def _answers(self, text: str) -> bool:
        """``"no, I mean the delivery address"`` brings its own question."""
        return any(map(self._enough, self._knowledge.search(text, 1)))

    def _with_photo(self, question: Question, found: list[Found]) -> Judgement:
        if judgement := self._by_reading(question, found):
            return judgement
        sure = question.seen.sure(self._sure)
        about_it = [guess for guess in sure if guess.article] or self._named(question)
        if self._words_decide(question, found, about_it):
            return self._answer(found, found[0].score)
        if about_it:
            return self._about_guesses(question, about_it, found)
        if question.seen.unreadable and not (question.seen.specific or question.seen.broad):
            return Judgement("clarify", "unreadable", 0.2, reason="unreadable_photo")
        if sure:
            return Judgement("clarify", "no_article", 0.3, guesses=sure, reason="low_confidence")
        return self._ask_which(question)

    def _by_reading(self, question: Question, found: list[Found]) -> Judgement | None:
        """What is printed in the photo decides: an article that mentions it, else the one about such a thing."""
        mentioned = self._knowledge.mentioning(" ; ".join(question.seen.literal))
        about = question.seen.about
        guesses = [
            Guess(m.passage.title, 1.0, "read", "", self._knowledge.articles[m.passage.article]) for m in mentioned
        ]
        if self._words_decide(question, found, [*guesses, *about]):
            return None
        if mentioned:
            return Judgement("answer", "passages", 1.0, tuple(mentioned[:PASSAGES]), tuple(guesses[:1]))
        if about and found and found[0].title >= TOUCHED and self._enough(found[0]):
            return self._answer(found, found[0].score)  # a receipt is about anything: words that fit say about what
        return self._about_guesses(question, list(about[:1]), found) if about else None

    def _named(self, question: Question) -> list[Guess]:
        """The guess that is not sure by itself, but that the customer names: "is this Granny Smith good for a pie?"."""
        said = set(self._knowledge.words.name(question.text))
        likely = [g for g in question.seen.specific if g.article and g.probability >= CHOICE]
        return [guess for guess in likely if said >= set(self._knowledge.words.name(guess.name))][:1]

    def _words_decide(self, question: Question, found: list[Found], about: list[Guess]) -> bool:
        """Whether the words name another article so clearly that it is not the photo that is asked about.

        "How do I get an invoice?" beside a photo needs less to be about invoices than "can I get a bill for this?".
        """
        least = self._over_photo if question.points else self._floor * BESIDE_PHOTO
        if not found or found[0].score < least or found[0].title < BY_TITLE:
            return False
        own = {guess.article.id for guess in about if guess.article}
        return found[0].passage.article not in own

    def _enough(self, found: Found) -> bool:
        return found.score >= self._floor * (1 if found.title >= TOUCHED else IN_PASSING)

    def _clear(self, found: Found) -> bool:
        return found.score >= self._over_photo and found.title >= BY_TITLE

    def _about_guesses(self, question: Question, guesses: list[Guess], found: list[Found]) -> Judgement:
        articles = list(dict.fromkeys(guess.article.id for guess in guesses if guess.article))
        best = [self._knowledge.best_of(article, question.wording) for article in articles]
        others = [f for f in found if f.passage.article not in articles and f.score >= self._floor]
        confidence = min(guess.probability for guess in guesses)
        passages = (*best, *others)[: max(PASSAGES, len(best))]
        return Judgement("answer", "passages", confidence, passages, tuple(guesses), quote=len(best))

    def _ask_which(self, question: Question) -> Judgement:
        likely = question.seen.choices()
        if likely and likely[0].article:
            return Judgement("clarify", "choice", likely[0].probability, guesses=likely, reason="low_confidence")
        about: About = "only_read" if question.seen.read else "only_caption" if question.seen.caption else "not_sure"
        return Judgement("clarify", about, 0.2, reason="low_confidence")

    def _by_words(self, question: Question, found: list[Found]) -> Judgement:
        joined = self._knowledge.search(question.wording, PASSAGES) if question.wording != question.text else found
        best = max(found, joined, key=lambda f: f[0].score if f else 0.0)
        score = best[0].score if best else 0.0
        if question.points and not (best and self._clear(best[0])):
            return Judgement("clarify", "which", score, reason="low_confidence")
        if best and self._enough(best[0]):
            return self._answer(self._sections(best, question), score)
        if score < self._off_topic and self._knowledge.words.terms(question.text):
            return Judgement("refuse", "off_topic", 1 - score, reason="other", offers_person=True)
        return Judgement("clarify", "more", score, tuple(best[:2]), reason="low_confidence")

    def _sections(self, found: list[Found], question: Question) -> list[Found]:
        """Where two messages make the question ("how long does it keep?", "granny smith"), both choose the section."""
        if question.wording == question.text:
            return found
        best = self._knowledge.best_of(found[0].passage.article, question.wording)
        return [replace(found[0], passage=best.passage), *found[1:]]

    def _with_care(self, judgement: Judgement, question: Question) -> Judgement:
        """What is safe for somebody's body is no article's to say: the quote comes with a warning."""
        if judgement.about == "passages" and self._phrases.about_health(question.text):
            return replace(judgement, careful=True)
        return judgement

    def _answer(self, found: list[Found], confidence: float) -> Judgement:
        return Judgement("answer", "passages", confidence, tuple(f for f in found if f.score >= self._floor))

    def _after_failures(self, judgement: Judgement, memory: Memory) -> Judgement:
        """One question back, then the offer of a person, then a person. Words that answer our question are on topic."""
        failed = judgement.action == "clarify" or (judgement.about == "off_topic" and memory.action == "clarify")
        if not failed or not memory.failures:
            return judgement
        if memory.failures == 1:
            about: About = judgement.about if judgement.about in SEEN_BUT else "unknown"
            return replace(judgement, action="refuse", about=about, reason="low_confidence", offers_person=True)
        return Judgement("hand_over", "person", judgement.confidence, reason="repeated_failure")
