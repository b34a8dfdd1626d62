from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from monitoring.plainly import problem, why


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    count: int = Field(1, ge=1)
    share: float = Field(0.5, le=1)
    on: bool = False
    words: list[str] = ["x"]
    kind: Literal["a", "b"] = "a"
    day: str = "Monday"

    @field_validator("day")
    @classmethod
    def _day(cls, day: str) -> str:
        if not day.endswith("day"):
            raise ValueError("a day ends with day")
        return day


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"count": "two"}, "count: must be a whole number, not 'two'"),
        ({"count": 0}, "count: must be 1 or more, not 0"),
        ({"share": 2.0}, "share: must be 1 or less, not 2.0"),
        ({"on": "perhaps"}, "on: must be true or false, not 'perhaps'"),
        ({"words": "x"}, "words: must be a list, not 'x'"),
        ({"words": [1]}, "words, entry 1: must be text, not 1"),
        ({"kind": "c"}, "kind: must be 'a' or 'b', not 'c'"),
        ({"day": "May"}, "day: a day ends with day"),
        ({"cuont": 1}, "cuont: is not known here"),
        ([], "must be named values"),
    ],
)
def test_a_file_is_told_what_is_wrong_without_a_librarys_words(given: object, said: str) -> None:
    with pytest.raises(ValidationError) as error:
        Rule.model_validate(given)
    assert problem(error.value).startswith(said)
    assert "Input should" not in problem(error.value)


def test_why_a_file_could_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff")
    (tmp_path / "half.json").write_text("{")
    wanted = {
        "none": "there is no such file or folder",
        ".": "a file is wanted, and this is a folder",
        "latin/below": "a folder is wanted, and this is a file",
        "latin": "it is not text in UTF-8",
        "half.json": "Expecting property name",
    }
    for name, said in wanted.items():
        with pytest.raises((OSError, ValueError)) as error:
            json.loads((tmp_path / name).read_text(encoding="utf-8"))
        assert why(error.value).startswith(said) and "Errno" not in why(error.value)
