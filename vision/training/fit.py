"""Fits the parts that stand on frozen eyes and a frozen reader, from features worked out once: minutes, not hours.

    heads and gates   linear, on the world branch
    words             what customers' words change, learnt beside eyes that have not seen the photo (folds)
    pairs             the space of photos and texts, symmetric InfoNCE

Each is a function of features and a generator, so that a recipe is tried by calling it.
"""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vision.model import rendered_text
from vision.model.network import FusedModel
from vision.training.losses import info_nce

log = logging.getLogger(__name__)
FOLDS = 5


@dataclass(frozen=True)
class Recipe:
    steps: int
    batch: int = 512
    rate: float = 3e-3
    weight_decay: float = 0.05
    dropout: float = 0.2


def optimizer_of(parts: Sequence[nn.Module | nn.Parameter], recipe: Recipe) -> torch.optim.AdamW:
    parameters = [p for part in parts for p in (part.parameters() if isinstance(part, nn.Module) else [part])]
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.rate)


def _cosine(optimizer: torch.optim.Optimizer, rate: float, step: int, steps: int) -> None:
    warm = min(1.0, (step + 1) / max(1, steps // 20))
    for group in optimizer.param_groups:
        group["lr"] = rate * warm * max(0.5 * (1 + math.cos(math.pi * step / steps)), 0.01)


def fit_head(
    head: nn.Linear, pooled: Tensor, target: Tensor, recipe: Recipe, *, weight: Tensor | None = None, seed: int = 0
) -> None:
    """``pooled`` [N, C], ``target`` [N]; ``weight`` [N]: how often a row is drawn."""
    generator = torch.Generator().manual_seed(seed)
    chance = torch.ones(len(target)) if weight is None else weight
    optimizer = optimizer_of([head], recipe)
    for step in range(recipe.steps):
        _cosine(optimizer, recipe.rate, step, recipe.steps)
        rows = torch.multinomial(chance, min(recipe.batch, len(target)), replacement=True, generator=generator)
        seen = F.dropout(pooled[rows], recipe.dropout)
        loss = F.cross_entropy(head(seen), target[rows], label_smoothing=0.05)
        loss.backward()  # type: ignore[no-untyped-call]  # torch
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def fit_gate(gate: nn.Linear, pooled: Tensor, applies: Tensor, source: Tensor, recipe: Recipe) -> None:
    """``applies`` [N] bool, ``source`` [N]: on either side every source is drawn as often as the others."""
    generator = torch.Generator().manual_seed(0)
    chance = torch.zeros(len(applies))
    for side in (True, False):
        mine = applies == side
        sources = torch.unique(source[mine])
        for each in sources:
            rows = mine & (source == each)
            chance[rows] = 1.0 / len(sources) / rows.sum()
    optimizer = optimizer_of([gate], recipe)
    for step in range(recipe.steps):
        _cosine(optimizer, recipe.rate, step, recipe.steps)
        rows = torch.multinomial(chance, recipe.batch, replacement=True, generator=generator)
        seen = F.dropout(pooled[rows], recipe.dropout)
        loss = F.binary_cross_entropy_with_logits(gate(seen)[:, 0], applies[rows].float())
        loss.backward()  # type: ignore[no-untyped-call]  # torch
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def folds_of(labels: Sequence[str], folds: int = FOLDS) -> Tensor:
    """[N]: each label's photos in ``folds`` blocks of their own order, as they were taken: a fold's photos are of other
    days or shops than the rest.
    """
    rows: dict[str, list[int]] = {}
    for at, label in enumerate(labels):
        rows.setdefault(label, []).append(at)
    fold = torch.zeros(len(labels), dtype=torch.long)
    for each in rows.values():
        for place, at in enumerate(each):
            fold[at] = place * folds // len(each)
    return fold


def unseen_logits(pooled: Tensor, target: Tensor, labels: int, fold: Tensor, recipe: Recipe) -> Tensor:
    """[N, labels]: what a linear head says of photos that it was not fitted on, fold by fold."""
    out = torch.zeros(len(target), labels)
    for each in range(int(fold.max()) + 1):
        head = nn.Linear(pooled.shape[1], labels)
        fit_head(head, pooled[fold != each], target[fold != each], recipe, seed=each)
        with torch.no_grad():
            out[fold == each] = head(pooled[fold == each])
    return out


@dataclass(frozen=True)
class Spoken:
    """Photos with what customers may write beside them."""

    pooled: Tensor  # [N, C]
    base: dict[str, Tensor]  # set → [N, labels] logits of eyes that have not seen the photo
    target: dict[str, Tensor]  # set → [N], −1 where it does not apply
    labels: Sequence[dict[str, str]]


def fit_words(
    model: FusedModel,
    spoken: Spoken,
    *,
    told: dict[str, Tensor],
    nothing: Tensor,
    recipe: Recipe,
    texts: Sequence[Sequence[str]],
    seed: int = 0,
) -> None:
    """``texts`` [N]: what may be written beside each photo; ``told``: text → its mean token vector [text_width],
    ``nothing`` that of no text. Pooled photos stand for grids:
    the three fusions that are fitted so look at means (fusion.py); attention is fitted by the trainer's "told" loss.
    """
    chance, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    assert model.fusion is not None
    optimizer = optimizer_of([model.fusion, model.fused_heads], recipe)
    unsaid = nothing[None, None]
    model.fusion.train()
    for step in range(recipe.steps):
        _cosine(optimizer, recipe.rate, step, recipe.steps)
        rows = torch.randint(len(spoken.pooled), (recipe.batch,), generator=generator).tolist()
        words = torch.stack([told[chance.choice(texts[row])] for row in rows])[:, None]
        grid = F.dropout(spoken.pooled[rows], recipe.dropout)[:, None]
        heard = model.hear(grid, words, words.new_ones(len(rows), 1), unsaid)
        loss = torch.zeros(())
        for name, said in heard.items():
            target = spoken.target[name][rows]
            known = target >= 0
            both = spoken.base[name][rows] + said
            loss = loss + F.cross_entropy(both[known], target[known])
            loss = loss + 0.02 * said.square().mean()  # what nobody needs, nobody says
        loss.backward()  # type: ignore[no-untyped-call]  # torch
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    model.fusion.eval()


def drawn_texts(labels: Sequence[dict[str, str]], chance: random.Random, each: int) -> list[list[str]]:
    """``each`` texts a photo, worded as rendered_text has it: contentless, true but coarse, wrong, and of things that
    no shop of ours sells, which must change nothing.
    """
    others = sorted({word for one in labels if (word := rendered_text.coarse_word(one))})
    return [[rendered_text.spoken_text(one, others, chance) for _ in range(each)] for one in labels]


def fit_pairs(
    model: FusedModel,
    *,
    pooled: Tensor,
    texts: Tensor,
    owner: Tensor,
    recipe: Recipe,
    said: Sequence[str],
    weight: Tensor | None = None,
    seed: int = 0,
) -> None:
    """``pooled`` [N, V, C] in V views, ``texts`` [T, text_width] of photos ``owner`` [T] into N; ``weight`` [T].

    Half of the hidden numbers are left out of each step: some thousand photos are learnt by heart otherwise.
    """
    widen, narrow = model.image_shared[:-1], model.image_shared[-1]
    generator = torch.Generator().manual_seed(seed)
    chance = torch.ones(len(owner)) if weight is None else weight
    optimizer = optimizer_of([model.image_shared, model.text_shared, model.pair_scale], recipe)
    for step in range(recipe.steps):
        _cosine(optimizer, recipe.rate, step, recipe.steps)
        rows = torch.multinomial(chance, recipe.batch, replacement=False, generator=generator)
        view = int(torch.randint(pooled.shape[1], (1,), generator=generator))
        seen = F.dropout(pooled[owner[rows], view], recipe.dropout)
        noisy = F.dropout(texts[rows], recipe.dropout / 3)
        images = F.normalize(narrow(F.dropout(widen(seen), 0.5)), dim=-1)
        loss = info_nce(images, model.text_vector(noisy), model.pair_scale, [said[row] for row in rows.tolist()])
        loss.backward()  # type: ignore[no-untyped-call]  # torch
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 100 == 0:
            log.info("pairs, step %d: %.3f", step, loss.item())
