"""What a decoder found in a file: its frames (a photo is one) as arrays, with what was measured on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from vision.report import Code, Film


class Quality(BaseModel):
    """What one photo's grey values say. All but the sizes between 0 and 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int
    height: int
    light: float  # mean
    contrast: float  # between nearly the darkest and nearly the brightest pixel
    burnt: float  # share of pixels that are all white
    sharp: float  # the steepest edges, as a share of the contrast: 1 is a step from one pixel to the next
    flat: float  # share of pixels that equal their neighbour: drawings and screenshots


@dataclass(frozen=True)
class Frame:
    """One picture of a file, and what was found in it: Sandbox.found_in looks for codes and quality."""

    pixels: npt.NDArray[np.uint8]  # [size, size, 3]
    readable: npt.NDArray[np.uint8]  # [height, width, 3]
    codes: tuple[Code, ...] | None  # None: not looked for, more than are read, or the child that looked has ended
    quality: Quality | None  # None: as above
    at: float = 0.0  # seconds from the beginning of its video

    @property
    def sharp(self) -> float:
        return self.quality.sharp if self.quality else 0.0


@dataclass(frozen=True)
class Decoded:
    """What a child said about one file."""

    frames: tuple[Frame, ...]  # at least one, in order of time
    film: Film | None  # of a video; the time line is still to be written
