"""Three ways to fuse photo and words, trained side by side on the same batches over the same frozen image encoder.

    PYTHONPATH=. python benchmarks/fusion.py runs/fourth.toml [--minutes 8] [--hidden 0.9]

concat: F = [F_I ; F_T] through one BERT layer (what is shipped); attention: photo and words ask each other
(cross-attention alone); gated: a gate decides how much of what an MLP makes of both is added to each place. All else is
alike and begins from nothing: text encoder and heads. With ``--hidden`` that share of each photo's places is zero in
training, for half of the photos: what the encoder knows by heart must be made up for by words. Printed: validation
accuracy of the most exact label set of each folder by what the customer wrote, parameters, time a photo.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vision.images import load_pixels, read_folder
from vision.model import checkpoint
from vision.model.network import GRID_POSITIONS, FusedModel, ModelConfig
from vision.model.tokens import Tokens
from vision.settings import SHIPPED
from vision.training.dataset import Batches, Pictures, RunConfig
from vision.training.evaluate import customer_texts, most_exact
from vision.training.losses import losses

RATE, WEIGHT_DECAY, BATCH = 1e-3, 0.05, 96


class Fusion(nn.Module):
    """Called as transformers calls its BERT; the photo's places come first."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.places = nn.Embedding(GRID_POSITIONS + 64, width)
        self.norm, self.dropout = nn.LayerNorm(width), nn.Dropout(dropout)

    def forward(
        self, *, inputs_embeds: Tensor, attention_mask: Tensor, position_ids: Tensor, token_type_ids: Tensor
    ) -> Any:
        cells = int((token_type_ids[0] == 0).sum())
        x = self.dropout(self.norm(inputs_embeds + self.places(position_ids)))
        photo, words = self.fuse(x[:, :cells], x[:, cells:], attention_mask[:, cells:] == 0)
        return SimpleNamespace(last_hidden_state=torch.cat([photo, words], 1))

    def fuse(self, photo: Tensor, words: Tensor, nothing: Tensor) -> tuple[Tensor, Tensor]:
        raise NotImplementedError


class Attention(Fusion):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__(width, dropout)
        self.ask = nn.ModuleList(nn.MultiheadAttention(width, 4, dropout, batch_first=True) for _ in range(2))
        self.after = nn.ModuleList(mlp(width, width) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(4))

    def fuse(self, photo: Tensor, words: Tensor, nothing: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.norms[0](photo + self.ask[0](photo, words, words, key_padding_mask=nothing)[0])
        said = self.norms[1](words + self.ask[1](words, photo, photo)[0])
        return self.norms[2](seen + self.after[0](seen)), self.norms[3](said + self.after[1](said))


class Gated(Fusion):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__(width, dropout)
        self.gate, self.both, self.last = nn.Linear(2 * width, width), mlp(2 * width, width), nn.LayerNorm(width)

    def fuse(self, photo: Tensor, words: Tensor, nothing: Tensor) -> tuple[Tensor, Tensor]:
        there = (~nothing).float()[..., None]
        other = (words * there).sum(1, keepdim=True) / there.sum(1, keepdim=True), photo.mean(1, keepdim=True)
        pairs = [torch.cat([x, o.expand_as(x)], -1) for x, o in zip((photo, words), other, strict=True)]
        photo, words = (
            self.last(x + self.gate(pair).sigmoid() * self.both(pair))
            for x, pair in zip((photo, words), pairs, strict=True)
        )
        return photo, words


def mlp(wide: int, width: int) -> nn.Module:
    return nn.Sequential(nn.Linear(wide, 4 * width), nn.GELU(), nn.Linear(4 * width, width))


class Frozen(nn.Module):
    """Gives back the grids of the batch's photos, which were worked out once for all three."""

    grid: Tensor

    def forward(self, _: Tensor) -> Tensor:
        return self.grid


def models(config: ModelConfig) -> dict[str, FusedModel]:
    made = {}
    for name, fusion in (("concat", None), ("attention", Attention), ("gated", Gated)):
        torch.manual_seed(1)
        made[name] = FusedModel(config)
        made[name].encoder = Frozen()
        if fusion:
            made[name].fusion = fusion(config.width, config.dropout)  # type: ignore[assignment]  # called alike
    return made


def train(
    made: dict[str, FusedModel], encoder: nn.Module, batches: Batches, run: RunConfig, args: argparse.Namespace
) -> int:
    optimizers = {
        name: torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY) for name, model in made.items()
    }
    end, began, step = time.monotonic() + 60 * args.minutes, time.monotonic(), 0
    while (now := time.monotonic()) < end:
        done, batch = (now - began) / (60 * args.minutes), batches.draw()
        grid = encode(encoder, made["concat"], batch["images"])
        records = (torch.rand(len(grid), 1, *grid.shape[2:]) >= args.hidden) | (torch.rand(len(grid), 1, 1, 1) < 0.5)
        grid = grid * records
        for name, model in made.items():
            model.encoder.grid = grid
            for group in optimizers[name].param_groups:
                group["lr"] = RATE * min(1.0, done / 0.05 + 0.01) * (1 - done)
            with torch.autocast("cpu", torch.bfloat16):
                parts = losses(model, batch, run, random.Random(step))
            total = torch.stack([run.losses.get(part, 0.0) * value for part, value in parts.items()]).sum()
            total.backward()  # type: ignore[no-untyped-call]  # torch
            optimizers[name].step()
            optimizers[name].zero_grad(set_to_none=True)
        step += 1
    return step


@torch.no_grad()
def encode(encoder: nn.Module, model: FusedModel, images: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        x: Tensor = encoder(((images.float() - model.mean) / model.std).contiguous(memory_format=torch.channels_last))
    return x.float()


@torch.no_grad()
def scores(made: dict[str, FusedModel], encoder: nn.Module, tokens: Tokens, folder: Path) -> dict[str, Any]:
    samples, first = read_folder(folder), made["concat"]
    config = first.config
    name = most_exact(SimpleNamespace(sets=config.label_sets), samples)  # type: ignore[arg-type]  # its sets are asked for
    if name is None:
        return {"folder": folder.parent.name, "set": None}
    pixels = torch.from_numpy(load_pixels(samples, config.image_size))
    grids = torch.cat([encode(encoder, first, pixels[at : at + 64]) for at in range(0, len(pixels), 64)])
    texts = {"none": [""] * len(samples), **customer_texts(samples)}
    found: dict[str, Any] = {"folder": folder.parent.name, "set": name}
    for which, model in made.items():
        found[which] = {}
        for kind, told in texts.items():
            read = torch.tensor(tokens.texts(told, config.text_length))
            right = []
            for at in range(0, len(samples), 64):
                some = slice(at, at + 64)
                model.encoder.grid = grids[some]
                guess = model.labels(model(pixels[some], read[some]))[0][name].argmax(1).tolist()
                right += [
                    config.label_sets[name][g] == s.labels[name]
                    for g, s in zip(guess, samples[some], strict=True)
                    if name in s.labels
                ]
            found[which][kind] = round(float(np.mean(right)), 4)
    return found


def speed(model: FusedModel, grid: Tensor, text: Tensor, images: Tensor) -> float:
    """Milliseconds for one photo from its grid to its labels."""
    times = []
    model.encoder.grid = grid[:1]
    with torch.inference_mode():
        for _ in range(40):
            start = time.perf_counter()
            model.labels(model(images[:1], text[:1]))
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--hidden", type=float, default=0.0)
    args = parser.parse_args()
    torch.set_num_threads(2)
    shipped = checkpoint.load(SHIPPED)
    encoder = shipped.model.encoder.eval()
    run = replace(RunConfig.load(args.config), batch=BATCH, last_size=0, size=shipped.model.config.image_size)
    # What fusion is for: labels and gates. Sentences would take three quarters of the time.
    run = replace(run, losses={"labels": 1.0, "gate": 0.5}, cutmix=0.0, mixup=0.0, rendered=0.0)
    pictures = Pictures(run)
    config = replace(shipped.model.config, label_sets=pictures.label_sets)
    batches, made = Batches(run, pictures, shipped.tokens, config), models(config)
    steps = train(made, encoder, batches, run, args)
    for model in made.values():
        model.eval()
    folders = [Path(run.data) / entry.validation for entry in run.sets if entry.validation]
    for folder in folders[:4]:
        print(json.dumps(scores(made, encoder, shipped.tokens, folder)), flush=True)
    batch = batches.draw()
    grid = encode(encoder, made["concat"], batch["images"])
    sizes = {name: sum(p.numel() for p in model.fusion.parameters()) for name, model in made.items()}
    times = {name: round(speed(model, grid, batch["text"], batch["images"]), 2) for name, model in made.items()}
    print(json.dumps({"steps": steps, "fusion_parameters": sizes, "ms_from_grid_to_labels": times}))


if __name__ == "__main__":
    main()
