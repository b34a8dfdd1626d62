"""The network on torch: on a GPU where there is one; training's checks; and what the graphs are held to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vision.model import cached_decoder, checkpoint
from vision.model.runtime import Floats, Name, Outputs, Whole


class TorchRuntime:
    name: Name = "torch"

    def __init__(self, loaded: checkpoint.Checkpoint) -> None:
        self.model, self.tokens, self.captions = loaded.model.eval(), loaded.tokens, loaded.captions
        self.card, self.identity, self.config = loaded.card, loaded.identity, loaded.model.config
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model.to(self.device).to(memory_format=torch.channels_last)  # a quarter faster on the CPU

    @classmethod
    def load(cls, folder: Path, add_on: Path | None = None, threads: int = 0) -> TorchRuntime:
        if threads:
            torch.set_num_threads(threads)
        return cls(checkpoint.load(folder, add_on))

    @property
    def centre(self) -> Floats:
        return _array(self.model.centre)

    @torch.inference_mode()
    def see(self, images: Floats) -> Outputs:
        encoded = self.model(self._tensor(images))
        logits, gates = self.model.labels(encoded)
        found = {name: _array(value) for name, value in logits.items()}
        grids, pooled = (_array(encoded.grid), _array(encoded.tuned_grid)), _array(encoded.pooled)
        return Outputs(*grids, pooled, _array(encoded.image_vector), found, _array(gates))

    def head(self, name: str) -> Floats:
        head = self.model.image_heads[name]
        assert isinstance(head, torch.nn.Linear)
        return _array(head.weight)

    @torch.inference_mode()
    def read(self, rows: Whole) -> tuple[Floats, Floats]:
        states, told = self.model.encode_text(self._tensor(rows))
        return _array(states), _array(self.model.text_vector(told))

    @torch.inference_mode()
    def hear(self, grid: Floats, words: Floats, mask: Floats, nothing: Floats) -> dict[str, Floats]:
        heard = self.model.hear(*map(self._tensor, (grid, words, mask, nothing)))
        return {name: _array(value) for name, value in heard.items()}

    def steps(self, grid: Floats, beams: int) -> TorchSteps:
        return TorchSteps(self, grid, beams)

    def _tensor(self, value: Any) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(value)).to(self.device)


class TorchSteps:
    @torch.inference_mode()
    def __init__(self, runtime: TorchRuntime, grid: Floats, beams: int) -> None:
        self.device = runtime.device
        memory = runtime.model.memory(torch.from_numpy(np.ascontiguousarray(grid, np.float32)).to(self.device))
        self.steps = cached_decoder.Steps(runtime.model, memory, beams)

    @torch.inference_mode()
    def __call__(self, words: Whole) -> Floats:
        return _array(self.steps(torch.from_numpy(words).to(self.device)).float())

    @torch.inference_mode()
    def keep(self, rows: Whole) -> None:
        self.steps.keep(torch.from_numpy(rows).to(self.device))


def _array(value: Tensor) -> Floats:
    return value.detach().cpu().numpy()
