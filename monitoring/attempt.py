"""Where anything may go wrong, and one thing that goes wrong must not stop the rest: what failed becomes a value.

The caller decides what it means: a dead letter, a person, a photo without its text. These two are the only places where
every kind of error is caught; elsewhere an ``except`` names what it expects.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


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
