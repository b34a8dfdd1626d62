"""Albums of large files from several customers at once: the real bot, as a process, and no worker that takes them."""

from __future__ import annotations

import sys
from pathlib import Path

from patience import HALF, PATIENCE
from repository import ROOT

sys.path.append(str(ROOT / "benchmarks"))

from albums import measure


async def test_large_albums_of_many_customers_stay_within_the_budget(tmp_path: Path) -> None:
    """Four customers with ten files of 20 MB took 3.4 GB and killed the bot, again and again. Nobody looks at these:
    the bytes stay as long as they may."""
    more = {"BOT_ENCODER": "none", "BOT_PHOTO_SECONDS": "3"}
    found = await measure(
        tmp_path, albums=6, photos=6, megabytes=19.0, worker=False, more=more, seconds=PATIENCE
    )  # 684 MB
    assert found["told"] == 6
    assert found["bot_growth_mb"] < 150 and found["redis_growth_mb"] < 150, found
    assert found["others_text_max_s"] < HALF and found["tracebacks"] == 0, found
