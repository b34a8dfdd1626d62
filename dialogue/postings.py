"""Which passage says which word: rows of numbers for a search, and what was counted before for the next start."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of one passage."""

    counts: dict[str, float]  # stem → how often it is said, weighed by where
    literals: tuple[str, ...]  # codes and numbers
    words: tuple[str, ...]  # as they are written: typing errors are corrected to them


@dataclass(slots=True)
class Entries:
    """Entries by what they were made of. Those of texts that are gone are dropped."""

    kept: dict[str, Entry] = field(default_factory=dict)

    def key(self, *texts: str) -> str:
        return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]

    def get(self, key: str) -> Entry | None:
        return self.kept.get(key)

    def keep(self, entries: dict[str, Entry]) -> None:
        self.kept = entries


class Postings:
    """``postings[stem]``: the passages that have it, in order, and a number for each."""

    def __init__(self, counted: Sequence[Mapping[str, float]], length: float = 0.0) -> None:
        """``length``, 0..1: how much the numbers of longer passages are discounted."""
        mean = sum(sum(counts.values()) for counts in counted) / max(1, len(counted)) or 1.0
        rows: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for number, counts in enumerate(counted):
            longer = 1 - length + length * sum(counts.values()) / mean
            for stem, count in counts.items():
                numbers, values = rows[stem]
                numbers.append(number)
                values.append(count / longer)
        self._rows = {
            stem: (np.array(numbers, np.intp), np.array(values, np.float32)) for stem, (numbers, values) in rows.items()
        }

    def __getitem__(self, stem: str) -> tuple[NDArray[np.intp], Floats]:
        return self._rows[stem]

    def __contains__(self, stem: str) -> bool:
        return stem in self._rows
