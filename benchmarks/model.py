"""Seconds a caption: our model beside transformers' BLIP-base, both with as many words, on two threads.

    python benchmarks/model.py [--rounds 5] [--words 14]

BLIP has random weights (none can be had here): its arithmetic is what is timed, not its words. One pass of ours, over
one view, gives the labels and the shared vector as well. Where BLIP is in bfloat16, ours stays in float32. In int8 ours
is what serves (ONNX Runtime, the eyes in int8), and BLIP has its linear layers in int8 (torch's dynamic quantization).
Models take turns, round by round; the median and the least are printed. A second table: our stages.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from transformers import BlipConfig, BlipForConditionalGeneration

from vision.model.cached_decoder import Steps
from vision.model.network import FusedModel
from vision.model.predictor import Predictor
from vision.model.tokens import CLS
from vision.model.torch_runtime import TorchRuntime
from vision.settings import SCENES

Timed = dict[str, list[float]]


def say(model: FusedModel, grid: torch.Tensor, first: int, words: int) -> torch.Tensor:
    """Greedy, ``words`` long whatever the model thinks of it: [N, words]."""
    steps = Steps(model, model.memory(grid), 1)
    row = torch.full((len(grid),), first)
    said = []
    for _ in range(words):
        row = steps(row).argmax(-1)
        said.append(row)
    return torch.stack(said, 1)


def network(predictor: Predictor) -> FusedModel:
    assert isinstance(predictor.network, TorchRuntime)
    return predictor.network.model


def ours(predictor: Predictor, batch: int, words: int) -> Callable[[], Any]:
    assert predictor.captions
    model, first = network(predictor), predictor.captions.id[CLS]
    pixels = torch.from_numpy(
        np.random.default_rng(0).integers(
            0, 255, (batch, 3, predictor.config.image_size, predictor.config.image_size), np.uint8
        )
    )

    def run() -> Any:
        with torch.inference_mode():
            encoded = model(pixels)
            return model.labels(encoded), say(model, encoded.grid, first, words)

    return run


def served(graphs: Predictor, batch: int, words: int) -> Callable[[], Any]:
    """The same on ONNX Runtime, as it is exported."""
    assert graphs.captions
    runtime, first, size = graphs.network, graphs.captions.id[CLS], graphs.config.image_size
    pixels = np.random.default_rng(0).integers(0, 255, (batch, 3, size, size)).astype(np.float32)

    def run() -> Any:
        seen = runtime.see(pixels)
        steps, row = runtime.steps(seen.grid, 1), np.full(batch, first)
        for _ in range(words):
            row = steps(row).argmax(-1)

    return run


def blip(batch: int, words: int, dtype: torch.dtype) -> Callable[[], Any]:
    torch.manual_seed(0)
    model = BlipForConditionalGeneration(BlipConfig()).eval()  # type: ignore[no-untyped-call]  # transformers
    if dtype == torch.int8:
        quantize: Any = torch.ao.quantization.quantize_dynamic
        quantize(model, {torch.nn.Linear}, dtype=torch.qint8, inplace=True)
        dtype = torch.float32  # of what lies between the layers
    model = model.to(dtype)
    pixels = torch.rand(batch, 3, 384, 384, dtype=dtype)

    def run() -> Any:
        with torch.inference_mode():
            return model.generate(pixel_values=pixels, min_new_tokens=words, max_new_tokens=words, num_beams=1)

    return run


def clock(runs: dict[str, Callable[[], Any]], rounds: int, timer: Callable[[], float] = time.perf_counter) -> Timed:
    for run in runs.values():
        run()
    times: Timed = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = timer()
            run()
            times[name].append(timer() - start)
    return times


def stages(predictor: Predictor, graphs: Predictor, words: int) -> dict[str, Callable[[], Any]]:
    model = network(predictor)
    assert predictor.captions
    first = predictor.captions.id[CLS]
    pixels = torch.from_numpy(
        np.random.default_rng(0).integers(
            0, 255, (1, 3, predictor.config.image_size, predictor.config.image_size), np.uint8
        )
    )
    photo = np.random.default_rng(0).integers(0, 255, (1, predictor.size, predictor.size, 3), np.uint8)
    told = torch.tensor(predictor.tokens.texts(["a question about my apple"], model.config.text_length))
    with torch.inference_mode():
        encoded = model(pixels)
    parts: dict[str, Callable[[], Any]] = {
        "all views, text, fusion and labels, as served": lambda: predictor.see(photo, ["a question about my apple"]),
        "the same on ONNX Runtime": lambda: graphs.see(photo, ["a question about my apple"]),
        "photo": lambda: model.encode_image(pixels),
        "text": lambda: model.encode_text(told),
        "photo, both branches": lambda: model(pixels),
        "labels": lambda: model.labels(encoded),
        f"{words} words": lambda: say(model, encoded.grid, first, words),
        "3 beams until the end": lambda: predictor.sentences(encoded.grid.numpy()),
        "the same on ONNX Runtime, 3 beams": lambda: graphs.sentences(encoded.grid.numpy()),
    }

    def calm(run: Callable[[], Any]) -> Callable[[], Any]:
        def inside() -> Any:
            with torch.inference_mode():
                return run()

        return inside

    return {name: calm(run) for name, run in parts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--words", type=int, default=14)
    args = parser.parse_args()
    torch.set_num_threads(2)
    predictor = Predictor.load(add_on=SCENES, name="torch")
    graphs = Predictor.load(add_on=SCENES, name="onnx", threads=2)
    print(f"model {predictor.identity}, {predictor.config.image_size} px; BLIP-base, 384 px, random weights")
    print(f"{args.words} words, 2 threads; milliseconds a photo, median (least) of {args.rounds}\n")
    print("| photos | precision | ours | BLIP-base | ratio of medians |\n|---|---|---|---|---|")
    for batch in (1, 8):
        for dtype in (torch.float32, torch.bfloat16, torch.int8):
            mine_is = served(graphs, batch, args.words) if dtype == torch.int8 else ours(predictor, batch, args.words)
            runs = {"ours": mine_is, "blip": blip(batch, args.words, dtype)}
            times = clock(runs, args.rounds)
            mine, theirs = (statistics.median(times[name]) for name in ("ours", "blip"))
            cells = [f"{statistics.median(t) / batch * 1e3:.0f} ({min(t) / batch * 1e3:.0f})" for t in times.values()]
            print(f"| {batch} | {str(dtype)[6:]} | {cells[0]} | {cells[1]} | {theirs / mine:.1f} × |", flush=True)
    print("\n| stage, one photo, as served; one view | ms: median (least) | core-ms: mean |\n|---|---|---|")
    parts, rounds = stages(predictor, graphs, args.words), 4 * args.rounds
    cores = clock(parts, rounds, time.process_time)
    for name, spent in clock(parts, rounds).items():
        busy = statistics.mean(cores[name]) * 1e3
        print(f"| {name} | {statistics.median(spent) * 1e3:.1f} ({min(spent) * 1e3:.1f}) | {busy:.1f} |")
    print(f"\npeak resident, both models in it: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
