"""Graphs for ONNX Runtime from a checkpoint: the network's shape without its numbers (onnx_runtime.py).

    eyes      pixels → grid, tuned grid, pooled, vectors, logits of all sets, gates
    reader    words' vectors and mask → token vectors, vectors of the texts
    fusion    grid, words, mask, nothing → what the words add to the logits of the sets they can speak of
    photo     grid → the decoder's keys and values of it
    word      the newest word, its place, photo, cache → logits of the next one, the cache grown by it

A graph is refused where any of its numbers differs from torch's by more than ``MOST`` on the check pictures and texts.
With ``int8`` the eyes multiply bytes instead (quantized.py): they are refused where what they say is less like torch's
than ``ALIKE``.
"""

from __future__ import annotations

import copy
import hashlib
import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from vision.model import checkpoint, stored
from vision.model.differences import differences, likeness
from vision.model.folded import digest
from vision.model.network import FusedModel
from vision.model.onnx_runtime import FORMAT, OnnxRuntime, shape_of
from vision.model.runtime import GRAPHS, LIST
from vision.model.torch_runtime import TorchRuntime

MOST = 1e-3
ALIKE = 0.9  # cosine of what is said of a picture, the least of the check pictures, which are no photos
OPSET = 17
NEEDS = "1.20"  # of ONNX Runtime, as in pyproject.toml


class ExportError(ValueError):
    """The graphs would not say what the checkpoint says."""


class Eyes(nn.Module):
    def __init__(self, model: FusedModel) -> None:
        super().__init__()
        self.m = model

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        encoded = self.m(images)
        logits, gates = self.m.labels(encoded)
        each = list(logits.values()) or [gates]
        return encoded.grid, encoded.tuned_grid, encoded.pooled, encoded.image_vector, torch.cat(each, 1), gates


class Reader(nn.Module):
    """BERT as torch computes it, from the words' vectors on."""

    def __init__(self, model: FusedModel) -> None:
        super().__init__()
        self.m = model

    def forward(self, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        text, heads = self.m.text, self.m.config.text_heads
        e = text.embeddings
        x = words + e.token_type_embeddings.weight[0] + e.position_embeddings.weight[: words.shape[1]]
        x = e.LayerNorm(x)
        hidden = (1 - mask)[:, None, None] * torch.finfo(x.dtype).min
        for layer in text.encoder.layer:
            part = layer.attention.self
            asked, keys, values = (_heads(project(x), heads) for project in (part.query, part.key, part.value))
            x = layer.attention.output(_attended(asked, keys, values, hidden), x)
            x = layer.feed_forward_chunk(x)
        weight = mask[..., None]
        return x, self.m.text_vector((x * weight).sum(1) / weight.sum(1).clamp(min=1))


class Fusion(nn.Module):
    def __init__(self, model: FusedModel) -> None:
        super().__init__()
        self.m = model

    def forward(self, grid: Tensor, words: Tensor, mask: Tensor, nothing: Tensor) -> Tensor:
        assert self.m.fusion is not None, "a network without words"
        # As FusedModel.hear, but for len(), which a tracer takes for a constant.
        silent = nothing.expand(words.shape[0], -1, -1)
        fused = self.m.fusion(grid, words, mask) - self.m.fusion(grid, silent, mask.new_ones(silent.shape[:2]))
        return torch.cat([head(fused) for head in self.m.fused_heads.values()], 1)


class Photo(nn.Module):
    def __init__(self, model: FusedModel) -> None:
        super().__init__()
        self.m = model

    def forward(self, grid: Tensor) -> Tensor:
        memory, heads = self.m.memory(grid), self.m.config.heads
        parts = [layer.crossattention.self for layer in self.m.decoder.bert.encoder.layer]
        return torch.stack([_heads(project(memory), heads) for part in parts for project in (part.key, part.value)])


class Word(nn.Module):
    """cached_decoder.Steps as a function: the cache comes in and goes out."""

    def __init__(self, model: FusedModel) -> None:
        super().__init__()
        self.m = model

    def forward(self, word: Tensor, place: Tensor, photo: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        bert, heads = self.m.decoder.bert, self.m.config.heads
        e = bert.embeddings
        x = e.word_embeddings(word) + e.token_type_embeddings.weight[0] + e.position_embeddings(place)
        x = e.LayerNorm(x)[:, None]  # [R, 1, width]
        grown = []
        for number, layer in enumerate(bert.encoder.layer):
            part = layer.attention.self
            asked, key, value = (_heads(project(x), heads) for project in (part.query, part.key, part.value))
            keys, values = (torch.cat([words[2 * number + n], new], 2) for n, new in enumerate((key, value)))
            grown += [keys, values]
            x = layer.attention.output(_attended(asked, keys, values), x)
            part = layer.crossattention.self
            # A photo's beams ask as if they were one sentence.
            together = x.reshape(photo.shape[1], -1, x.shape[2])
            found = _attended(_heads(part.query(together), heads), photo[2 * number], photo[2 * number + 1])
            x = layer.crossattention.output(found.reshape(-1, 1, x.shape[2]), x)
            x = layer.feed_forward_chunk(x)
        return self.m.decoder.cls(x)[:, 0], torch.stack(grown)


def _heads(x: Tensor, heads: int) -> Tensor:
    """[N, T, width] → [N, heads, T, width / heads]"""
    return x.reshape(x.shape[0], -1, heads, x.shape[2] // heads).transpose(1, 2)


def _attended(asked: Tensor, keys: Tensor, values: Tensor, hidden: Tensor | float = 0.0) -> Tensor:
    scores = asked @ keys.transpose(2, 3) / asked.shape[-1] ** 0.5 + hidden
    found: Tensor = scores.softmax(-1) @ values
    return found.transpose(1, 2).flatten(2)


@dataclass(frozen=True)
class Graph:
    name: str
    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: Sequence[str]
    varying: dict[str, dict[int, str]]  # input or output → axis → its name


def graphs(model: FusedModel) -> Iterator[Graph]:
    c = model.config
    images = torch.zeros(2, 3, c.image_size, c.image_size)
    with torch.no_grad():
        grid = model(images).grid
    n, nt = {0: "n"}, {0: "n", 1: "t"}
    outputs = ("grid", "tuned", "pooled", "vectors", "logits", "gates")
    yield Graph("eyes", Eyes(model), {"images": images}, outputs, dict.fromkeys(("images", *outputs), n))
    words, mask = torch.zeros(2, 5, c.text_width), torch.ones(2, 5)
    varying = {"words": nt, "mask": nt, "states": nt, "texts": n}
    yield Graph("reader", Reader(model), {"words": words, "mask": mask}, ("states", "texts"), varying)
    if model.fusion is not None:
        inputs = {"grid": grid, "words": words, "mask": mask, "nothing": torch.zeros(1, 3, c.text_width)}
        varying = {"grid": {0: "n", 1: "cells"}, "words": nt, "mask": nt, "nothing": {1: "silent"}, "heard": n}
        yield Graph("fusion", Fusion(model), inputs, ("heard",), varying)
    if model.decoder is not None:
        yield Graph("photo", Photo(model), {"grid": grid}, ("photo",), {"grid": n, "photo": {1: "n"}})
        with torch.no_grad():
            photo = Photo(model)(grid)
        cache = torch.zeros(2 * c.decoder_layers, 6, c.heads, 3, c.decoder_width // c.heads)
        inputs = {"word": torch.zeros(6, dtype=torch.long), "place": torch.zeros(1, dtype=torch.long)}
        r = {1: "r", 3: "so_far"}
        varying = {"word": {0: "r"}, "photo": {1: "n"}, "words": r, "logits": {0: "r"}, "grown": {1: "r", 3: "with_it"}}
        yield Graph("word", Word(model), inputs | {"photo": photo, "words": cache}, ("logits", "grown"), varying)


def export(folder: Path, add_on: Path | None = None, *, int8: bool = False) -> dict[str, float]:
    """Writes the graphs beside the weights (the add-on's, where there is one); the largest difference of each output
    from torch's, before the eyes were made ``int8``.

    Raises ExportError where one is over ``MOST``, or the eyes in int8 are not ``ALIKE`` or cannot be: nothing is
    written then, and older graphs stay.
    """
    loaded = checkpoint.load(folder, add_on)
    place = add_on or folder
    made = {graph.name: _bare(graph, loaded.model) for graph in graphs(_other_numbers(loaded.model))}
    listed = {
        "format": FORMAT,
        "config": shape_of(loaded.model.config),
        "graphs": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "weights": weights, "needs": NEEDS}
            for name, (content, weights) in made.items()
        },
    }
    out, before = place / GRAPHS, place / f"{GRAPHS}.before"
    if out.is_dir():
        out.rename(before)
    out.mkdir()
    with ExitStack() as undo:
        undo.callback(_put_back, out, before)
        for name, (content, _) in made.items():
            (out / f"{name}.onnx").write_bytes(content)
        (out / LIST).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
        torch_s = TorchRuntime(loaded)
        found = differences(torch_s, OnnxRuntime.load(folder, add_on))
        _hold(place, found)
        if int8:
            _in_int8(out, listed, stored.read(folder, add_on).packed, loaded.model.config.image_size)
            _hold_alike(place, likeness(torch_s, OnnxRuntime.load(folder, add_on)))
        undo.pop_all()
    _remove(before)
    return found


def _in_int8(out: Path, listed: dict[str, Any], packed: stored.Arrays, size: int) -> None:
    """The eyes of the graphs in ``out`` become bytes."""
    from vision.model.quantized import CannotQuantize, in_int8  # needs onnx, which a network that is loaded may not

    path, entry = out / "eyes.onnx", listed["graphs"]["eyes"]
    try:
        content, weights, folded = in_int8(path.read_bytes(), packed, size)
    except CannotQuantize as error:
        raise ExportError(f"the eyes cannot be made int8 ({error}): export without --int8") from error
    path.write_bytes(content)
    entry |= {"sha256": hashlib.sha256(content).hexdigest(), "weights": weights}
    entry |= {"folded": {name: asdict(how) for name, how in folded.items()}}
    entry |= {"ranges_of": digest(packed, folded)}
    (out / LIST).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def _hold_alike(place: Path, found: dict[str, float]) -> None:
    under = {name: value for name, value in found.items() if not value >= ALIKE}
    if under:
        raise ExportError(f"the eyes of {place} in int8 are as like torch's as {under}, less than {ALIKE}: not written")


def _put_back(out: Path, before: Path) -> None:
    """Also after a Ctrl-C."""
    _remove(out)
    if before.is_dir():
        before.rename(out)


def _hold(place: Path, found: dict[str, float]) -> None:
    over = {name: value for name, value in found.items() if not value <= MOST}  # not a number is over, too
    if over:
        raise ExportError(f"the graphs of {place} differ from torch by {over}, more than {MOST}: not written")


def _remove(folder: Path) -> None:
    for file in folder.glob("*"):
        file.unlink()
    if folder.is_dir():
        folder.rmdir()


def _other_numbers(model: FusedModel) -> FusedModel:
    """A copy in which no two tensors are equal: the exporter takes equal ones for one (both branches start alike)."""
    other = copy.deepcopy(model).cpu().float().eval()
    chance = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for value in {v.data_ptr(): v for v in other.state_dict(keep_vars=True).values()}.values():
            if value.dtype.is_floating_point:
                value.copy_(torch.rand(value.shape, generator=chance) + 0.5)
    return other


def _bare(graph: Graph, model: FusedModel) -> tuple[bytes, list[str]]:
    """The graph in ONNX, its weights named as in the checkpoint and left out; their names."""
    import io

    import onnx

    buffer = io.BytesIO()
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of the tracer, about shapes that are fixed; and of its age
            torch.onnx.export(
                graph.module,
                tuple(graph.inputs.values()),
                buffer,  # type: ignore[arg-type]  # the tracer writes into any file; its types do not say so
                input_names=list(graph.inputs),
                output_names=list(graph.outputs),
                dynamic_axes=graph.varying,
                opset_version=OPSET,
                training=torch.onnx.TrainingMode.PRESERVE,  # batch norms stay: folded, they have no names
                do_constant_folding=False,
                dynamo=False,
            )
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    made = onnx.load_from_string(buffer.getvalue())
    names = _stored_names(graph.module.m)
    weights = []
    for initializer in made.graph.initializer:
        if (name := names.get(initializer.name)) is None:
            continue  # a constant of the code, such as the mean of pixels: it stays
        _rename(made.graph, initializer.name, name)
        initializer.name = name
        initializer.ClearField("raw_data")
        initializer.data_location = onnx.TensorProto.EXTERNAL
        del initializer.external_data[:]
        initializer.external_data.add(key="location", value=stored.WEIGHTS)
        weights.append(name)
    kept = {w: model.state_dict()[w].shape for w in weights}
    assert len(kept) == len(weights), "two tensors of one name"
    made.ClearField("producer_version")
    made.doc_string = ""
    return made.SerializeToString(deterministic=True), sorted(weights)


def _stored_names(model: Any) -> dict[str, str]:
    """The exporter's name of a tensor → the checkpoint's, which is the first one of those that share memory."""
    first: dict[int, str] = {}
    state = model.state_dict()
    return {f"m.{name}": first.setdefault(value.data_ptr(), name) for name, value in state.items() if value.numel()}


def _rename(graph: Any, old: str, new: str) -> None:
    for node in graph.node:
        for at, name in enumerate(node.input):
            if name == old:
                node.input[at] = new
