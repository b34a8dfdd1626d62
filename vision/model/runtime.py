"""What serving asks of a network, whatever computes it: ONNX Runtime (the default) or torch.

Arrays in, arrays out, so that reports, sentences and catalogues know nothing of either. Both read the same checkpoint;
their numbers differ by less than 1e-3 (export.py refuses more).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from vision.model.config import ModelConfig
from vision.model.tokens import Tokens

Floats = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]
Name = Literal["onnx", "torch"]
GRAPHS = "graphs"  # beside the weights (export.py)
LIST = "graphs.json"


class Outputs(NamedTuple):
    """What the eyes say of photos, before any word."""

    grid: Floats  # [N, h·w, C]  of the world branch
    tuned: Floats  # [N, h·w, C] of the tuned one
    pooled: Floats  # [N, C]
    vectors: Floats  # [N, shared] unit length
    logits: dict[str, Floats]  # set → [N, labels]
    gates: Floats  # [N, sets]


class Steps(Protocol):
    """Sentences in the making, a word at a time; R = photos · beams rows."""

    def __call__(self, words: Whole) -> Floats:
        """The newest word [R] of each row → logits of the next one [R, vocabulary]."""

    def keep(self, rows: Whole) -> None:
        """Go on with these rows [R]; a row may have several successors, another none."""


class Runtime(Protocol):
    name: Name
    config: ModelConfig
    card: dict[str, Any]
    identity: str
    tokens: Tokens
    captions: Tokens | None

    @property
    def centre(self) -> Floats:
        """[C] of what the world branch sees in photos."""

    def see(self, images: Floats) -> Outputs:
        """Pixels 0..255 [N, 3, s, s]."""

    def head(self, name: str) -> Floats:
        """The weights of a label set's head [labels, C], over ``tuned`` or ``grid``."""

    def read(self, rows: Whole) -> tuple[Floats, Floats]:
        """Token ids [N, T], 0 is padding → token vectors [N, T, text_width], unit vectors of the texts [N, shared]."""

    def hear(self, grid: Floats, words: Floats, mask: Floats, nothing: Floats) -> dict[str, Floats]:
        """What customers' words add to the logits [N, labels] of the sets they can speak of (FusedModel.hear)."""

    def steps(self, grid: Floats, beams: int) -> Steps:
        """The decoder over photos' grids [N, h·w, C]."""
