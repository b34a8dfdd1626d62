"""What was read of the shop's articles, kept beside their vectors: a large shop starts again within seconds."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialogue.articles import Article, Passage
from dialogue.postings import Entries, Entry
from dialogue.text import LEXICON

log = logging.getLogger(__name__)

FORM = 1  # of the file: another number, and it is read anew


@dataclass(frozen=True, slots=True)
class Stored:
    stamp: tuple[int, int]  # nanoseconds of the file's last change, and its size
    article: Article


class Shelf:
    """``entries`` and articles by their file. Without a folder they are kept in memory alone."""

    def __init__(self, folder: Path | None = None) -> None:
        self.entries = Entries()
        self._path = folder / "articles.json" if folder else None
        self._articles: dict[str, Stored] = {}
        self._seen: set[str] = set()  # since it was saved
        self._saved: tuple[int, int] = (0, 0)
        if self._path and self._path.is_file():
            self._load(self._path)

    def article(self, path: Path, language: str, read: Callable[[Path, str], Article]) -> Article:
        """As ``read`` gives it, which is asked only where the file has changed. Raises what ``read`` raises."""
        about = path.stat()
        stamp, name = (about.st_mtime_ns, about.st_size), f"{language}:{path.resolve()}"
        self._seen.add(name)
        kept = self._articles.get(name)
        if kept is None or kept.stamp != stamp:
            kept = self._articles[name] = Stored(stamp, read(path, language))
        return kept.article

    def save(self) -> None:
        """What is there no more goes. A folder that cannot be written to costs the next start some time, and a line in
        the log."""
        self._articles = {name: kept for name, kept in self._articles.items() if name in self._seen}
        self._seen = set()
        state = (hash(frozenset((name, kept.stamp) for name, kept in self._articles.items())), len(self.entries.kept))
        if self._path is None or state == self._saved:
            return
        self._saved = state
        articles = {name: (kept.stamp, _written(kept.article)) for name, kept in self._articles.items()}
        entries = {key: (one.counts, one.literals, one.words) for key, one in self.entries.kept.items()}
        text = json.dumps({"form": _form(), "articles": articles, "entries": entries}, ensure_ascii=False)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(".part")
            part.write_text(text, encoding="utf-8")
            part.replace(self._path)
        except OSError as error:
            log.warning("%s: what was read of the articles is not kept: %s", self._path, error)

    def _load(self, path: Path) -> None:
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if found["form"] != _form():
                return
            articles = {n: Stored((s[0], s[1]), _article(row)) for n, (s, row) in found["articles"].items()}
            entries = {k: Entry(c, tuple(li), tuple(words)) for k, (c, li, words) in found["entries"].items()}
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            log.warning("%s: left aside, the articles are read anew: %s", path, type(error).__name__)
            return
        self._articles, self.entries = articles, Entries(entries)
        self._saved = (hash(frozenset((name, kept.stamp) for name, kept in articles.items())), len(entries))


def _form() -> str:
    """What is counted depends on the lexicon."""
    files = sorted(path for path in LEXICON.iterdir() if path.is_file())
    return hashlib.sha256(b"\0".join([str(FORM).encode(), *(path.read_bytes() for path in files)])).hexdigest()


def _written(article: Article) -> list[Any]:
    passages = [(p.heading, p.text) for p in article.passages]
    own = (article.aliases, article.category, article.asked, article.language, article.picture, article.changed)
    return [article.id, article.title, passages, *own]


def _article(row: list[Any]) -> Article:
    name, title, passages, aliases, category, asked, language, picture, changed = row
    made = tuple(Passage(name, title, heading, text, language) for heading, text in passages)
    return Article(name, title, made, tuple(aliases), category, tuple(asked), language, picture, changed)
