"""Lines of text as they stand beside each other: a label and its value are often two pieces of one row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pydantic import BaseModel, ConfigDict

from vision.report import Box

# "Mi1k": a one between small letters is an l; nobody prints words like that, and readers often write them. At the end
# it may be a number ("Formula1"), but for the words that totals and references are known by. Addresses, and what is
# called a number, are left as they are.
ONE = re.compile(r"(?<=[a-z])1(?=[a-zA-Z])")
ENDS = re.compile(r"(?:(?:sub)?tota|bil|e?mai|seria|mode|parce)1", re.IGNORECASE)
CHUNK = re.compile(r"\S+")
WORD = re.compile(r"[^\W_]+")
ADDRESS = re.compile(r"@|://|_|\w[./]\w")
NUMBER_NEXT = re.compile(r"(?:[:#]|\b(?:id|no|nr|number|code|ref)\.?)\s*$", re.IGNORECASE)


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

    def chunk(found: re.Match[str]) -> str:
        if ADDRESS.search(found[0]) or NUMBER_NEXT.search(text[: found.start()]):
            return found[0]
        return WORD.sub(_mended, found[0])

    return CHUNK.sub(chunk, text)


def _mended(found: re.Match[str]) -> str:
    word = found[0]
    if not _is_word(word):
        return word
    return ONE.sub("l", f"{word[:-1]}l" if ENDS.fullmatch(word) else word)


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
