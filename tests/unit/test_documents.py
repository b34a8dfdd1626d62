"""Documents can be read at first reading, and their links lead somewhere."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from repository import ROOT

CHECK = runpy.run_path(str(ROOT / "docs" / "check_sentences.py"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "shop").glob("*.md")])


def anchor(heading: str) -> str:
    """As GitHub makes it: ``## A, b`` → a-b."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", CHECK["documents"](), ids=lambda page: page.name)
def test_sentences_are_short(page: Path) -> None:
    assert CHECK["faults"](page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", link):
            name, _, part = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            assert target.exists(), link
            if part:
                headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
                assert part in map(anchor, headings), link


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda p: p.name)
def test_files_that_are_named_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`(?:python )?([a-z_]+/[\w./-]+\.(?:py|sh|toml|ya?ml|ftl|md))\b", text)
    assert [name for name in named if (ROOT / name.split("/")[0]).is_dir() and not (ROOT / name).exists()] == []


def test_what_is_a_sentence(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading is none\n\nOne [link](https://x.example/a.b). Two `code.py` there!\n\n| a table. | is none. |\n"
        "\n```sh\nnor code.\n```\n\n- first of a list\n- second, which\n  goes on\n\n<!-- refresh: eyes -->\n",
        encoding="utf-8",
    )
    assert CHECK["sentences"](page.read_text(encoding="utf-8")) == [
        "One link.",
        "Two code there!",
        "first of a list",
        "second, which goes on",
    ]
    page.write_text("word " * 36, encoding="utf-8")
    assert [fault.split(":")[1] for fault in CHECK["faults"](page)] == [
        " 36 words",
        " the median sentence has 36 words",
    ]
