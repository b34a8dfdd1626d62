"""Which frames of what moves are kept: of each scene the sharpest one, of many scenes the eight that differ most.

A frame starts a scene when enough of it differs from the frame that began the scene before. Of a scene the sharpest
frame is kept: a hand moves, and print can be read in the moment when it does not. A ninth scene takes the place of the
one that is most like its neighbour, so a slow pan and a cut both come to eight pictures that differ most.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

MOST = 8  # key frames
LONGEST = 60.0  # seconds that are looked at: a video note has no more
STEP = 0.25  # seconds between two frames that are compared: what is shown for less is not promised to be seen
READABLE = 1_000_000  # pixels of a key frame for the readers: 8 are held at a time
CELLS = 16  # a frame is compared in 16 × 16 cells …
CHANGED = 0.08  # … of which one has changed when its mean colour did by so much of the whole range
SHARE = 0.03  # of the cells: a new line on a screen is a new scene
SHARPER = 1.15  # times as sharp: another frame of a scene takes the place of the one that was kept

Pixels = npt.NDArray[np.uint8]


@dataclass
class Scene:
    first: npt.NDArray[np.int16]  # [CELLS, CELLS, 3], of the frame that began it
    at: float  # seconds, of the frame that is kept
    sharp: float
    picture: Image.Image  # upright RGB, at most READABLE pixels


@dataclass
class Scenes:
    """At most MOST scenes, in order; frames come in order."""

    kept: list[Scene] = field(default_factory=list)
    looked: float = 0.0  # seconds of the last frame that was seen
    whole: bool = True
    broken: bool = False  # the file ended early, or part of it could not be decoded

    def see(self, at: float, small: Pixels, picture: Callable[[], Image.Image]) -> None:
        """``small`` [height, width, 3] is what is compared; ``picture`` makes the frame that is kept."""
        cells = np.asarray(Image.fromarray(small).resize((CELLS, CELLS), Image.Resampling.BOX)).astype(np.int16)
        sharp = _sharp(small)
        self.looked = max(self.looked, at)
        last = self.kept[-1] if self.kept else None
        if last is None or difference(last.first, cells) >= SHARE:
            self.add(Scene(cells, at, sharp, picture()))
        elif sharp > SHARPER * last.sharp:
            last.at, last.sharp, last.picture = at, sharp, picture()

    def add(self, scene: Scene) -> None:
        self.kept.append(scene)
        if len(self.kept) > MOST:
            self.whole = False  # nobody reads what was in the one that goes
            at = int(np.argmin([_apart(one, two) for one, two in pairwise(self.kept)]))
            self.kept.pop(at if self.kept[at].sharp < self.kept[at + 1].sharp else at + 1)


def _apart(one: Scene, two: Scene) -> float:
    """How much is lost when they become one. With the time between them, or a busy beginning would go first."""
    return difference(one.first, two.first) * math.sqrt(max(0.0, two.at - one.at))


def difference(one: npt.NDArray[np.int16], other: npt.NDArray[np.int16]) -> float:
    """Share of the cells that changed."""
    return float((np.abs(one - other).max(2) > CHANGED * 255).mean())


def _sharp(small: Pixels) -> float:
    """How steep the steepest hundredth of the steps between neighbours is."""
    steps = np.abs(np.diff(small[:, :, 1].astype(np.int16), axis=1))
    return float(np.percentile(steps, 99)) if steps.size else 0.0
