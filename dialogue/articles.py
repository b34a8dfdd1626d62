"""The shop's articles: a folder of Markdown files, one folder more for each language, read and split into passages.

``articles/x.md`` is the article; ``articles/de/x.md`` is the same one in German.
"""

from __future__ import annotations

import logging
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import frontmatter
import yaml

from dialogue.language import language_of
from dialogue.markdown import Page, Section, read_page

log = logging.getLogger(__name__)

TELLING = 400  # characters of an article that tell its language
PASSAGE_WORDS = 120  # a passage is quoted and given to a model: short enough to be read, long enough to stand alone
SUFFIXES = {".md", ".markdown", ".html", ".htm"}
LANGUAGE_FOLDER = re.compile(r"[a-z]{2}(?:-[a-z]{2,4})?", re.IGNORECASE)
_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".replace(" ", "|")
_NUMBERED = re.compile(r"\s*\d{1,3}[.)]\s+")  # an item of a list
SENTENCE_END = re.compile(  # "am 31. Dezember" is one sentence
    rf"(?<=[.!?])[\"'”’)]*\s+(?!(?:{_MONTHS})\b)"
    r"(?=[\"'“‘(¿¡]?[A-Z0-9ÅÄÖÜÉÀ-ÝА-ЯЁ\u0600-\u06ff\u0900-\u097f])|(?<=[。！？])(?=.)"
)


class KnowledgeError(Exception):
    """The folder cannot serve as knowledge; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one article: what is searched, quoted and cited."""

    article: str  # the article's id
    title: str  # the article's title
    heading: str  # the section's heading, "" above the first one
    text: str  # plain text of one or more paragraphs, at most about PASSAGE_WORDS words
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Article:
    """One file. ``id`` is the file's name without its ending; ``aliases`` are other names of the same thing.

    ``asked`` holds questions as customers ask them; they are searched and never shown.
    """

    id: str
    title: str
    passages: tuple[Passage, ...]
    aliases: tuple[str, ...] = ()
    category: str = ""
    asked: tuple[str, ...] = ()
    language: str = "en"
    picture: str = ""  # an address or a path beside the file
    changed: float = 0.0  # seconds since 1970: a translation older than its original is outdated


@dataclass(frozen=True, slots=True)
class Folder:
    """What was read, and one sentence for each thing that is wrong with it."""

    articles: tuple[Article, ...]  # of all languages; the shop's own before its translations
    warnings: tuple[str, ...]

    @property
    def own(self) -> tuple[Article, ...]:
        """Each article once, in the shop's own language (or the only one it is written in)."""
        return tuple({article.id: article for article in reversed(self.articles)}.values())[::-1]


class Reads(Protocol):
    """dialogue.shelf.Shelf: remembers what was read."""

    def article(self, path: Path, language: str, read: Callable[[Path, str], Article]) -> Article: ...


def load(folder: Path, shelf: Reads | None = None) -> Folder:
    """Read the articles in ``folder`` and in its language folders. A bad file is skipped with a log line and a warning.

    What stands on ``shelf`` and has not changed is not read again.

    Raises KnowledgeError where there is no folder or no usable article in it.
    """
    if not folder.is_dir():
        raise KnowledgeError(f"{folder} is not a folder. Give the folder that holds your articles (Markdown, *.md).")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise KnowledgeError(f"{folder} may not be read by you, the user {os.geteuid()}. Allow it: chmod a+rX {folder}")
    warnings: list[str] = []
    own = _read_all(folder, "", warnings, shelf)
    translated: list[Article] = []
    for path in sorted(path for path in folder.iterdir() if path.is_dir() and LANGUAGE_FOLDER.fullmatch(path.name)):
        translated += _read_all(path, path.name.lower().split("-")[0], warnings, shelf)
    warnings += _shared_titles(own)
    for warning in warnings:
        log.warning("knowledge: %s", warning)
    if not own and not translated:
        raise KnowledgeError(
            f"{folder} holds no usable article. Write one: a file NAME.md with '# Title' and text below."
        )
    return Folder((*own, *translated), tuple(warnings))


def fingerprint(folder: Path) -> tuple[tuple[str, float, int], ...]:
    """What changes when an article does: names, times and sizes of the files. Cheap: nothing is opened."""
    files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    found = []
    for path in files:
        try:
            about = path.stat()
        except OSError:
            continue  # it went away meanwhile
        found.append((str(path), about.st_mtime, about.st_size))
    return tuple(sorted(found))


def _read_all(folder: Path, language: str, warnings: list[str], shelf: Reads | None) -> list[Article]:
    """The articles directly in ``folder``. Without ``language`` the words of all of them say which one it is."""
    articles: list[Article] = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()):
        shown = f"{language}/{path.name}" if language else path.name
        try:
            articles.append(shelf.article(path, language, read) if shelf else read(path, language))
        except (OSError, ValueError) as error:
            warnings.append(f"{shown}: skipped: {error}")
    if language:
        return articles
    spoken = Counter(article.language for article in articles if article.language)
    most = spoken.most_common(1)[0][0] if spoken else "en"
    return [_in(article, article.language or most) for article in articles]


def read(path: Path, language: str = "") -> Article:
    """One article. Raises OSError, or ValueError with the reason when it is no text or says nothing.

    Without ``language`` its own words say it, where they are enough; else it is "".
    """
    meta, body = _front_matter(_decoded(path.read_bytes()))
    page = read_page(body)
    title = page.title or _one(meta, "title") or path.stem.replace("-", " ").capitalize()
    sections = _passages(page)
    if not sections:
        raise ValueError("no text; write what the customer should know below the title")
    said = language or _one(meta, "language") or language_of(" ".join(text for _, text in sections)[:TELLING])
    passages = tuple(Passage(path.stem, title, heading, text, said) for heading, text in sections)
    return Article(
        path.stem,
        title,
        passages,
        _many(meta, "aliases"),
        _one(meta, "category"),
        _many(meta, "asked", split=False),
        said,
        page.picture,
        path.stat().st_mtime,
    )


def sentences(text: str) -> list[str]:
    """``text`` cut after full stops, question and exclamation marks; list items stand alone, with their numbers."""
    return [piece.strip() for line in text.splitlines() for piece in _split(line) if piece.strip()]


def _split(line: str) -> list[str]:
    number = _NUMBERED.match(line)
    first, *rest = SENTENCE_END.split(line[number.end() :] if number else line)
    return [f"{number[0] if number else ''}{first}", *rest]


def _in(article: Article, language: str) -> Article:
    if article.language == language:
        return article
    passages = tuple(Passage(p.article, p.title, p.heading, p.text, language) for p in article.passages)
    return Article(
        article.id,
        article.title,
        passages,
        article.aliases,
        article.category,
        article.asked,
        language,
        article.picture,
        article.changed,
    )


def _decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 with its mark; composed letters, Unix lines."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            raise ValueError("not UTF-8 (it begins like UTF-16 and is none); save the file as UTF-8") from None
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"not UTF-8 (byte {error.start}); save the file as UTF-8") from None
    if "\0" in text:
        raise ValueError("holds NUL bytes; it is not a text file")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The YAML between two ``---`` at the top, and what is below."""
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return {}, text
    if not any(line.strip() == "---" for line in lines[1:]):
        raise ValueError("the front matter has no closing '---'")
    try:
        found = frontmatter.loads(text)
    except yaml.YAMLError as error:
        raise ValueError(f"the front matter is no YAML: {' '.join(str(error).split())}") from None
    return {str(key).lower(): value for key, value in found.metadata.items()}, found.content


def _passages(page: Page) -> list[tuple[str, str]]:
    return [(section.heading, piece) for section in page.sections for piece in _pieces(section)]


def _pieces(section: Section) -> list[str]:
    """Blocks joined while they are short and cut at sentences where they are long."""
    pieces: list[str] = []
    for block in section.blocks:
        for piece in _cut(block):
            if pieces and _length(pieces[-1]) + _length(piece) <= PASSAGE_WORDS:
                pieces[-1] += "\n" + piece
            else:
                pieces.append(piece)
    return pieces


def _cut(block: str) -> list[str]:
    if _length(block) <= PASSAGE_WORDS:
        return [block] if block else []
    pieces = [""]
    for line in block.split("\n"):
        for number, sentence in enumerate(sentences(line)):
            if pieces[-1] and _length(pieces[-1]) + _length(sentence) > PASSAGE_WORDS:
                pieces.append("")
            joint = "" if not pieces[-1] else " " if number else "\n"
            pieces[-1] = f"{pieces[-1]}{joint}{sentence}"
    return pieces


def _length(text: str) -> int:
    """Words; two signs of Chinese or Japanese are one."""
    dense = sum("\u3040" <= letter <= "\u9fff" for letter in text)
    return len(text.split()) + dense // 2


def _many(meta: dict[str, Any], key: str, *, split: bool = True) -> tuple[str, ...]:
    """A list of YAML, or one line of it: names separated by commas, a question a line."""
    value = meta.get(key)
    if value is None:
        return ()
    listed = isinstance(value, list)
    found = [str(one) for one in value] if listed else str(value).split("," if split else "\n")
    return tuple(one.strip() for one in found if one.strip())


def _one(meta: dict[str, Any], key: str) -> str:
    return ", ".join(_many(meta, key))


def _shared_titles(articles: Sequence[Article]) -> list[str]:
    """Two articles with one title: a photo's label could not choose between them."""
    first: dict[str, Article] = {}
    warnings = []
    for article in articles:
        other = first.setdefault(article.title.casefold(), article)
        if other is not article:
            warnings.append(f"{article.id}.md: has the same title as {other.id}.md ({article.title!r})")
    return warnings
