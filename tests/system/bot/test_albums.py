"""Albums of large files from several customers at once: the real bot, as a process, and no worker that takes them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from patience import HALF, PATIENCE
from repository import ROOT

sys.path.append(str(ROOT / "benchmarks"))

from albums import NEVER, measure

BROKEN = """
import bot.looking

def fails(*_):
    raise RuntimeError

bot.looking.Look.at = fails
"""  # read by each Python that begins


async def test_large_albums_of_many_customers_stay_within_the_budget(tmp_path: Path) -> None:
    """Four customers with ten files of 20 MB took 3.4 GB and killed the bot, again and again. Nobody looks at these:
    the bytes stay as long as they may."""
    more = {"BOT_ENCODER": "none", "BOT_PHOTO_SECONDS": "3"}
    found = await measure(
        tmp_path, albums=6, photos=6, megabytes=19.0, worker=False, more=more, seconds=PATIENCE
    )  # 684 MB
    assert found["told"] == found["customers"] == 6, found
    assert not any(found[name] for name in NEVER), found
    assert found["bot_growth_mb"] < 150 and found["redis_growth_mb"] < 150, found
    assert found["others_text_max_s"] < HALF, found


async def test_turns_that_fail_are_not_taken_for_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmark counted every word of the bot as "told", also that something went wrong."""
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    found = await measure(
        tmp_path, albums=2, photos=2, megabytes=0.1, worker=False, more={"BOT_ENCODER": "none"}, seconds=PATIENCE
    )
    assert found["failed"] == found["given_up"] // 2 == 2, found
    assert found["told"] == found["answered"] == 0 and len(found["missed"]) >= 3, found
