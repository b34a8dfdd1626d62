"""Colours and shapes of drawings that a script makes: with a ruler, by a hand that trembles, and photographed aslant.

    PYTHONPATH=. python benchmarks/sketches.py [DRAWINGS]

Each has one to four closed shapes, each in a colour of its own. Printed: of what is named how much is right, and of
what was drawn how much is named.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from vision.readers import sketch

SIZE = 1200, 900
CELLS = ((300, 225), (900, 225), (300, 675), (900, 675))
COLOURS = {"red": "#c02020", "blue": "#1c40b0", "green": "#208040", "black": "#181818", "orange": "#e08020",
           "purple": "#70259a", "brown": "#6e3c14", "pink": "#f078b4"}  # fmt: skip
CORNERS = {"triangle": 3, "square": 4, "rectangle": 4}
NAMES = ("circle", "oval", *CORNERS)
POINTS = 240  # of an outline
TREMBLE = 0.02  # of a shape's size
Outline = npt.NDArray[np.float64]


def outline(name: str, chance: np.random.Generator, tremble: float) -> Outline:
    """[POINTS, 2] around the origin, turned by up to 15 degrees."""
    around = np.linspace(0, 2 * np.pi, POINTS, endpoint=False)
    if name in CORNERS:
        corners = CORNERS[name]
        turns = 2 * np.pi * np.arange(corners + 1) / corners + (np.pi / 4 if corners == 4 else -np.pi / 2)
        at = np.arange(POINTS) * corners / POINTS
        points = np.stack([np.interp(at, np.arange(corners + 1), part(turns)) for part in (np.cos, np.sin)], 1)
    else:
        points = np.stack([np.cos(around), np.sin(around)], 1)
    if name in ("oval", "rectangle"):
        points[:, 1] *= chance.uniform(0.45, 0.7)
    waves = chance.normal(size=(2, 3)) @ np.stack([np.sin((n + 2) * around + chance.uniform(0, 6)) for n in range(3)])
    turn = np.radians(chance.uniform(-15, 15))
    round_ = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(chance.uniform(90, 170) * (points @ round_ + tremble * waves.T))


def drawing(seed: int, tremble: float) -> tuple[Image.Image, Counter[str], set[str]]:
    chance = np.random.default_rng(seed)
    image = Image.new("RGB", SIZE, "#fbfaf5")
    pen = ImageDraw.Draw(image)
    count = int(chance.integers(1, 5))
    shapes = [str(name) for name in chance.choice(NAMES, count)]
    colours = [str(name) for name in chance.choice(list(COLOURS), count, replace=False)]
    for shape, colour, cell in zip(shapes, colours, chance.permutation(CELLS)[:count], strict=True):
        points = [(float(x), float(y)) for x, y in outline(shape, chance, tremble) + cell]
        if chance.random() < 0.3:
            pen.polygon(points, fill=COLOURS[colour])
        else:
            pen.line([*points, points[0], points[1]], fill=COLOURS[colour], width=int(chance.integers(8, 16)))
    return image, Counter(shapes), set(colours)


def photographed(image: Image.Image, seed: int) -> npt.NDArray[np.uint8]:
    """In a room's light, aslant, with a sensor's noise."""
    chance = np.random.default_rng(seed)
    shade = np.linspace(0.8, 0.95, image.width)[None, :, None]
    noisy = np.asarray(image) * shade + chance.normal(0, 6, (image.height, image.width, 3))
    turned = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    return np.asarray(turned.rotate(float(chance.uniform(-8, 8)), fillcolor="#d8d7d2"))


def measured(kind: str, drawings: int) -> dict[str, float | str]:
    right, named, drawn = Counter[str](), Counter[str](), Counter[str]()
    for seed in range(drawings):
        image, shapes, colours = drawing(seed, 0.0 if kind == "ruler" else TREMBLE)
        pixels = photographed(image, seed) if kind == "photographed" else np.asarray(image)
        found = sketch.look(pixels)
        said = {
            "shapes": Counter(dict(found.shapes)) if found else Counter(),
            "colours": Counter(found.colours if found else ()),
        }
        for what, truth in (("shapes", shapes), ("colours", Counter(colours))):
            right[what] += (said[what] & truth).total()
            named[what] += said[what].total()
            drawn[what] += truth.total()
    shares = {
        f"{what}_{over}": round(right[what] / of[what], 3)
        for what in drawn
        for over, of in (("right", named), ("found", drawn))
    }
    return {"kind": kind, "drawings": drawings, "shapes": drawn["shapes"], **shares}


if __name__ == "__main__":
    for kind in ("ruler", "hand", "photographed"):
        print(json.dumps(measured(kind, int(sys.argv[1]) if len(sys.argv) > 1 else 200)), flush=True)
