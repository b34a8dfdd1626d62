"""Fits the caption decoder over frozen grids: cross-entropy on people's sentences, then self-critical (scst.py).

It may be stopped at any time: decoder, optimiser and the place in the cycle are kept in a file beside the stage.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vision.model.network import FusedModel
from vision.model.tokens import UNKNOWN, Tokens
from vision.training.fit import Recipe, optimizer_of
from vision.training.scst import Critic

log = logging.getLogger(__name__)
KEPT_EVERY = 100  # steps
AVERAGE = 0.99  # what is fitted is the mean of the last hundred steps or so: it says less by heart
SHARES = 4  # of a batch
Share = Callable[[], Tensor]
PARTS = ("scene", "places", "decoder")


@dataclass(frozen=True)
class Written:
    """Photos with what people wrote about them."""

    views: Sequence[np.ndarray]  # each fp16 [N, h·w, C]: the photos as they are served, then drawn views of them
    sentences: Sequence[Tensor]  # of each photo token ids [S, T], padded with 0
    unknown: int  # the id of words that are too rare to be learnt

    @classmethod
    def of(cls, views: Sequence[np.ndarray], captions: Sequence[Sequence[str]], tokens: Tokens, length: int) -> Written:
        """``length``: tokens of a sentence at most. Its last full stop is no word: all have one."""
        ids = [torch.tensor(tokens.texts([c.rstrip(" .") for c in each], length)) for each in captions]
        padded = [F.pad(each, (0, length - each.shape[1])) for each in ids]
        return cls(views, padded, tokens.id[UNKNOWN])

    def draw(self, photos: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Rows [R], and which view of each [R]."""
        size = (photos,)
        rows = torch.randint(len(self.sentences), size, generator=generator)
        return rows, torch.randint(len(self.views), size, generator=generator)

    def grids(self, rows: Tensor, views: Tensor) -> Tensor:
        """fp32 [R, h·w, C]"""
        seen = [self.views[view][row] for row, view in zip(rows.tolist(), views.tolist(), strict=True)]
        return torch.from_numpy(np.stack(seen)).float()

    def two(self, row: int, generator: torch.Generator) -> Tensor:
        """Token ids [2, T] of two sentences about a photo."""
        each = self.sentences[row]
        return each[torch.randperm(len(each), generator=generator)[:2].repeat(2)[:2]]


def fit_captions(model: FusedModel, written: Written, recipe: Recipe, *, kept: Path) -> bool:
    """Cross-entropy with label smoothing, two sentences of each photo: what its cells are mapped to is shared. Whether
    there was anything left to do.
    """

    def shares(generator: torch.Generator) -> list[Share]:
        rows, views = written.draw(recipe.batch, generator)
        ids = torch.stack([written.two(row, generator) for row in rows.tolist()])
        lengths = (ids != 0).sum(2).amax(1)
        words = int(((ids[..., 1:] != 0) & (ids[..., 1:] != written.unknown)).sum())
        return [
            partial(loss, rows[at], views[at], ids[at, :, : int(lengths[at].max())].flatten(0, 1), words)
            for at in lengths.argsort().chunk(SHARES)  # of one length: little padding
        ]

    def loss(rows: Tensor, views: Tensor, ids: Tensor, words: int) -> Tensor:
        memory = model.memory(F.dropout(written.grids(rows, views), recipe.dropout))
        logits = model.words(memory.repeat_interleave(2, 0), ids[:, :-1])
        wanted = ids[:, 1:].masked_fill(ids[:, 1:] == written.unknown, 0).flatten()
        lost = F.cross_entropy(logits.flatten(0, 1), wanted, ignore_index=0, label_smoothing=0.1, reduction="sum")
        return lost / words

    model.decoder.train()
    moved = _fit(model, shares, recipe, kept)
    model.decoder.eval()
    return moved


def fit_said(model: FusedModel, written: Written, critic: Critic, recipe: Recipe, *, kept: Path) -> None:
    """What people's sentences agree with becomes likelier. ``critic`` knows the photos by their rows in ``written``.

    Without dropout: what is rewarded is what will be served. Its sentences get short and general, so that what stays is
    half way between before and after (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
    """

    def shares(generator: torch.Generator) -> list[Share]:
        rows, views = written.draw(recipe.batch, generator)
        return [partial(loss, *both) for both in zip(rows.chunk(SHARES), views.chunk(SHARES), strict=True)]

    def loss(rows: Tensor, views: Tensor) -> Tensor:
        value, reward = critic.loss(model, written.grids(rows, views), rows.tolist())
        rewards.append(reward)
        if len(rewards) % (20 * SHARES) == 0:
            log.info("reward of the last 20 steps: %.3f", sum(rewards[-20 * SHARES :]) / 20 / SHARES)
        return value / SHARES

    rewards: list[float] = []
    model.decoder.eval()
    before = [parameter.detach().clone() for parameter in _decoder(model).parameters()]
    _fit(model, shares, recipe, kept)
    with torch.no_grad():
        for parameter, was in zip(_decoder(model).parameters(), before, strict=True):
            parameter.lerp_(was, 0.5)


def _decoder(model: FusedModel) -> nn.ModuleDict:
    return nn.ModuleDict({name: getattr(model, name) for name in PARTS})


class Cycle:
    """Where training is: the decoder, its mean, its optimiser and the steps made, as they are kept in a file."""

    def __init__(self, model: FusedModel, recipe: Recipe, kept: Path) -> None:
        self.decoder = _decoder(model)
        self.parameters = list(self.decoder.parameters())
        self.optimizer, self.kept, self.step = optimizer_of([self.decoder], recipe), kept, 0
        self.mean = [parameter.detach().clone() for parameter in self.parameters]
        if kept.is_file():
            state = torch.load(kept, weights_only=True)
            self.decoder.load_state_dict(state["decoder"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.mean = state["step"], state["mean"]
            log.info("%s goes on at step %d", kept, self.step)

    def move(self, gradients: Sequence[Tensor], rate: float) -> None:
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.step += 1
        with torch.no_grad():
            for mean, parameter in zip(self.mean, self.parameters, strict=True):
                mean.lerp_(parameter, 1 - min(AVERAGE, self.step / (self.step + 9)))

    def keep(self) -> None:
        state = {"decoder": self.decoder.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(state | {"step": self.step, "mean": self.mean}, made := Path(f"{self.kept}.partial"))
        made.replace(self.kept)

    def settle(self) -> None:
        """The decoder becomes its mean."""
        with torch.no_grad():
            for parameter, mean in zip(self.parameters, self.mean, strict=True):
                parameter.copy_(mean)


def _fit(model: FusedModel, shares: Callable[[torch.Generator], list[Share]], recipe: Recipe, kept: Path) -> bool:
    """Until the recipe's steps are made, at a rate that falls as a cosine. A batch's ``shares`` are worked on side by
    side, each on one core. Whether there was a step left to make.
    """
    cycle = Cycle(model, recipe, kept)
    generator = torch.Generator().manual_seed(cycle.step)

    def uphill(share: Share) -> tuple[float, tuple[Tensor, ...]]:
        loss = share()
        return loss.item(), torch.autograd.grad(loss, cycle.parameters)

    lost: list[float] = []
    with ThreadPoolExecutor(os.cpu_count(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        while cycle.step < recipe.steps:
            found = list(pool.map(uphill, shares(generator)))
            falling = max(0.5 * (1 + math.cos(math.pi * cycle.step / recipe.steps)), 0.01)
            rate = recipe.rate * min(1.0, (cycle.step + 1) / 40) * falling
            cycle.move([torch.stack(each).sum(0) for each in zip(*(g for _, g in found), strict=True)], rate)
            lost.append(sum(value for value, _ in found))
            if cycle.step % 20 == 0:
                log.info("%s, step %d: %.3f", kept.stem, cycle.step, sum(lost[-20:]) / len(lost[-20:]))
            if cycle.step % KEPT_EVERY == 0:
                cycle.keep()
    cycle.keep()
    cycle.settle()
    return bool(lost)
