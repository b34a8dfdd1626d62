"""What less exact arithmetic saves and costs: size, milliseconds, accuracy.

    PYTHONPATH=. python benchmarks/precision.py [--data .runs/data] [--photos 1000] [--compiled]

fp32: the file's int8 rows, widened on load. bf16 encoder: what is served where the processor can (describe.py). bf16:
autocast of all of it, weights stay fp32. int8: linear layers with int8 weights and activations measured as they come
(torch.ao, dynamic). compiled: torch.compile of the image encoder in fp32, with the seconds until its first answer.
Photos one and eight at a time, two threads; two views of each, as served.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import statistics
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from vision.images import Sample, load_pixels, read_folder
from vision.model.captions import SHOP
from vision.model.predictor import Predictor

FOLDERS = ("grocery", "clothing", "fashion")
BATCH = 32


def bf16() -> AbstractContextManager[Any]:
    return torch.autocast("cpu", torch.bfloat16)


def int8(predictor: Predictor) -> Predictor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.ao says that it is moving house
        made = copy.copy(predictor)
        quantize: Any = torch.ao.quantization.quantize_dynamic
        made.model = quantize(copy.deepcopy(predictor.model), {nn.Linear}, torch.qint8)
    return made


def compiled(predictor: Predictor) -> Predictor:
    made = copy.copy(predictor)
    made.model = copy.deepcopy(predictor.model)
    made.model.encoder = torch.compile(made.model.encoder)  # type: ignore[assignment]  # called alike
    return made


def megabytes(model: nn.Module) -> float:
    out = io.BytesIO()
    torch.save(model.state_dict(), out)
    return round(len(out.getvalue()) / 2**20, 1)


def accuracy(predictor: Predictor, samples: list[Sample], pixels: Any, around: Callable[[], Any]) -> float:
    name = next(name for name in SHOP if any(name in s.labels for s in samples))
    names, right = predictor.sets[name], []
    for at in range(0, len(samples), BATCH):
        with around():
            guess = predictor.see(pixels[at : at + BATCH], [""] * len(pixels[at : at + BATCH])).logits[name].argmax(1)
        right += [names[g] == s.labels[name] for g, s in zip(guess, samples[at : at + BATCH], strict=True)]
    return round(float(np.mean(right)), 4)


def milliseconds(predictor: Predictor, batch: int, around: Callable[[], Any]) -> float:
    pixels = np.random.default_rng(0).integers(0, 255, (batch, predictor.size, predictor.size, 3), np.uint8)
    times = []
    for _ in range(13):
        start = time.perf_counter()
        with around():
            predictor.see(pixels, [""] * batch)
        times.append((time.perf_counter() - start) / batch)
    return round(statistics.median(times[3:]) * 1e3, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--photos", type=int, default=1000, help="of each folder, at most")
    parser.add_argument("--compiled", action="store_true", help="also; needs a C++ compiler")
    args = parser.parse_args()
    torch.set_num_threads(2)
    served = Predictor.load(half=False)
    ways: dict[str, tuple[Predictor, Callable[[], Any]]] = {
        "fp32": (served, nullcontext),
        "bf16 encoder": (Predictor.load(half=True), nullcontext),
        "bf16": (served, bf16),
        "int8 linears": (int8(served), nullcontext),
    }
    if args.compiled:
        ways["fp32, encoder compiled"] = (compiled(served), nullcontext)
    folders = {name: args.data / name / "validation" for name in FOLDERS}
    sets = {
        name: (samples := read_folder(folder)[: args.photos], load_pixels(samples, served.size).transpose(0, 2, 3, 1))
        for name, folder in folders.items()
        if (folder / "metadata.jsonl").is_file()
    }
    served.see(
        np.zeros((1, served.size, served.size, 3), np.uint8), [""]
    )  # what the process does once is nobody's cost
    for name, (predictor, around) in ways.items():
        start = time.perf_counter()
        with around():
            predictor.see(np.zeros((1, served.size, served.size, 3), np.uint8), [""])
        first = round(time.perf_counter() - start, 1)
        row = {"way": name, "megabytes": megabytes(predictor.model), "first_answer_s": first}
        row |= {f"ms_at_{batch}": milliseconds(predictor, batch, around) for batch in (1, 8)}
        if not name.endswith("compiled"):  # the same arithmetic as fp32
            row |= {which: accuracy(predictor, *each, around) for which, each in sets.items()}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
