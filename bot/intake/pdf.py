"""One dossier as a PDF. Its words are anybody's: they are escaped, and set in letters that a font here has."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

FONT = "Noto Sans"
ASIAN = {"ja": "HeiseiMin-W3", "zh": "STSong-Light"}  # in every reader of PDFs; nothing of them is put into the file
PICTURE = 380.0  # points, of a photo's longer side
MARGIN = 48.0
_KANA = re.compile(r"[\u3040-\u30ff]")
_SIGNS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]+")


@dataclass(frozen=True, slots=True)
class Picture:
    caption: str
    jpeg: bytes | None  # None: the caption says why there is none


@dataclass(frozen=True, slots=True)
class Page:
    """What stands in a dossier, in this order."""

    title: str
    head: str
    facts: Sequence[tuple[str, str]]
    pictures: Sequence[Picture]
    talk_title: str
    talk: Sequence[tuple[str, str]]  # (who, words)
    letters: str  # said where letters are left out


def made(page: Page) -> bytes:
    """The file. Pictures are put in as they are: the worker made them of pixels alone."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    letters = _letters()
    left_out: list[str] = []

    def style(size: float, **more: float | str) -> ParagraphStyle:
        return ParagraphStyle(f"s{size:g}", fontName=FONT, fontSize=size, leading=1.4 * size, **more)

    def set_in(text: str, size: float = 10.0, **more: float | str) -> Paragraph:
        words, lost = marked(text, letters)
        left_out.extend(lost)
        return Paragraph(words, style(size, **more))

    rows = [[set_in(label, textColor="#66736e"), set_in(value)] for label, value in page.facts]
    story: list[object] = [set_in(page.title, 18), set_in(page.head, textColor="#66736e"), Spacer(1, 12)]
    if rows:
        lines = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.4, "#d5dedb")])
        story.append(Table(rows, colWidths=[150, None], style=lines, hAlign="LEFT"))
    for picture in page.pictures:
        shown = [_image(picture.jpeg)] if picture.jpeg else []
        story.append(KeepTogether([Spacer(1, 12), *shown, set_in(picture.caption)]))
    if page.talk:
        story += [Spacer(1, 14), set_in(page.talk_title, 13)]
        story += [set_in(f"{who}: {words}", spaceBefore=4.0) for who, words in page.talk]
    if left_out:
        story += [Spacer(1, 10), set_in(page.letters, textColor="#66736e")]
    out = io.BytesIO()
    margins = {f"{side}Margin": MARGIN for side in ("left", "right", "top", "bottom")}
    SimpleDocTemplate(out, pagesize=A4, title=page.title, **margins).build(story)
    return out.getvalue()


def marked(text: str, letters: frozenset[int]) -> tuple[str, list[str]]:
    """``text`` as reportlab's markup, and the letters that nothing here can set."""
    asian = ASIAN["ja" if _KANA.search(text) else "zh"]
    parts, lost, at = list[str](), list[str](), 0
    for found in _SIGNS.finditer(text):
        plain, missing = _plain(text[at : found.start()], letters)
        parts += [plain, f'<font name="{asian}">{escape(found[0])}</font>']
        lost += missing
        at = found.end()
    plain, missing = _plain(text[at:], letters)
    return "".join([*parts, plain]).replace("\n", "<br/>"), lost + missing


def _plain(text: str, letters: frozenset[int]) -> tuple[str, list[str]]:
    missing = [letter for letter in text if ord(letter) not in letters and not letter.isspace()]
    kept = "".join(letter for letter in text if ord(letter) in letters or letter.isspace())
    return escape(kept), [letter for letter in missing if letter.isalnum()]  # an emoji is no loss


def _image(jpeg: bytes) -> object:
    from reportlab.platypus import Image

    return Image(io.BytesIO(jpeg), width=PICTURE, height=PICTURE, kind="proportional", hAlign="LEFT")


@cache
def _letters() -> frozenset[int]:
    """Those of our font, which is registered by the way."""
    import fontpkg
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(FONT, str(fontpkg.path(FONT)))
    pdfmetrics.registerFont(font)
    for name in ASIAN.values():
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    glyphs: Mapping[int, int] = font.face.charToGlyph
    return frozenset(glyphs)
