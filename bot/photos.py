"""What a photo's report means: as facts for dialogue, as words for the customer, as lines and copies for agents."""

from __future__ import annotations

from collections.abc import Sequence

from bot.texts import Texts
from dialogue.evidence import KINDS, SURE
from dialogue.turn import Fact
from vision.report import Box, Film, Label, LabelSet, Moment, PhotoReport, Reference, Speech, shown

LINES = 8  # of a photo's text on an agent's card
REFERENCES = 10
CODES = 5
UNREAD_STATES = ("foreign", "late", "crashed")
UNFINISHED = ("late", "crashed")
WITHHELD = ""  # in a photo's place: nothing of it may be shown
GUESSES = 3  # labels of one question about a photo
REASON = 200  # characters
LEAST = 0.03  # guesses below this only make noise
UNSURE = SURE - 0.01  # what a checkpoint does not state: its card has the floors
APPLIES = 0.5  # a set that probably does not apply says nothing
TEXT = 1_000  # characters of what is printed that a dialogue gets in one piece
NOTHING = "–"
SAID = 12  # pieces of speech in a time line
GUESS = 0.3  # of a moment's name that is worth a word in a time line
PRINTED = 12  # lines at most of which each may be a name: a page of text is no label
ARROWS = ("↖↑↗", "←•→", "↙↓↘")
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
    if report.film and (tells(report.film) or report.speech):
        facts.append(Fact("timeline", timeline(report.film, report.speech), 1.0, source))
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
    """From ``SURE`` on is what the checkpoint states: its card has the floors, which differ by label set."""
    weight = round(label.probability * found.applies, 4)
    return max(weight, SURE) if label.name == found.stated else min(weight, UNSURE)


def _read(report: PhotoReport, source: str) -> list[Fact]:
    facts = [Fact("kind", report.kind, report.kind_right, source)] if report.kind in KINDS else []
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
    """As it is said: a total with its currency, a date as 2026-11-24, a UPC-E in full, anything else as printed."""
    if reference.type == "total":
        sign = SIGNS.get(reference.detail, "")
        return f"{sign}{reference.normal}" if sign else f"{reference.detail} {reference.normal}".strip()
    if reference.type == "date":
        return reference.normal
    if reference.type == "gtin" and reference.value.lstrip("0") != reference.normal.lstrip("0"):
        return reference.normal.lstrip("0").zfill(12)  # a UPC-E is short for a UPC: that is what articles name
    return shown(reference.value)


def tells(film: Film) -> bool:
    """Whether its time line says more than that time passed."""
    return len(film.timeline) > 1 and any(_moment(moment) != NOTHING for moment in film.timeline)


def timeline(film: Film, speech: Speech | None = None) -> str:
    """``"0:00 Granny Smith 93 % · 0:04 “Error E-204” · 0:06 🗣 “it beeps” · 0:09 –"``: what is stated of each moment,
    new print, and what was said, in one line of time."""
    entries = [(moment.at, _moment(moment)) for moment in film.timeline]
    entries += [(line.at, f"🗣 “{shown(line.text, 80)}”") for line in (speech.lines if speech else ())[:SAID]]
    return " · ".join(f"{int(at) // 60}:{int(at) % 60:02} {what}" for at, what in sorted(entries, key=lambda e: e[0]))


def _moment(moment: Moment) -> str:
    guesses = [
        f"{label.name} {label.probability:.0%}"
        for slot, label in moment.labels.items()
        if slot != "kind" and label.probability >= GUESS
    ]
    said = guesses[:2] + [f"“{shown(line, 40)}”" for line in moment.lines[:2]] + ["🔒"] * moment.hidden
    return ", ".join(said) or NOTHING


def warnings(texts: Texts, reports: Sequence[PhotoReport]) -> list[str]:
    """What the customer must be told, whatever the answer is: please delete that photo."""
    kinds = list(dict.fromkeys(finding.type for report in reports for finding in report.sensitive))
    if not kinds:
        return []
    names = texts("list-and", items=" + ".join(texts("sensitive", type=kind) for kind in kinds))
    films = [report.film is not None for report in reports if report.sensitive]
    return [texts("photo-sensitive", kinds=names, what="video" if all(films) else "photo")]


def medium(report: PhotoReport) -> str:
    """ "photo" or "video", as the texts choose by."""
    return "video" if report.film else "photo"


def source_name(report: PhotoReport, number: int) -> str:
    return f"{medium(report)} {number}"


def unseen(texts: Texts, reports: Sequence[PhotoReport]) -> list[str]:
    """How far a video was looked at, where that is not all of it."""
    return [
        texts("film-part", seconds=round(report.film.looked))
        for report in reports
        if report.film and not report.film.whole and not report.error
    ]


def advice(texts: Texts, reports: Sequence[PhotoReport]) -> list[str]:
    """Why a photo did not help, and what would; for turns that the photo did not answer."""
    said = []
    for report in reports:
        if report.text in UNREAD_STATES:
            said.append(texts(f"text-{report.text}", what=medium(report)))
        elif report.flaws and not _was_read(report):
            said.append(texts(f"flaw-{report.flaws[0]}", what=medium(report)))
    return list(dict.fromkeys(said))


def _was_read(report: PhotoReport) -> bool:
    """Most of its text was, whatever the picture is like; or it is small and has none, as a product's may be."""
    if report.flaws[0] == "too_small" and report.text == "none":
        return True
    return len(report.lines) >= 2 and report.unread <= len(report.lines)


def card_lines(texts: Texts, report: PhotoReport) -> list[str]:
    """What an agent's card says about one photo: references, codes, text, what was hidden, what is wrong; a line each.

    Text of a photo is anybody's words: each piece is one line without anything that moves other letters.
    """
    lines = (
        [texts("card-film", moments=timeline(report.film, report.speech))]
        if report.film and (tells(report.film) or report.speech)
        else []
    )
    if report.film and not report.film.whole and not report.error:
        lines.append(texts("card-film-part", seconds=round(report.film.looked)))
    lines += [
        texts("card-reference", type=reference.type, detail=reference.detail, value=value_of(reference))
        for reference in report.references[:REFERENCES]
    ]
    lines += [texts("card-code", symbology=code.name, payload=shown(code.payload)) for code in report.codes[:CODES]]
    if report.lines:
        read = " / ".join(shown(line, 80) for line in report.lines[:LINES])
        more = len(report.lines) - LINES
        lines.append(texts("card-text", text=read, more=max(0, more)))
    if report.text in UNREAD_STATES or report.unread:
        lines.append(texts("card-unread-text", state=report.text, count=report.unread))
    lines += [texts("card-hidden", type=texts("sensitive", type=finding.type)) for finding in report.sensitive]
    lines += [texts("card-flaw", flaw=flaw) for flaw in report.flaws]
    return list(dict.fromkeys(lines))


def for_agents(file_id: str, report: PhotoReport, *, as_file: bool = False) -> str:
    """What agents may be sent of a photo: itself, the key of a blurred copy (of a video: of its moments), or WITHHELD.

    A photo that nobody could look at may show anything. So may one whose text or codes were not all read: there the
    blurred copy, too, is clear where nobody looked. What we cannot open, another program may. A picture sent
    ``as_file`` never goes as it is: the camera wrote into it where it was taken.
    """
    if report.error or report.text in UNFINISHED or not report.codes_read:
        return WITHHELD
    if report.safe_copy:
        return report.safe_copy
    if report.sensitive or as_file or (report.film and not report.film.whole):
        return WITHHELD
    return file_id


def withheld(texts: Texts, report: PhotoReport) -> str:
    """What agents are told where they are sent nothing of a photo, and why."""
    unread = "unread" if report.text in UNFINISHED or not report.codes_read else ""
    why = report.error or unread or ("sensitive" if report.sensitive else "other")
    what = "file" if report.error == "not_an_image" else medium(report)
    return texts("agent-withheld", what=what, why=why, reason=shown(report.reason or "", REASON))


def beside_copy(texts: Texts, report: PhotoReport) -> str:
    """What agents are told beside a copy that stands for a photo, or for a video."""
    if report.film:
        why = "sensitive" if report.sensitive else "file" if report.film.whole else "part"
        return texts("card-moments", why=why, moments=timeline(report.film, report.speech))
    return texts("card-blurred" if report.sensitive else "card-file")


def where(place: Box | None) -> str:
    """An arrow to where in the photo it was seen, as a sign that needs no language."""
    if place is None:
        return ""
    left, top, right, bottom = place
    across, down = (min(2, int(3 * middle)) for middle in ((left + right) / 2, (top + bottom) / 2))
    return f" {ARROWS[down][across]}"


def in_one_line(texts: Texts, report: PhotoReport) -> str:
    """One photo in one line: the sentence, the likely labels with their probabilities."""
    if report.error:
        return texts("card-unread", error=report.error)
    parts = [report.caption] if report.caption else []
    for slot, found in report.labels.items():
        plain = slot == "kind" and found.stated == "photo"  # what a photo is unless something else is said
        likely = [label for label in found.top[:GUESSES] if label.probability >= LEAST]
        if found.applies >= APPLIES and likely and not plain:
            top = ", ".join(f"{label.name} {label.probability:.0%}" for label in likely)
            parts.append(f"{slot}: {top}" + (where(found.place) if found.stated else " (?)"))
    return " · ".join(parts) if parts else texts("card-unsure")
