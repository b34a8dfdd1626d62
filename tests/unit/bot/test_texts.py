from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message, Resource, VariableReference
from fluent.syntax.visitor import Visitor

import dialogue.language
import dialogue.texts
from bot.photos import UNREAD_STATES
from bot.texts import FOLDER, Texts, speaking
from dialogue.intents import Phrases
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


AGENTS = "# -- what an agent reads"  # from that line of en.ftl on: in the shop's language, or English


def messages(language: str, folder: Path = FOLDER) -> dict[str, set[str]]:
    return variables_of((folder / f"{language}.ftl").read_text(encoding="utf-8"))


def variables_of(text: str) -> dict[str, set[str]]:
    parsed: Resource = FluentParser().parse(text)
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


def test_there_are_eleven_languages_and_dialogue_has_the_same() -> None:
    assert sorted(LANGUAGES) == sorted(dialogue.language.LANGUAGES) == sorted(dialogue.language.NAMES)
    assert sorted(path.stem for path in dialogue.texts.FOLDER.glob("*.ftl")) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_customers_the_same_with_the_same_variables(language: str) -> None:
    customers = variables_of((FOLDER / "en.ftl").read_text(encoding="utf-8").split(AGENTS)[0])
    assert len(customers) > 50
    found = messages(language)
    assert {name: found.get(name) for name in customers} == customers
    assert not set(found) - set(messages("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_exists_in_every_language_with_the_same_variables(language: str) -> None:
    assert messages(language, dialogue.texts.FOLDER) == messages("en", dialogue.texts.FOLDER)
    say = dialogue.texts.Texts(language)
    for name, variables in messages(language, dialogue.texts.FOLDER).items():
        for where in ("photo", "video"):
            assert say(name, **{variable: where if variable == "where" else "<>" for variable in variables}).strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_to_a_person_is_a_wish_for_one(language: str) -> None:
    """What stands on it is what the customer says by tapping it."""
    assert Phrases().asks_for_person(Texts(language)("person-button"))


def test_who_is_spoken_to_chooses_the_language_and_agents_read_the_shop_s() -> None:
    texts = Texts("en")
    with speaking("de"):
        assert texts("keep-no") == "Nein"
        assert texts("button-claim") == Texts("en")("button-claim")
        with speaking(""):
            assert texts("keep-no") == "Nein"
    assert texts("keep-no") == "No"
    assert Texts("de")("button-claim") == texts("button-claim")


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
