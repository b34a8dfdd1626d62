"""Self-critical sequence training (Rennie et al. 2017): sentences that people's sentences agree with become likelier.

Each photo's own other samples are the baseline (Luo 2020, "a better variant of self-critical sequence training"), so
nothing else has to be decoded. The reward is CIDEr-D with document frequencies of the training sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vision.model.cached_decoder import Steps
from vision.model.network import FusedModel
from vision.model.tokens import CLS, SEP, SPECIAL, Tokens
from vision.training.metrics import Cider

# The end is a word to the reward, or "a man in a" would be worth as much as a whole sentence: what is rare is rewarded,
# and articles are not (Hu, Cavicchioli and Capotondi 2023).
END = " endofsentence"


@torch.no_grad()
def sample(model: FusedModel, grid: Tensor, tokens: Tokens, count: int) -> Tensor:
    """``count`` sentences for each photo's grid [N, h·w, C], by chance: ids [N · count, T], padded with 0."""
    rows, device = len(grid) * count, grid.device
    end, never = tokens.id[SEP], [tokens.id[word] for word in SPECIAL if word != SEP]
    words = torch.full((rows, 1), tokens.id[CLS], device=device)
    done = torch.zeros(rows, dtype=torch.bool, device=device)
    modes = [(part, part.training) for part in model.modules()]  # a run may train some parts and not others
    model.eval()  # what is rewarded is what will be served: no dropout
    try:
        steps = Steps(model, model.memory(grid), count)
        while words.shape[1] < model.config.caption_length and not done.all():
            logits = steps(words[:, -1]).float()
            logits[:, never] = float("-inf")
            drawn = torch.multinomial(logits.softmax(-1), 1)[:, 0]
            words = torch.cat([words, torch.where(done, 0, drawn)[:, None]], 1)
            done |= drawn == end
    finally:
        for part, mode in modes:
            part.training = mode
    return words


def advantages(rewards: Tensor) -> Tensor:
    """[N, count]: by how much a sentence was better than its photo's other samples."""
    count = rewards.shape[1]
    return (rewards - rewards.mean(1, keepdim=True)) * count / (count - 1)


@dataclass(frozen=True)
class Critic:
    """How much people's sentences agree with ours."""

    cider: Cider
    photo: dict[int, int]  # a picture's row in the training set → its row in ``cider``
    tokens: Tokens
    count: int  # sentences drawn of each photo

    @classmethod
    def of(cls, captions: Sequence[Sequence[str]], tokens: Tokens, count: int) -> Critic:
        """``captions``: people's sentences about every picture of the training set; many have none."""
        rows = [row for row, said in enumerate(captions) if said]
        people = [[sentence + END for sentence in captions[row]] for row in rows]
        return cls(Cider(people), {row: at for at, row in enumerate(rows)}, tokens, count)

    def loss(self, model: FusedModel, grid: Tensor, rows: Sequence[int]) -> tuple[Tensor, float]:
        """The policy gradient's loss for N photos, the ``rows`` [N] of the training set; and the mean reward."""
        words = sample(model, grid, self.tokens, self.count)
        end = self.tokens.id[SEP]
        said = [self.tokens.decode(row) + END * (end in row) for row in words.tolist()]
        scores = [self.cider.score(self.photo[rows[at // self.count]], one) for at, one in enumerate(said)]
        rewards = torch.tensor(scores, device=words.device).view(len(rows), self.count)
        logs = model.words(model.memory(grid).repeat_interleave(self.count, 0), words[:, :-1]).float().log_softmax(-1)
        chosen = logs.gather(-1, words[:, 1:, None])[..., 0]
        real = (words[:, 1:] != 0).float()
        gain = advantages(rewards).flatten()
        return -(gain[:, None] * chosen * real).sum() / real.sum(), float(rewards.mean())
