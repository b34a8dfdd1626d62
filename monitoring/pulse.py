"""When something last went well in this process: the ground that readiness stands on."""

from __future__ import annotations

import time

_last: dict[str, float] = {}


def beat(what: str) -> None:
    _last[what] = time.monotonic()


def silence(what: str) -> float:
    """Seconds since the last beat; infinity when there was none."""
    return time.monotonic() - _last[what] if what in _last else float("inf")


def stop(what: str) -> None:
    _last.pop(what, None)
