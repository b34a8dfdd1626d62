from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dialogue.articles import PASSAGE_WORDS, KnowledgeError, load, read, sentences


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_an_article_has_title_passages_aliases_and_category(tmp_path: Path) -> None:
    path = write(
        tmp_path, "kiwi.md", "---\naliases: [Actinidia, 'Kiwi fruit']\ncategory: fruit\n---\n# Kiwi\n\nGreen.\n"
    )
    article = read(path)
    assert (article.id, article.title, article.aliases, article.category) == (
        "kiwi",
        "Kiwi",
        ("Actinidia", "Kiwi fruit"),
        "fruit",
    )
    assert [passage.text for passage in article.passages] == ["Green."]


def test_aliases_may_stand_below_each_other(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.md", "---\naliases:\n- one\n- two\n---\ntext")).aliases == ("one", "two")


def test_without_a_title_the_file_name_is_it(tmp_path: Path) -> None:
    assert read(write(tmp_path, "opening-hours.md", "Nine to five.")).title == "Opening hours"


def test_windows_files_are_read(tmp_path: Path) -> None:
    article = read(write(tmp_path, "a.md", b"\xef\xbb\xbf# A\r\n\r\nOne.\r\n\r\nTwo.\r\n"))
    assert (article.title, article.passages[0].text) == ("A", "One.\nTwo.")


def test_headings_split_and_marks_are_taken_off(tmp_path: Path) -> None:
    text = "# A\n\nSee [the page](https://x.y) **now**.\n\n## Care\n\n- wash\n- dry\n<!-- todo -->\n"
    first, second = read(write(tmp_path, "a.md", text)).passages
    assert (first.heading, first.text) == ("", "See the page (https://x.y) now.")
    assert (second.heading, second.text) == ("Care", "• wash\n• dry")


def test_long_paragraphs_are_cut_at_sentences(tmp_path: Path) -> None:
    passages = read(
        write(tmp_path, "a.md", "# A\n\n" + "Ten words make up this sentence, which says very little. " * 40)
    ).passages
    assert len(passages) > 2
    assert all(len(p.text.split()) <= PASSAGE_WORDS and p.text.endswith("little.") for p in passages)


def test_sentences_do_not_break_at_a_number() -> None:
    assert sentences("Costs 3.50 a piece. Really? Yes.") == ["Costs 3.50 a piece.", "Really?", "Yes."]
    assert sentences("Am 24. und 31. Dezember früher. Sonst nicht.") == [
        "Am 24. und 31. Dezember früher.",
        "Sonst nicht.",
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe\x00broken", "not UTF-8"),
        (b"", "no text"),
        (b"# Only a title\n", "no text"),
        (b"---\naliases: x\n", "no closing"),
        (b"# A\n\0\n", "NUL"),
    ],
)
def test_a_bad_file_is_skipped_with_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, why: str
) -> None:
    write(tmp_path, "good.md", "# Good\n\nText.")
    write(tmp_path, "bad.md", content)
    with caplog.at_level(logging.WARNING):
        folder = load(tmp_path)
    assert [article.id for article in folder.articles] == ["good"]
    (warning,) = folder.warnings
    assert warning.startswith("bad.md: skipped")
    assert why in warning
    assert "bad.md" in caplog.text


def test_two_articles_with_one_title_are_reported(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "# Same\n\nText.")
    write(tmp_path, "b.md", "# same\n\nText.")
    assert load(tmp_path).warnings == ("b.md: has the same title as a.md ('same')",)


@pytest.mark.parametrize("missing", [True, False])
def test_no_article_at_all_says_what_to_do(tmp_path: Path, missing: bool) -> None:
    with pytest.raises(KnowledgeError, match=r"\.md"):
        load(tmp_path / "nowhere" if missing else tmp_path)
