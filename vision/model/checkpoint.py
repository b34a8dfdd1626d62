"""A model on disk that explains itself: weights, config, tokenizers, label sets, calibration, metrics, provenance.

    weights.safetensors   few bits a number (packing.py)
    tokenizer.json        of what customers write
    captions.json         of the decoder's sentences, where there is a decoder
    card.json             config (with label sets), calibration, metrics, licence, how it was made

An **add-on** is a folder of the same kind that holds only some parts of the model, for a checkpoint that it names: it
puts its label sets, its decoder and its projections on the same eyes. Its licence may be another.

Everything is widened to fp32 on load. Loading is strict: a missing, extra or misshapen tensor is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from vision.model import stored
from vision.model.config import ModelConfig
from vision.model.network import FusedModel
from vision.model.packing import pack, unpack
from vision.model.stored import CAPTIONS, CARD, FORMAT, TOKENIZER, WEIGHTS, CheckpointError, read_card
from vision.model.tokens import Tokens

__all__ = ["Checkpoint", "CheckpointError", "load", "read_card", "save", "save_add_on", "take_fitting", "write_card"]


@dataclass
class Checkpoint:
    model: FusedModel
    tokens: Tokens
    card: dict[str, Any]
    identity: str  # short hash of weights and cards: reports name it, jobs are keyed by it
    captions: Tokens | None = None


def save(folder: Path, model: FusedModel, tokens: Tokens, made: dict[str, Any], captions: Tokens | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder, _state(model))
    tokens.save(folder / TOKENIZER)
    if captions:
        captions.save(folder / CAPTIONS)
    write_card(folder, {"format": FORMAT, "config": model.config.to_dict(), "made": made})


def save_add_on(
    folder: Path, model: FusedModel, parts: tuple[str, ...], made: dict[str, Any], captions: Tokens | None = None
) -> None:
    """The tensors of ``model`` whose names begin with one of ``parts``; the card's ``eyes`` say where they belong."""
    folder.mkdir(parents=True, exist_ok=True)
    state = _state(model)
    _write(folder, {name: value for name, value in state.items() if name.startswith(parts)})
    if captions:
        captions.save(folder / CAPTIONS)
    card = {"format": FORMAT, "parts": list(parts), "eyes": eyes_of(state), "config": model.config.to_dict()}
    write_card(folder, card | {"made": made})


def eyes_of(state: dict[str, Tensor]) -> str:
    """Short hash of the eyes as they are stored: an add-on fits those it was made on."""
    packed = pack({name: value for name, value in state.items() if name.startswith(stored.EYES)})
    return stored.eyes_of({name: value.numpy() for name, value in packed.items()})


def _write(folder: Path, state: dict[str, Tensor]) -> None:
    save_file(pack(state), folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)  # safetensors makes it 600, and a container runs as somebody else


def write_card(folder: Path, card: dict[str, Any]) -> None:
    (folder / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(folder: Path, add_on: Path | None = None) -> Checkpoint:
    """Raises CheckpointError when a folder is not a whole checkpoint of this format, or the add-on is for another."""
    held = stored.read(folder, add_on)
    try:
        state = unpack({name: torch.from_numpy(np.array(value)) for name, value in held.packed.items()})
    except (KeyError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{folder}: a tensor cannot be unpacked ({error}): copy it again") from error
    model = _model(folder, held.card)
    _fill(folder, model, state)
    tokens = stored.read_tokens(folder / TOKENIZER, model.config.text_vocabulary)
    spoken = stored.read_tokens(held.captions, model.config.vocabulary) if model.config.vocabulary else None
    return Checkpoint(model.eval(), tokens, held.card, held.identity, spoken)


def _model(folder: Path, card: dict[str, Any]) -> FusedModel:
    try:
        return FusedModel(ModelConfig(**card["config"]))
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        said = f"{type(error).__name__}: {error}"
        raise CheckpointError(f"{folder}: its card does not describe its weights ({said}): copy it again") from error


def _fill(folder: Path, model: FusedModel, state: dict[str, Tensor]) -> None:
    wanted = set(_state(model))
    if wanted != set(state):
        odd = sorted(wanted ^ set(state))
        raise CheckpointError(f"{folder}: tensors do not match the config, such as {odd[0]}")
    try:
        model.load_state_dict(state, strict=False)  # strict but for the tied names, checked above
    except RuntimeError as error:
        raise CheckpointError(f"{folder}: {error}") from error


def _state(model: FusedModel) -> dict[str, Tensor]:
    """Without names that share memory with an earlier one: BERT ties its output to its embeddings."""
    seen: dict[int, str] = {}
    state = model.state_dict()
    return {n: v.cpu() for n, v in state.items() if not v.numel() or seen.setdefault(v.data_ptr(), n) == n}


def take_fitting(model: FusedModel, folder: Path, add_on: Path | None = None) -> int:
    """Start from another checkpoint: copies what has the same name, shape and meaning; how many tensors.

    A head is taken when both have the same labels.
    """
    start = load(folder, add_on)
    state, own = start.model.state_dict(), model.state_dict()
    others = start.model.config.label_sets
    skipped = tuple(
        f"{part}.{name}."
        for name, labels in model.config.label_sets.items()
        if others.get(name) != labels
        for part in ("image_heads", "fused_heads")
    )
    fitting = {n: v for n, v in state.items() if n in own and own[n].shape == v.shape and not n.startswith(skipped)}
    model.load_state_dict(fitting, strict=False)
    return len(fitting)
