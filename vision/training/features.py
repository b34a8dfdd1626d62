"""What the frozen eyes see of every training photo and what the frozen reader makes of every sentence, worked out once.

Recipes for heads, gates, fusion, the shared space and the decoder are then tried in minutes.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from vision.images import Sample, load_pixels
from vision.model.network import FusedModel
from vision.model.tokens import Tokens
from vision.training.augment import augment

log = logging.getLogger(__name__)
T = TypeVar("T")
BATCH = 16  # what fits into a processor's cache is done faster
READ = 64  # sentences
SMALLEST = 0.6  # of a photo's area in a drawn view: what its sentences speak of is mostly still there


def side_by_side(work: Callable[[T], np.ndarray], batches: Sequence[T]) -> Iterator[np.ndarray]:
    """``work`` of each batch, in order; each on one core, so that no thread waits for another where others use the
    machine, too.
    """
    with ThreadPoolExecutor(os.cpu_count(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield from pool.map(work, batches)


class Features:
    """Of one checkpoint's eyes: ``eyes`` names them, so that a cache of others is not taken for theirs."""

    def __init__(self, model: FusedModel, tokens: Tokens, cache: Path, eyes: str) -> None:
        self.model, self.tokens, self.cache, self.eyes = model.eval(), tokens, cache, eyes
        cache.mkdir(parents=True, exist_ok=True)

    def grids(self, name: str, samples: Sequence[Sample], view: int = 0) -> np.ndarray:
        """fp16 [N, h·w, C] of the world branch, on disk. ``view`` 0 is each photo as it is served; others are drawn."""
        path = self.cache / f"{name}-{self.eyes}-{len(samples)}-grid{view or ''}.npy"
        if not path.is_file():
            log.info("%s: looking at %d photos, view %d", name, len(samples), view)

            def look(images: Tensor, at: int) -> Tensor:
                if view:
                    generator = torch.Generator().manual_seed(view * 1_000_000 + at)
                    images = augment(images, images.shape[-1], generator, SMALLEST)
                return self.model.world_of(images).flatten(2).transpose(1, 2)

            self._make(path, samples, look)
        found: np.ndarray = np.load(path, mmap_mode="r")
        return found

    def pooled(self, name: str, samples: Sequence[Sample], *, tuned: bool = False) -> Tensor:
        """fp32 [N, C] of the world branch, or of the tuned one."""
        which = "tuned" if tuned else "pooled"
        path = self.cache / f"{name}-{self.eyes}-{len(samples)}-{which}.npy"
        if not path.is_file():
            log.info("%s: looking at %d photos", name, len(samples))

            def look(images: Tensor, _at: int) -> Tensor:
                seen = self.model.encode_image(images)[1] if tuned else self.model.world_of(images)
                return seen.mean((2, 3))

            self._make(path, samples, look)
        return torch.from_numpy(np.load(path)).float()

    def _make(self, path: Path, samples: Sequence[Sample], look: Callable[[Tensor, int], Tensor]) -> None:
        """``look``: at photos [N, 3, s, s], the first of which is the nth."""
        partial = path.with_name(path.name + ".partial")
        out: np.memmap[Any, Any] | None = None

        @torch.inference_mode()
        def batch(at: int) -> np.ndarray:
            pixels = load_pixels(samples[at : at + BATCH], self.model.config.image_size)
            found: np.ndarray = look(torch.from_numpy(pixels).float(), at).numpy()
            return found

        starts = range(0, len(samples), BATCH)
        for at, seen in zip(starts, side_by_side(batch, starts), strict=True):
            if out is None:
                kind = np.float16 if seen.ndim == 3 else np.float32
                shape = (len(samples), *seen.shape[1:])
                out = np.lib.format.open_memmap(partial, mode="w+", dtype=kind, shape=shape)
            out[at : at + len(seen)] = seen
            if at % (64 * BATCH) == 0:
                log.info("%d of %d", at, len(samples))
        if out is not None:
            out.flush()
        partial.replace(path)

    def told(self, texts: Sequence[str]) -> Tensor:
        """fp32 [N, text_width]: the mean of each text's tokens, as the reader of the checkpoint has it."""
        digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]
        path = self.cache / f"texts-{self.reader()}-{digest}.npy"
        if not path.is_file():
            order = sorted(range(len(texts)), key=lambda at: len(texts[at]))  # of one length: little padding
            out = np.zeros((len(texts), self.model.config.text_width), np.float32)
            batches = [order[at : at + READ] for at in range(0, len(order), READ)]

            @torch.inference_mode()
            def read(rows: list[int]) -> np.ndarray:
                ids = torch.tensor(self.tokens.texts([texts[row] for row in rows], self.model.config.text_length))
                found: np.ndarray = self.model.encode_text(ids)[1].numpy()
                return found

            for rows, found in zip(batches, side_by_side(read, batches), strict=True):
                out[rows] = found
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
