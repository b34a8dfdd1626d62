"""What a drawing shows beside its words: its colours, and simple shapes. Plain arithmetic; it says what it is sure of.

A sketch is ink on an even, light ground. What is no such picture has none. Print is left out: letters are no shapes.
"""

from __future__ import annotations

import colorsys
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from vision.report import Box, Sketch

SIDE = 480  # pixels of the longer side that are looked at
GROUND, INK = 28, 52  # grey values: as far from the ground it is ground; from here on ink
LIGHT, EVEN = 130, 0.45  # the ground's mean value; the share of the picture that it covers at least
LEAST_INK, MOST_INK = 0.003, 0.5  # of the picture
COLOUR = 0.08  # of the ink: less is an edge between two others
SIZE = 0.004  # of the picture: what is smaller is a speck or a letter
SOLID = 0.85  # of its hull that a closed shape fills
ROUND = 0.86  # 4 pi area / length^2: a circle has 1, a square 0.79
SQUARE = 1.15  # side to side
CLOSE = 0.025  # of its length: by so much a side may bend
MOST = 12  # shapes of a name

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def look(picture: Pixels, printed: Sequence[Box] = ()) -> Sketch | None:
    """``picture`` [height, width, 3]; ``printed``: where its words stand. None: it is no drawing on an even ground."""
    small = _small(picture)
    ground = np.median(np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]]), axis=0)
    if ground.mean() < LIGHT:
        return None
    steps = np.abs(small.astype(np.int16) - ground.astype(np.int16))
    apart = np.maximum(np.maximum(steps[..., 0], steps[..., 1]), steps[..., 2])
    if (apart <= GROUND).mean() < EVEN:
        return None
    ink: Mask = apart >= INK
    if not LEAST_INK <= ink.mean() <= MOST_INK:
        return None
    return Sketch(colours=_colours(_full(small, apart)[ink]), shapes=_shapes(_without(ink, printed)))


def _small(picture: Pixels) -> Pixels:
    image = Image.fromarray(picture)
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(image)


def _full(picture: Pixels, apart: npt.NDArray[np.int16]) -> Pixels:
    """Each pixel in the colour of its neighbour that is furthest from the ground: at the edge of a line its own
    is mixed with the ground's, and looks grey."""
    best, far = picture.copy(), apart.copy()
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        other, colours = np.roll(apart, (down, right), (0, 1)), np.roll(picture, (down, right), (0, 1))
        further = other > far
        far[further], best[further] = other[further], colours[further]
    return best


def _without(ink: Mask, boxes: Sequence[Box]) -> Mask:
    left = ink.copy()
    height, width = ink.shape
    for box in boxes:
        x, y = int(box[0] * width) - 2, int(box[1] * height) - 2
        left[max(0, y) : int(box[3] * height) + 3, max(0, x) : int(box[2] * width) + 3] = False
    return left


def _colours(ink: Pixels) -> tuple[str, ...]:
    """Names, the most ink first."""
    tones, counts = np.unique(ink // 16, axis=0, return_counts=True)
    named = Counter[str]()
    for tone, count in zip(tones, counts, strict=True):
        named[colour(*(16 * int(part) + 8 for part in tone))] += int(count)
    return tuple(name for name, count in named.most_common() if count >= COLOUR * len(ink))


def colour(red: int, green: int, blue: int) -> str:
    """The everyday name of a colour, each part 0 to 255."""
    hue, light, _ = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    spread = (max(red, green, blue) - min(red, green, blue)) / 255
    if spread < 0.16:
        return "black" if light < 0.33 else "grey"
    degrees = 360 * hue
    if 12 <= degrees < 48 and light < 0.36:
        return "brown"
    for name, end in (("red", 14), ("orange", 43), ("yellow", 68), ("green", 168), ("blue", 258), ("purple", 292)):
        if degrees < end:
            return name
    return "pink" if degrees < 345 and light > 0.4 else "purple" if degrees < 335 else "red"


def _shapes(ink: Mask) -> tuple[tuple[str, int], ...]:
    """(name, how many) of the closed outlines and filled areas whose form is plain."""
    import cv2

    grown = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    names = (_name(np.asarray(outline, np.int32), ink.size) for outline in outlines)
    counted = Counter(name for name in names if name)
    return tuple((name, min(count, MOST)) for name, count in counted.most_common())


def _name(outline: npt.NDArray[np.int32], pixels: int) -> str:
    """ "" for what is too small, open, or none of these."""
    import cv2

    area, length = cv2.contourArea(outline), cv2.arcLength(outline, True)
    hull = cv2.contourArea(cv2.convexHull(outline))
    if area < SIZE * pixels or area < SOLID * hull:
        return ""
    corners = len(cv2.approxPolyDP(outline, CLOSE * length, True))
    _, (one, other), _ = cv2.minAreaRect(outline)
    longer = max(one, other) / max(1.0, min(one, other))
    if corners == 3:
        return "triangle"
    if corners == 4 and area >= SOLID * one * other:
        return "square" if longer <= SQUARE else "rectangle"
    # An ellipse fills pi/4 of the rectangle round it.
    if corners > 5 and abs(area / max(1.0, one * other) - np.pi / 4) < 0.06:
        return "circle" if longer <= SQUARE and 4 * np.pi * area / length**2 >= ROUND else "oval"
    return ""
