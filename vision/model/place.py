"""Where in a photo that was seen which speaks for a label. In numpy, so that every runtime says the same."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vision.model.runtime import Floats
from vision.report import Box


def place(grid: Floats, head: Floats, label: int) -> Box:
    """Of a photo's cells ``grid`` [side · side, C] those side by side, a third of the photo high and wide, that speak
    most for ``label`` rather than for the others of ``head`` [labels, C].

    A head over the mean of all cells is the mean of the head over each: a cell's share in the answer is known without
    a gradient (class activation maps, Zhou et al. 2016).
    """
    side = math.isqrt(len(grid))
    heat = (grid @ (head[label] - head.mean(0))).reshape(side, side)
    size = math.ceil(side / 3)
    means = sliding_window_view(heat, (size, size)).mean((2, 3))
    top, left = (int(at) for at in np.unravel_index(means.argmax(), means.shape))
    return left / side, top / side, (left + size) / side, (top + size) / side
