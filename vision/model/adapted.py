"""A shop's own weights: what its photos change of a checkpoint's labels, and nothing else.

Linear heads beside the frozen network: to what the checkpoint says of a photo they add ``W x + b``, where x is how the
photo looks. New labels begin where the known ones are on average; known ones are moved. Taking the setting away is
taking all of it back.

    weights.safetensors   of each set: weight [labels, C], bias [labels], gate_weight [C], gate_bias []
    card.json             the checkpoint it is for, label sets, calibration, what it was made of, what it cost

No torch here: numpy adds what ONNX Runtime's eyes have seen (docs/decisions/0047-adapted.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from monitoring.attempt import Failure, attempt_now
from monitoring.plainly import why
from vision.model.labels import Calibration
from vision.model.stored import CARD, WEIGHTS

Array = npt.NDArray[np.float64]
FORMAT = 2
SCALE = 16.0  # of unit vectors, so that weights of the size of one say something


class AdaptedError(ValueError):
    """The message names the folder and says what to do."""


@dataclass(frozen=True)
class Head:
    """Of one label set. ``names`` begins with the checkpoint's own labels, in its order."""

    names: list[str]
    weight: Array  # [labels, C]
    bias: Array  # [labels]
    gate_weight: Array  # [C]
    gate_bias: float
    calibration: Calibration
    base_temperature: float = 1.0  # at which the checkpoint's own logits are as sure as they are right

    def logits(self, base: Array, looks: Array) -> Array:
        """``base`` [N, known labels] of the checkpoint, ``looks`` [N, C] unit length → [N, labels]."""
        begun = widened(base / self.base_temperature, len(self.names))
        return begun + SCALE * looks @ self.weight.T + self.bias

    def gate(self, base: Array, looks: Array) -> Array:
        """Logits of "does the question apply?" [N]."""
        return np.asarray(base + SCALE * looks @ self.gate_weight + self.gate_bias)


@dataclass(frozen=True)
class Adapted:
    heads: dict[str, Head]  # label set → its head
    card: dict[str, Any]
    identity: str  # short hash of weights and card

    @classmethod
    def load(cls, folder: Path, base: Path, sets: dict[str, list[str]]) -> Adapted:
        """``base``: the checkpoint's folder, ``sets`` its labels. Raises AdaptedError, also for another base."""
        found = attempt_now(lambda: _read(folder))
        if isinstance(found, Failure):  # safetensors raises errors of its own
            raise AdaptedError(
                f"{folder} does not hold a shop's own weights ({why(found.error)}); name a folder that "
                "`python -m vision adapt` wrote, or none"
            ) from found.error
        if found.card["base"] != digest_of(base):
            raise AdaptedError(
                f"{folder} was adapted from other weights than {base}: adapt again with --model {base}, "
                "set VISION_MODEL to those it was made from, or unset VISION_ADAPTED"
            )
        for name, head in found.heads.items():
            if head.names[: len(sets.get(name, ()))] != sets.get(name):
                raise AdaptedError(f"{folder}: its labels of {name} are not those of {base}: adapt again")
        return found

    def save(self, folder: Path) -> None:
        """Complete or not at all: a folder beside it takes its place."""
        draft = folder.with_name(f"{folder.name}.draft")
        draft.mkdir(parents=True, exist_ok=True)
        save_file(dict(_tensors(self.heads)), draft / WEIGHTS)
        (draft / WEIGHTS).chmod(0o644)  # safetensors makes it 600, and a container runs as somebody else
        (draft / CARD).write_text(json.dumps(self.card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        before = folder.with_name(f"{folder.name}.before")
        if folder.is_dir():
            _remove(before)
            folder.rename(before)  # it stays: VISION_ADAPTED can go back to it
        draft.rename(folder)


def widened(base: Array, count: int) -> Array:
    """[N, known] → [N, count]: labels that the checkpoint does not know begin at the mean of those that it knows."""
    new = base.mean(1, keepdims=True).repeat(count - base.shape[1], 1)
    return np.concatenate([base, new], 1)


def digest_of(checkpoint: Path) -> str:
    """Short hash of a checkpoint's weights: its card may be calibrated anew."""
    return hashlib.sha256((checkpoint / WEIGHTS).read_bytes()).hexdigest()[:12]


def _read(folder: Path) -> Adapted:
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    if card["format"] != FORMAT:
        raise ValueError(f"format {card['format']}, this program reads {FORMAT}")
    tensors = {name: value.astype(np.float64) for name, value in load_file(folder / WEIGHTS).items()}
    heads = {name: _head(name, card, tensors) for name in card["sets"]}
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes() + (folder / CARD).read_bytes())
    return Adapted(heads, card, digest.hexdigest()[:8])


def _head(name: str, card: dict[str, Any], tensors: dict[str, Array]) -> Head:
    names = [str(each) for each in card["sets"][name]]
    weight, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    gate_weight, gate_bias = tensors[f"{name}.gate_weight"], float(tensors[f"{name}.gate_bias"])
    if weight.shape != (len(names), len(gate_weight)) or bias.shape != (len(names),):
        raise ValueError(f"the weights of {name} have the shape {weight.shape}")
    if not all(np.isfinite(part).all() for part in (weight, bias, gate_weight, gate_bias)):
        raise ValueError(f"the weights of {name} hold what is no number")
    calibration = Calibration(**card["calibration"][name])
    return Head(names, weight, bias, gate_weight, gate_bias, calibration, float(card["base_temperature"][name]))


def _tensors(heads: dict[str, Head]) -> Iterator[tuple[str, npt.NDArray[np.float16]]]:
    for name, head in heads.items():
        yield f"{name}.weight", head.weight.astype(np.float16)
        yield f"{name}.bias", head.bias.astype(np.float16)
        yield f"{name}.gate_weight", head.gate_weight.astype(np.float16)
        yield f"{name}.gate_bias", np.asarray(head.gate_bias, np.float16)


def _remove(folder: Path) -> None:
    for file in folder.glob("*"):
        file.unlink()
    if folder.is_dir():
        folder.rmdir()
