"""What the eyes weigh in fewer bits: bytes, seconds and accuracy of each way, beside what is shipped.

    PYTHONPATH=. python benchmarks/compression.py [--model weights/shipped] [--data .runs/data] [--every 2]

Every nth validation photo of groceries and clothes, one view. Ways: what is shipped (int8 rows), 4 bits in groups of 64
for pointwise convolutions and heads, two of every four of their weights (2:4, by size, not trained on), heads of low
rank; and ONNX Runtime with int8 arithmetic (static, per channel, calibrated on 64 training photos). Bytes are of the
eyes and their heads as they would be stored. Speed is ONNX Runtime's best of 20, a photo at a time on one thread; the graph
computes in fp32 for all ways but the last. One line of JSON each.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime import quantization
from torch import Tensor, nn

from vision.images import Sample, load_pixels, read_folder
from vision.model import checkpoint
from vision.model.export import OPSET, Eyes
from vision.model.network import FusedModel
from vision.model.packing import pack
from vision.model.stored import EYES, GROUP
from vision.settings import SHIPPED

SETS = {"grocery": ("product", "category"), "clothing": ("item",)}
RANK = 32
ROUNDS = 20
PARTS = (*EYES, "tuned.", "image_heads.", "gates.")
Look = Callable[[np.ndarray], np.ndarray]  # pixels [N, 3, s, s] → logits of all sets [N, labels]


def matrices(model: FusedModel) -> Iterator[nn.Conv2d | nn.Linear]:
    """Pointwise convolutions and heads: nearly all of the numbers."""
    for part in (model.trunk, model.world, model.tuned, model.image_heads):
        for each in part.modules():
            if isinstance(each, nn.Linear) or (isinstance(each, nn.Conv2d) and each.kernel_size == (1, 1)):
                yield each


@torch.no_grad()
def changed(model: FusedModel, change: Callable[[Tensor], Tensor]) -> FusedModel:
    other = copy.deepcopy(model)
    for each in matrices(other):
        flat = each.weight.flatten(1)
        each.weight.copy_(change(flat).view_as(each.weight))
    return other


def four_bits(flat: Tensor) -> Tensor:
    if flat.shape[1] % GROUP:
        return flat
    groups = flat.view(len(flat), -1, GROUP)
    least, most = groups.amin(2, keepdim=True), groups.amax(2, keepdim=True)
    step = ((most - least) / 15).clamp(min=1e-7)
    return (((groups - least) / step).round() * step + least).view_as(flat)


def two_of_four(flat: Tensor) -> Tensor:
    if flat.shape[1] % 4:
        return flat
    fours = flat.view(len(flat), -1, 4)
    kept = torch.zeros_like(fours).scatter_(2, fours.abs().topk(2, 2).indices, 1.0)
    return (fours * kept).view_as(flat)


def low_rank(model: FusedModel) -> FusedModel:
    other = copy.deepcopy(model)
    with torch.no_grad():
        for head in other.image_heads.values():
            assert isinstance(head, nn.Linear)
            u, s, v = torch.linalg.svd(head.weight, full_matrices=False)
            head.weight.copy_((u[:, :RANK] * s[:RANK]) @ v[:RANK])
    return other


def stored_bytes(model: FusedModel, four: tuple[str, ...] = ()) -> int:
    """Convolutions are matrices to ``pack`` once they are flat."""
    state = {n: v for n, v in model.state_dict().items() if n.startswith(PARTS)}
    flat = {n: v.flatten(1) if v.ndim == 4 and v.shape[2:] == (1, 1) else v for n, v in state.items()}
    return sum(value.numel() * value.element_size() for value in pack(flat, four).values())


def halved(model: FusedModel) -> int:
    """2:4 as hardware stores it: half of the int8 numbers, and two bits for the place of each."""
    numbers = sum(each.weight.numel() for each in matrices(model))
    return stored_bytes(model) - numbers + numbers // 2 + numbers // 8


def of_low_rank(model: FusedModel) -> int:
    spared = 0
    for head in model.image_heads.values():
        assert isinstance(head, nn.Linear)
        labels, channels = head.weight.shape
        spared += max(0, labels * channels - RANK * (labels + channels))
    return stored_bytes(model) - spared


def graph(model: FusedModel, path: Path) -> None:
    size = model.config.image_size
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    torch.onnx.export(
        Eyes(model).eval(),
        (torch.zeros(1, 3, size, size),),
        str(path),
        input_names=["images"],
        output_names=["grid", "tuned", "pooled", "vectors", "logits", "gates"],
        dynamic_axes={"images": {0: "n"}, "logits": {0: "n"}},
        opset_version=OPSET,
        dynamo=False,
    )


class Photos(quantization.CalibrationDataReader):
    def __init__(self, samples: list[Sample], size: int) -> None:
        pixels = load_pixels(samples, size).astype(np.float32)
        self.left = iter([{"images": each[None]} for each in pixels])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.left, None)


def int8(model: FusedModel, samples: list[Sample], folder: Path) -> Path:
    """Convolutions alone: what lies between them stays as it is."""
    graph(model, folder / "whole.onnx")
    quantization.quant_pre_process(str(folder / "whole.onnx"), str(folder / "ready.onnx"), skip_symbolic_shape=True)
    quantization.quantize_static(
        str(folder / "ready.onnx"),
        str(folder / "int8.onnx"),
        Photos(samples, model.config.image_size),
        per_channel=True,
        op_types_to_quantize=["Conv", "Clip", "Add"],
    )
    return folder / "int8.onnx"


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def seconds(opened: onnxruntime.InferenceSession, size: int) -> float:
    photo = np.random.default_rng(0).integers(0, 255, (1, 3, size, size)).astype(np.float32)
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        opened.run(["logits"], {"images": photo})
        spent.append(time.perf_counter() - began)
    return round(min(spent) * 1000, 1)


def torch_look(model: FusedModel) -> Look:
    @torch.inference_mode()
    def look(pixels: np.ndarray) -> np.ndarray:
        logits, _ = model.labels(model(torch.from_numpy(pixels)))
        out: np.ndarray = torch.cat(list(logits.values()), 1).numpy()
        return out

    return look


def accuracy(model: FusedModel, look: Look, data: Path, every: int) -> dict[str, float]:
    sizes = [len(names) for names in model.config.label_sets.values()]
    begins = dict(zip(model.config.label_sets, np.cumsum([0, *sizes]), strict=False))
    found = {}
    for folder, names in SETS.items():
        samples = read_folder(data / folder / "validation")[::every]
        pixels = load_pixels(samples, model.config.image_size).astype(np.float32)
        logits = np.concatenate([look(pixels[at : at + 16]) for at in range(0, len(pixels), 16)])
        for name in names:
            labels = model.config.label_sets[name]
            said = logits[:, begins[name] : begins[name] + len(labels)].argmax(1)
            right = [labels[at] == sample.labels[name] for at, sample in zip(said, samples, strict=True)]
            found[name] = round(float(np.mean(right)), 4)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--every", type=int, default=2)
    args = parser.parse_args()
    model = checkpoint.load(args.model).model
    four = changed(model, four_bits)
    ways = {
        "int8 rows (shipped)": (model, stored_bytes(model)),
        "4 bits in groups": (four, stored_bytes(model, PARTS)),
        "2:4": (changed(model, two_of_four), halved(model)),
        f"heads of rank {RANK}": (low_rank(model), of_low_rank(model)),
    }
    for way, (other, size) in ways.items():
        found = accuracy(other, torch_look(other), args.data, args.every)
        print(json.dumps({"way": way, "bytes": size} | found), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        calibrating = [s for name in SETS for s in read_folder(args.data / name / "train")[::80][:32]]
        made = int8(model, calibrating, Path(folder))
        opened = {"fp32 arithmetic": session(Path(folder) / "whole.onnx"), "int8 arithmetic": session(made)}
        for way, one in opened.items():
            print(json.dumps({"way": way, "milliseconds": seconds(one, model.config.image_size)}), flush=True)
        numbers = sum(onnx.numpy_helper.to_array(t).nbytes for t in onnx.load(str(made)).graph.initializer)
        quick = opened["int8 arithmetic"]

        def look(pixels: np.ndarray) -> np.ndarray:
            [logits] = quick.run(["logits"], {"images": pixels})
            return np.asarray(logits)

        found = accuracy(model, look, args.data, args.every)
        print(json.dumps({"way": "int8 arithmetic", "bytes": numbers} | found), flush=True)


if __name__ == "__main__":
    main()
