"""What the customer means, given what was said before: "and can I freeze it?", "the second one", "yes, that"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from dialogue.evidence import Guess, PhotoEvidence, look
from dialogue.intents import Phrases, plain
from dialogue.language import LANGUAGES, language_of, language_of_short, supported
from dialogue.search import Knowledge
from dialogue.text import tidy
from dialogue.texts import texts_in
from dialogue.turn import Action, Fact, Turn

# "it keeps" points at something, and so does "how long do these keep". "How do I do it", "is it safe to", "what time is
# it" and "this week" point at nothing.
_POINTS = re.compile(
    r"(?:(?<!\bdo )(?<!\bdoing )(?<!\btime is )(?<!\bday is )\b(?:it|this|that|one|its)"
    r"|\b(?:these|those|them|they|ones|theyre|theyve|thats))\b"
    r"(?! (?:takes?|means?|possible|ok|okay|week|month|year|morning|evening|day|time)\b)(?! \w+ (?:to|that)\b)"
)
# "this order" names what it points at; "is this available" does not.
_THIS = re.compile(
    r"\b(?:this|that|these|those) (?!(?:available|free|included|possible|safe|good|fresh|new|old|ready)\b)(\w+)"
)
# The one language of ours that the encoder does not know (going_on.py): its words for "it", "this" and "they".
_HINDI = re.compile(r"(?:^|\s)(?:यह|ये|इसे|इन्हें|इसका|इसकी|इसके|इनका|इनकी|इनके|इसमें|इनमें|उसे|उन्हें)(?=[\s?।,]|$)")
_THIS_ONE = re.compile(r"\b(?:this|these)\b")
_CONTINUES = re.compile(
    r"^(?:and|or|also|but|what about|how about|what else|why|really|how come|tell me more|more|und|oder|aber|y|pero|et"
    r"|ou|mais|e|mas|и|а|или|ve|peki|و|ماذا عن)\b|^(?:那|还有|那么|それ|では|じゃあ|और|तो)"
)
_SOURCE = re.compile(r"^\[\d+\] (.+)$", re.MULTILINE)
NEW_SUBJECT = 2  # more words than that which no article has are a new subject, whatever its pronouns
LEANING = 0.2  # of a cosine: what the article of the last answer has ahead for "how long does it keep?"
CONTEXT = 1_000  # characters of what others wrote that say what a question is about
SHORT = 3  # words with a topic: the answer to our question rather than a question


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier turns leave behind. The default is a first message."""

    question: str = ""  # the customer's last words
    facts: tuple[Fact, ...] = ()  # of the last message that had any
    asked: bool = False  # whether that was the last message: our question back was about its photo
    cited: tuple[str, ...] = ()  # articles of the last answer that had any
    action: Action | None = None  # our last one
    offered: bool = False  # whether our last reply offered a person
    failures: int = 0  # replies in a row that did not know
    offers: tuple[str, ...] = ()  # articles whose titles our last reply offered
    language: str = ""  # of our last reply


_NOTHING = PhotoEvidence()


@dataclass(frozen=True, slots=True)
class Question:
    """One turn, resolved."""

    text: str  # the customer's words of this turn
    wording: str  # what to look for inside an article; earlier words too where this turn answers our question
    evidence: PhotoEvidence = _NOTHING  # what the photos show, of this turn or of the one it goes on about
    follow_up: bool = False  # ``evidence`` or the subject comes from an earlier turn
    chosen: bool = False  # it says which of our guesses is right
    undecided: bool = False  # it says "yes" to "is it A or B?"
    points: bool = False  # it says "this" or "it"
    shows: bool = False  # it says "this", of something that we cannot see
    photos: int = 0
    facts: tuple[Fact, ...] = ()
    language: str = "en"
    earlier: str = ""  # the article of the last answer, which a question without a subject of its own is about
    leaning: tuple[tuple[str, float], ...] = ()  # articles that the conversation is about: (id, how much that counts)
    passed_on: bool = False  # the words are somebody else's: a question in them is answered, and nothing else is meant


def spoken(turn: Turn, memory: Memory) -> str:
    """The language of a turn: chosen, else the words', else the conversation's, else Telegram's, else English."""
    before = memory.language or supported(turn.language)
    said = turn.chosen_language or language_of(tidy(turn.text), before or "en") or _hailed(turn.text)
    return said or memory.language or language_of_short(tidy(turn.text), before) or before or "en"


def _hailed(text: str) -> str:
    """ "Hola" has too few letters to be told by them: the language whose own greeting begins with that word."""
    return _hellos().get(" ".join(plain(text).split()[:1]), "")


@cache
def _hellos() -> dict[str, str]:
    return {plain(texts_in(code)("greeting")).split()[0]: code for code in LANGUAGES}


def resolve(turn: Turn, memory: Memory, knowledge: Knowledge, phrases: Phrases) -> Question:
    text = tidy(turn.text).strip()
    others = tidy("\n".join(said for _, said in turn.forwarded)).strip()[:CONTEXT]
    if text or not others:
        question = _resolved(replace(turn, text=text), memory, knowledge, phrases)
    else:
        question = replace(_resolved(replace(turn, text=others), Memory(), knowledge, phrases), passed_on=True)
    if text and others and question.wording == text:
        question = replace(question, wording=f"{others}\n{text}")
    shows = question.points and bool(_THIS_ONE.search(plain(question.text))) and not question.evidence
    # A title that is tapped or named says nothing of the customer's language.
    language = (question.chosen and (turn.chosen_language or memory.language)) or spoken(turn, memory)
    return replace(question, language=language, shows=shows)


def _resolved(turn: Turn, memory: Memory, knowledge: Knowledge, phrases: Phrases) -> Question:
    text = turn.text
    points = points_at_something(text, knowledge)
    if turn.facts or turn.photos:
        # A photo in answer to "which product?" comes with the question that was asked before it.
        wording = text or (memory.question if memory.action == "clarify" else "")
        return Question(text, wording, look(turn.facts, knowledge), points=points, photos=turn.photos, facts=turn.facts)
    if about := _named_in(turn.replied, knowledge):
        return Question(text, text, follow_up=True, leaning=tuple((name, 2 * LEANING) for name in about))
    if memory.action == "clarify":
        return _answer_to_us(text, points, memory, knowledge, phrases)
    if chosen := _offered(text, memory, knowledge, phrases):
        return _chosen(chosen, text, memory)
    if points or _CONTINUES.match(plain(text)):
        return _follow_up(text, points, memory, knowledge)
    return Question(text, text, points=points, earlier=_spoken_of(memory, knowledge))


def _spoken_of(memory: Memory, knowledge: Knowledge) -> str:
    """The one article of the last answer; "" where there is none, or several."""
    one = memory.cited[0] if len(memory.cited) == 1 and memory.action == "answer" else ""
    return one if one in knowledge.articles else ""


def _named_in(answer: str, knowledge: Knowledge) -> list[str]:
    """The articles that an answer of ours names below itself, first the first."""
    titles = _SOURCE.findall(answer)
    return list(dict.fromkeys(article.id for title in titles for article in knowledge.named(title)))


def _follow_up(text: str, points: bool, memory: Memory, knowledge: Knowledge) -> Question:
    """What "it" may be: the photo that was spoken about, or the article of the last answer.

    "it" goes back to whatever we spoke about; "this" only to a photo: without one it points at something we cannot see.
    """
    evidence = look(memory.facts, knowledge)
    cited = next((knowledge.articles[name] for name in memory.cited if name in knowledge.articles), None)
    if cited is None:
        return Question(text, text, evidence, follow_up=True, points=points, facts=memory.facts)
    shown = any(guess.article is cited for guess in evidence.guesses())
    if shown:
        about = PhotoEvidence((Guess(cited.title, 1.0, "article", "earlier", cited),))
        return Question(text, text, about, follow_up=True, points=points, facts=memory.facts)
    if _THIS_ONE.search(plain(text)):
        return Question(text, text, evidence, follow_up=True, points=points, facts=memory.facts)
    return Question(text, text, follow_up=True, points=points, leaning=((cited.id, LEANING),))


def _answer_to_us(text: str, points: bool, memory: Memory, knowledge: Knowledge, phrases: Phrases) -> Question:
    """We asked back: the new words choose between our guesses, complete the question, or are another one."""
    chosen = _choice(text, memory, knowledge, phrases) or _offered(text, memory, knowledge, phrases)
    if chosen is not None:
        return _chosen(chosen, text, memory)
    choices = look(memory.facts, knowledge).choices() if memory.asked else ()
    if choices and phrases.accepts(text):
        return Question(text, text, PhotoEvidence(choices), follow_up=True, undecided=True, facts=memory.facts)
    completes = memory.question and len(knowledge.words.terms(text)) <= SHORT
    return Question(text, f"{memory.question} {text}" if completes else text, points=points)


def _chosen(guess: Guess, text: str, memory: Memory) -> Question:
    wording = memory.question or text
    return Question(text, wording, PhotoEvidence((guess,)), follow_up=True, chosen=True, facts=memory.facts)


def points_at_something(text: str, knowledge: Knowledge) -> bool:
    """``"how long does this keep?"`` points; ``"how do I do it?"`` does not, nor does ``"cancel this order"``."""
    if _HINDI.search(text):
        return True
    words = _THIS.sub(lambda found: found[1] if knowledge.in_a_title(found[1]) else found[0], plain(text))
    return bool(_POINTS.search(words)) and len(knowledge.unknown(text)) <= NEW_SUBJECT


def _offered(text: str, memory: Memory, knowledge: Knowledge, phrases: Phrases) -> Guess | None:
    """Which of the titles that we offered is meant: by name, by place, or "yes" to a single one."""
    offers = [knowledge.articles[name] for name in memory.offers if name in knowledge.articles]
    if not offers:
        return None
    named = {article.id for article in knowledge.named(text)}
    chosen = next((article for article in offers if article.id in named), None)
    if chosen is None and (place := phrases.place(text)) is not None and place < len(offers):
        chosen = offers[place]
    if chosen is None and len(offers) == 1 and memory.action == "clarify" and phrases.accepts(text):
        chosen = offers[0]
    return Guess(chosen.title, 1.0, "article", "customer", chosen) if chosen else None


def _choice(text: str, memory: Memory, knowledge: Knowledge, phrases: Phrases) -> Guess | None:
    """Which of the guesses that we asked about the customer means."""
    if not memory.asked:
        return None
    evidence = look(memory.facts, knowledge)
    asked = evidence.choices()
    guesses = (*asked, *(guess for guess in evidence.specific if guess not in asked))[:5]
    said = set(knowledge.words.name(text))
    named = [guess for guess in guesses if set(knowledge.words.name(guess.name)) <= said]
    named = named or _by_distinct_words(guesses, said, knowledge)
    if not named and guesses and (place := phrases.place(text)) is not None and place < len(guesses):
        named = [guesses[place]]
    if not named and len(asked) == 1 and phrases.accepts(text):
        named = list(asked)
    return _confirmed(named[0]) if named else None


def _by_distinct_words(guesses: Sequence[Guess], said: set[str], knowledge: Knowledge) -> list[Guess]:
    """``"the golden one"`` of Golden Delicious and Granny Smith: a word that only one of them has."""
    names = [set(knowledge.words.name(guess.name)) for guess in guesses[:2]]
    fits = [guess for guess, name in zip(guesses, names, strict=False) if (said & name) - (names[0] & names[-1])]
    return fits if len(names) > 1 and len(fits) == 1 else []


def _confirmed(guess: Guess) -> Guess:
    return Guess(guess.name, 1.0, guess.slot, "customer", guess.article)
