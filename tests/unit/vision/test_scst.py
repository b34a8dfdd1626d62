from __future__ import annotations

from typing import Any

import pytest
import torch
from toys import tiny_config

from vision.model.network import FusedModel
from vision.model.tokens import CLS, SEP, SPECIAL
from vision.training import scst
from vision.training.scst import Critic


@pytest.fixture
def model(tokens: Any) -> FusedModel:
    torch.manual_seed(0)
    return FusedModel(tiny_config(tokens)).train()


def grid_of(model: FusedModel, photos: int = 2) -> torch.Tensor:
    images = torch.randint(0, 256, (photos, 3, 64, 64), generator=torch.Generator().manual_seed(0)).float()
    with torch.no_grad():
        return model(images).grid


def test_samples_begin_alike_end_once_and_say_words_only(model: FusedModel, tokens: Any) -> None:
    words = scst.sample(model, grid_of(model), tokens, 50)
    assert words.shape[0] == 100
    assert words.shape[1] <= model.config.caption_length
    assert (words[:, 0] == tokens.id[CLS]).all()
    end, special = tokens.id[SEP], {tokens.id[word] for word in SPECIAL}
    lengths = set()
    for row in words[:, 1:].tolist():
        said = row[: row.index(end)] if end in row else row
        lengths.add(len(said))
        assert not special & set(said)
        assert set(row[len(said) + 1 :]) <= {0}
    assert len(lengths) > 2  # by chance, not the same sentence a hundred times
    assert model.training


def test_advantages_compare_with_the_other_samples() -> None:
    rewards = torch.tensor([[1.0, 0.0, 0.5], [2.0, 2.0, 2.0]])
    assert scst.advantages(rewards).tolist() == [[pytest.approx(0.75), pytest.approx(-0.75), 0.0], [0.0, 0.0, 0.0]]


def test_it_learns_to_say_what_people_said(model: FusedModel, tokens: Any) -> None:
    """Nobody shows it a sentence, it is only told how good its own are."""
    people = [["a red square .", "red square ."], ["two dogs run .", "dogs run on grass ."]]
    others = [["a blue square ."], [], ["a green square in the sun ."]]  # or no word is rare
    critic = Critic.of([*others, *people], tokens, 16)
    optimizer = torch.optim.AdamW(model.decoder.parameters(), lr=2e-3)
    grid = grid_of(model)
    rewards = []
    torch.manual_seed(1)
    for _ in range(50):
        value, reward = critic.loss(model, grid, [3, 4])
        value.backward()
        optimizer.step()
        optimizer.zero_grad()
        rewards.append(reward)
    assert sum(rewards[-10:]) > 2 * sum(rewards[:10])
