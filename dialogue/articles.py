"""The shop's articles: a folder of Markdown files, read and split into passages."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

PASSAGE_WORDS = 120  # a passage is quoted and given to a model: short enough to be read, long enough to stand alone
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9ÅÄÖÉ])")


class KnowledgeError(Exception):
    """The folder cannot serve as knowledge; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one article: what is searched, quoted and cited."""

    article: str  # the article's id
    title: str  # the article's title
    heading: str  # the section's heading, "" above the first one
    text: str  # plain text of one or more paragraphs, at most about PASSAGE_WORDS words


@dataclass(frozen=True, slots=True)
class Article:
    """One file. ``id`` is the file's name without ``.md``; ``aliases`` are other names of the same thing."""

    id: str
    title: str
    passages: tuple[Passage, ...]
    aliases: tuple[str, ...] = ()
    category: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """What was read, and one sentence for each thing that is wrong with it."""

    articles: tuple[Article, ...]
    warnings: tuple[str, ...]


def load(folder: Path) -> Folder:
    """Read every ``*.md`` directly in ``folder``. A bad file is skipped with a log line and a warning.

    Raises KnowledgeError where there is no folder or no usable article in it.
    """
    if not folder.is_dir():
        raise KnowledgeError(f"{folder} is not a folder. Give the folder that holds your articles (Markdown, *.md).")
    articles: list[Article] = []
    warnings: list[str] = []
    for path in sorted(folder.glob("*.md")):
        try:
            articles.append(read(path))
        except (OSError, ValueError) as error:
            warnings.append(f"{path.name}: skipped: {error}")
    warnings += _shared_titles(articles)
    for warning in warnings:
        log.warning("knowledge: %s", warning)
    if not articles:
        raise KnowledgeError(
            f"{folder} holds no usable article. Write one: a file NAME.md with '# Title' and text below."
        )
    return Folder(tuple(articles), tuple(warnings))


def read(path: Path) -> Article:
    """One article. Raises OSError, or ValueError with the reason when it is not UTF-8 or says nothing."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 (byte {error.start}); save the file as UTF-8") from None
    if "\0" in text:
        raise ValueError("holds NUL bytes; it is not a text file")
    meta, body = _front_matter(text.replace("\r\n", "\n"))
    title, sections = _sections(body)
    title = title or _one(meta, "title") or path.stem.replace("-", " ").capitalize()
    passages = tuple(
        Passage(path.stem, title, heading, piece) for heading, lines in sections for piece in _pieces("\n".join(lines))
    )
    if not passages:
        raise ValueError("no text; write what the customer should know below the title")
    return Article(path.stem, title, passages, tuple(meta.get("aliases", ())), _one(meta, "category"))


def sentences(text: str) -> list[str]:
    """``text`` cut after full stops, question and exclamation marks; list items stand alone."""
    return [piece.strip() for line in text.splitlines() for piece in SENTENCE_END.split(line) if piece.strip()]


def _front_matter(text: str) -> tuple[dict[str, list[str]], str]:
    """The lines between two ``---``: ``key: a, b``, ``key: [a, b]`` or ``- a`` below ``key:``. No YAML beyond that."""
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return {}, text
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        raise ValueError("the front matter has no closing '---'")
    meta: dict[str, list[str]] = {}
    key = ""
    for line in lines[1:end]:
        item = line.strip().removeprefix("- ") if line.strip().startswith("- ") else None
        if item is None and ":" in line:
            key, _, rest = line.partition(":")
            key = key.strip().lower()
            meta[key] = [_unquoted(value) for value in rest.strip().strip("[]").split(",") if value.strip()]
        elif item is not None and key:
            meta[key].append(_unquoted(item))
    return meta, "\n".join(lines[end + 1 :])


def _sections(body: str) -> tuple[str, list[tuple[str, list[str]]]]:
    """The ``# Title`` and the lines below each heading."""
    title = ""
    sections: list[tuple[str, list[str]]] = [("", [])]
    for line in body.split("\n"):
        heading = HEADING.match(line.strip())
        if heading is None:
            sections[-1][1].append(line)
        elif len(heading[1]) == 1 and not title:
            title = _plain(heading[2])
        else:
            sections.append((_plain(heading[2]), []))
    return title, sections


def _pieces(text: str) -> list[str]:
    """Paragraphs joined while they are short and cut at sentences where they are long."""
    pieces: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        for piece in _cut(_plain(paragraph)):
            if pieces and len(pieces[-1].split()) + len(piece.split()) <= PASSAGE_WORDS:
                pieces[-1] += "\n" + piece
            else:
                pieces.append(piece)
    return pieces


def _cut(paragraph: str) -> list[str]:
    if len(paragraph.split()) <= PASSAGE_WORDS:
        return [paragraph] if paragraph else []
    pieces = [""]
    for sentence in sentences(paragraph):
        if pieces[-1] and len(pieces[-1].split()) + len(sentence.split()) > PASSAGE_WORDS:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {sentence}".strip()
    return pieces


def _plain(markdown: str) -> str:
    """Markdown without its marks, for a chat that shows plain text; list items keep a line each."""
    text = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
    lines: list[str] = []
    for line in text.split("\n"):
        item = re.match(r"\s*(?:[-*+]|\d+[.)])\s+(.*)", line)
        if item or not lines:
            lines.append(f"• {item[1]}" if item else line.strip())
        else:
            lines[-1] = f"{lines[-1]} {line.strip()}".strip()
    return "\n".join(line for line in lines if line)


def _unquoted(value: str) -> str:
    return value.strip().strip("\"'")


def _one(meta: dict[str, list[str]], key: str) -> str:
    return ", ".join(meta.get(key, ()))


def _shared_titles(articles: list[Article]) -> list[str]:
    """Two articles with one title: a photo's label could not choose between them."""
    first: dict[str, Article] = {}
    warnings = []
    for article in articles:
        other = first.setdefault(article.title.casefold(), article)
        if other is not article:
            warnings.append(f"{article.id}.md: has the same title as {other.id}.md ({article.title!r})")
    return warnings
