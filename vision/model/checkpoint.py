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

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from vision.model.network import FusedModel, ModelConfig
from vision.model.packing import pack, unpack
from vision.model.tokens import Tokens

FORMAT = 3  # 3: two branches, pretrained starts, add-ons
WEIGHTS, CARD, TOKENIZER, CAPTIONS = "weights.safetensors", "card.json", "tokenizer.json", "captions.json"
ADDED = ("calibration", "groups", "validation", "text_trust", "caption_floor", "says_scenes")  # of both cards
EYES = ("trunk.", "world.", "mean", "std")  # what an add-on was made on


class CheckpointError(ValueError):
    """The folder does not hold a checkpoint of ours; the message says what is wrong."""


@dataclass
class Checkpoint:
    model: FusedModel
    tokens: Tokens
    card: dict[str, Any]
    identity: str  # short hash of weights and cards: reports name it, jobs are keyed by it
    captions: Tokens | None = None


@dataclass(frozen=True)
class Folder:
    """What lies in a checkpoint's or an add-on's folder."""

    path: Path
    card: dict[str, Any]
    state: dict[str, Tensor]
    digest: str


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
    digest = hashlib.sha256()
    packed = pack({name: value for name, value in state.items() if name.startswith(EYES)})
    for name in sorted(packed):
        if packed[name].dtype in (torch.int8, torch.uint8):  # rounded once or twice, these are the same
            digest.update(packed[name].numpy().tobytes())
    return digest.hexdigest()[:12]


def _write(folder: Path, state: dict[str, Tensor]) -> None:
    save_file(pack(state), folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)  # safetensors makes it 600, and a container runs as somebody else


def write_card(folder: Path, card: dict[str, Any]) -> None:
    (folder / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_card(folder: Path) -> dict[str, Any]:
    """Raises CheckpointError when there is none, or one of another format."""
    try:
        card: dict[str, Any] = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{folder} is not a readable checkpoint ({error}); name another with --model or VISION_MODEL"
        ) from error
    stated = card.get("format") if isinstance(card, dict) else None
    if stated != FORMAT:
        raise CheckpointError(f"{folder} has format {stated}, this program reads {FORMAT}: train it again")
    return card


def read_folder(folder: Path) -> Folder:
    card = read_card(folder)
    try:
        packed = load_file(folder / WEIGHTS)
        digest = hashlib.sha256((folder / WEIGHTS).read_bytes())
    except Exception as error:  # safetensors raises errors of its own; whatever it was, the folder is not usable
        raise CheckpointError(
            f"{folder} is not a readable checkpoint ({error}); name another with --model or VISION_MODEL"
        ) from error
    digest.update((folder / CARD).read_bytes())
    try:
        return Folder(folder, card, unpack(packed), digest.hexdigest()[:12])
    except (KeyError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{folder}: a tensor cannot be unpacked ({error}): copy it again") from error


def load(folder: Path, add_on: Path | None = None) -> Checkpoint:
    """Raises CheckpointError when a folder is not a whole checkpoint of this format, or the add-on is for another."""
    held = read_folder(folder)
    card, state, identity, captions = held.card, held.state, held.digest, folder
    if add_on is not None:
        more = read_folder(add_on)
        _fits(held, more)
        card, captions = joined(card, more.card), add_on
        state = state | more.state
        identity = f"{identity}+{more.digest[:8]}"
    model = _model(folder, card)
    _fill(folder, model, state)
    tokens = _tokens(folder / TOKENIZER, model.config.text_vocabulary)
    spoken = _tokens(captions / CAPTIONS, model.config.vocabulary) if model.config.vocabulary else None
    return Checkpoint(model.eval(), tokens, card, identity, spoken)


def joined(card: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The card of a checkpoint with its add-on: the add-on's config, and both's calibration and figures."""
    both = {key: {**card.get(key, {}), **more[key]} for key in ADDED if isinstance(more.get(key), dict)}
    return card | {key: more[key] for key in ADDED if key in more} | both | {"config": more["config"]}


def _fits(held: Folder, more: Folder) -> None:
    if more.card.get("eyes") != eyes_of(held.state):
        raise CheckpointError(f"{more.path} was made for other eyes than those of {held.path}: train it again")


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


def _tokens(path: Path, vocabulary: int) -> Tokens:
    try:
        tokens = Tokens.load(path)
    except Exception as error:  # tokenizers raises bare Exception
        raise CheckpointError(f"{path} is not a readable tokenizer ({error}): copy it again") from error
    if len(tokens) > vocabulary:
        raise CheckpointError(f"{path.parent}: {len(tokens)} words in its tokenizer, {vocabulary} in its config")
    return tokens


def _state(model: FusedModel) -> dict[str, Tensor]:
    """Without names that share memory with an earlier one: BERT ties its output to its embeddings."""
    seen: dict[int, str] = {}
    state = model.state_dict()
    return {n: v.cpu() for n, v in state.items() if not v.numel() or seen.setdefault(v.data_ptr(), n) == n}


def take_fitting(model: FusedModel, folder: Path) -> int:
    """Start from another checkpoint: copies what has the same name, shape and meaning; how many tensors.

    A head is taken when both have the same labels.
    """
    start = load(folder)
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
