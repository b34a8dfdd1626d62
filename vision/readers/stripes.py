"""Where stripes of one direction are, as line codes have them, and the same place turned so that they stand upright.

The direction is what a structure tensor says: the mean product of the grey values' steps across and down. It holds at
any angle, where bars have run together out of focus, and for light bars on dark as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from vision.report import Box

Grey = npt.NDArray[np.uint8]  # [height, width]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SEEN = 400  # pixels of the longer side in which directions are looked for
CELL = 8  # of those pixels: a cell has one direction
ONE_WAY = 0.55  # how much of a cell's steps go one way, from which it belongs to stripes: 1 is all of them
STRONG = 0.12  # of the strongest cell's steps that its neighbours have at least
LEAST_STEPS = 2.0  # grey values, root mean square: paper's own grain has fewer
TURN = math.radians(12)  # between neighbours of one code
LEAST_LENGTH = 5  # cells: the edge of a table is narrower
TALL = 1.5  # times as high as long, at most: nobody prints such bars, and noise along an edge looks like them
TRIES = 8
ROOM = 0.18  # of its length that is added at either end: guards are often weaker, and a quiet zone is needed


@dataclass(frozen=True)
class Stripes:
    """A turned rectangle in pixels of the photo; ``along`` is the direction in which one crosses the bars."""

    centre: tuple[float, float]  # x, y
    along: float  # radians
    length: float  # across the bars, with room
    height: float  # of the bars

    def box(self, width: int, height: int) -> Box:
        """Its frame, in parts of the photo's size."""
        cos, sin = abs(math.cos(self.along)), abs(math.sin(self.along))
        length = self.length / (1 + 2 * ROOM)
        half = ((length * cos + self.height * sin) / 2, (length * sin + self.height * cos) / 2)
        (x, y), (a, b) = self.centre, half
        edges = ((x - a) / width, (y - b) / height, (x + a) / width, (y + b) / height)
        left, top, right, bottom = (round(min(1.0, max(0.0, edge)), 4) for edge in edges)
        return (left, top, right, bottom)


def striped(grey: Grey, most: int = 3) -> list[Stripes]:
    """At most ``most`` places, the strongest first."""
    step = max(1, math.ceil(max(grey.shape) / SEEN))
    image = Image.fromarray(grey)
    small = np.asarray(image.reduce(step) if step > 1 else image, np.float32)
    if min(small.shape) < 2 * CELL:
        return []
    strength, way, angle = _directions(small)
    found: list[tuple[float, Stripes]] = []
    free = (way >= ONE_WAY) & (strength >= LEAST_STEPS)
    for _ in range(TRIES):
        weight = np.where(free, strength * way, 0.0)
        row, column = np.unravel_index(int(weight.argmax()), weight.shape)
        if not weight[row, column]:
            break
        alike = np.abs(_turned(angle - angle[row, column])) <= TURN
        cells = _grown(free & alike & (strength >= STRONG * strength[row, column]), int(row), int(column))
        free &= ~cells
        if place := _place(cells, strength, angle, step):
            found.append((float(strength[cells].sum()), place))
    found.sort(key=lambda weighed: -weighed[0])
    return [place for _, place in found[:most]]


def _directions(small: npt.NDArray[np.float32]) -> tuple[Floats, Floats, Floats]:
    """Of each cell: how large the steps are, how much of them goes one way, and which (radians, across the bars)."""
    across, down = np.zeros_like(small), np.zeros_like(small)
    across[:, 1:-1], down[1:-1] = (small[:, 2:] - small[:, :-2]) / 2, (small[2:] - small[:-2]) / 2
    xx, yy, xy = (_cells(product) for product in (across * across, down * down, across * down))
    energy = xx + yy
    way = np.hypot(xx - yy, 2 * xy) / np.maximum(energy, 1e-6)
    return np.sqrt(energy), way, np.arctan2(2 * xy, xx - yy) / 2


def _cells(values: npt.NDArray[np.float32]) -> Floats:
    """Means of cells, each with half of its neighbours: one bar of a close view fills a cell alone."""
    height, width = (n // CELL * CELL for n in values.shape)
    cut = values[:height, :width].reshape(height // CELL, CELL, width // CELL, CELL).mean((1, 3), dtype=np.float64)
    wide = np.pad(cut, 1, mode="edge")
    rows = wide[:-2] + 2 * wide[1:-1] + wide[2:]
    return np.asarray((rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16)


def _turned(angle: Floats) -> Floats:
    """Into −90° to 90°: bars have no front."""
    return np.asarray((angle + math.pi / 2) % math.pi - math.pi / 2)


def _grown(cells: Flags, row: int, column: int) -> Flags:
    """The cells that hang together with one of them."""
    part = np.zeros_like(cells)
    part[row, column] = True
    size = 0
    while size != (size := int(part.sum())):
        part = _wider(_wider(part)) & cells
    return part


def _wider(part: Flags) -> Flags:
    """With the neighbours above, below, left and right."""
    near = part.copy()
    near[1:] |= part[:-1]
    near[:-1] |= part[1:]
    near[:, 1:] |= part[:, :-1]
    near[:, :-1] |= part[:, 1:]
    return near


def _place(cells: Flags, strength: Floats, angle: Floats, step: int) -> Stripes | None:
    weight = strength[cells] ** 2
    doubled = 2 * angle[cells]
    along = math.atan2(float((weight * np.sin(doubled)).sum()), float((weight * np.cos(doubled)).sum())) / 2
    rows, columns = np.nonzero(cells)
    y, x = (rows + 0.5) * CELL * step, (columns + 0.5) * CELL * step
    cos, sin = math.cos(along), math.sin(along)
    across, down = x * cos + y * sin, y * cos - x * sin
    cell = CELL * step
    first, last = float(across.min()) - cell / 2, float(across.max()) + cell / 2
    low, high = (float(edge) for edge in np.percentile(down, (10, 90)))
    length, height = last - first, max(high - low, cell)
    if length < LEAST_LENGTH * cell or height > TALL * length:
        return None
    middle, level = (first + last) / 2, (low + high) / 2
    centre = (middle * cos - level * sin, middle * sin + level * cos)
    return Stripes(centre, along, length * (1 + 2 * ROOM), height)


def upright(grey: Grey, place: Stripes, width: int, rows: int, some: range | None = None) -> Grey:
    """[rows, width]: the bars of ``place`` standing upright, each row the mean of what lies between it and the next.
    ``some``: only these of the rows.
    """
    some = some or range(rows)
    fine = max(1, min(8, round(place.height / rows)))
    across, down = place.length / width, place.height / (rows * fine)
    cos, sin = math.cos(place.along), math.sin(place.along)
    x, y = place.centre
    left = x - cos * place.length / 2 + sin * place.height / 2
    top = y - sin * place.length / 2 - cos * place.height / 2
    above = some.start * fine
    turned = Image.fromarray(grey).transform(
        (width, len(some) * fine),
        Image.Transform.AFFINE,
        (cos * across, -sin * down, left - sin * down * above, sin * across, cos * down, top + cos * down * above),
        Image.Resampling.BICUBIC,
        fillcolor=int(np.median(grey[:: max(1, len(grey) // 64), :: max(1, grey.shape[1] // 64)])),
    )
    return np.asarray(turned.reduce((1, fine)) if fine > 1 else turned)
