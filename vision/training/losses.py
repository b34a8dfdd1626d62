"""What a batch teaches: each photo brings the losses that it has labels, gates, words or sentences for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from vision.model.network import Encoded, FusedModel
from vision.training import augment
from vision.training.dataset import RunConfig
from vision.training.scst import Critic

MOVED = 4.0  # of 255 grey levels: hardly seen by people


def losses(
    model: FusedModel, batch: dict[str, Any], run: RunConfig, chance: random.Random, critic: Critic | None = None
) -> dict[str, Tensor]:
    """Every loss of one batch, each a mean over what it applies to; unweighted. "reward" is none: it is what "scst"
    looks at, for the log.
    """
    images, targets = batch["images"], batch["targets"]
    if chance.random() < run.adversarial:
        images = against(model, images, targets, run)
    whole = torch.ones(len(images), dtype=torch.bool, device=images.device)
    mix = chance.random()
    if mix < run.cutmix + run.mixup:
        whole[:] = False
        whole[batch["caption_of"]] = True
        whole[batch["written"]] = True
        generator = torch.Generator().manual_seed(chance.getrandbits(32))
        mixing = augment.cutmix if mix < run.cutmix else augment.mixup
        images, order, kept = mixing(images, whole, generator)
        encoded = model(images)
        mine = label_losses(model, encoded, targets, run)
        theirs = label_losses(model, encoded, {s: t[order] for s, t in targets.items()}, run)
        out = {name: kept * mine[name] + (1 - kept) * theirs[name] for name in mine}
    else:
        encoded = model(images)
        out = label_losses(model, encoded, targets, run)
    if run.losses.get("told"):
        out["told"] = told_loss(model, encoded, batch)
    if run.losses.get("caption") and len(batch["caption"]):
        out["caption"] = caption_loss(model, encoded, batch, run.smoothing)
    if critic and len(batch["written"]):
        out["scst"], reward = critic.loss(
            model, encoded.grid[batch["written"]], [batch["rows"][at] for at in batch["written"].tolist()]
        )
        out["reward"] = torch.tensor(reward, device=images.device)
    if run.losses.get("pairs") and whole.any():
        out["pairs"] = pair_loss(model, encoded, batch, whole)
    return out


def caption_loss(model: FusedModel, encoded: Encoded, batch: dict[str, Any], smoothing: float) -> Tensor:
    caption = batch["caption"]
    logits = model.words(model.memory(encoded.grid[batch["caption_of"]]), caption[:, :-1])
    return F.cross_entropy(
        logits.flatten(0, 1).float(), caption[:, 1:].flatten(), ignore_index=0, label_smoothing=smoothing
    )


def told_loss(model: FusedModel, encoded: Encoded, batch: dict[str, Any]) -> Tensor:
    """How surprising the label is to one who only hears the customer's words; of photos that came with words.

    As if nobody had seen the photo: eyes that know it by heart need no words. fit.py learns them beside eyes that have
    not seen it.
    """
    spoke = torch.tensor([bool(text) for text in batch["told"]], device=encoded.grid.device)
    tokens = batch["text"]
    words, _ = model.encode_text(tokens)
    nothing, _ = model.encode_text(batch["nothing"])
    heard = model.hear(encoded.grid.detach(), words, (tokens != 0).float(), nothing)
    surprise = encoded.pooled.new_zeros(())
    for name, said in heard.items():
        known = spoke & (batch["targets"][name] >= 0)
        surprise = surprise + F.cross_entropy(
            said[known].float(), batch["targets"][name][known], reduction="sum"
        ) / len(spoke)
    return surprise


def pair_loss(model: FusedModel, encoded: Encoded, batch: dict[str, Any], whole: Tensor) -> Tensor:
    """Each photo among the texts, and each text among the photos (InfoNCE), over the photos that were not mixed."""
    rows = whole.nonzero()[:, 0]
    _, told = model.encode_text(batch["pair"][rows])
    said = [batch["pair_text"][row] for row in rows.tolist()]
    return info_nce(encoded.image_vector[rows], model.text_vector(told), model.pair_scale, said)


def info_nce(photos: Tensor, texts: Tensor, scale: Tensor, said: Sequence[str]) -> Tensor:
    """Photos and texts [N, shared]; two photos with the same text in ``said`` are each other's true pair."""
    same = {text: n for n, text in enumerate(said)}
    ids = torch.tensor([same[text] for text in said], device=texts.device)
    true = (ids[:, None] == ids[None]).float()
    logits = (photos @ texts.T * scale.exp().clamp(max=100)).float()
    true = true / true.sum(1, keepdim=True)
    return (F.cross_entropy(logits, true) + F.cross_entropy(logits.T, true)) / 2


def label_losses(model: FusedModel, encoded: Encoded, targets: dict[str, Tensor], run: RunConfig) -> dict[str, Tensor]:
    logits, gates = model.labels(encoded)
    right, gate = [], []
    for number, (name, target) in enumerate(targets.items()):
        known, holds = target != -2, target >= 0
        # Summed over the set's own photos and divided by the batch: a set with two photos does not shout.
        if holds.any():
            right.append(surprise(logits[name][holds].float(), target[holds], run) / len(target))
        if known.any():
            gate.append(F.binary_cross_entropy_with_logits(gates[known, number].float(), holds[known].float()))
    zero = encoded.pooled.new_zeros(())
    return {
        "labels": torch.stack(right).sum() if right else zero,
        "gate": torch.stack(gate).mean() if gate else zero,
    }


def surprise(logits: Tensor, target: Tensor, run: RunConfig) -> Tensor:
    """Summed over the photos: cross-entropy with label smoothing (Szegedy et al. 2015), or, for ``run.robust`` q > 0,
    generalised cross-entropy (1 − p^q) / q, in which one wrong label pulls less (Zhang & Sabuncu 2018).
    """
    if not run.robust:
        return F.cross_entropy(logits, target, label_smoothing=run.smoothing, reduction="sum")
    chosen = logits.log_softmax(-1).gather(1, target[:, None])
    return ((1 - (run.robust * chosen).exp()) / run.robust).sum()


def against(model: FusedModel, images: Tensor, targets: dict[str, Tensor], run: RunConfig) -> Tensor:
    """Every pixel MOVED grey levels to where the labels surprise the model more (FGSM, Goodfellow et al. 2014)."""
    images = images.detach().clone().requires_grad_()
    loss = label_losses(model, model(images), targets, run)["labels"]
    if not loss.requires_grad:  # no photo of this batch has a label
        return images.detach()
    (uphill,) = torch.autograd.grad(loss, images)
    return (images.detach() + MOVED * uphill.sign()).clamp(0, 255)
