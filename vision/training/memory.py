"""What a checkpoint knew before a shop adapted it: photos as the eyes see them, with their labels and no pixels.

Half is rehearsed while heads learn, half only checks that nothing was forgotten. ``weights/shipped/memory.safetensors``
is of photos that training left out. Other checkpoints bring an imagefolder (``--check``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from safetensors.numpy import save_file

from monitoring.attempt import Failure, attempt_now
from vision.images import DataError, Sample, load_pixels
from vision.model.predictor import Predictor
from vision.model.stored import unpacked

Array = npt.NDArray[np.float64]
FILE = "memory.safetensors"
BATCH = 32
UNASKED = ("kind", "object")  # every photo has them, and nobody names them


@dataclass(frozen=True)
class Photos:
    """Photos as a checkpoint sees them."""

    looks: Array  # [N, C] unit length
    logits: dict[str, Array]  # set → [N, labels]
    gates: dict[str, Array]  # set → [N]
    labels: tuple[dict[str, str], ...]  # of each: set → label; a set that is not there does not apply

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, keep: Sequence[int] | npt.NDArray[np.int64]) -> Photos:
        at = np.asarray(keep, np.int64)
        return Photos(
            self.looks[at],
            {name: value[at] for name, value in self.logits.items()},
            {name: value[at] for name, value in self.gates.items()},
            tuple(self.labels[row] for row in at),
        )


@dataclass(frozen=True)
class Memory:
    rehearsed: Photos
    check: Photos


def look(predictor: Predictor, samples: Sequence[Sample], *, mirrored: bool = False) -> Photos:
    """Raises DataError for a picture that cannot be read. A catalogue or an adapted head would not be the checkpoint's
    own: neither may be loaded.
    """
    assert predictor.adapted is None, "looks are taken without a shop's own weights"
    names = [name for name in predictor.sets if name not in UNASKED]
    seen = []
    for at in range(0, len(samples), BATCH):
        pixels = load_pixels(samples[at : at + BATCH], predictor.size).transpose(0, 2, 3, 1)
        seen.append(predictor.see(pixels[:, :, ::-1] if mirrored else pixels, [""] * len(pixels)))
    place = list(predictor.sets)
    return Photos(
        np.concatenate([each.looks for each in seen]),
        {name: np.concatenate([each.logits[name] for each in seen]) for name in names},
        {name: np.concatenate([each.gates[:, place.index(name)] for each in seen]) for name in names},
        tuple(dict(sample.labels) for sample in samples),
    )


def together(*parts: Photos) -> Photos:
    return Photos(
        np.concatenate([part.looks for part in parts]),
        {name: np.concatenate([part.logits[name] for part in parts]) for name in parts[0].logits},
        {name: np.concatenate([part.gates[name] for part in parts]) for name in parts[0].gates},
        tuple(labels for part in parts for labels in part.labels),
    )


def asked(photos: Photos) -> Photos:
    """Without the sets of which no photo has a label: nothing of them could be checked."""
    kept = {name for labels in photos.labels for name in labels} & set(photos.logits)
    logits, gates = ({n: v for n, v in part.items() if n in kept} for part in (photos.logits, photos.gates))
    return Photos(photos.looks, logits, gates, photos.labels)


def halves(photos: Photos) -> Memory:
    """Every second photo of each label checks."""
    seen: dict[str, int] = {}
    check = np.zeros(len(photos), bool)
    for row, labels in enumerate(photos.labels):
        key = json.dumps(labels, sort_keys=True)
        seen[key] = seen.get(key, -1) + 1
        check[row] = seen[key] % 2 == 1
    return Memory(photos.rows(np.flatnonzero(~check)), photos.rows(np.flatnonzero(check)))


def save(path: Path, memory: Memory, base: str) -> None:
    """``base``: short hash of the weights that saw these photos."""
    tensors: dict[str, npt.NDArray[np.generic]] = {}
    for part, photos in (("rehearsed", memory.rehearsed), ("check", memory.check)):
        scale = np.abs(photos.looks).max(1) / 127
        tensors[f"{part}.looks"] = np.rint(photos.looks / scale[:, None]).astype(np.int8)
        tensors[f"{part}.looks:scale"] = scale.astype(np.float32)
        for name in photos.logits:
            tensors[f"{part}.logits.{name}"] = photos.logits[name].astype(np.float16)
            tensors[f"{part}.gates.{name}"] = photos.gates[name].astype(np.float16)
    labels = {"rehearsed": memory.rehearsed.labels, "check": memory.check.labels}
    save_file(tensors, path, {"base": base, "labels": json.dumps(labels, ensure_ascii=False)})
    path.chmod(0o644)


def load(path: Path, base: str) -> Memory:
    """Raises DataError where there is none, or one of other weights than those whose short hash is ``base``."""
    found = attempt_now(lambda: _read(path))
    how = "name photos that it knows, with their labels: --check FOLDER"
    if isinstance(found, Failure):  # safetensors raises errors of its own
        raise DataError(f"{path}: what this model knew is not there ({found.error}); {how}") from found.error
    memory, made_for = found
    if made_for != base:
        raise DataError(f"{path} is of other weights than these; {how}")
    return memory


def _read(path: Path) -> tuple[Memory, str]:
    with safe_open(path, "numpy") as file:
        packed = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dictionary
        about = file.metadata()
    labels = json.loads(about["labels"])
    parts = [_photos(packed, part, labels[part]) for part in ("rehearsed", "check")]
    return Memory(*parts), about["base"]


def _photos(packed: dict[str, npt.NDArray[np.generic]], part: str, labels: Sequence[dict[str, str]]) -> Photos:
    looks = unpacked(packed, f"{part}.looks").astype(np.float64)
    looks /= np.linalg.norm(looks, axis=1, keepdims=True).clip(1e-12)

    def of(kind: str) -> dict[str, Array]:
        head = f"{part}.{kind}."
        return {name[len(head) :]: packed[name].astype(np.float64) for name in packed if name.startswith(head)}

    return Photos(looks, of("logits"), of("gates"), tuple(labels))
