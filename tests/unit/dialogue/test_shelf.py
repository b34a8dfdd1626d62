"""What was read of articles stands on the shelf: a restart, or one changed file, reads no more than it must."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dialogue import articles, shelf
from dialogue.articles import load
from dialogue.search import Knowledge
from dialogue.shelf import Shelf

TEXT = "# Pears\n\nPears keep for a week, code E-204.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop" / "de").mkdir(parents=True)
    (tmp_path / "shop" / "pear.md").write_text("---\naliases: [nashi]\nasked: [are they ripe?]\n---\n" + TEXT)
    (tmp_path / "shop" / "plum.md").write_text("# Plums\n\n![a plum](https://shop.example/a.jpg)\n\nThey are sweet.\n")
    (tmp_path / "shop" / "de" / "pear.md").write_text("# Birnen\n\nBirnen halten eine Woche.\n")
    return tmp_path / "shop"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were read."""
    seen: list[str] = []
    real = articles.read

    def noting(path: Path, language: str = "") -> articles.Article:
        seen.append(path.name)
        return real(path, language)

    monkeypatch.setattr(articles, "read", noting)
    return seen


def shown(folder: Path, kept: Shelf) -> tuple[object, list[tuple[str, float]]]:
    found = load(folder, kept)
    knowledge = Knowledge(found.articles, entries=kept.entries)
    kept.save()
    return found, [(one.passage.article, one.score) for one in knowledge.search("how long do pears keep? E-204")]


def test_nothing_is_read_twice_and_nothing_is_lost(folder: Path, tmp_path: Path, read: list[str]) -> None:
    first = shown(folder, Shelf(tmp_path / "kept"))
    assert sorted(read) == ["pear.md", "pear.md", "plum.md"]
    read.clear()
    again = Shelf(tmp_path / "kept")
    assert len(again.entries.kept) == 3
    assert shown(folder, again) == first
    assert read == []


def test_a_changed_file_alone_is_read_again(folder: Path, tmp_path: Path, read: list[str]) -> None:
    kept = Shelf(tmp_path / "kept")
    shown(folder, kept)
    read.clear()
    (folder / "plum.md").write_text("# Plums\n\nPlums are sour.\n")
    os.utime(folder / "plum.md", (1, 1))
    found, _ = shown(folder, kept)
    assert read == ["plum.md"]
    assert "sour" in str(found)
    assert len(kept.entries.kept) == 3  # the old text is forgotten
    (folder / "plum.md").unlink()
    shown(folder, kept)
    assert "plum" not in (tmp_path / "kept" / "articles.json").read_text().casefold()


@pytest.mark.parametrize("text", ["", "[]", '{"form": 1}', '{"form": "?", "articles": [], "entries": 3}'])
def test_a_file_of_another_kind_is_left_aside(folder: Path, tmp_path: Path, text: str) -> None:
    shown(folder, Shelf(tmp_path / "kept"))
    (tmp_path / "kept" / "articles.json").write_text(text)
    kept = Shelf(tmp_path / "kept")
    assert not kept.entries.kept
    shown(folder, kept)
    assert json.loads((tmp_path / "kept" / "articles.json").read_text())["articles"]


def test_another_lexicon_counts_anew(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown(folder, Shelf(tmp_path / "kept"))
    monkeypatch.setattr(shelf, "FORM", 2)
    assert not Shelf(tmp_path / "kept").entries.kept


def test_a_folder_that_cannot_be_written_to_is_said_and_costs_nothing(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "kept").write_text("a file, no folder")
    _, found = shown(folder, Shelf(tmp_path / "kept"))
    assert found[0][0] == "pear"
    assert "is not kept" in caplog.text
