"""A run's curves as a picture: every loss over the steps, from metrics.jsonl. Needs matplotlib (the [train] extra)."""

from __future__ import annotations

import json
import logging
from pathlib import Path

log = logging.getLogger(__name__)


def curves(metrics: Path, picture: Path) -> bool:
    """Draw ``metrics`` (one JSON object a line, with "step") into ``picture`` (PNG). False without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        log.info("no curves are drawn: matplotlib is not installed (pip install 'photodesk[train]')")
        return False
    rows = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()]
    names = sorted({name for row in rows for name in row} - {"step", "seconds"})
    figure = Figure(figsize=(3.2 * max(len(names), 1), 2.8), layout="constrained")  # no pyplot: no global state
    for axes, name in zip(figure.subplots(1, max(len(names), 1), squeeze=False)[0], names, strict=False):
        points = [(row["step"], row[name]) for row in rows if name in row]
        axes.plot(*zip(*points, strict=True), linewidth=1)
        axes.set_title(name)
        axes.set_xlabel("step")
        axes.grid(visible=True, alpha=0.3)
    figure.savefig(picture, dpi=100)
    return True
