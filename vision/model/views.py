"""A photo as the network sees it: twice, the whole of it and its middle. In numpy, so that every runtime sees the same.

Resizing is bilinear with antialiasing, as Pillow and torch do it: two small matrices, one for each side.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# Labels and vectors are the mean of two views of a photo: the whole, and its middle as large (docs/research/log.md).
MIDDLE = 0.8  # of each side


def views(pixels: npt.NDArray[np.uint8], size: int) -> Floats:
    """[N, S, S, 3] → 0..255 [2N, 3, size, size]: first all as they are, then the middle of each."""
    images = pixels.transpose(0, 3, 1, 2).astype(np.float32)
    edge = round(images.shape[-1] * (1 - MIDDLE) / 2)
    middle = images[:, :, edge : images.shape[-1] - edge, edge : images.shape[-1] - edge]
    return np.concatenate([resized(view, size) for view in (images, middle)])


def resized(images: Floats, size: int) -> Floats:
    """[N, C, S, S] → [N, C, size, size]"""
    if images.shape[-1] == size:
        return images
    across = _resizing(images.shape[-1], size)
    return np.asarray(across @ images @ across.T)


def contrast(pixels: npt.NDArray[np.uint8], cells: int = 16) -> npt.NDArray[np.float64]:
    """[N, S, S, 3] → [N]: the standard deviation of brightness over a grid of cells, of 255."""
    across = _averaging(pixels.shape[1], cells)
    grid = across @ pixels.astype(np.float32).mean(3) @ across.T
    return np.asarray(grid.reshape(len(pixels), -1).std(1, ddof=1), dtype=np.float64)


@cache
def _resizing(source: int, size: int) -> Floats:
    """[size, source]: a triangle of weights for every new pixel, as wide as the scale (antialiasing)."""
    scale = source / size
    width = max(scale, 1.0)
    centres = (np.arange(size)[:, None] + 0.5) * scale
    weights = (1 - np.abs(np.arange(source)[None] + 0.5 - centres) / width).clip(0)
    return np.asarray(weights / weights.sum(1, keepdims=True), dtype=np.float32)


@cache
def _averaging(source: int, cells: int) -> Floats:
    """[cells, source]: the mean of each cell's pixels; neighbours share one where it does not divide evenly."""
    out = np.zeros((cells, source), np.float32)
    for at in range(cells):
        begin, end = at * source // cells, -(-(at + 1) * source // cells)
        out[at, begin:end] = 1 / (end - begin)
    return out
