"""Heads with differential privacy: DP-SGD (Abadi et al. 2016) as Opacus does it, with Opacus' accountant.

One picture, in the shop's or not, changes what may be written by no more than (ε, δ) says. Rehearsed photos are public;
they stand in the same batches, and their leading directions are what a head may look at: fewer numbers, less noise.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import torch
from opacus import PrivacyEngine
from opacus.accountants import RDPAccountant
from opacus.accountants.utils import get_noise_multiplier
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from vision.training.budget import Budget, PrivacyError
from vision.training.heads import UNKNOWN, Array, Examples, Weights, Whole, inputs, joined

DIRECTIONS = 64  # of the public photos that a head may look at
STEPS = 60  # each looks at every photo
CLIP = 1.0  # of one photo's gradient
RATE = 2.0
LEAST_SIGNAL = 5.0  # of a label's pictures over the noise, in standard deviations (docs/research/log.md)


def fit_private(
    own: Examples,
    public: Examples,
    budget: Budget,
    *,
    start: Weights | None = None,
    steps: int = STEPS,
    rounds: int = 1,
    seed: int | None = None,
) -> tuple[Weights, dict[str, Any]]:
    """``own``: the shop's photos; ``public``: others, of which nothing is to be hidden, with as many labels.

    The head and what it cost, for the card. Raises PrivacyError where the budget cannot be kept with so few pictures.
    ``rounds``: how often this is called for one budget, each time with so many ``steps`` from a new ``start``.
    ``seed``: for tests alone; noise that can be drawn again hides nothing.
    """
    delta = delta_of(len(own.target))
    noise = noise_for(budget, delta, steps * rounds)
    enough(own.target, noise, budget, steps * rounds)
    examples, basis = joined(own, public), directions(public.looks)
    x = torch.from_numpy(inputs(examples.looks) @ basis.T.astype(np.float32))
    labels = examples.base.shape[1]
    data = TensorDataset(
        x,
        torch.from_numpy(examples.base.astype(np.float32)),
        torch.from_numpy(examples.gates.astype(np.float32)),
        torch.from_numpy(examples.target),
    )
    head = nn.Linear(x.shape[1], labels + 1, bias=False)
    begun = start or Weights.zeros(labels, own.looks.shape[1])
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(np.vstack([begun.labels, begun.gate]) @ basis.T))
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    descend(head, data, noise, steps, generator)
    found = head.weight.detach().double().numpy() @ basis
    about = {
        "epsilon": round(spent(noise, delta, steps * rounds), 4),
        "delta": delta,
        "asked": budget.epsilon,
        "noise": round(noise, 4),
        "steps": steps * rounds,
        "clip": CLIP,
        "of": "one picture, added or taken away",
        "accountant": "RDP (Opacus)",
    }
    return Weights(found[:-1], found[-1]), about


def delta_of(pictures: int) -> float:
    """Below one in the pictures there are."""
    return float(f"{1 / max(10, pictures) ** 1.1:.1e}")


def noise_for(budget: Budget, delta: float, steps: int = STEPS) -> float:
    """Standard deviations of noise over the clip. Raises PrivacyError where no noise is enough."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the accountant, about the orders it tried
        try:
            found = get_noise_multiplier(
                target_epsilon=budget.epsilon, target_delta=delta, sample_rate=1.0, steps=steps, accountant="rdp"
            )
        except ValueError as error:
            raise PrivacyError(
                f"epsilon {budget.epsilon:g} cannot be kept: no noise is enough for it ({error}); allow a larger one"
            ) from error
    return float(found)


def enough(target: Whole, noise: float, budget: Budget, steps: int = STEPS) -> None:
    """Raises PrivacyError where the pictures of a label cannot be told from noise over all steps together."""
    count = np.bincount(target[target >= 0])
    fewest = int(count[count > 0].min())
    need = math.ceil(LEAST_SIGNAL * noise / math.sqrt(steps))
    if fewest < need:
        raise PrivacyError(
            f"epsilon {budget.epsilon:g} cannot be kept with {fewest} pictures of a product: the noise would drown "
            f"them. Take {need} of each, or allow a larger epsilon"
        )


def directions(public: Array) -> Array:
    """[K + 1, C + 1]: the public photos' leading directions, unit length, and the bias."""
    _, _, found = np.linalg.svd(public, full_matrices=False)
    kept = found[:DIRECTIONS]
    basis = np.zeros((len(kept) + 1, public.shape[1] + 1))
    basis[:-1, :-1] = kept
    basis[-1, -1] = 1
    return basis


def spent(noise: float, delta: float, steps: int) -> float:
    """Epsilon, as the accountant counts it."""
    accountant = RDPAccountant()
    accountant.history = [(noise, 1.0, steps)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the orders it tried
        return float(accountant.get_epsilon(delta))


def descend(head: nn.Linear, data: TensorDataset, noise: float, steps: int, generator: torch.Generator | None) -> None:
    loader = DataLoader(data, batch_size=len(data), generator=generator)
    mean = torch.zeros_like(head.weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Opacus: that the noise is drawn by torch; torch: about hooks
        private, optimizer, batches = PrivacyEngine(accountant="rdp").make_private(
            module=head,
            optimizer=torch.optim.SGD(head.parameters(), lr=RATE),
            data_loader=loader,
            noise_multiplier=noise,
            max_grad_norm=CLIP,
            noise_generator=generator,
        )
        for step in range(steps):
            for x, base, gates, target in batches:  # one
                optimizer.zero_grad()
                loss(private(x), base, gates, target).backward()  # type: ignore[no-untyped-call]  # torch
                optimizer.step()
            if step >= steps // 2:  # the mean of the later half: what was paid for once costs nothing more
                mean += head.weight.detach() / (steps - steps // 2)
    with torch.no_grad():
        head.weight.copy_(mean)


def loss(said: Tensor, base: Tensor, gates: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of labels and of the gate, each where it is known; means over the batch."""
    named, known = target >= 0, target != UNKNOWN
    labels = F.cross_entropy(base + said[:, :-1], target.clamp(min=0), reduction="none") * named
    gate = F.binary_cross_entropy_with_logits(gates + said[:, -1], named.float(), reduction="none") * known
    return (labels + gate).mean()
