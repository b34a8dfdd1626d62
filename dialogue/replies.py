"""Every answer's words: they say what is in the photo, quote the article, and name it.

A chat model that judged has no words of its own: it points at sentences of articles, which are quoted (decision 55).

Which words a reply is made of is decided here; the words themselves stand in texts/*.ftl.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate, takewhile

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from dialogue.articles import sentences
from dialogue.codes import literals
from dialogue.context import Question
from dialogue.evidence import CERTAIN, KINDS, Guess
from dialogue.find import Finder
from dialogue.judgement import SEEN_BUT, Judgement
from dialogue.search import Found
from dialogue.texts import Texts, texts_in
from dialogue.turn import Citation, Fact, Offer, Reply

SHORT = 60  # words: an article's passage up to that length is quoted whole
SENTENCES = 2  # of a longer one: the best
QUOTING = {"passages", "doubted"}
TITLES = {"more": "more-titles", "which_title": "which-title"}
READ_ALOUD = 4  # things that are said to have been read
CURRENCIES = {"€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₽": "RUB"}  # signs of one currency alone
LEADS = (":", "?", "：", "？", "؟")  # how a line ends that the next one completes
_NO_BLANK = re.compile("(?<=[。！？]) ")
_ITEM = re.compile(r"•|\d{1,3}[.)] ")
_AMOUNT = re.compile(r"([^\d\s.-]*)\s?(-?\d+\.\d{2})")
READ = ("error_code", "tracking", "order", "invoice", "date", "total", "serial", "imei", "gtin")  # in that order


class Replies:
    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._knowledge = finder.knowledge

    def reply(self, judgement: Judgement, question: Question) -> Reply:
        """Never raises; the text is plain and complete without a model."""
        say = texts_in(question.language)
        citations = self._citations(judgement, question)
        return Reply(
            text=self._text(say, judgement, question, citations),
            action=judgement.action,
            confidence=round(min(1.0, max(0.0, judgement.confidence)), 3),
            citations=citations,
            reason=judgement.reason,
            offers_person=judgement.offers_person,
            offers=self._offers(judgement, question),
            language=say.language,
            picture=self._picture(citations, question),
        )

    def _picture(self, citations: Sequence[Citation], question: Question) -> str:
        """Of one article alone, and only an address of the web: the bot sends no files of the shop's."""
        if len(citations) != 1:
            return ""
        name = citations[0].article
        picture = self._knowledge.versions[name].get(question.language, self._knowledge.articles[name]).picture
        return picture if picture.startswith(("https://", "http://")) else ""

    def _text(self, say: Texts, judgement: Judgement, question: Question, citations: Sequence[Citation]) -> str:
        if judgement.about in QUOTING:
            return self._answer(say, judgement, question, citations)
        if judgement.about == "choice":
            return choice(say, judgement.guesses)
        if judgement.about == "not_sure":
            return say("not-sure", where=where(question.facts))
        if judgement.about in SEEN_BUT:
            return _named_but_unanswered(say, judgement, question)
        if judgement.about not in TITLES:
            return say(judgement.about)
        titles = "\n".join(f"{n}. {offer.title}" for n, offer in enumerate(self._offers(judgement, question), 1))
        return f"{say(TITLES[judgement.about])}\n\n{titles}" if titles else say("more")

    def _offers(self, judgement: Judgement, question: Question) -> tuple[Offer, ...]:
        versions = self._knowledge.versions
        articles = [versions[name].get(question.language, self._knowledge.articles[name]) for name in judgement.offers]
        return tuple(Offer(article.id, article.title) for article in articles)

    def _answer(self, say: Texts, judgement: Judgement, question: Question, citations: Sequence[Citation]) -> str:
        lead = [say("doubted")] if judgement.about == "doubted" else []
        if not question.follow_up:
            lead += [reading(say, question.evidence.read), naming(say, judgement.guesses, question.evidence.colour)]
        spoken = {found.passage.language for found in judgement.passages[: judgement.quote]}
        if spoken and question.language not in spoken:
            lead.append(say("other-language"))
        elif not judgement.sentences and not self._speaks_of(question, citations):
            titles = [say("title", title=citation.title) for citation in citations]
            lead.append(say("not-that-point", titles=_joined(say, titles)))
        quotes = [f"{citation.passage} [{citation.number}]" for citation in citations]
        sources = "\n".join(f"[{citation.number}] {citation.title}" for citation in citations)
        after = [say("left-open", question=part) for part in judgement.left_open]
        after += [say("care")] if judgement.careful else []
        after += [say("offer")] if judgement.about == "doubted" else []
        if judgement.offers:
            sources += f"\n\n{say('something-else')}"
        return "\n\n".join([" ".join(filter(None, (*lead, quotes[0]))), *quotes[1:], *after, sources])

    def _speaks_of(self, question: Question, citations: Sequence[Citation]) -> bool:
        """Whether the quotes touch the question, its product's name aside. "What is this?" has no topic."""
        said = " ".join(citation.passage for citation in citations)
        codes = [fact.value for fact in question.evidence.read if fact.slot == "error_code"]
        if (read := set(literals(" ; ".join(codes)))) and not question.follow_up:
            return bool(read & set(literals(said)))
        asked = self._knowledge.beyond_name(question.wording, [citation.article for citation in citations])
        return not asked or self._finder.touches(question.wording, asked, said, question.language)

    def _citations(self, judgement: Judgement, question: Question) -> tuple[Citation, ...]:
        if judgement.about not in QUOTING:
            return ()
        quoted = judgement.passages[: judgement.quote]
        wording, literal = question.wording, question.evidence.literal
        pointed = judgement.sentences or ((),) * len(quoted)
        quotes = [
            _around(found, chosen) if chosen else self._quote(found, wording, literal)
            for found, chosen in zip(quoted, pointed, strict=True)
        ]
        return tuple(
            Citation(number, found.passage.article, found.passage.title, quote)
            for number, (found, quote) in enumerate(zip(quoted, quotes, strict=True), 1)
        )

    def _quote(self, found: Found, wording: str, literal: Sequence[str] = ()) -> str:
        text, heading = found.passage.text, found.passage.heading
        if _length(text) <= SHORT:
            return _headed(heading, text)
        pieces = sentences(text)
        asked = set(literals(" ; ".join((wording, *literal))))
        if at := next((n for n, piece in enumerate(pieces, 1) if asked and asked & set(literals(piece))), 0):
            return " ".join(pieces[at - 1 : at - 1 + SENTENCES])  # what stands behind the code is about it
        return _headed(heading, _quoted(text, self._finder.best_sentences(wording, pieces, SENTENCES)))


def _around(found: Found, chosen: Sequence[int]) -> str:
    """What a chat model pointed at, with what stands around it: a sentence alone may say the opposite. A short passage
    is quoted whole, as without a model; of a longer one the paragraphs."""
    text = found.passage.text
    return _headed(found.passage.heading, text if _length(text) <= SHORT else _quoted(text, chosen, paragraphs=True))


def _headed(heading: str, text: str) -> str:
    """ "No." answers nothing without the question that stands above it."""
    return f"{heading} {text}" if heading.endswith(("?", "？", "؟")) else text


def _quoted(text: str, chosen: Sequence[int], *, paragraphs: bool = False) -> str:
    """The ``chosen`` sentences, and the one before each in its paragraph: "from €50 it is free" says nothing without
    "delivery costs €3.90"; but one with a code is about that code, which the search was not asked for.
    ``paragraphs``: of what is no list, the whole paragraph.
    Of a list all is quoted. A line that leads to the next one, such as a question, and that one belong together.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    starts = [0, *accumulate(len(sentences(line)) for line in lines)]
    wanted = {at for at, first in enumerate(starts[:-1]) if any(first <= n < starts[at + 1] for n in chosen)}
    wanted |= {at + 1 for at in wanted if lines[at].rstrip().endswith(LEADS) and at + 1 < len(lines)}
    wanted |= {other for at in wanted for other in _list_around(lines, at)}
    leads = {at - 1 for at in wanted if at and lines[at - 1].rstrip().endswith(LEADS)} - wanted
    said, listed = [], False
    for at in sorted(wanted | leads):
        within = [n - starts[at] for n in chosen if starts[at] <= n < starts[at + 1]]
        whole = at in leads or not within or _ITEM.match(lines[at]) or (paragraphs and _length(lines[at]) <= SHORT)
        pieces = sentences(lines[at])
        before = {n - 1 for n in within if n and (paragraphs or not literals(pieces[n - 1]))}
        kept = pieces if whole else [pieces[n] for n in sorted({*within, *before})]
        listed = listed or bool(_ITEM.match(lines[at]))
        said.append(_NO_BLANK.sub("", " ".join(kept)))
    return ("\n" if listed or paragraphs else " ").join(said)


def _list_around(lines: Sequence[str], at: int) -> Iterator[int]:
    if _ITEM.match(lines[at]):
        yield from takewhile(lambda n: _ITEM.match(lines[n]), range(at, -1, -1))
        yield from takewhile(lambda n: _ITEM.match(lines[n]), range(at, len(lines)))


def _length(text: str) -> int:
    """Words. What is written without blanks has one for about three signs, and long words count as two."""
    dense = sum("\u3040" <= letter <= "\u9fff" for letter in text)
    return max(len(text.split()), (len(text) - dense) // 10) + dense // 3


def _named_but_unanswered(say: Texts, judgement: Judgement, question: Question) -> str:
    """What we see, and that we have nothing on it."""
    scene = question.evidence.caption.rstrip(".")
    named = naming(say, judgement.guesses, question.evidence.colour)
    if not named and scene and not question.evidence.read:
        named = say("scene", where=where(question.facts), caption=scene)
    ask = say("offer") if judgement.offers_person else say("what-about-it")
    return " ".join(filter(None, (reading(say, question.evidence.read), named, say("not-found"), ask)))


def naming(say: Texts, guesses: Sequence[Guess], colour: str = "") -> str:
    """``"That looks like Granny Smith."``: how sure we are shows in the verb."""
    guesses = [guess for guess in guesses if guess.slot != "read"]
    if not guesses:
        return ""
    names = dict.fromkeys(say(f"kind-{guess.name}") if guess.name in KINDS else guess.name for guess in guesses)
    said = _joined(say, list(names))
    if all(guess.by_customer for guess in guesses):
        return say("noted", name=said)
    if all(guess.slot == "damage" for guess in guesses):
        return say("damage", name=said)
    other = colour and colour.lower() not in said.lower()
    what = say("coloured", name=said, colour=colour.lower()) if other else said
    certain = all(guess.probability >= CERTAIN for guess in guesses)
    return say("that-is" if certain else "looks-like", name=what)


def reading(say: Texts, facts: Sequence[Fact]) -> str:
    """``"In your photo I read: order 4471-22, Tuesday, 24 November 2026, a total of €18.90."``: facts, no guesses."""
    facts = sorted(facts, key=lambda fact: READ.index(fact.slot))
    said = dict.fromkeys(say(f"read-{fact.slot}", value=_said(say, fact)) for fact in facts)
    return say("read", where=where(facts), items=", ".join(list(said)[:READ_ALOUD])) if said else ""


def where(found: Sequence[Fact | Guess]) -> str:
    """What they come from: "photo", or "video" when all do."""
    return "video" if found and all(one.source.startswith("video") for one in found) else "photo"


def choice(say: Texts, guesses: Sequence[Guess]) -> str:
    """``"Is it A or B?"``, or one name where the others are too unlikely to be said."""
    names = list(dict.fromkeys(guess.name for guess in guesses))
    if len(names) == 1:
        return say("choice-one", where=where(guesses), first=names[0])
    return say("choice-two", where=where(guesses), first=names[0], second=names[1])


def _joined(say: Texts, names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    if len(names) < 2:
        return "".join(names)
    return say("and", first=", ".join(names[:-1]), second=names[-1])


def _said(say: Texts, fact: Fact) -> str:
    """Dates and amounts as the language writes them, all else as it is printed. English is how facts come."""
    if fact.slot == "total":
        return _amount(fact.value, say.language)
    if fact.slot != "date":
        return fact.value
    try:
        day = date.fromisoformat(fact.value)
    except ValueError:
        return fact.value
    if say.language == "en":
        return f"{day:%A}, {day.day} {day:%B %Y}"
    return str(format_date(day, "full", locale=say.language))


def _amount(value: str, language: str) -> str:
    """ "€1234.50" is "1.234,50\xa0€" in German. A currency that we cannot name stays in front of the number."""
    parts = _AMOUNT.fullmatch(value)
    if parts is None or language == "en":
        return value
    sign, amount = parts[1], Decimal(parts[2])
    if code := CURRENCIES.get(sign, sign if len(sign) == 3 and sign.isupper() else ""):
        return str(format_currency(amount, code, locale=language))
    return f"{sign} {format_decimal(amount, format='#,##0.00', locale=language)}".strip()
