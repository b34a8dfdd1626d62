"""What a case needs, as a shop writes it: one YAML file a form (shop/forms/README.md), read once at start.

A form names its fields in the order they are asked. What is wrong is told with the file, the line and the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from monitoring.plainly import why, wrong
from vision.report import Kind

Type = Literal["text", "number", "date", "order", "choice", "photo"]
When = Literal["any", "past", "future"]
NAME = r"^[a-z][a-z0-9_]{0,31}$"
TITLE = 60  # characters, of a form's title and a field's label: they stand on buttons
DEFAULT = "en"


class FormError(ValueError):
    """A form is wrong: the message says where, and what to mend."""


def _words(given: object) -> object:
    """Plain words are the shop's own language; a mapping has them by language."""
    return {"": given} if isinstance(given, str) else given


def _short(words: dict[str, str]) -> dict[str, str]:
    for language, text in words.items():
        if not text.strip() or len(text) > TITLE:
            raise ValueError(f"words of 1 to {TITLE} characters are needed ({language or 'words'}: {text[:20]!r})")
    return words


Words = Annotated[dict[str, str], BeforeValidator(_words), Field(min_length=1)]


def _plain_name(name: str) -> str:
    if not re.match(NAME, name):
        raise ValueError(f"a name is small letters, digits and _, begins with a letter and is short, not {name[:40]!r}")
    return name


Name = Annotated[str, AfterValidator(_plain_name)]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FormField(Model):
    """One thing that a case needs."""

    name: Name
    type: Type
    label: Words
    hint: Words | None = None  # said beside the question
    required: bool = True
    taken_from: tuple[str, ...] = Field((), alias="from")  # what was seen or read that answers it: order, damage, size
    choices: dict[Name, Words] = {}  # name -> words
    least: float | None = None
    most: float | None = None
    when: When = "any"  # of a date
    pattern: str | None = None  # of an order's number
    kinds: tuple[Kind, ...] = ()  # of picture that answer it

    _check_label = field_validator("label")(_short)

    @field_validator("choices")
    @classmethod
    def _short_choices(cls, choices: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for words in choices.values():
            _short(words)
        return choices

    @field_validator("pattern")
    @classmethod
    def _can_be_read(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        return pattern

    @model_validator(mode="after")
    def _fits_its_type(self) -> FormField:
        of_one = {
            "choices": ("choice", self.choices),
            "least": ("number", self.least is not None),
            "most": ("number", self.most is not None),
            "when": ("date", self.when != "any"),
            "pattern": ("order", self.pattern),
            "kinds": ("photo", self.kinds),
        }
        for name, (kind, given) in of_one.items():
            if given and self.type != kind:
                raise ValueError(f"{name} belongs to a field of type {kind}, and this one is {self.type}")
        if self.type == "choice" and len(self.choices) < 2:
            raise ValueError("a choice needs at least two choices")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("least is more than most")
        return self


class Form(Model):
    name: Name
    title: Words
    article: str  # the id of the article that explains it
    wants: tuple[str, ...] = Field(min_length=3)  # what customers say who want it, in any language
    asks: tuple[str, ...] = ()  # what sounds like it and is only a question
    fields: tuple[FormField, ...] = Field(min_length=1, max_length=20)

    _check_title = field_validator("title")(_short)

    @model_validator(mode="after")
    def _each_name_once(self) -> Form:
        names = [field.name for field in self.fields]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"fields: the name {', '.join(sorted(twice))} is there twice")
        return self

    def field(self, name: str) -> FormField | None:
        return next((field for field in self.fields if field.name == name), None)


def said(words: Mapping[str, str], language: str) -> str:
    """``words`` in ``language``, else in the shop's, else in English, else in whichever there is."""
    return words.get(language) or words.get("") or words.get(DEFAULT) or next(iter(words.values()))


def read(folder: Path, articles: Sequence[str] | None = None) -> dict[str, Form]:
    """The forms of a folder by name. ``articles``: ids that a form may name, if known. Raises FormError."""
    if not folder.is_dir():
        raise FormError(f"BOT_FORMS: {folder} is no folder. Give the folder that holds your forms (*.yaml).")
    forms: dict[str, Form] = {}
    for file in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        form, root = _read(file)
        if form.name in forms:
            raise FormError(f"{file}, {_where(root, ('name',))}: another form has the name {form.name!r}")
        if articles is not None and form.article not in articles:
            raise FormError(f"{file}, {_where(root, ('article',))}: there is no article {form.article!r}")
        forms[form.name] = form
    return forms


def _read(file: Path) -> tuple[Form, yaml.Node | None]:
    try:
        text = file.read_text(encoding="utf-8")
        root, entry = yaml.compose(text, yaml.SafeLoader), yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FormError(f"{file}: cannot be read: {why(error)}") from None
    try:
        return Form.model_validate(entry), root
    except ValidationError as error:
        faults = [f"{file}, {_where(root, one['loc'])}: {wrong(one)}" for one in error.errors()]
        raise FormError("\n".join(faults)) from None


def _where(root: yaml.Node | None, path: Sequence[int | str]) -> str:
    """``"line 12, fields[2].type"``: of the nearest that is there."""
    node, name = root, ""
    for step in path:
        below = _below(node, step)
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else str(step)
        if below is None:
            break
        node = below
    line = f"line {node.start_mark.line + 1}" if node else "line 1"
    return f"{line}, {name}" if name else line


def _below(node: yaml.Node | None, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None
