"""One turn's numbers: how long each stage took, how it ended. Code that is timed asks for no object."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from watch import metrics


@dataclass
class Watched:
    outcome: str = "relayed"
    reason: str = ""


_now: ContextVar[Watched | None] = ContextVar("watched", default=None)


@contextmanager
def turn() -> Iterator[Watched]:
    """A turn that counts when the block ends without an error."""
    watched, start = Watched(), time.perf_counter()
    before = _now.set(watched)
    try:
        yield watched
    finally:
        _now.reset(before)
    metrics.TURN_SECONDS.labels("whole").observe(time.perf_counter() - start)
    metrics.TURNS.labels(watched.outcome).inc()
    if watched.reason:
        metrics.HANDOVERS.labels(watched.reason).inc()


def ended(outcome: str, reason: str = "") -> None:
    """How the turn in hand ends, if it is committed; the last word counts, for a turn may be tried anew."""
    if watched := _now.get():
        watched.outcome, watched.reason = outcome, reason


@contextmanager
def stage(name: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        metrics.TURN_SECONDS.labels(name).observe(time.perf_counter() - start)
