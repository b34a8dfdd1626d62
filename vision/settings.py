"""The worker's knobs. Read once, from VISION_… and STORAGE_… variables."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from storage.settings import Address, Settings

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
SHIPPED = WEIGHTS / "shipped"  # trained on sets that a shop may use
SCENES = WEIGHTS / "scenes"  # an add-on to it, of research sets: weights/LICENSE.md


class VisionSettings(Settings):
    model_config: ClassVar = Settings.model_config | {"env_prefix": "VISION_"}

    model: Path = SHIPPED  # folder of the checkpoint
    add_on: Path | None = None  # folder of more labels and sentences on the same eyes; mind its licence
    adapted: Path | None = None  # what the shop's own photos change of the labels (python -m vision adapt)
    catalogue: Path | None = None  # the shop's own products (python -m vision catalogue build); None: the trained ones
    runtime: Literal["onnx", "torch"] = "onnx"  # what computes the network; torch is the faster on a GPU
    batch: int = Field(4, ge=1, le=256)  # photos in one forward pass, at most
    beams: int = Field(3, ge=1, le=10)  # sentences weighed at a time for a scene's caption
    threads: int = Field(0, ge=0)  # of the network; 0: one for every core
    decode_seconds: float = Field(2.0, gt=0)  # then a photo's decoder is killed; a video's after four times that
    text_seconds: float = Field(
        8.0, gt=0
    )  # for reading one photo's text; then the reader is killed, and tried once more
    text_threads: int = Field(2, ge=1)  # of the process that reads text
    voice: str | None = None  # a faster-whisper model, by folder or name: hears voice messages and videos; None: deaf
    status: Address | None = None  # host:port of /metrics, /healthz and /readyz; None: nowhere
    logs: Literal["text", "json"] = "text"  # form of the log lines: for people, for machines
