from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message, Resource, VariableReference
from fluent.syntax.visitor import Visitor

from bot.photos import UNREAD_STATES
from bot.texts import FOLDER, Texts
from dialogue.turn import Reason
from storage.settings import SettingsError
from vision.report import Flaw, Trouble

CODE = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.parent.rglob("*.py"))
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.ftl"))


class Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - Fluent's name
        self.names.add(node.id.name)


def messages(language: str) -> dict[str, set[str]]:
    parsed: Resource = FluentParser().parse((FOLDER / f"{language}.ftl").read_text(encoding="utf-8"))
    found = {}
    for entry in parsed.body:
        assert type(entry).__name__ in ("Message", "Comment"), f"a line that Fluent cannot read: {entry}"
        if isinstance(entry, Message):
            variables = Variables()
            variables.visit(entry)
            assert entry.id.name not in found
            found[entry.id.name] = variables.names
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_can_be_said(language: str) -> None:
    texts = Texts(language)
    for name, variables in messages(language).items():
        said = texts(name, **{variable: f"<{variable}>" for variable in variables})
        assert said.strip(), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_with_the_same_variables(language: str) -> None:
    assert messages(language) == messages("en")


def test_every_name_in_the_code_exists_and_every_message_is_used() -> None:
    known = set(messages("en"))
    used = set(re.findall(r'texts\(\s*"([a-z_-]+)"', CODE))
    assert len(used) > 15
    assert used <= known
    reports = {f"photo-{trouble}" for trouble in get_args(Trouble)}
    reports |= {f"flaw-{flaw}" for flaw in get_args(Flaw)} | {f"text-{state}" for state in UNREAD_STATES}
    assert reports <= known
    assert {name for name in known - reports if f'"{name}"' not in CODE} == set()


def test_every_reason_has_words_of_its_own_or_its_code() -> None:
    assert all(Texts()("reason", code=reason).strip() for reason in get_args(Reason))


def test_values_are_not_formatted_as_fluent() -> None:
    said = Texts()("agent-says", agent="{ $x }", text="{ -brand } \\ { NUMBER(1) }")
    assert said == "{ $x }: { -brand } \\ { NUMBER(1) }"


def test_a_long_value_is_said_whole_though_fluent_refuses_it() -> None:
    said = Texts()("relayed", name="Ana", text="x" * 4096)
    assert said == "Ana: " + "x" * 4096
    assert len(Texts()("relayed", name="y" * 3000, text="x" * 3000)) == 6000 + len(": ")


def test_a_missing_message_or_variable_is_a_mistake_of_ours() -> None:
    with pytest.raises(LookupError):
        Texts()("no-such-message")
    with pytest.raises(Exception, match="agent"):
        Texts()("agent-says", text="hello")


def test_an_unknown_language_names_those_there_are() -> None:
    with pytest.raises(SettingsError, match=r"BOT_LANGUAGE=xx.+en"):
        Texts("xx")


def test_the_folder_is_part_of_the_package() -> None:
    assert Path(FOLDER, "en.ftl").is_file()
