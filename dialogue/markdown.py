"""Markdown (and HTML) to what a chat shows as plain text: a title, and blocks of text below headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

_BLOCK_TAG = re.compile(r"<(?:h[1-6]|p|ul|ol|li|div|table|section|article|body|html)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(slots=True)
class Section:
    """A heading ("" above the first) and the blocks of text below it, each plain and complete."""

    heading: str
    blocks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    title: str
    sections: list[Section]
    picture: str = ""  # the first picture's address, as it is written


def read_page(text: str) -> Page:
    """Never raises: what is no Markdown is text."""
    text = _COMMENT.sub("", text)
    if _BLOCK_TAG.search(text):
        text = _as_markdown(text)
    page = Page("", [Section("")])
    blocks = _Blocks(_parser().parse(text), page)
    blocks.read()
    return page


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class _Blocks:
    """Walks markdown-it's flat list of tokens once."""

    def __init__(self, tokens: Sequence[Token], page: Page) -> None:
        self._tokens, self._page, self._at = tokens, page, 0
        self._lists: list[int | None] = []  # the next number of each open list; None for bullets
        self._lead = ""  # what stands before the next paragraph: a list's mark

    def read(self) -> None:
        steps = {
            "heading_open": self._heading,
            "paragraph_open": self._paragraph,
            "fence": self._code,
            "code_block": self._code,
            "html_block": self._html,
            "bullet_list_open": self._open_list,
            "ordered_list_open": self._open_list,
            "bullet_list_close": self._close_list,
            "ordered_list_close": self._close_list,
            "list_item_open": self._item,
            "table_open": self._table,
        }
        for at, token in enumerate(self._tokens):
            self._at = at
            if step := steps.get(token.type):
                step(token)

    def _code(self, token: Token) -> None:
        self._add(token.content.rstrip("\n"))

    def _html(self, token: Token) -> None:
        self._add(_without_tags(token.content))

    def _open_list(self, token: Token) -> None:
        ordered = token.type == "ordered_list_open"
        self._lists.append(int(token.attrGet("start") or 1) if ordered else None)

    def _close_list(self, _: Token) -> None:
        self._lists.pop()

    def _inline(self) -> str:
        inline = self._tokens[self._at + 1]
        if not self._page.picture:
            images = (child for child in inline.children or () if child.type == "image")
            self._page.picture = next((str(image.attrGet("src") or "") for image in images), "")
        return spoken(inline.children or ())

    def _heading(self, token: Token) -> None:
        text = self._inline()
        if token.tag == "h1" and not self._page.title:
            self._page.title = text
        else:
            self._page.sections.append(Section(text))

    def _item(self, _: Token) -> None:
        number = self._lists[-1]
        self._lead = "• " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _paragraph(self, _: Token) -> None:
        text = self._inline()
        if not self._lists:
            self._add(text)
            return
        blocks = self._page.sections[-1].blocks
        line = f"{self._lead or '  '}{text}"
        if blocks and self._lead and not (self._lead in {"• ", "1. "} and not _is_list(blocks[-1])):
            blocks[-1] = f"{blocks[-1]}\n{line}"
        else:
            self._add(line)
        self._lead = ""

    def _table(self, _: Token) -> None:
        """A row a line, each cell with its column's name: ``"up to 10 kg: Germany €6.90, Austria €12.90"``."""
        rows = list(self._rows())
        if len(rows) < 2:
            self._add("\n".join(", ".join(row) for row in rows))
            return
        head, *body = rows
        self._add("\n".join(_row(head, row) for row in body))

    def _rows(self) -> Iterator[list[str]]:
        row: list[str] = []
        for at in range(self._at, len(self._tokens)):
            token = self._tokens[at]
            if token.type == "tr_open":
                row = []
            elif token.type in {"th_open", "td_open"}:
                inline = self._tokens[at + 1]
                row.append(spoken(inline.children or ()))
                inline.children = []
            elif token.type == "tr_close":
                yield row
            elif token.type == "table_close":
                return

    def _add(self, text: str) -> None:
        if text.strip():
            self._page.sections[-1].blocks.append(text.strip("\n"))


def spoken(tokens: Sequence[Token]) -> str:
    """The words of a line without marks; a link keeps its address where the words do not say it."""
    said: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "text" | "code_inline":
                said.append(token.content)
            case "softbreak" | "hardbreak":
                said.append(" " if token.type == "softbreak" else "\n")
            case "html_inline":
                said.append("\n" if re.match(r"<br\b", token.content, re.IGNORECASE) else "")
            case "link_open":
                links.append((str(token.attrGet("href") or ""), len(said)))
            case "link_close":
                address, start = links.pop()
                words = "".join(said[start:])
                if address and not _says(words, address):
                    said.append(f" ({address})")
    return re.sub(r"[ \t]+", " ", "".join(said).replace("\u00a0", " ")).strip()


def _says(words: str, address: str) -> bool:
    plain = address.removeprefix("mailto:").removeprefix("tel:").rstrip("/")
    return words.strip().rstrip("/") == plain or address.startswith("#")


def _row(head: Sequence[str], row: Sequence[str]) -> str:
    first, *cells = row
    named = (f"{name} {cell}".strip() for name, cell in zip(head[1:], cells, strict=False) if cell)
    return f"{first}: {', '.join(named)}" if cells else first


def _is_list(block: str) -> bool:
    return bool(re.match(r"(?:• |\d+\. )", block))


def _without_tags(html: str) -> str:
    parser = _Tags()
    parser.feed(html)
    return parser.text()


def _as_markdown(text: str) -> str:
    """HTML's blocks as Markdown's, so that one reader reads both; inline tags go, links stay."""
    return _without_tags(text)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._address: list[str] = []
        self._silent = 0  # inside <script>, <style>, <title>

    def text(self) -> str:
        self.close()
        return re.sub(r"\n{3,}", "\n\n", "".join(self._parts)).strip() + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "title"}:
            self._silent += 1
        elif re.fullmatch(r"h[1-6]", tag):
            self._parts.append("\n\n" + "#" * int(tag[1]) + " ")
        elif tag == "li":
            self._parts.append("\n- ")
        elif tag == "br":
            self._parts.append("  \n")
        elif tag in {"p", "div", "ul", "ol", "table", "section", "article", "tr"}:
            self._parts.append("\n\n" if tag != "tr" else "\n")
        elif tag == "a":
            self._address.append(next((value or "" for name, value in attrs if name == "href"), ""))
            self._parts.append("[")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "title"}:
            self._silent = max(0, self._silent - 1)
        elif re.fullmatch(r"h[1-6]|p|ul|ol|div|table", tag):
            self._parts.append("\n\n")
        elif tag in {"td", "th"}:
            self._parts.append(", ")
        elif tag == "a" and self._address:
            self._parts.append(f"](<{self._address.pop()}>)")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # A line break inside a paragraph of HTML is a blank; Markdown without tags keeps its lines.
            self._parts.append(data.replace("\u00a0", " "))
