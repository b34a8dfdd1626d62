"""What dialogue thinks of a turn: answer, ask back, refuse or hand over, and how sure it is. The bot decides who owns.

Right counts and wrong hurts: where it is not sure it asks, once; then it offers a person; then it hands over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialogue.context import LEANING, Memory, Question
from dialogue.evidence import CHOICE, SURE, Guess, look
from dialogue.find import Finder, Hits, parts_of
from dialogue.intents import Intents
from dialogue.judgement import SEEN_BUT, About, Judgement
from dialogue.search import Found

FLOOR = 0.2  # of the words' score: beside a photo, a passage below it is not what is asked about
OVER_PHOTO = 0.4  # from here on the words alone choose the article, whatever the photo shows ("refund for this")
# Share of an article's title that the words must say to overrule a photo: "is this available in red?" is not about red
# beet.
BY_TITLE = 0.51
BESIDE_PHOTO = 1.25  # times the floor: for words beside a photo that do not point at it
IN_PASSING = 1.4  # times the floor: for an article whose title the words do not touch
TOUCHED = 0.3  # share of a title
CLEARLY = 0.25  # of a cosine: so far ahead of what the photo shows, the words are about something else
PASSAGES = 4  # how many are given to a chat model
OFFERED = 3  # titles that are offered when it is not sure
DOUBT = 0.95  # chance below which an answer comes with other titles
PART_SURE = 0.75  # chance from which on each question of one message is answered by itself
AT_ONCE = 8  # questions of one message, or of several in one go, that are told apart
BARE = 2  # words with a topic beside a "this": so few do not say what it is about
LETTER = 25  # words: of a longer message each sentence is looked at, too


class Judge:
    """What a search finds becomes one decision; its thresholds are data (dialogue/calibration.json)."""

    def __init__(self, finder: Finder, intents: Intents | None = None, *, sure: float = SURE) -> None:
        self._finder = finder
        self._knowledge = finder.knowledge
        self._intents = intents or Intents(examples=finder.examples)
        self._phrases = self._intents.phrases
        self._sure = sure

    def judge(self, question: Question, memory: Memory) -> Judgement:
        if (around := self._around(question, memory)) is not None:
            return around
        found = self._knowledge.search(question.text, PASSAGES) if question.text else []
        looked = question.evidence or question.photos
        return self.settled(self._with_photo(question, found) if looked else self._by_words(question), question, memory)

    def settled(self, judgement: Judgement, question: Question, memory: Memory) -> Judgement:
        """With the warning that belongs to it, and after failures with a person; also what a chat model judged."""
        judgement = self._with_care(judgement, question)
        # "Yes" to "is it A or B?": asked again, and nobody's failure.
        return judgement if question.undecided else self._after_failures(judgement, memory)

    def passages(self, question: Question) -> tuple[Found, ...]:
        """The best passages, whatever their score: what a chat model is shown."""
        return self._hits(question).found[:PASSAGES]

    def _around(self, question: Question, memory: Memory) -> Judgement | None:
        """What is not about an article at all: a person, yes, no, thanks."""
        if question.passed_on:  # others' words thank nobody, agree to nothing, and wish for no person
            dangerous = self._phrases.in_danger(question.text)
            return Judgement("answer", "danger", 1.0, offers_person=True) if dangerous else None
        first = self._before_all(question)
        if first or question.photos or question.chosen:
            return first
        return self._to_our_offer(question, memory) or self._doubted(question, memory) or self._polite(question)

    def _before_all(self, question: Question) -> Judgement | None:
        text = question.text
        if self._phrases.in_danger(text):
            return Judgement("answer", "danger", 1.0, offers_person=True)
        if self._phrases.small_talk(text) == "who_are_you":  # "are you a real person?" asks, and does not ask for one
            return Judgement("answer", "who_are_you", 1.0)
        if question.chosen:
            return None
        subject = 0.0 if question.photos else self._subject(question)
        if not self._intents.asks_for_person(text, question.language, subject):
            return None
        return Judgement("hand_over", "person", 1.0, reason="asked")

    def _doubted(self, question: Question, memory: Memory) -> Judgement | None:
        """ "Are you sure?": the last answer's quote again, and a person, who may know better."""
        cited = [name for name in memory.cited if name in self._knowledge.articles]
        if not self._intents.doubts(question.text, question.language, self._subject(question)):
            return None
        if memory.action == "refuse":
            return Judgement("refuse", "unknown", 0.3, reason="low_confidence", offers_person=True)
        if memory.action != "answer" or not cited:
            return None
        quoted = tuple(self._finder.passage(name, memory.question, question.language) for name in cited)
        named = look(memory.facts, self._knowledge).sure(self._sure) if memory.asked else ()
        return Judgement("answer", "doubted", 1.0, quoted, named, quote=len(quoted), offers_person=True)

    def _to_our_offer(self, question: Question, memory: Memory) -> Judgement | None:
        text = question.text
        if memory.offered and self._phrases.accepts(text):
            return Judgement("hand_over", "person", 1.0, reason="accepted_offer")
        if memory.offered and self._phrases.declines(text):
            return Judgement("answer", "declined", 1.0)
        asked = memory.offers and memory.action == "clarify"
        if asked and self._phrases.accepts(text):  # to one title it is an answer (context.py); to several, half of one
            return Judgement(
                "clarify", "which_title", 0.3, reason="low_confidence", offers=memory.offers, offers_person=True
            )
        if asked and (self._phrases.neither(text) or self._phrases.declines(text)):
            return self._no_help(memory)
        # "No, I mean the delivery address" brings its own question, whatever was spoken about before.
        if memory.action is None or self._sure_of(self._finder.find(text, question.language)):
            return None
        dissatisfied = self._intents.is_dissatisfied(text, question.language, self._subject(question))
        return self._no_help(memory) if dissatisfied else None

    def _polite(self, question: Question) -> Judgement | None:
        kind = self._intents.small_talk(question.text, question.language, self._subject(question))
        return Judgement("answer", kind, 1.0) if kind else None

    def _subject(self, question: Question) -> float:
        """How alike the words are to our best article."""
        hits = self._hits(question)
        return hits.found[0].score if hits.found else 0.0

    def _no_help(self, memory: Memory) -> Judgement:
        if memory.failures:
            return Judgement("hand_over", "person", 1.0, reason="repeated_failure")
        return Judgement("clarify", "sorry", 0.3, reason="low_confidence", offers_person=True)

    def _hits(self, question: Question) -> Hits:
        return self._finder.find(question.text, question.language, question.leaning)

    def _sure_of(self, hits: Hits) -> bool:
        return hits.right >= self._finder.calibration.answer[hits.kind]

    def _with_photo(self, question: Question, found: list[Found]) -> Judgement:
        if judgement := self._by_reading(question, found):
            return judgement
        sure = question.evidence.sure(self._sure)
        about_it = [guess for guess in sure if guess.article] or self._named(question)
        if self._words_decide(question, found, about_it):
            return self._by_those_words(question, found)
        if about_it:
            return self._about_guesses(question, about_it, found)
        if question.evidence.unreadable and not (question.evidence.specific or question.evidence.broad):
            return Judgement("clarify", "unreadable", 0.2, reason="unreadable_photo")
        if sure:
            return Judgement("clarify", "no_article", 0.3, guesses=sure, reason="low_confidence")
        return self._ask_which(question)

    def _by_reading(self, question: Question, found: list[Found]) -> Judgement | None:
        """What is printed in the photo decides: an article that mentions it, else the one about such a thing."""
        mentioned = self._knowledge.mentioning(" ; ".join(question.evidence.literal))
        about = question.evidence.about
        own = self._knowledge.articles
        guesses = [Guess(one.passage.title, 1.0, "read", "", own[one.passage.article]) for one in mentioned]
        if self._words_decide(question, found, [*guesses, *about]):
            return None
        if mentioned:
            return Judgement("answer", "passages", 1.0, tuple(mentioned[:PASSAGES]), tuple(guesses[:1]))
        if about and found and found[0].title >= TOUCHED and self._enough(found[0]):
            return self._by_those_words(question, found)  # a receipt is about anything: words that fit say about what
        return self._about_guesses(question, list(about[:1]), found) if about else None

    def _by_those_words(self, question: Question, found: list[Found]) -> Judgement:
        """Words decided. What the encoder finds is asked first: it knows more of them."""
        hits = self._hits(question)
        if hits.kind != "words" and self._sure_of(hits):
            return Judgement("answer", "passages", hits.right, hits.found)
        return self._answer(question, found, found[0].score)

    def _named(self, question: Question) -> list[Guess]:
        """The guess that is not sure by itself, but that the customer names: "is this Granny Smith good for a pie?"."""
        said = set(self._knowledge.words.name(question.text))
        likely = [g for g in question.evidence.specific if g.article and g.probability >= CHOICE]
        return [guess for guess in likely if said >= set(self._knowledge.words.name(guess.name))][:1]

    def _words_decide(self, question: Question, found: list[Found], about: list[Guess]) -> bool:
        """Whether the words name another article so clearly that it is not the photo that is asked about.

        "How do I get an invoice?" beside a photo needs less to be about invoices than "can I get a bill for this?".
        """
        own = {guess.article.id for guess in about if guess.article}
        least = OVER_PHOTO if question.points else FLOOR * BESIDE_PHOTO
        if found and found[0].score >= least and found[0].title >= BY_TITLE:
            return found[0].passage.article not in own
        hits = self._hits(question)
        if hits.kind == "words" or not own or not self._sure_of(hits):
            return False
        best = hits.found[0]
        # "Is it organic?" is not about some organic milk: what words point at, another article has to be named for.
        named = best.title >= TOUCHED or not question.points
        return named and best.passage.article not in own and best.score - max(map(hits.score_of, own)) >= CLEARLY

    def _enough(self, found: Found) -> bool:
        return found.score >= FLOOR * (1 if found.title >= TOUCHED else IN_PASSING)

    def _about_guesses(self, question: Question, guesses: list[Guess], found: list[Found]) -> Judgement:
        articles = list(dict.fromkeys(guess.article.id for guess in guesses if guess.article))
        best = [self._finder.passage(article, question.wording, question.language) for article in articles]
        others = [f for f in found if f.passage.article not in articles and f.score >= FLOOR]
        confidence = min(guess.probability for guess in guesses)
        passages = (*best, *others)[: max(PASSAGES, len(best))]
        return Judgement("answer", "passages", confidence, passages, tuple(guesses), quote=len(best))

    def _ask_which(self, question: Question) -> Judgement:
        likely = question.evidence.choices()
        if likely and likely[0].article:
            return Judgement("clarify", "choice", likely[0].probability, guesses=likely, reason="low_confidence")
        shown = question.evidence
        about: About = "only_read" if shown.read else "only_caption" if shown.caption else "not_sure"
        return Judgement("clarify", about, 0.2, reason="low_confidence")

    def _by_words(self, question: Question) -> Judgement:
        question = self._leaning(question)
        if several := self._several(question):
            return several
        hits = max(self._looks(question), key=lambda hits: hits.right)
        if self._points_at_nothing(question, hits):
            return self._ask_more("which", hits)
        if answer := self._answered(question, hits):
            return answer
        which = question.points and self._is_bare(question)  # "my chain snapped after you replaced it" names its thing
        return self._refuse(question, hits) or self._ask_more("which" if which else "more", hits)

    def _leaning(self, question: Question) -> Question:
        """ "Wie lange hält sich das?" after an answer about apples: about them, if nothing else fits much better."""
        if (
            not question.earlier
            or not self._finder.goes_on
            or not self._finder.goes_on(question.text, question.language)
        ):
            return question
        return replace(question, leaning=((question.earlier, LEANING),), follow_up=True)

    def _refuse(self, question: Question, hits: Hits) -> Judgement | None:
        # Others' words need not be our business: what do they want to know of it? And what is "it"?
        if question.passed_on or (question.points and self._is_bare(question)):
            return None
        ours = hits.ours >= self._finder.calibration.refuse[hits.kind]
        if not ours and hits.kind == "words" and not self._speaks(question.language):
            return Judgement("refuse", "language", 1.0, reason="other", offers_person=True)
        if not ours and self._knowledge.words.terms(question.text):
            return Judgement("refuse", "off_topic", 1 - hits.ours, reason="other", offers_person=True)
        return None

    def _answered(self, question: Question, hits: Hits) -> Judgement | None:
        goes_on = self._goes_on(question, hits)
        if goes_on or self._sure_of(hits):
            others = tuple(found.passage.article for found in hits.found[1:OFFERED])
            besides = others if hits.right < DOUBT and not goes_on else ()
            if hits.found and not goes_on:
                besides = (*self._finder.behind_name(question.text, question.language, hits.found[0]), *besides)
                besides = tuple(dict.fromkeys(besides))[: OFFERED - 1]
            return Judgement("answer", "passages", hits.right, self._sections(hits.found, question), offers=besides)
        coded = self._knowledge.mentioning(question.text)
        if len({one.passage.article for one in coded}) != 1:
            return None
        # A code that one article holds is about that article, in any language.
        return Judgement("answer", "passages", 1.0, (self._in_language(coded[0], question),))

    def _ask_more(self, about: About, hits: Hits) -> Judgement:
        offers = tuple(found.passage.article for found in hits.found[:OFFERED])
        return Judgement("clarify", about, hits.right, hits.found, reason="low_confidence", offers=offers)

    def _points_at_nothing(self, question: Question, hits: Hits) -> bool:
        """ "How long does this keep?" as a first message; "is this available in red?" is not about red beet."""
        if not question.shows or question.leaning:
            return False
        title = hits.found[0].title if hits.found else 0.0
        return self._is_bare(question) and title < BY_TITLE

    def _is_bare(self, question: Question) -> bool:
        return len(self._knowledge.words.terms(question.text)) <= BARE

    def _looks(self, question: Question) -> list[Hits]:
        """The words alone; with the question that they complete; of a letter, or of several messages, each sentence."""
        hits = [self._hits(question)]
        if question.wording != question.text:
            hits.append(self._finder.find(question.wording, question.language))
        if self._phrases.turns_person_down(question.text) and (rest := self._phrases.without_person(question.text)):
            hits.append(self._finder.find(rest, question.language))
        if len(question.text.split()) > LETTER or "\n" in question.text:
            hits += [self._finder.find(part, question.language) for part in parts_of(question.text, AT_ONCE)]
        return hits

    def _several(self, question: Question) -> Judgement | None:
        """Two questions in one message: each is answered where it is sure, and named where it is not."""
        parts = parts_of(question.text, AT_ONCE)
        if len(parts) < 2:
            return None
        hits = [self._finder.find(part, question.language, question.leaning) for part in parts]
        sure = [one for one in hits if one.right >= PART_SURE]
        firsts = {one.found[0].passage.article: one.found[0] for one in sure}
        refuse = self._finder.calibration.refuse
        left = [p for p, one in zip(parts, hits, strict=True) if one.right < PART_SURE and one.ours >= refuse[one.kind]]
        left = [one for one in left if "?" in one]
        if not firsts or (len(firsts) < 2 and not (left and "\n" in question.text)):  # of several messages none is lost
            return None
        confidence = min(one.right for one in sure)
        passages = tuple(firsts.values())
        return Judgement("answer", "passages", confidence, passages, quote=len(passages), left_open=tuple(left))

    def _goes_on(self, question: Question, hits: Hits) -> bool:
        """ "How long does it keep?" after an answer, and nothing fits better than the article of that answer."""
        return bool(question.leaning and hits.found) and hits.found[0].passage.article == question.leaning[0][0]

    def _speaks(self, language: str) -> bool:
        """Whether there is an article in ``language``."""
        return any(language in versions for versions in self._knowledge.versions.values())

    def _sections(self, found: Sequence[Found], question: Question) -> tuple[Found, ...]:
        """Where two messages make the question ("how long does it keep?", "granny smith"), both choose the section."""
        if question.wording == question.text:
            return tuple(found)
        best = self._finder.passage(found[0].passage.article, question.wording, question.language)
        return (replace(found[0], passage=best.passage), *found[1:])

    def _with_care(self, judgement: Judgement, question: Question) -> Judgement:
        """What is safe for somebody's body is no article's to say: the quote comes with a warning."""
        if judgement.about == "passages" and self._phrases.about_health(question.text):
            return replace(judgement, careful=True)
        return judgement

    def _answer(self, question: Question, found: list[Found], confidence: float) -> Judgement:
        fit = [f for f in found if f.score >= FLOOR] or found[:1]
        spoken = [replace(f, passage=self._in_language(f, question).passage) for f in fit]
        return Judgement("answer", "passages", confidence, tuple(spoken))

    def _in_language(self, found: Found, question: Question) -> Found:
        if found.passage.language == question.language:
            return found
        return self._finder.passage(found.passage.article, question.text, question.language)

    def _after_failures(self, judgement: Judgement, memory: Memory) -> Judgement:
        """One question back, then the offer of a person, then a person. Words that answer our question are on topic."""
        failed = judgement.action == "clarify" or (judgement.about == "off_topic" and memory.action == "clarify")
        if not failed or not memory.failures:
            return judgement
        if memory.failures == 1:
            about: About = judgement.about if judgement.about in SEEN_BUT else "unknown"
            return replace(judgement, action="refuse", about=about, reason="low_confidence", offers_person=True)
        return Judgement("hand_over", "person", judgement.confidence, reason="repeated_failure")
