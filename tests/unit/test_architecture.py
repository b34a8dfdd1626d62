"""docs/architecture.md counts the house as it is."""

from __future__ import annotations

import ast
import runpy

from repository import ROOT

MEASURE = runpy.run_path(str(ROOT / "docs" / "measure_house.py"))


def test_the_table_is_up_to_date() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert page == MEASURE["page"](), "python docs/measure_house.py"


def test_an_arrow_is_an_import_of_ones_own_package() -> None:
    trees = {
        "bot.a": ast.parse("from bot import b\nfrom bot.c import thing\nimport storage.keys\nfrom typing import Any"),
        "bot.b": ast.parse("def f():\n    import bot.c"),
        "bot.c": ast.parse("import bot.c"),
    }
    assert sorted(MEASURE["arrows"](trees)) == [("bot.a", "bot.b"), ("bot.a", "bot.c"), ("bot.b", "bot.c")]


def test_a_broad_except_names_everything() -> None:
    code = "try:\n    f()\nexcept {}:\n    pass"
    assert MEASURE["broad_excepts"](ast.parse(code.format("Exception as error"))) == 1
    assert MEASURE["broad_excepts"](ast.parse(code.replace(" {}", ""))) == 1
    assert MEASURE["broad_excepts"](ast.parse(code.format("(KeyError, ValueError)"))) == 0
