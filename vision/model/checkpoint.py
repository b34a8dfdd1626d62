"""A model on disk that explains itself: weights, config, tokenizer, label sets, calibration, metrics, provenance.

    weights.safetensors   int8 rows with a scale each for matrices, fp16 for the rest
    tokenizer.json
    card.json             config (with label sets), calibration, metrics, how it was made

Matrices are widened to fp32 on load. Loading is strict: a missing, extra or misshapen tensor is refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from vision.model.network import FusedModel, ModelConfig
from vision.model.tokens import Tokens

FORMAT = 2  # 2: heads for the words alone


class CheckpointError(ValueError):
    """The folder does not hold a checkpoint of ours; the message says what is wrong."""


@dataclass
class Checkpoint:
    model: FusedModel
    tokens: Tokens
    card: dict[str, Any]
    identity: str  # short hash of the weights and the card: reports name it, jobs are keyed by it


def pack(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Matrices as int8 rows (absmax / 127 a row), the rest as fp16: a fifth of fp32's bytes."""
    packed = {}
    for name, value in state.items():
        if not value.dtype.is_floating_point:
            packed[name] = value
        elif value.ndim >= 2 and value.numel() >= 4096:
            rows = value.detach().float().flatten(1)
            scale = rows.abs().amax(1).clamp(min=1e-12) / 127
            packed[name] = (rows / scale[:, None]).round().to(torch.int8).view_as(value).contiguous()
            packed[name + ":scale"] = scale
        else:
            half = value.detach().half()  # a running variance may be over fp16's 65504
            packed[name] = (half if half.isfinite().all() else value.detach().float()).contiguous()
    return packed


def unpack(packed: dict[str, Tensor]) -> dict[str, Tensor]:
    state = {}
    for name, value in packed.items():
        if name.endswith(":scale"):
            continue
        if value.dtype == torch.int8:
            scale = packed[name + ":scale"].view(-1, *[1] * (value.ndim - 1))
            state[name] = value.float() * scale
        else:
            state[name] = value.float() if value.dtype.is_floating_point else value
    return state


def _tied(model: FusedModel) -> set[str]:
    """Names in the state that share memory with an earlier one (BERT ties its output to its embeddings)."""
    seen: dict[int, str] = {}
    return {n for n, v in model.state_dict().items() if v.numel() and seen.setdefault(v.data_ptr(), n) != n}


def save(folder: Path, model: FusedModel, tokens: Tokens, made: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tied = _tied(model)
    state = {name: value.cpu() for name, value in model.state_dict().items() if name not in tied}
    save_file(pack(state), folder / "weights.safetensors")
    (folder / "weights.safetensors").chmod(0o644)  # safetensors makes it 600, and a container runs as somebody else
    tokens.save(folder / "tokenizer.json")
    write_card(folder, {"format": FORMAT, "config": model.config.to_dict(), "made": made})


def write_card(folder: Path, card: dict[str, Any]) -> None:
    (folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(folder: Path) -> Checkpoint:
    """Raises CheckpointError when the folder is not a whole checkpoint of this format."""
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        packed = load_file(folder / "weights.safetensors")
        tokens = Tokens.load(folder / "tokenizer.json")
    except Exception as error:  # tokenizers raises bare Exception; whatever it was, the folder is not usable
        raise CheckpointError(
            f"{folder} is not a readable checkpoint ({error}); name another with --model or VISION_MODEL"
        ) from error
    stated = card.get("format") if isinstance(card, dict) else None
    if stated != FORMAT:
        raise CheckpointError(f"{folder} has format {stated}, this program reads {FORMAT}: train it again")
    try:
        model = FusedModel(ModelConfig(**card["config"]))
        state, tied = unpack(packed), _tied(model)
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        said = f"{type(error).__name__}: {error}"
        raise CheckpointError(f"{folder}: its card does not describe its weights ({said}): copy it again") from error
    if len(tokens) > model.config.vocabulary:
        raise CheckpointError(
            f"{folder}: {len(tokens)} words in its tokenizer, {model.config.vocabulary} in its config"
        )
    wanted = set(model.state_dict()) - tied
    if wanted != set(state):
        odd = sorted(wanted ^ set(state))
        raise CheckpointError(f"{folder}: tensors do not match the config, such as {odd[0]}")
    try:
        model.load_state_dict(state, strict=False)  # strict but for the tied names, checked above
    except RuntimeError as error:
        raise CheckpointError(f"{folder}: {error}") from error
    model.eval()
    digest = hashlib.sha256((folder / "weights.safetensors").read_bytes())
    digest.update((folder / "card.json").read_bytes())
    return Checkpoint(model, tokens, card, digest.hexdigest()[:12])


def take_fitting(model: FusedModel, tokens: Tokens, folder: Path) -> int:
    """Start from another checkpoint: copies what has the same name, shape and meaning; how many tensors.

    What reads or writes words is taken when both know the same words, a head when both have the same labels.
    """
    start = load(folder)
    state, own = start.model.state_dict(), model.state_dict()
    others = start.model.config.label_sets
    skipped: list[str] = []
    if start.tokens.vocabulary() != tokens.vocabulary():
        skipped += ["text", "decoder"]
    if list(others) != list(model.config.label_sets):
        skipped += ["image_gate.", "fused_gate."]
    for name, labels in model.config.label_sets.items():
        if others.get(name) != labels:
            skipped += [f"image_heads.{name}.", f"fused_heads.{name}.", f"text_heads.{name}."]
    fitting = {
        n: v for n, v in state.items() if n in own and own[n].shape == v.shape and not n.startswith(tuple(skipped))
    }
    model.load_state_dict(fitting, strict=False)
    return len(fitting)
