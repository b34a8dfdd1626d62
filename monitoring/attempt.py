"""Where anything may go wrong, and one thing that goes wrong must not stop the rest: what failed becomes a value.

The caller decides what it means: a dead letter, a person, a photo without its text. These two are the only places where
every kind of error is caught; elsewhere an ``except`` names what it expects.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pydantic import ValidationError

T = TypeVar("T")
PLAINLY = {
    "extra_forbidden": "is not known here",
    "unexpected_keyword_argument": "is not known here",
    "missing": "is missing",
    "missing_argument": "is missing",
}


@dataclass(frozen=True, slots=True)
class Failure:
    error: Exception


async def attempt(work: Awaitable[T]) -> T | Failure:
    """What ``work`` returns, or what it raised. Being cancelled is no failure: it goes on up."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001 - the caller has the error, and says what it means
        return Failure(error)


def attempt_now(work: Callable[[], T]) -> T | Failure:
    """Likewise, of a plain call."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - as above
        return Failure(error)


def problem(error: ValidationError) -> str:
    """What is wrong with a file, the first thing of it: ``"entry 2, words: Input should be a valid list, not 'x'"``."""
    first = error.errors(include_url=False)[0]
    where = ", ".join(f"entry {part + 1}" if isinstance(part, int) else str(part) for part in first["loc"])
    what = PLAINLY.get(first["type"]) or f"{first['msg']}, not {first['input']!r}"[:300]
    return f"{where}: {what}" if where else what
