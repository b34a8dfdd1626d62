"""Lines of text as they stand beside each other: a label and its value are often two pieces of one row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pydantic import BaseModel, ConfigDict

from vision.report import Box

# "Bil1", "Tota1": a one between small letters is an l; nobody prints words like that, and readers often write them.
ONE = re.compile(r"(?<=[a-z])1(?=[a-zA-Z]|\b)")
WORD = re.compile(r"[^\W_]+")


class Piece(BaseModel):
    """One line, or one column's part of it, in reading order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    confidence: float
    box: Box
    height: float  # of the letters, in pixels of the picture that was read
    row: int  # pieces with the same number stand beside each other


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    starts: tuple[int, ...]  # where each piece begins in ``text``
    lines: tuple[int, ...]  # the pieces' indices among all pieces
    height: float

    def line_at(self, position: int) -> int:
        """The piece that the letter at ``position`` belongs to."""
        return max(
            (line for start, line in zip(self.starts, self.lines, strict=True) if start <= position),
            default=self.lines[0],
        )


def mended(text: str) -> str:
    """Without the slips that a reader of pictures makes in words."""
    return WORD.sub(lambda found: ONE.sub("l", found[0]) if _is_word(found[0]) else found[0], text)


def _is_word(text: str) -> bool:
    letters = sum(letter.isalpha() for letter in text)
    return letters >= 3 and letters == len(text) - text.count("1") and text[0].isalpha()


def rows_of(pieces: Sequence[Piece]) -> list[Row]:
    rows = []
    for _, group in groupby(enumerate(pieces), key=lambda numbered: numbered[1].row):
        members = list(group)
        text, starts = "", []
        for _, piece in members:
            text += "  " if text else ""
            starts.append(len(text))
            text += piece.text
        height = sum(piece.height for _, piece in members) / len(members)
        rows.append(Row(text, tuple(starts), tuple(at for at, _ in members), height))
    return rows
