"""Tensors as they are stored: fewer bits where bits are not missed (docs/research/compression.md).

Matrices of the text encoder and the decoder: 4 bits, each group of 64 with its own least value and step. Other
matrices: int8 rows with a scale each. The rest: fp16.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vision.model.stored import GROUP, PARTS, unpacked

FOUR_BITS = ("text.", "decoder.")
LEAST = 4096  # numbers; what is smaller is not worth it
Weights = dict[str, Tensor]


def pack(state: Weights, four_bits: tuple[str, ...] = FOUR_BITS) -> Weights:
    packed: Weights = {}
    for name, value in state.items():
        if not value.dtype.is_floating_point:
            packed[name] = value
        elif value.ndim < 2 or value.numel() < LEAST:
            half = value.detach().half()  # a running variance may be over fp16's 65504
            packed[name] = (half if half.isfinite().all() else value.detach().float()).contiguous()
        elif name.startswith(four_bits) and value.ndim == 2 and value.shape[1] % GROUP == 0:
            packed |= _nibbles(name, value)
        else:
            rows = value.detach().float().flatten(1)
            scale = rows.abs().amax(1).clamp(min=1e-12) / 127
            packed[name] = (rows / scale[:, None]).round().to(torch.int8).view_as(value).contiguous()
            packed[name + ":scale"] = scale
    return packed


def _nibbles(name: str, value: Tensor) -> Weights:
    """uint8 [rows, columns / 2], the even column in the low four bits; fp16 [rows, groups] least and step."""
    groups = value.detach().float().view(len(value), -1, GROUP)
    least = groups.amin(2).half()
    step = ((groups.amax(2) - least.float()) / 15).clamp(min=1e-7).half()
    levels = ((groups - least.float()[..., None]) / step.float()[..., None]).round().clamp(0, 15).to(torch.uint8)
    flat = levels.view(len(value), -1)
    return {name: (flat[:, ::2] | flat[:, 1::2] << 4).contiguous(), name + ":least": least, name + ":step": step}


def unpack(packed: Weights) -> Weights:
    """fp32, as the network computes. Raises KeyError for a tensor without its scale."""
    arrays = {name: value.numpy() for name, value in packed.items()}
    return {name: torch.from_numpy(unpacked(arrays, name)) for name in packed if not name.endswith(PARTS)}
