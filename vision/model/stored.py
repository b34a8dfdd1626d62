"""A checkpoint's folder read without torch: packed tensors, card, tokenizers. Serving needs no more (runtime.py)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from monitoring.attempt import Failure, attempt_now
from monitoring.plainly import why
from vision.model.tokens import Tokens

FORMAT = 3  # 3: two branches, pretrained starts, add-ons
NAME_ONE = "name the folder of one, such as weights/shipped"
WEIGHTS, CARD, TOKENIZER, CAPTIONS = "weights.safetensors", "card.json", "tokenizer.json", "captions.json"
ADDED = (
    "calibration",
    "groups",
    "validation",
    "text_trust",
    "caption_floor",
    "says_scenes",
    "kind_right",
)  # of both cards
EYES = ("trunk.", "world.", "mean", "std")  # what an add-on was made on
GROUP = 64  # numbers of a row that share their least value and step (packing.py)
PARTS = (":scale", ":least", ":step")
Arrays = dict[str, npt.NDArray[Any]]


class CheckpointError(ValueError):
    """The folder does not hold a checkpoint of ours; the message says what is wrong."""


@dataclass(frozen=True)
class Folder:
    """What lies in a checkpoint's or an add-on's folder, as it is stored."""

    path: Path
    card: dict[str, Any]
    packed: Arrays
    digest: str

    def eyes(self) -> str:
        return eyes_of(self.packed)


@dataclass(frozen=True)
class Stored:
    """A checkpoint with its add-on: everything but the network itself."""

    folder: Path  # the add-on's where there is one: graphs lie beside what they were made of
    card: dict[str, Any]
    packed: Arrays
    identity: str  # short hash of weights and cards: reports name it, jobs are keyed by it
    captions: Path


def eyes_of(packed: Arrays) -> str:
    """Short hash of the eyes as they are stored: an add-on fits those it was made on."""
    digest = hashlib.sha256()
    for name in sorted(packed):
        if name.startswith(EYES) and packed[name].dtype in (np.int8, np.uint8):  # rounded once or twice: the same
            digest.update(packed[name].tobytes())
    return digest.hexdigest()[:12]


def read_card(folder: Path) -> dict[str, Any]:
    """Raises CheckpointError when there is none, or one of another format."""
    try:
        card: dict[str, Any] = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{folder} is no checkpoint ({CARD}: {why(error)}); {NAME_ONE}") from error
    stated = card.get("format") if isinstance(card, dict) else None
    if stated != FORMAT:
        raise CheckpointError(f"{folder} has format {stated}, this program reads {FORMAT}: train it again")
    return card


def read_folder(folder: Path) -> Folder:
    card = read_card(folder)
    packed = attempt_now(lambda: load_file(folder / WEIGHTS))
    if isinstance(packed, Failure):  # safetensors raises errors of its own; whatever it was, the folder is not usable
        raise CheckpointError(
            f"{folder} is no checkpoint ({WEIGHTS}: {why(packed.error)}); {NAME_ONE}"
        ) from packed.error
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes())
    digest.update((folder / CARD).read_bytes())
    return Folder(folder, card, packed, digest.hexdigest()[:12])


def read(folder: Path, add_on: Path | None = None) -> Stored:
    """Raises CheckpointError when a folder is not a checkpoint of this format, or the add-on is for another."""
    held = read_folder(folder)
    if add_on is None:
        return Stored(folder, held.card, held.packed, held.digest, folder / CAPTIONS)
    more = read_folder(add_on)
    _fits(held, more)
    packed = {name: value for name, value in held.packed.items() if _named(name) not in more.packed} | more.packed
    return Stored(add_on, joined(held.card, more.card), packed, f"{held.digest}+{more.digest[:8]}", add_on / CAPTIONS)


def _named(name: str) -> str:
    """Of the tensor that this one is a part of."""
    return name.rsplit(":", 1)[0] if name.endswith(PARTS) else name


def joined(card: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The card of a checkpoint with its add-on: the add-on's config, and both's calibration and figures."""
    both = {key: {**card.get(key, {}), **more[key]} for key in ADDED if isinstance(more.get(key), dict)}
    return card | {key: more[key] for key in ADDED if key in more} | both | {"config": more["config"]}


def _fits(held: Folder, more: Folder) -> None:
    if more.card.get("eyes") != held.eyes():
        raise CheckpointError(f"{more.path} was made for other eyes than those of {held.path}: train it again")


def read_tokens(path: Path, vocabulary: int) -> Tokens:
    tokens = attempt_now(lambda: Tokens.load(path))
    if isinstance(tokens, Failure):  # tokenizers raises bare Exception
        raise CheckpointError(f"{path} is not a readable tokenizer ({tokens.error}): copy it again") from tokens.error
    if len(tokens) > vocabulary:
        raise CheckpointError(f"{path.parent}: {len(tokens)} words in its tokenizer, {vocabulary} in its config")
    return tokens


def unpacked(packed: Arrays, name: str, rows: npt.NDArray[np.int64] | slice = slice(None)) -> npt.NDArray[Any]:
    """One tensor as the network computes with it: fp32, or whole numbers. ``rows``: only these of a matrix.

    Raises KeyError for one without its scale, and IndexError or ValueError for one that another was stored for.
    """
    value = packed[name]
    if value.dtype == np.int8:
        value = value[rows]
        scale = packed[name + ":scale"][rows].astype(np.float32)
        return np.asarray(value.astype(np.float32) * scale.reshape(-1, *[1] * (value.ndim - 1)))
    if value.dtype == np.uint8:
        value = value[rows]
        levels = np.stack([value & 15, value >> 4], -1).reshape(*value.shape[:-1], -1, GROUP).astype(np.float32)
        least, step = (packed[name + part][rows].astype(np.float32)[..., None] for part in (":least", ":step"))
        return np.asarray((levels * step + least).reshape(*value.shape[:-1], -1))
    if value.dtype == np.float16:
        return value.astype(np.float32) if value.ndim == 0 else value[rows].astype(np.float32)
    return value if value.ndim == 0 else value[rows]
