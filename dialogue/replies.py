"""The built-in answer, without any model: says what is in the photo, quotes the article, names it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dialogue.articles import sentences
from dialogue.context import Question
from dialogue.decide import SEEN_BUT, About, Judgement
from dialogue.evidence import CERTAIN, KINDS, Guess
from dialogue.search import Found, Knowledge, literals
from dialogue.turn import Citation, Fact, Reply

SHORT = 60  # words: an article's passage up to that length is quoted whole
SENTENCES = 2  # of a longer one: the best
READ_ALOUD = 4  # things that are said to have been read

NOT_FOUND = "I don't find anything about it in our articles, though."
CARE = "Please don't rely on me where your health is concerned: check what the pack says, and ask a doctor if in doubt."
OFFER = "Shall I get a person from our team for you?"
WORDS: dict[About, str] = {
    "not_sure": "I can't tell for sure what is in your {where}. "
    "Could you tell me its name, or send a closer, brighter photo?",
    "unreadable": "I couldn't open your photo. Could you send it again, or tell me in words what it is about?",
    "which": "I'm not sure which product you mean. Could you tell me its name, or send me a photo of it?",
    "more": "I'm not sure I understood. Could you tell me a little more about what you need?",
    "sorry": "Sorry, that wasn't what you were looking for. Could you put it in other words? "
    "Or I can get a person from our team for you.",
    "off_topic": "I can't help with that: I only know what is in our shop's articles. "
    "Is there anything about the shop I can do for you? A person from our team can help, too.",
    "language": "I'm sorry, I only understand English so far. A person from our team can help you.",
    "danger": "I'm only a shop's automatic assistant, so I can't help with this the way you deserve. "
    "Please talk to somebody now: your local emergency number, a crisis line, or a person close to you. "
    "A person from our team can write to you here, too.",
    "unknown": f"I'm sorry, I don't find an answer to that. {OFFER}",
    "person": "Of course. I'm passing you on to a person from our team.",
    "declined": "All right. Just ask whenever there is something else.",
    "greeting": "Hello! Ask me anything about our shop, or send me a photo of what it is about.",
    "ok": "Good. Is there anything else?",
    "thanks": "You're welcome! Is there anything else?",
    "bye": "Goodbye, and have a good day!",
    "how_are_you": "Fine, thank you! What can I do for you?",
    "who_are_you": "I'm the shop's automatic assistant. I answer from our articles, I can look at photos, "
    "and I can get a person from our team for you.",
}


class Responder:
    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def reply(self, judgement: Judgement, question: Question) -> Reply:
        """Never raises; the text is plain and complete without a model."""
        citations = self._citations(judgement, question)
        return Reply(
            text=self._text(judgement, question, citations),
            action=judgement.action,
            confidence=round(min(1.0, max(0.0, judgement.confidence)), 3),
            citations=citations,
            reason=judgement.reason,
            offers_person=judgement.offers_person,
        )

    def _text(self, judgement: Judgement, question: Question, citations: Sequence[Citation]) -> str:
        if judgement.about == "passages":
            return self._answer(judgement, question, citations)
        if judgement.about == "choice":
            return choice(judgement.guesses)
        if judgement.about == "not_sure":
            return WORDS["not_sure"].format(where=where(question.facts))
        if judgement.about in SEEN_BUT:
            caption = f"I see this in your {where(question.facts)}: {question.seen.caption.rstrip('.')}."
            caption = caption if question.seen.caption else ""
            named = naming(judgement.guesses, question.seen.colour) or ("" if question.seen.read else caption)
            lead = " ".join(filter(None, (reading(question.seen.read), named)))
            return f"{lead} {NOT_FOUND} {OFFER if judgement.offers_person else 'What would you like to know?'}"
        if judgement.about == "more" and judgement.passages:
            titles = " or ".join(f"“{found.passage.title}”" for found in judgement.passages)
            return f"I'm not sure I understood. Is it about {titles}? If not, please tell me a little more."
        return WORDS[judgement.about]

    def _answer(self, judgement: Judgement, question: Question, citations: Sequence[Citation]) -> str:
        named = naming(judgement.guesses, question.seen.colour) if not question.follow_up else ""
        read = reading(question.seen.read) if not question.follow_up else ""
        lead = " ".join(filter(None, (read, named)))
        if not self._speaks_of(question, citations):
            titles = " and ".join(f"“{citation.title}”" for citation in citations)
            lead = f"{lead} I don't find that exact point in our article on {titles}, but this is what it says:".strip()
        quotes = [f"{citation.passage} [{citation.number}]" for citation in citations]
        sources = "\n".join(f"[{citation.number}] {citation.title}" for citation in citations)
        care = [CARE] if judgement.careful else []
        return "\n\n".join([" ".join(filter(None, (lead, quotes[0]))), *quotes[1:], *care, sources])

    def _speaks_of(self, question: Question, citations: Sequence[Citation]) -> bool:
        """Whether the quotes touch the question, its product's name aside. "What is this?" has no topic."""
        said = " ".join(citation.passage for citation in citations)
        codes = [fact.value for fact in question.seen.read if fact.slot == "error_code"]
        if (read := set(literals(" ; ".join(codes)))) and not question.follow_up:
            return bool(read & set(literals(said)))
        asked = self._knowledge.beyond_name(question.wording, [citation.article for citation in citations])
        return not asked or self._knowledge.overlap(asked, said) > 0

    def _citations(self, judgement: Judgement, question: Question) -> tuple[Citation, ...]:
        if judgement.about != "passages":
            return ()
        quoted = judgement.passages[: judgement.quote]
        wording, literal = question.wording, question.seen.literal
        return tuple(
            cite(number, found, self._quote(found, wording, literal)) for number, found in enumerate(quoted, 1)
        )

    def _quote(self, found: Found, wording: str, literal: Sequence[str] = ()) -> str:
        text = found.passage.text
        if len(text.split()) <= SHORT:
            return text
        pieces = sentences(text)
        asked = set(literals(" ; ".join((wording, *literal))))
        if at := next((n for n, piece in enumerate(pieces, 1) if asked & set(literals(piece))), 0):
            return " ".join(pieces[at - 1 : at - 1 + SENTENCES])  # what stands behind the code is about it
        fit = {n: self._knowledge.overlap(wording, piece) for n, piece in enumerate(pieces)}
        best = sorted(sorted(fit, key=lambda n: (-fit[n], n))[:SENTENCES])
        return " ".join(pieces[n] for n in best)


def cite(number: int, found: Found, quote: str) -> Citation:
    return Citation(number, found.passage.article, found.passage.title, quote)


def naming(guesses: Sequence[Guess], colour: str = "") -> str:
    """``"That looks like Granny Smith."``: how sure we are shows in the verb."""
    guesses = [guess for guess in guesses if guess.slot != "read"]
    if not guesses:
        return ""
    said = " and ".join(dict.fromkeys(KINDS.get(guess.name, guess.name) for guess in guesses))
    if all(guess.by_customer for guess in guesses):
        return f"{said}, thank you."
    if all(guess.slot == "damage" for guess in guesses):
        return f"I can see {said} damage."
    what = f"{said} ({colour.lower()})" if colour and colour.lower() not in said.lower() else said
    certain = all(guess.probability >= CERTAIN for guess in guesses)
    return f"{'That is' if certain else 'That looks like'} {what}."


SAID = {
    "error_code": "error code {}",
    "tracking": "parcel {}",
    "order": "order {}",
    "invoice": "receipt number {}",
    "date": "{}",
    "total": "a total of {}",
    "serial": "serial number {}",
    "imei": "IMEI {}",
    "gtin": "article number {}",
}


def reading(facts: Sequence[Fact]) -> str:
    """``"In your photo I read: order 4471-22, Tuesday, 24 November 2026, a total of €18.90."``: facts, no guesses."""
    order = list(SAID)
    said = dict.fromkeys(SAID[f.slot].format(_said(f)) for f in sorted(facts, key=lambda f: order.index(f.slot)))
    return f"In your {where(facts)} I read: {', '.join(list(said)[:READ_ALOUD])}." if said else ""


def where(found: Sequence[Fact | Guess]) -> str:
    """What they come from: "photo", or "video" when all do."""
    return "video" if found and all(one.source.startswith("video") for one in found) else "photo"


def _said(fact: Fact) -> str:
    if fact.slot != "date":
        return fact.value
    try:
        day = date.fromisoformat(fact.value)
    except ValueError:
        return fact.value
    return f"{day:%A}, {day.day} {day:%B %Y}"


def choice(guesses: Sequence[Guess]) -> str:
    """``"Is it A or B?"``, or one name where the others are too unlikely to be said."""
    names = list(dict.fromkeys(guess.name for guess in guesses))
    if len(names) == 1:
        return f"I'm not sure from the {where(guesses)}. Is it {names[0]}?"
    return f"I'm not sure from the {where(guesses)}. Is it {names[0]} or {names[1]}?"
