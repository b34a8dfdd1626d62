"""What smaller and faster versions of the eyes cost: size, speed and accuracy in one table.

    PYTHONPATH=. python benchmarks/compression.py [--data .runs/data] [--every 1] [--threads 1]

``float``: weights in int8, a row of each matrix with a scale of its own; it computes in fp32. ``shipped``: the graph
that lies beside the weights (int8, ranges of batch norms). ``int8``: the same with ranges of training photos (the
largest values seen). ``low rank``: the 1 × 1 convolutions as two smaller ones, by singular values, where that is fewer
numbers. ``2:4``: of four weights in a row of them the two smallest are zero.
Nothing is trained afterwards, but means and variances of the last two's batch norms are taken anew, on training photos.
Size: bytes of the eyes' numbers, each in int8; of 2:4 half of them and two bits each for their places. Speed: ONNX
Runtime, one photo, two views. It has no kernels for 2:4, whose zeros are multiplied like any other number.
Validation photos, one view, forced answers. "Alike": the mean cosine of the pooled features with those of float.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from vision.images import load_pixels, read_folder
from vision.model import checkpoint
from vision.model.export import Eyes
from vision.model.network import FusedModel
from vision.model.onnx_runtime import OnnxRuntime
from vision.settings import SHIPPED

SETS = {"grocery": ("product", "category"), "clothing": ("item",), "vehicle-damage": ("damage",)}
EYES = ("trunk", "world", "tuned")
RANKS = (0.75, 0.5)  # of the full rank of each matrix
CALIBRATED = 96  # photos of each set that the ranges of activations are taken from
Pixels = npt.NDArray[np.float32]


def pointwise(model: FusedModel) -> list[tuple[nn.Module, str, nn.Conv2d]]:
    """Every 1 × 1 convolution of the eyes, with where it hangs."""
    parts = [module for name in EYES for module in getattr(model, name).modules()]
    named = [(part, name, child) for part in parts for name, child in part.named_children()]
    return [(p, n, c) for p, n, c in named if isinstance(c, nn.Conv2d) and c.kernel_size == (1, 1) and c.groups == 1]


def low_rank(model: FusedModel, share: float) -> FusedModel:
    for parent, name, conv in pointwise(model):
        weight = conv.weight.detach()[:, :, 0, 0]
        rows, columns = weight.shape
        rank = int(share * min(rows, columns))
        if rank * (rows + columns) >= rows * columns:
            continue
        left, values, right = torch.linalg.svd(weight, full_matrices=False)
        first = nn.Conv2d(columns, rank, 1, bias=False)
        second = nn.Conv2d(rank, rows, 1, bias=conv.bias is not None)
        with torch.no_grad():
            first.weight.copy_((values[:rank, None].sqrt() * right[:rank])[:, :, None, None])
            second.weight.copy_((left[:, :rank] * values[:rank].sqrt())[:, :, None, None])
            if conv.bias is not None and second.bias is not None:
                second.bias.copy_(conv.bias)
        setattr(parent, name, nn.Sequential(first, second))
    return model


def two_of_four(model: FusedModel) -> FusedModel:
    for _, _, conv in pointwise(model):
        with torch.no_grad():
            fours = conv.weight.view(len(conv.weight), -1)
            whole = fours[:, : fours.shape[1] // 4 * 4].reshape(len(fours), -1, 4)
            least = whole.abs().topk(2, dim=2, largest=False).indices
            whole = whole.scatter(2, least, 0.0).flatten(1)
            fours[:, : whole.shape[1]] = whole
    return model


@torch.no_grad()
def settled(model: FusedModel, pixels: Pixels) -> FusedModel:
    """Its batch norms have the means and variances of ``pixels``."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all batches
        norm.train()
    for some in np.array_split(pixels[np.random.default_rng(1).permutation(len(pixels))], len(pixels) // 32):
        model(torch.from_numpy(some))
    return model.eval()


def bytes_of(model: FusedModel, *, sparse: bool) -> int:
    """Of the eyes' numbers, one byte each; ``sparse``: 1 × 1 convolutions keep half, and two bits for each place."""
    kept = {id(conv.weight) for _, _, conv in pointwise(model)} if sparse else set()
    weights = [p for name in EYES for p in getattr(model, name).parameters()]
    return int(sum(p.numel() * (0.5 + 0.125 if id(p) in kept else 1.0) for p in weights))


class Photos(CalibrationDataReader):  # type: ignore[misc]  # of a package without types
    def __init__(self, pixels: Pixels) -> None:
        self.rest = iter(np.array_split(pixels, max(1, len(pixels) // 8)))

    def get_next(self) -> dict[str, Pixels] | None:
        some = next(self.rest, None)
        return None if some is None else {"images": some}


def graph(model: FusedModel, folder: Path, ranges: Pixels | None = None) -> Path:
    """The eyes as one file; ``ranges``: photos for those of the activations, which are int8 then."""
    size, plain, ready, made = model.config.image_size, folder / "plain.onnx", folder / "ready.onnx", folder / "q.onnx"
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Eyes(model.eval()), (torch.zeros(2, 3, size, size),), str(plain), input_names=["images"],
            output_names=["grid", "tuned", "pooled", "vectors", "logits", "gates"],
            dynamic_axes={"images": {0: "n"}}, opset_version=17, dynamo=False,
        )  # fmt: skip
    if ranges is None:
        return plain
    quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
    quantize_static(
        str(ready), str(made), Photos(ranges), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, op_types_to_quantize=["Conv", "Add", "Clip"],
    )  # fmt: skip
    return made


def session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def milliseconds(eyes: onnxruntime.InferenceSession, pixels: Pixels) -> float:
    times = []
    for _ in range(25):
        start = time.perf_counter()
        eyes.run(None, {"images": pixels[:2]})
        times.append(time.perf_counter() - start)
    return round(1000 * statistics.median(times[5:]), 1)


def versions(model: FusedModel, trained: Pixels) -> Iterator[tuple[str, FusedModel, bool]]:
    """Name, model, whether activations are int8."""
    yield "float", model, False
    yield "shipped", model, True
    yield "int8", model, True
    for share in RANKS:
        smaller = settled(low_rank(copy.deepcopy(model), share), trained)
        yield f"low rank, {share:g}", smaller, False
        yield f"low rank, {share:g}, int8", smaller, True
    yield "2:4", settled(two_of_four(copy.deepcopy(model)), trained), False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--every", type=int, default=1, help="1: all validation photos")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    model = checkpoint.load(args.model).model.float().eval()
    size, chance = model.config.image_size, np.random.default_rng(0)
    ranges, asked = [], []
    for folder, names in SETS.items():
        train = read_folder(args.data / folder / "train")
        ranges.append(load_pixels([train[n] for n in chance.choice(len(train), CALIBRATED, replace=False)], size))
        samples = read_folder(args.data / folder / "validation")[:: args.every]
        asked.append((names, samples, load_pixels(samples, size).astype(np.float32)))
    seen_first: list[Tensor] = []
    trained = np.concatenate(ranges).astype(np.float32)
    for name, version, whole in versions(model, trained):
        with tempfile.TemporaryDirectory() as place:
            if name == "shipped":
                eyes = OnnxRuntime.load(args.model, threads=args.threads).session("eyes")
            else:
                eyes = session(graph(version, Path(place), trained[::3] if whole else None), args.threads)
            row: dict[str, Any] = {"version": name, "MB": round(bytes_of(version, sparse=name == "2:4") / 1e6, 1)}
            row["ms"] = milliseconds(eyes, asked[0][2])
            row |= accuracies(eyes, model, asked, seen_first)
        print(json.dumps(row | {"load": round(os.getloadavg()[0], 1)}), flush=True)


def accuracies(
    eyes: onnxruntime.InferenceSession, model: FusedModel, asked: Any, first: list[Tensor]
) -> dict[str, Any]:
    """Of each set; and how alike the pooled features are to those of the first version, which are kept in ``first``."""
    sets, found, pooled = model.config.label_sets, {}, []
    ends = np.cumsum([len(names) for names in sets.values()])
    for names, samples, pixels in asked:
        seen = [eyes.run(["pooled", "logits"], {"images": some}) for some in np.array_split(pixels, len(pixels) // 16)]
        pooled.append(np.concatenate([each for each, _ in seen]))
        logits = dict(zip(sets, np.split(np.concatenate([each for _, each in seen]), ends[:-1], axis=1), strict=True))
        for name in names:
            said = [sets[name][row] for row in logits[name].argmax(1)]
            known = [
                (a, s.labels[name]) for a, s in zip(said, samples, strict=True) if s.labels.get(name) in sets[name]
            ]
            found[name] = round(float(np.mean([a == b for a, b in known])), 4)
    mine = torch.from_numpy(np.concatenate(pooled))
    first[:] = first or [mine]
    return {"alike": round(float(torch.cosine_similarity(mine, first[0]).mean()), 4), **found}


if __name__ == "__main__":
    main()
