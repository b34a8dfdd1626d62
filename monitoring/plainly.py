"""What pydantic found wrong with a setting or a file, in plain words: its own speak of parsers and schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError

_WHOLE, _NUMBER, _YES_NO, _LIST = "a whole number", "a number", "true or false", "a list"
MUST = {  # kind of error -> what a value must be; {…} is filled in from the error
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "a smaller whole number",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "string_type": "text",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": "named values (name: value)",
    "model_type": "named values (name: value)",
    "literal_error": "{expected}",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
    "too_short": "{min_length} or more entries",
    "too_long": "{max_length} entries or fewer",
}
NOT_A_VALUE = {  # what is wrong is the name, not what it holds
    "extra_forbidden": "is not known here",
    "unexpected_keyword_argument": "is not known here",
    "missing": "is missing",
    "missing_argument": "is missing",
}


def must(found: Mapping[str, Any]) -> str | None:
    """``"must be a whole number"`` of one entry of ``ValidationError.errors()``; None where that does not say it."""
    words = MUST.get(found["type"])
    return "must be " + words.format(**found.get("ctx", {})) if words else None


def wrong(found: Mapping[str, Any]) -> str:
    """What is wrong, of one entry: ``must``, or the words of whoever raised ValueError, or pydantic's own."""
    if found["type"] == "value_error":
        return str(found["ctx"]["error"])
    return must(found) or NOT_A_VALUE.get(found["type"]) or str(found["msg"])


def problem(error: ValidationError) -> str:
    """What is wrong with a file, the first thing of it: ``"entry 2, words: must be a list, not 'x'"``."""
    first = error.errors(include_url=False)[0]
    where = ", ".join(f"entry {part + 1}" if isinstance(part, int) else str(part) for part in first["loc"])
    said = f"{must(first)}, not {first['input']!r}"[:300] if must(first) else wrong(first)
    return f"{where}: {said}" if where else said


WHY = {  # of a file or a folder
    FileNotFoundError: "there is no such file or folder",
    IsADirectoryError: "a file is wanted, and this is a folder",
    NotADirectoryError: "a folder is wanted, and this is a file",
    PermissionError: "you may not read or write it",
    FileExistsError: "there is something else of that name",
}


def why(error: Exception) -> str:
    """Why a file could not be read or written, on one line and without "[Errno 2]"."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    if isinstance(error, OSError):
        return WHY.get(type(error)) or str(error.strerror or error)
    if isinstance(error, KeyError):
        return f"it has no {error}"
    return " ".join(str(error).split())


def told(error: Exception) -> str:
    """What a person is told of it: our own errors' words, or the file and why it could not be used."""
    if not isinstance(error, OSError):
        return str(error)
    return f"{error.filename}: {why(error)}" if error.filename else why(error)
