"""Where it looked: does the part of the photo that speaks for a thing lie on the thing? A pointing game.

    PYTHONPATH=. python benchmarks/pointing.py [--model weights/shipped] [--drawings 50]

Fifty drawings of ours: one everyday thing, a fifth to a half of the picture high, anywhere on a mottled ground. The
place for its true name (vision/model/place.py) hits where its middle is within the thing's box (Zhang et al. 2016).
Beside it: the middle of the picture, and any place by chance. What was recognised is told apart. One line of JSON.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from vision.model.place import place
from vision.model.predictor import Predictor
from vision.report import Box
from vision.settings import SHIPPED

SIDE = 640
Draw = ImageDraw.ImageDraw
Corners = tuple[int, int, int, int]


def lemon(draw: Draw, box: Corners) -> None:
    left, top, right, bottom = box
    middle = (top + bottom) // 2
    draw.ellipse((left, top + (bottom - top) // 6, right, bottom - (bottom - top) // 6), fill=(245, 215, 40))
    draw.ellipse((right - 25, middle - 12, right, middle + 12), fill=(235, 200, 30))


def orange(draw: Draw, box: Corners) -> None:
    draw.ellipse(box, fill=(245, 130, 15))
    draw.ellipse((box[0] + 20, box[1] + 16, box[0] + 60, box[1] + 46), fill=(252, 175, 90))


def granny_smith(draw: Draw, box: Corners) -> None:
    left, top, right, bottom = box
    draw.ellipse((left, top + 14, right, bottom), fill=(120, 190, 50))
    draw.line(((left + right) // 2, top + 20, (left + right) // 2 + 12, top), fill=(90, 60, 30), width=8)


def clock(draw: Draw, box: Corners) -> None:
    left, top, right, bottom = box
    x, y, radius = (left + right) / 2, (top + bottom) / 2, (right - left) / 2
    draw.ellipse(box, fill="white", outline="black", width=8)
    for hour in range(12):
        angle = hour * np.pi / 6
        ends = [(x + radius * far * np.sin(angle), y - radius * far * np.cos(angle)) for far in (0.78, 0.9)]
        draw.line(ends, fill="black", width=5)
    draw.line((x, y, x + 0.45 * radius, y - 0.2 * radius), fill="black", width=8)
    draw.line((x, y, x - 0.1 * radius, y - 0.7 * radius), fill="black", width=6)


def traffic_light(draw: Draw, box: Corners) -> None:
    left, top, right, bottom = box
    third, inset = (bottom - top) // 3, (right - left) // 3
    draw.rounded_rectangle((left + inset // 2, top, right - inset // 2, bottom), 14, fill=(30, 30, 30))
    for at, colour in enumerate(((230, 40, 30), (240, 190, 30), (40, 200, 80))):
        middle = top + at * third + third // 2
        radius = third // 2 - 8
        x = (left + right) // 2
        draw.ellipse((x - radius, middle - radius, x + radius, middle + radius), fill=colour)


THINGS: dict[str, Callable[[Draw, Corners], None]] = {
    "lemon": lemon,
    "orange": orange,
    "Granny Smith": granny_smith,
    "analog clock": clock,
    "traffic light": traffic_light,
}


def drawing(name: str, chance: random.Random) -> tuple[Image.Image, Box]:
    """A picture, and the thing's box in it."""
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, 30, (20, 20, 3))
    shade = np.array([chance.randint(90, 200) for _ in range(3)])
    ground = Image.fromarray((noise + shade).clip(0, 255).astype(np.uint8)).resize(
        (SIDE, SIDE), Image.Resampling.BICUBIC
    )
    size = chance.randint(SIDE // 5, SIDE // 2)
    left, top = chance.randint(0, SIDE - size), chance.randint(0, SIDE - size)
    corners = (left, top, left + size, top + size)
    THINGS[name](ImageDraw.Draw(ground), corners)
    box = (left / SIDE, top / SIDE, (left + size) / SIDE, (top + size) / SIDE)
    return ground.filter(ImageFilter.GaussianBlur(1)), box


def inside(x: float, y: float, box: Box) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--drawings", type=int, default=50)
    args = parser.parse_args()
    eyes, chance = Predictor.load(args.model), random.Random(0)
    head, names = eyes.network.head("object"), eyes.sets["object"]
    hits, middles, areas, known = [], [], [], []
    for number in range(args.drawings):
        name = list(THINGS)[number % len(THINGS)]
        picture, box = drawing(name, chance)
        seen = eyes.see(np.asarray(picture.resize((eyes.size, eyes.size)))[None], [""])
        label = names.index(name)
        left, top, right, bottom = place(seen.grid[0], head, label)
        hits.append(inside((left + right) / 2, (top + bottom) / 2, box))
        middles.append(inside(0.5, 0.5, box))
        areas.append((box[2] - box[0]) * (box[3] - box[1]))
        known.append(bool(label in seen.logits["object"][0].argsort()[-5:]))
    found: dict[str, Sequence[float]] = {
        "hit": hits,
        "the middle": middles,
        "any place": areas,
        "named among five": known,
    }
    of_named = [hit for hit, named in zip(hits, known, strict=True) if named]
    print(
        json.dumps(
            {"drawings": len(hits)}
            | {name: round(sum(values) / len(values), 4) for name, values in found.items()}
            | {"hit where named": [sum(of_named), len(of_named)]}
        )
    )


if __name__ == "__main__":
    main()
