"""What the frozen eyes see of every training photo and what the frozen reader makes of every sentence, worked out once.

Recipes for heads, gates, fusion, the shared space and the decoder are then tried in minutes.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from vision.images import Sample, load_pixels
from vision.model.network import FusedModel
from vision.model.tokens import Tokens

log = logging.getLogger(__name__)
BATCH = 64


class Features:
    """Of one checkpoint's eyes: ``eyes`` names them, so that a cache of others is not taken for theirs."""

    def __init__(self, model: FusedModel, tokens: Tokens, cache: Path, eyes: str) -> None:
        self.model, self.tokens, self.cache, self.eyes = model.eval(), tokens, cache, eyes
        cache.mkdir(parents=True, exist_ok=True)

    def grids(self, name: str, samples: Sequence[Sample]) -> np.ndarray:
        """fp16 [N, h·w, C] of the world branch, on disk."""
        path = self.cache / f"{name}-{self.eyes}-{len(samples)}-grid.npy"
        if not path.is_file():
            log.info("%s: looking at %d photos", name, len(samples))
            self._make(path, samples, lambda images: self.model.encode_image(images)[0].flatten(2).transpose(1, 2))
        found: np.ndarray = np.load(path, mmap_mode="r")
        return found

    def pooled(self, name: str, samples: Sequence[Sample], *, tuned: bool = False) -> Tensor:
        """fp32 [N, C] of the world branch, or of the tuned one."""
        which = "tuned" if tuned else "pooled"
        path = self.cache / f"{name}-{self.eyes}-{len(samples)}-{which}.npy"
        if not path.is_file():
            log.info("%s: looking at %d photos", name, len(samples))
            self._make(path, samples, lambda images: self.model.encode_image(images)[int(tuned)].mean((2, 3)))
        return torch.from_numpy(np.load(path)).float()

    @torch.inference_mode()
    def _make(self, path: Path, samples: Sequence[Sample], look: Callable[[Tensor], Tensor]) -> None:
        size, out = self.model.config.image_size, None
        log_at = time.monotonic()
        partial = path.with_name(path.name + ".partial")
        for at in range(0, len(samples), BATCH):
            seen = look(torch.from_numpy(load_pixels(samples[at : at + BATCH], size)).float())
            if out is None:
                shape = (len(samples), *seen.shape[1:])
                kind = np.float16 if seen.ndim == 3 else np.float32
                out = np.lib.format.open_memmap(partial, mode="w+", dtype=kind, shape=shape)
            out[at : at + len(seen)] = seen.numpy()
            if time.monotonic() - log_at > 60:
                log.info("%d of %d", at, len(samples))
                log_at = time.monotonic()
        if out is not None:
            out.flush()
        partial.replace(path)

    @torch.inference_mode()
    def told(self, texts: Sequence[str]) -> Tensor:
        """fp32 [N, text_width]: the mean of each text's tokens, as the reader of the checkpoint has it."""
        digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]
        path = self.cache / f"texts-{self.reader()}-{digest}.npy"
        if not path.is_file():
            order = sorted(range(len(texts)), key=lambda at: len(texts[at]))  # of one length: little padding
            out = np.zeros((len(texts), self.model.config.text_width), np.float32)
            for at in range(0, len(order), 256):
                rows = order[at : at + 256]
                ids = torch.tensor(self.tokens.texts([texts[row] for row in rows], self.model.config.text_length))
                out[rows] = self.model.encode_text(ids)[1].numpy()
            np.save(path, out)
        return torch.from_numpy(np.load(path))

    def reader(self) -> str:
        """Which text encoder it is: the mean of what it says of one sentence."""
        ids = torch.tensor(self.tokens.texts(["a green apple on a table"], self.model.config.text_length))
        with torch.inference_mode():
            found = self.model.encode_text(ids)[1]
        return hashlib.sha256(found.round(decimals=3).numpy().tobytes()).hexdigest()[:8]


def whiten(pooled: Tensor) -> Tensor:
    """For optimisers: photos' features of one length. Not divided by each channel's spread: dead channels explode."""
    return F.normalize(pooled, dim=-1)
