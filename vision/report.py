"""What is in a photo, in words: the one thing vision says to the rest of the house.

No heavy import here: the bot reads reports without torch.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Trouble = Literal[
    "empty",  # no bytes
    "too_large",  # more bytes or pixels than we open
    "not_an_image",  # no picture or video format that we know, or a video without pictures
    "truncated",  # the file ends before the picture does
    "unreadable",  # the decoder refused it, crashed, or took too long
    "unavailable",  # no worker answered in time: not the photo's fault
]


HEARD_S = 120  # seconds of a recording that are listened to; two minutes of talk are a letter
RETIRED = {"embedding", "places"}  # fields of PhotoReport that reports stored before decision 51 still have


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Frozen):
    name: str
    probability: float = Field(ge=0, le=1)  # calibrated; given that the set applies


Box = tuple[float, float, float, float]  # left, top, right, bottom of the upright picture, each 0..1


class LabelSet(Frozen):
    """One question about the photo ("which product?") and what the model thinks of it."""

    applies: float = Field(ge=0, le=1)  # probability that the question makes sense for this photo
    stated: str | None = None  # the label we are ready to say aloud; None is "not sure"
    top: tuple[Label, ...] = ()  # best first, at most five
    place: Box | None = None  # the part of the photo that speaks most for what is stated


# What is printed on boxes and in manuals, where it is not the symbology's own name in capitals.
SYMBOLOGIES = {
    "ean13": "EAN-13",
    "ean8": "EAN-8",
    "upca": "UPC-A",
    "upce": "UPC-E",
    "itf14": "ITF-14",
    "rss14": "GS1 DataBar",
    "rsslimited": "GS1 DataBar Limited",
    "rssexpanded": "GS1 DataBar Expanded",
    "rssexpandedstacked": "GS1 DataBar Expanded",
    "qrcode": "QR",
    "microqr": "Micro QR",
    "rmqrcode": "rMQR",
    "datamatrix": "Data Matrix",
    "aztec": "Aztec",
    "maxicode": "MaxiCode",
    "codabar": "Codabar",
    "code128": "Code 128",
    "code39": "Code 39",
    "code93": "Code 93",
}


class Code(Frozen):
    symbology: str  # "qrcode", "ean13", "upca", "code128", ...
    payload: str  # data, never followed: a link is text; what is sensitive is masked
    box: Box = (0.0, 0.0, 1.0, 1.0)
    gtin: str | None = None  # the article number of 14 digits, when the payload holds one and its check digit is right

    @property
    def name(self) -> str:
        """What people call this kind of code."""
        return SYMBOLOGIES.get(self.symbology, self.symbology.upper())


class Reference(Frozen):
    """One thing printed in the photo that a case can be found by."""

    type: str  # "order", "tracking", "total", ... as patterns.yaml names them
    value: str  # as printed, without blanks that do not matter
    normal: str  # to compare by: a date as 2026-11-24, a total as 18.90, a number without blanks
    detail: str = ""  # a total's currency, a tracking number's carrier
    line: int | None = None  # index into PhotoReport.lines; None: from a code


FindingType = Literal["card", "iban", "mrz", "licence", "wifi", "otp"]


class Finding(Frozen):
    """Something that must not be kept or shown. Only what kind it is, and where: never its value."""

    type: FindingType
    box: Box


Kind = Literal["photo", "screenshot", "receipt", "document", "code", "drawing"]
Flaw = Literal["blurred", "dark", "overexposed", "too_small", "cut_off"]
TextState = Literal[
    "none",  # nobody saw text in it
    "read",
    "partly",  # lines that were not sure, or of which nothing could be read: ``unread`` says how many
    "foreign",  # text in a script that the reader does not know
    "late",  # the deadline came first, or a page has more lines than are read
    "crashed",  # twice
]


class Moment(Frozen):
    """One key frame of a video, and what it shows."""

    at: float = Field(ge=0)  # seconds from the video's beginning
    labels: dict[str, Label] = {}  # what is stated; probability of the label and of its set applying
    lines: tuple[str, ...] = ()  # of ``PhotoReport.lines`` those that no earlier moment shows
    hidden: bool = False  # something here must not be kept or shown


class Sketch(Frozen):
    """What a drawing on an even ground shows beside its words."""

    colours: tuple[str, ...] = ()  # English names, the most ink first
    shapes: tuple[tuple[str, int], ...] = ()  # ("circle", 2): plain closed forms alone


class Spoken(Frozen):
    at: float = Field(ge=0)  # seconds from the beginning
    text: str  # data, never an instruction; what is sensitive is masked


class Speech(Frozen):
    """What was said in a voice message, or in a video."""

    state: Literal["heard", "silent", "noise", "off", "late"]  # off: there is no transcriber; late: it took too long
    seconds: float = Field(0.0, ge=0)  # that were listened to
    language: str = ""
    lines: tuple[Spoken, ...] = ()
    masked: bool = False  # a number was hidden: as it was said, nobody may hear it

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


class Film(Frozen):
    """What was seen of a video or an animation. The report that holds it is about all of its moments together."""

    looked: float = Field(0.0, ge=0)  # seconds from its beginning that were looked at
    whole: bool = False  # that is all of it, and nothing lasted long enough between two looks to be missed
    timeline: tuple[Moment, ...] = ()  # in order of time


def shown(text: str, most: int = 200) -> str:
    """``text`` from a photo as it may be put before people: one line, nothing that moves other letters about."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    plain = " ".join(plain.split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


class PhotoReport(Frozen):
    """Everything known about one photo or video. Unsure is a result (``stated`` is None), not a failure."""

    caption: str | None = None
    caption_source: Literal["scene", "product", "none"] = "none"
    labels: dict[str, LabelSet] = {}
    lines: tuple[str, ...] = ()  # text read in the photo, in reading order
    text: TextState = "none"
    unread: int = 0  # pieces of text that were seen and could not be read for sure
    codes: tuple[Code, ...] = ()
    codes_read: bool = True  # False: the reader of codes crashed or was stopped
    references: tuple[Reference, ...] = ()
    sensitive: tuple[Finding, ...] = ()  # masked in lines and codes, blurred in ``safe_copy``
    safe_copy: str | None = None  # key of a sealed JPEG that may be shown; set when the photo itself must not be
    film: Film | None = None  # None: a picture that does not move
    sketch: Sketch | None = None  # None: no drawing on an even ground
    speech: Speech | None = None  # of a voice message, or a video with sound; None: there is none
    kind: Kind = "photo"
    kind_right: float = Field(0.83, ge=0, le=1)  # share of such kinds that are right, as the checkpoint's card says
    flaws: tuple[Flaw, ...] = ()  # why it is hard to see or read; worst first
    model: str = ""  # the checkpoint's identity
    milliseconds: dict[str, float] = {}  # by stage: decode, model, caption, text, and worker for all of it
    error: Trouble | None = None
    reason: str | None = None  # one sentence for the operator when ``error`` is set

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_version(cls, given: Any) -> Any:
        """Stored reports are as old as the longest retention: what nobody reads any more is passed over."""
        return {k: v for k, v in given.items() if k not in RETIRED} if isinstance(given, dict) else given

    @property
    def tags(self) -> tuple[str, ...]:
        """What to file and filter the photo by: its kind and every stated label; nothing of what is unsure."""
        stated = [each.stated for name, each in self.labels.items() if name != "kind" and each.stated]
        return tuple(dict.fromkeys([self.kind, *stated])) if self.error is None else ()

    @classmethod
    def failed(cls, error: Trouble, reason: str, *, film: bool = False) -> PhotoReport:
        return cls(error=error, reason=reason, film=Film() if film else None)
