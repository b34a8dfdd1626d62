"""What is in a photo, in words: the one thing vision says to the rest of the house.

No heavy import here: the bot reads reports without torch.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Trouble = Literal[
    "empty",  # no bytes
    "too_large",  # more bytes or pixels than we open
    "not_an_image",  # no picture format that we know
    "truncated",  # the file ends before the picture does
    "unreadable",  # the decoder refused it, crashed, or took too long
    "unavailable",  # no worker answered in time: not the photo's fault
]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Frozen):
    name: str
    probability: float = Field(ge=0, le=1)  # calibrated; given that the set applies


class LabelSet(Frozen):
    """One question about the photo ("which product?") and what the model thinks of it."""

    applies: float = Field(ge=0, le=1)  # probability that the question makes sense for this photo
    stated: str | None = None  # the label we are ready to say aloud; None is "not sure"
    top: tuple[Label, ...] = ()  # best first, at most five


class Code(Frozen):
    symbology: str  # "qr_code", "ean_13", ...
    payload: str


class PhotoReport(Frozen):
    """Everything known about one photo. Unsure is a result (``stated`` is None), not a failure."""

    caption: str | None = None
    caption_source: Literal["scene", "product", "none"] = "none"
    labels: dict[str, LabelSet] = {}
    lines: tuple[str, ...] = ()  # text read in the photo, in reading order
    codes: tuple[Code, ...] = ()
    embedding: tuple[float, ...] = ()  # unit vector in the shared image-text space
    model: str = ""  # the checkpoint's identity
    milliseconds: dict[str, float] = {}  # by stage: wait, decode, model, caption
    error: Trouble | None = None
    reason: str | None = None  # one sentence for the operator when ``error`` is set

    @classmethod
    def failed(cls, error: Trouble, reason: str) -> PhotoReport:
        return cls(error=error, reason=reason)
