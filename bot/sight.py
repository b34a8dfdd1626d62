"""What people are told about a photo beside the answer: what to delete, what would make it readable, what it says.

Everything that a report means for a customer's message or an agent's card is here, one function each.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.facts import tells, timeline, value_of
from bot.texts import Texts
from vision.report import PhotoReport, shown

LINES = 8  # of a photo's text on an agent's card
REFERENCES = 10
CODES = 5
UNREAD_STATES = ("foreign", "late", "crashed")
UNFINISHED = ("late", "crashed")
WITHHELD = ""  # in a photo's place: nothing of it may be shown


def warnings(texts: Texts, reports: Sequence[PhotoReport]) -> list[str]:
    """What the customer must be told, whatever the answer is: please delete that photo."""
    kinds = list(dict.fromkeys(finding.type for report in reports for finding in report.sensitive))
    if not kinds:
        return []
    names = texts("list-and", items=" + ".join(texts("sensitive", type=kind) for kind in kinds))
    films = [report.film is not None for report in reports if report.sensitive]
    return [texts("photo-sensitive", kinds=names, what="video" if all(films) else "photo")]


def what(report: PhotoReport) -> str:
    """ "photo" or "video", as the texts choose by."""
    return "video" if report.film else "photo"


def name(report: PhotoReport, number: int) -> str:
    return f"{what(report)} {number}"


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
            said.append(texts(f"text-{report.text}", what=what(report)))
        elif report.flaws and not _was_read(report):
            said.append(texts(f"flaw-{report.flaws[0]}", what=what(report)))
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
    lines = [texts("card-film", moments=timeline(report.film))] if report.film and tells(report.film) else []
    if report.film and not report.film.whole and not report.error:
        lines.append(texts("card-film-part", seconds=round(report.film.looked)))
    lines += [
        texts("card-reference", type=reference.type, detail=reference.detail, value=value_of(reference))
        for reference in report.references[:REFERENCES]
    ]
    lines += [
        texts("card-code", symbology=code.symbology, payload=shown(code.payload)) for code in report.codes[:CODES]
    ]
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
    return texts("agent-withheld", what=what(report), why=why)


def beside_copy(texts: Texts, report: PhotoReport) -> str:
    """What agents are told beside a copy that stands for a photo, or for a video."""
    if report.film:
        why = "sensitive" if report.sensitive else "file" if report.film.whole else "part"
        return texts("card-moments", why=why, moments=timeline(report.film))
    return texts("card-blurred" if report.sensitive else "card-file")
