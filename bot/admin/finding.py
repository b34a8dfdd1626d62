"""What the doctor says of one thing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from storage.settings import SECRETS

Level = Literal["ok", "look", "BAD"]


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    about: str
    text: str  # what is so, and what to do about it

    def __str__(self) -> str:
        return f"{self.level:4} {self.about}: {self.text}"


Findings = AsyncIterator[Finding]


def composed() -> bool:
    """Whether docker compose runs us, which gives the store's address as a file: nobody else is told to use it."""
    return (SECRETS / "storage_redis_url").is_file()
