"""Vectors of what tests read: half a minute's work, done once and kept in pytest's cache."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def copied_vectors(
    config: pytest.Config, tmp_path_factory: pytest.TempPathFactory, fill: Callable[[Path], object]
) -> Path:
    """A folder with the vectors that ``fill`` writes, which nobody else writes to. The first worker of the first run
    makes them, the others wait for it."""
    own = tmp_path_factory.mktemp("vectors")
    cache = getattr(config, "cache", None)
    shared = Path(cache.mkdir("vectors")) if cache else tmp_path_factory.mktemp("shared")
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fill(shared)
        shutil.copytree(shared, own, dirs_exist_ok=True)
    return own
