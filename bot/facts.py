"""PhotoReport → facts that a dialogue can weigh: every guess worth weighing, with its probability; what was read."""

from __future__ import annotations

from dialogue.seen import KINDS, SURE
from dialogue.turn import Fact
from vision.report import Film, Label, LabelSet, Moment, PhotoReport, Reference, shown

LEAST = 0.03  # guesses below this only make noise
UNSURE = SURE - 0.01
APPLIES = 0.5  # a set that probably does not apply says nothing
TEXT = 1_000  # characters of what is printed that a dialogue gets in one piece
NOTHING = "–"
GUESS = 0.3  # of a moment's name that is worth a word in a time line
PRINTED = 12  # lines at most of which each may be a name: a page of text is no label
KIND = 0.83  # of kinds of picture that are right: documents, the worst, on new sources (docs/model-card.md)
SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "$": "$", "¥": "¥", "INR": "₹"}


def facts_of(report: PhotoReport, source: str) -> tuple[Fact, ...]:
    """``source`` names it: "photo 1", "video 2". A fact's probability is that of the label and of its set applying.

    What a reader read is no guess: its probability is 1, or it is not among the report's references.
    """
    if report.error:
        return (Fact("photo", "unreadable", 1.0, source),)
    facts = [*_guesses(report, source), *_read(report, source)]
    if report.caption and report.caption_source == "scene":
        facts.append(Fact("caption", report.caption, 0.5, source))
    if report.film and tells(report.film):
        facts.append(Fact("timeline", timeline(report.film), 1.0, source))
    stated = any(found.stated for slot, found in report.labels.items() if slot != "kind")
    if not stated and not report.references:
        facts.append(Fact("photo", "unsure", 1.0, source))
    return tuple(facts)


def _guesses(report: PhotoReport, source: str) -> list[Fact]:
    """What calibration holds back may be asked about and is never sure, however probable it calls itself: an intact
    car's damage, what an empty picture looks like, a neighbour of the shop's own products.
    """
    return [
        Fact(slot, label.name, _weight(label, found), source)
        for slot, found in report.labels.items()
        if found.applies >= APPLIES and slot != "kind"  # the report's own ``kind`` is what readers and model agree on
        for label in found.top
        if label.probability * found.applies >= LEAST
    ]


def _weight(label: Label, found: LabelSet) -> float:
    weight = round(label.probability * found.applies, 4)
    return weight if label.name == found.stated else min(weight, UNSURE)


def _read(report: PhotoReport, source: str) -> list[Fact]:
    facts = [Fact("kind", report.kind, KIND, source)] if report.kind in KINDS else []
    facts += [Fact(reference.type, value_of(reference), 1.0, source) for reference in report.references]
    facts += [Fact("code", shown(code.payload), 1.0, source) for code in report.codes if not code.gtin]
    facts += [Fact("sensitive", finding.type, 1.0, source) for finding in report.sensitive]
    facts += [Fact("quality", flaw, 1.0, source) for flaw in report.flaws]
    if report.kind in ("photo", "code") and len(report.lines) <= PRINTED:
        facts += [Fact("printed", shown(line, 80), 1.0, source) for line in report.lines if len(line) >= 3]
    if report.lines:
        facts.append(Fact("text", shown(" / ".join(report.lines), TEXT), 1.0, source))
    return facts


def value_of(reference: Reference) -> str:
    """As it is said: a total with its currency, a date as 2026-11-24, anything else as it is printed."""
    if reference.type == "total":
        sign = SIGNS.get(reference.detail, "")
        return f"{sign}{reference.normal}" if sign else f"{reference.detail} {reference.normal}".strip()
    if reference.type == "date":
        return reference.normal
    return shown(reference.value)


def tells(film: Film) -> bool:
    """Whether its time line says more than that time passed."""
    return len(film.timeline) > 1 and any(_moment(moment) != NOTHING for moment in film.timeline)


def timeline(film: Film) -> str:
    """``"0:00 Granny Smith 93 % · 0:04 “Error E-204” · 0:09 –"``: what is stated of each moment, and new print."""
    return " · ".join(f"{int(moment.at) // 60}:{int(moment.at) % 60:02} {_moment(moment)}" for moment in film.timeline)


def _moment(moment: Moment) -> str:
    guesses = [
        f"{label.name} {label.probability:.0%}"
        for slot, label in moment.labels.items()
        if slot != "kind" and label.probability >= GUESS
    ]
    said = guesses[:2] + [f"“{shown(line, 40)}”" for line in moment.lines[:2]] + ["🔒"] * moment.hidden
    return ", ".join(said) or NOTHING
