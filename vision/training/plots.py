"""A run's losses, a model's calibration, confusion and answers, as pictures. Needs matplotlib (the [train] extra)."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)


def curves(metrics: Path, picture: Path) -> bool:
    """Draw ``metrics`` (one JSON object a line, with "step") into ``picture`` (PNG). False without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        log.info("no curves are drawn: matplotlib is not installed (pip install '.[train]')")
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


def reliability(sets: Mapping[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]], picture: Path) -> None:
    """How often what is said with a probability is right: ``sets`` name → (probability [N], right [N]), ten bins of
    equal mass each (Guo et al. 2017). On the diagonal, 70 % means 70 %. Raises ImportError without matplotlib.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle=":")
    for name, (said, right) in sets.items():
        bins = np.array_split(said.argsort(), min(10, len(said)))
        axes.plot([said[b].mean() for b in bins], [right[b].mean() for b in bins], marker="o", markersize=3, label=name)
    axes.set(xlabel="probability said", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    figure.savefig(picture, dpi=100)


def confusion(
    names: Sequence[str], target: npt.NDArray[np.int64], guess: npt.NDArray[np.int64], picture: Path, most: int = 30
) -> None:
    """What is taken for what: rows are what it is, columns what was guessed, each row a share of its photos; the
    ``most`` frequent labels. Raises ImportError without matplotlib.
    """
    from matplotlib.figure import Figure

    counts = np.bincount(target, minlength=len(names))
    shown = sorted(np.argsort(-counts, kind="stable")[:most][counts[np.argsort(-counts, kind="stable")[:most]] > 0])
    table = np.array([[np.sum((target == row) & (guess == column)) for column in shown] for row in shown], float)
    table /= counts[shown][:, None]
    side = 2.2 + 0.22 * len(shown)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(table, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(shown)), [names[n] for n in shown], rotation=90, fontsize=7)
    axes.set_yticks(range(len(shown)), [f"{names[n]} ({counts[n]})" for n in shown], fontsize=7)
    axes.set(xlabel="guessed", ylabel="is (photos)")
    figure.savefig(picture, dpi=100)


@dataclass(frozen=True)
class Card:
    """One photo of a contact sheet."""

    truth: str
    guess: str
    probability: float
    stated: bool
    photo: npt.NDArray[np.uint8] | None = None  # [height, width, 3]

    @property
    def right(self) -> bool:
        return self.guess == self.truth


def contact_sheet(cards: Sequence[Card], picture: Path, columns: int = 6) -> None:
    """Successes with a green edge, failures with a red one; dashed: abstention kept it from the customer. Cards
    without a photo are drawn as a bar as long as the probability. Raises ImportError without matplotlib.
    """
    from matplotlib.figure import Figure

    rows = math.ceil(len(cards) / columns)
    figure = Figure(figsize=(2 * columns, 1.9 * rows), layout="constrained")
    for axes, card in zip(figure.subplots(rows, columns, squeeze=False).flat, cards, strict=False):
        colour = "#2a7" if card.right else "#c33"
        if card.photo is None:
            axes.barh([0], [card.probability], color=colour, alpha=0.35)
            axes.set(xlim=(0, 1), ylim=(-0.5, 0.5))
        else:
            axes.imshow(card.photo)
        taken = card.truth if card.right else f"{card.truth}\ntaken for {card.guess}"
        axes.set_title(f"{taken}\n{card.probability:.0%}", fontsize=7)
        axes.set(xticks=[], yticks=[])
        for edge in axes.spines.values():
            edge.set(color=colour, linewidth=2, linestyle="-" if card.stated else ":")
    for axes in figure.axes[len(cards) :]:
        axes.set_axis_off()
    figure.savefig(picture, dpi=100)
