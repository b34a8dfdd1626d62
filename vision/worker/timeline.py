"""The key frames of one video, each described and read like a photo → one report about all of it.

Labels: the mean of the frames' probabilities, each weighed by how surely the question applies to it. Not the surest
frame: the best of eight guesses is sure more often than it is right. A mean that half the frames share between two
names is what a video of two things should come to: the customer is asked which. A name is stated when some frame states
it, no other frame states another, and it leads the mean.

What must not be kept is searched in every frame. Where one frame holds it, its neighbours may show the same thing a
little worse, so that nobody recognises it: their print is neither kept nor shown.
"""

from __future__ import annotations

import io
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain

from PIL import Image

from vision.frame import Frame
from vision.readers.blur import QUALITY, blurred
from vision.readers.read import Reading
from vision.report import Film, Finding, Label, LabelSet, Moment, PhotoReport, Reference, TextState

ALIKE = 0.8  # of two lines or values that are one, misread once
GUESSES = 5  # labels of a set, as in report.LabelSet
DIGITS = 4  # in a line that may be a piece of a number which was found in another frame
CODE_DIGITS = 3  # of a card's back
WORDS = {"wifi", "otp"}  # may be written with letters alone
PAPERS = {"mrz", "licence"}  # of which nothing at all is kept
IN_CODES = {"iban", "wifi", "otp"}  # may stand in a code alone: a neighbour without print may show the code
EVERYTHING = (Finding(type="mrz", box=(0.0, 0.0, 1.0, 1.0)),)  # blurs a whole frame
SHEET = (480, 4)  # pixels of a moment's longer side, moments in a row, of the picture that stands for the video
STATES: tuple[TextState, ...] = ("none", "read", "partly", "foreign", "late", "crashed")  # the worst last


@dataclass(frozen=True)
class FrameReport:
    """One key frame, read."""

    child: Frame
    reading: Reading

    @property
    def report(self) -> PhotoReport:
        """With all that the readers add."""
        return self.reading.report


def merged(film: Film, frames: Sequence[FrameReport], *, as_file: bool = False) -> Reading:
    """One report, and a sheet of the moments where the video itself must not be shown: ``frames`` in order of time.

    ``as_file``: as the camera wrote it, the place perhaps, too.
    """
    found = tuple(dict.fromkeys(chain.from_iterable(frame.report.sensitive for frame in frames)))
    kinds: set[str] = {finding.type for finding in found}
    readings = [_without(frame.reading, kinds) for frame in frames]
    reports = [reading.report for reading in readings]
    lines, sure, moments = _timeline([frame.child.at for frame in frames], readings)
    labels = _labels(reports)
    report = reports[0].model_copy(
        update={
            **_caption(reports, labels),
            "labels": labels,
            "lines": lines,
            "text": _text([report.text for report in reports], lines),
            "unread": max(report.unread for report in reports),
            "codes": tuple({(c.symbology, c.payload): c for report in reports for c in report.codes}.values()),
            "codes_read": all(report.codes_read for report in reports),
            "references": _references(reports, lines),
            "sensitive": found,
            "kind": Counter(report.kind for report in reports).most_common(1)[0][0],
            "flaws": _flaws(reports),
            "sketch": next((report.sketch for report in reports if report.sketch), None),
            "milliseconds": _sum([report.milliseconds for report in reports]),
            "film": film.model_copy(update={"timeline": moments}),
        }
    )
    shown = (found or as_file or not film.whole) and not kinds & PAPERS
    return Reading(report, sure, _sheet(frames, kinds) if shown else None)


# -- what must not be kept ----------------------------------------------------------------------------------------
def _without(reading: Reading, kinds: set[str]) -> Reading:
    """``reading`` without print and codes that may be what another frame was found to hold."""
    report = reading.report
    if kinds & PAPERS:
        return Reading(report.model_copy(update={"lines": (), "references": (), "codes": ()}))
    missing = _missing(report, kinds)
    if not missing:
        return reading
    # A password has no shape to know it by: nothing that was printed stays.
    most = 0 if missing & WORDS else CODE_DIGITS if "card" in missing else DIGITS
    left = [n for n, line in enumerate(report.lines) if sum(letter.isdigit() for letter in line) < most]
    now = {n: at for at, n in enumerate(left)}
    references = [r for r in report.references if r.line is None or r.line in now]
    dropped = len(report.lines) - len(left)
    rest = report.model_copy(
        update={
            "text": "partly" if dropped and report.text == "read" else report.text,
            "unread": report.unread + dropped,
            "lines": tuple(report.lines[n] for n in left),
            "references": tuple(
                r if r.line is None else r.model_copy(update={"line": now[r.line]}) for r in references
            ),
        }
    )
    return Reading(rest, tuple(reading.sure[n] for n in left))


def _missing(report: PhotoReport, kinds: set[str]) -> set[str]:
    """What was found in other frames, and not in this one."""
    own: set[str] = {finding.type for finding in report.sensitive}
    return kinds - own


def _sheet(frames: Sequence[FrameReport], kinds: set[str]) -> bytes:
    """All moments as one JPEG, findings blurred. A frame that may show, too, what was found in another is blurred as a
    whole: one with print, and any where a code may say it.
    """
    side, columns = SHEET
    tiles = []
    for frame in frames:
        report = frame.report
        missing = _missing(report, kinds)
        unsure = missing & IN_CODES or (missing and (report.text != "none" or report.lines))
        picture = blurred(frame.child.readable, EVERYTHING if unsure else report.sensitive)
        tile = Image.fromarray(picture)
        tile.thumbnail((side, side), Image.Resampling.BICUBIC)
        tiles.append(tile)
    width, height = max(tile.width for tile in tiles), max(tile.height for tile in tiles)
    wide = min(columns, len(tiles))
    sheet = Image.new("RGB", (width * wide, height * math.ceil(len(tiles) / wide)), "white")
    for n, tile in enumerate(tiles):
        sheet.paste(tile, (n % wide * width, n // wide * height))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


# -- what is seen -------------------------------------------------------------------------------------------------
def _labels(reports: Sequence[PhotoReport]) -> dict[str, LabelSet]:
    names = dict.fromkeys(name for report in reports for name in report.labels)
    return {name: _mean_set([r.labels[name] for r in reports if name in r.labels]) for name in names}


def _mean_set(sets: Sequence[LabelSet]) -> LabelSet:
    """``applies``: the mean over the surer half, because a thing need not be in sight all the time."""
    weights = sum(one.applies for one in sets) or 1.0
    total: dict[str, float] = defaultdict(float)
    for one in sets:
        for label in one.top:
            total[label.name] += label.probability * one.applies / weights
    best = sorted(total.items(), key=lambda entry: -entry[1])[:GUESSES]
    surer = sorted((one.applies for one in sets), reverse=True)[: math.ceil(len(sets) / 2)]
    stated = {one.stated for one in sets} - {None}
    return LabelSet(
        applies=round(sum(surer) / len(surer), 4),
        stated=best[0][0] if best and stated == {best[0][0]} else None,
        top=tuple(Label(name=name, probability=round(min(1.0, value), 4)) for name, value in best),
    )


def _caption(reports: Sequence[PhotoReport], labels: dict[str, LabelSet]) -> dict[str, object]:
    """A sentence of a frame's that says nothing but what is stated about the whole."""
    stated = {name: one.stated for name, one in labels.items() if one.stated}
    for report in reports:
        said = {name: one.stated for name, one in report.labels.items() if one.stated}
        if report.caption and (report.caption_source == "scene" or (said and said.items() <= stated.items())):
            return {"caption": report.caption, "caption_source": report.caption_source}
    return {"caption": None, "caption_source": "none"}


def _flaws(reports: Sequence[PhotoReport]) -> tuple[object, ...]:
    """Of more than half the frames: one that is blurred is no blurred video."""
    count = Counter(chain.from_iterable(report.flaws for report in reports))
    return tuple(flaw for flaw, times in count.most_common() if 2 * times > len(reports))


def _sum(times: Sequence[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for one in times:
        for stage, spent in one.items():
            total[stage] = round(total[stage] + spent, 1)
    return dict(total)


# -- what is read -------------------------------------------------------------------------------------------------
def _timeline(
    at: Sequence[float], readings: Sequence[Reading]
) -> tuple[tuple[str, ...], tuple[float, ...], tuple[Moment, ...]]:
    """Lines of all frames without those that say the same, the surest reading of each; how sure that is; who shows
    what first.
    """
    lines: list[tuple[str, float]] = []
    first: list[list[int]] = []  # of each frame, the numbers of its new lines
    for reading in readings:
        new = []
        for line, sure in zip(reading.report.lines, reading.sure, strict=True):
            known = next((n for n, (other, _) in enumerate(lines) if same_line(line, other)), None)
            if known is None:
                new.append(len(lines))
                lines.append((line, sure))
            elif sure > lines[known][1]:
                lines[known] = (line, sure)
        first.append(new)
    moments = [
        Moment(
            at=seconds,
            labels=_stated(reading.report),
            lines=tuple(lines[n][0] for n in new),
            hidden=bool(reading.report.sensitive),
        )
        for seconds, reading, new in zip(at, readings, first, strict=True)
    ]
    return tuple(line for line, _ in lines), tuple(sure for _, sure in lines), tuple(moments)


def same_line(one: str, other: str) -> bool:
    """Whether two readings are of one line. Other digits are another line: E-204 is not E-205."""
    if [letter for letter in one if letter.isdigit()] != [letter for letter in other if letter.isdigit()]:
        return False
    plain, its = "".join(one.casefold().split()), "".join(other.casefold().split())
    return plain == its or SequenceMatcher(None, plain, its, autojunk=False).ratio() >= ALIKE


def _stated(report: PhotoReport) -> dict[str, Label]:
    return {
        name: Label(name=one.stated, probability=round(one.top[0].probability * one.applies, 4))
        for name, one in report.labels.items()
        if one.stated
    }


def _references(reports: Sequence[PhotoReport], lines: Sequence[str]) -> tuple[Reference, ...]:
    """Each value once. One that a single frame holds, and that is nearly another's which several frames agree on, is
    taken for a misreading of that.
    """
    frames = Counter(chain.from_iterable({(r.type, r.normal) for r in report.references} for report in reports))
    found: dict[tuple[str, str], Reference] = {}
    for report in reports:
        for one in report.references:
            where = None if one.line is None else report.lines[one.line]
            line = next((n for n, line in enumerate(lines) if where is not None and same_line(where, line)), None)
            found.setdefault((one.type, one.normal), one.model_copy(update={"line": line}))
    return tuple(
        one
        for key, one in found.items()
        if frames[key] > 1 or not any(frames[other] > 1 and _near(key, other) for other in found)
    )


def _near(one: tuple[str, str], other: tuple[str, str]) -> bool:
    alike = SequenceMatcher(None, one[1], other[1], autojunk=False).ratio() >= ALIKE
    return one[0] == other[0] and one != other and alike


def _text(states: Sequence[TextState], lines: Sequence[str]) -> TextState:
    """The worst, so that a video counts as read only when all of it was; "in another script" only where no line was."""
    worst = max(states, key=STATES.index)
    return "partly" if worst == "foreign" and lines else worst
