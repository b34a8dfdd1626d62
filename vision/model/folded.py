"""A convolution's stored rows with the batch norm behind it: what int8 graphs are given (quantized.py makes them)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vision.model import stored

SCALE, BIAS = ":scale", ":bias"
LEAST = 1e-12  # of a scale: a row that says nothing


@dataclass(frozen=True)
class Folded:
    """Of one convolution."""

    norm: str  # the batch norm behind it, as its tensors begin
    epsilon: float
    scale: float  # of a level of what comes in


def digest(packed: stored.Arrays, folded: Mapping[str, Folded]) -> str:
    """Short hash of the numbers that the ranges of a graph's activations were made from."""
    found = hashlib.sha256()
    for name, how in sorted(folded.items()):
        for value in (packed[name], *norm_of(packed, how.norm)):
            found.update(np.ascontiguousarray(value).tobytes())
    return found.hexdigest()[:12]


def norm_of(packed: stored.Arrays, name: str) -> tuple[npt.NDArray[np.float32], ...]:
    """Its factor, its shift, and the mean and variance that it takes off."""
    parts = ("weight", "bias", "running_mean", "running_var")
    return tuple(np.asarray(stored.unpacked(packed, f"{name}.{part}"), np.float32) for part in parts)


def numbers_of(packed: stored.Arrays, weight: str, how: Folded) -> dict[str, npt.NDArray[Any]]:
    """``weight``: int8 rows, some with the other sign, a scale each, and an int32 bias with its own scale, which is
    that of the products. Raises KeyError for what is not stored.
    """
    rows, scale = _rows(packed, weight)
    factor, shift, mean, variance = (each.astype(np.float64) for each in norm_of(packed, how.norm))
    factor = factor / np.sqrt(variance + how.epsilon)
    bias, per_row = shift - mean * factor, (-1, *[1] * (rows.ndim - 1))
    wanted = np.maximum(scale * np.abs(factor), LEAST)
    # A row that says next to nothing must not make a bias that is more than an int32 holds.
    scale = np.maximum(wanted, np.abs(bias) / how.scale / 2**30)
    rows = np.rint(rows * (np.sign(factor) * wanted / scale).reshape(per_row))
    step = scale * how.scale
    return {
        weight: np.ascontiguousarray(rows.astype(np.int8)),
        weight + SCALE: scale.astype(np.float32),
        weight + BIAS: np.rint(bias / step).astype(np.int32),
        weight + BIAS + SCALE: step.astype(np.float32),
    }


def _rows(packed: stored.Arrays, weight: str) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """As they are stored; small ones are stored in fp16, and rounded here."""
    if packed[weight].dtype == np.int8:
        return packed[weight], packed[weight + SCALE].astype(np.float32)
    value = stored.unpacked(packed, weight)
    scale = np.maximum(np.abs(value).max(tuple(range(1, value.ndim))), LEAST) / 127
    rows = np.rint(value / scale.reshape(-1, *[1] * (value.ndim - 1)))
    return rows.astype(np.int8), scale.astype(np.float32)
