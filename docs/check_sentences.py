"""How long the sentences of our documents are: python docs/check_sentences.py [FILE …]

Readers whose first language is not English should understand each at first reading. Code, tables, pictures and headings
are left out; a line of a list is a sentence of its own. The log, the changelog and old decisions are not measured.
"""

from __future__ import annotations

import re
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEDIAN, LONGEST = 14, 35  # words: the median stays below, none is longer
NEW = "0035"  # decisions from this one on


def documents() -> list[Path]:
    decisions = [page for page in (ROOT / "docs" / "decisions").glob("*.md") if page.name >= NEW]
    return sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *decisions])


def prose(text: str) -> list[str]:
    """Paragraphs and items of lists, each in one line, without markup."""
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"^( *)```.*?^\1```$", "\n", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"!\[.*?\]\(.*?\)", "", text, flags=re.DOTALL)
    text = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", text, flags=re.DOTALL)
    text = re.sub(r"`+[^`]+`+", "code", text)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("|", "#"))]
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)", "\n".join(lines))
    return [" ".join(re.sub(r"^\s*(?:[-*]|\d+\.)\s", "", block).replace("*", "").split()) for block in blocks]


def sentences(text: str) -> list[str]:
    parts: Iterable[str] = (part for block in prose(text) for part in re.split(r"(?<=[.!?])[)”\"]?\s+", block))
    return [part for part in parts if re.search(r"\w", part)]


def words(sentence: str) -> int:
    return sum(bool(re.search(r"\w", word)) for word in sentence.split())


def faults(page: Path) -> list[str]:
    """What is too long in ``page``, for a person to read."""
    found = sentences(page.read_text(encoding="utf-8"))
    counts = [words(sentence) for sentence in found]
    name = page.relative_to(ROOT) if page.is_relative_to(ROOT) else page
    said = [f"{name}: {n} words: {sentence}" for sentence, n in zip(found, counts, strict=True) if n > LONGEST]
    if counts and (median := statistics.median(counts)) >= MEDIAN:
        said.append(f"{name}: the median sentence has {median:g} words")
    return said


def main() -> None:
    pages = [Path(name) for name in sys.argv[1:]] or documents()
    said = [fault for page in pages for fault in faults(page)]
    print("\n".join(said) or f"{len(pages)} documents: median under {MEDIAN} words, none over {LONGEST}")
    sys.exit(bool(said))


if __name__ == "__main__":
    main()
