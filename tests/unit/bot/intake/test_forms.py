"""Forms as shops write them, and as shops write them wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import ROOT

from bot.intake.forms import FormError, read, said
from bot.settings import BotSettings
from dialogue.articles import load
from dialogue.language import LANGUAGES

GOOD = """\
name: gift
title: A gift
article: gifts
wants: [I want a gift, wrap it please, gift wrapping]
fields:
  - name: paper
    type: choice
    label: Paper
    choices: {red: Red, blue: {en: Blue, de: Blau}}
  - name: count
    type: number
    label: {en: How many, de: Wie viele}
    least: 1
"""


def written(folder: Path, text: str, name: str = "gift.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_words_are_one_language_or_many(tmp_path: Path) -> None:
    form = read(written(tmp_path, GOOD), ["gifts"])["gift"]
    assert said(form.title, "de") == "A gift"
    count = form.field("count")
    assert count and said(count.label, "de") == "Wie viele" and said(count.label, "fr") == "How many"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("type: choice", "type: choise", r"gift.yaml, line 7, fields\[0\].type: must be 'text', 'number'"),
        ("least: 1", "leest: 1", r"line 13, fields\[1\].leest: is not known here"),
        ("least: 1", "least: 3\n    most: 2", r"line 10, fields\[1\]: .*least is more than most"),
        ("type: number", "type: text", r"fields\[1\]: .*least belongs to a field of type number"),
        ("name: count", "name: paper", r"the name paper is there twice"),
        ("{red: Red, blue: {en: Blue, de: Blau}}", "{red: Red}", r"at least two choices"),
        ("article: gifts", "article: presents", r"line 3, article: there is no article 'presents'"),
        ("label: Paper", f"label: {'x' * 61}", r"line 8, fields\[0\].label: .*1 to 60 characters"),
        ("name: gift", "name: Gift Form", r"line 1, name: a name is small letters"),
        ("title: A gift", "title: [", r"gift.yaml: cannot be read"),
        ("title: A gift\n", "", r"line 1, title: is missing"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, where: str) -> None:
    with pytest.raises(FormError, match=where):
        read(written(tmp_path, GOOD.replace(old, new, 1)), ["gifts"])


def test_what_is_no_form_at_all(tmp_path: Path) -> None:
    for text in ("", "- a\n- b\n", "just words"):
        with pytest.raises(FormError, match=r"odd.yaml, line 1"):
            read(written(tmp_path, text, "odd.yaml"))
    (tmp_path / "odd.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormError, match="cannot be read"):
        read(tmp_path)


def test_two_forms_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(FormError, match=r"other.yaml, line 1, name: another form has the name 'gift'"):
        read(written(written(tmp_path, GOOD), GOOD, "other.yaml"))


def test_a_folder_that_is_named_must_be_there(tmp_path: Path) -> None:
    """BOT_FORMS with a typing error switched all forms off, without a word."""
    (tmp_path / "articles").mkdir()
    assert BotSettings(knowledge=tmp_path / "articles").forms_folder() is None  # none is named, and none lies beside
    with pytest.raises(FormError, match=r"BOT_FORMS: .*none is no folder"):
        read(tmp_path / "none")


def test_the_shop_s_forms_speak_all_our_languages_and_name_its_articles() -> None:
    forms = read(ROOT / "shop" / "forms", [article.id for article in load(ROOT / "shop" / "articles").articles])
    assert set(forms) == {"return", "damage", "design"}
    for form in forms.values():
        words = [form.title, *(field.label for field in form.fields)]
        words += [one for field in form.fields for one in (*field.choices.values(), field.hint) if one]
        assert all(set(one) == set(LANGUAGES) for one in words)
