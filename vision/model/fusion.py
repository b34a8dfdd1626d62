"""Three ways to put a photo and a text together, F = [F_I ; F_T], and one that leaves the photo out, to compare with.

Each takes the grid F_I [N, h·w, C], token vectors F_T [N, T, text_width] and their mask [N, T], and answers with one
vector a photo [N, width].
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def mean_of(words: Tensor, mask: Tensor) -> Tensor:
    weight = mask[..., None].to(words.dtype)
    return (words * weight).sum(1) / weight.sum(1).clamp(min=1)


class Concat(nn.Module):
    """Both side by side, then two layers."""

    def __init__(self, channels: int, text_width: int, width: int, dropout: float) -> None:
        super().__init__()
        self.mix = nn.Sequential(
            nn.Linear(channels + text_width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, width)
        )

    def forward(self, grid: Tensor, words: Tensor, mask: Tensor) -> Tensor:
        out: Tensor = self.mix(torch.cat([grid.mean(1), mean_of(words, mask)], 1))
        return out


class Gated(nn.Module):
    """The words' vector, of which the photo and the words themselves let some through (gated MLP)."""

    def __init__(self, channels: int, text_width: int, width: int, dropout: float) -> None:
        super().__init__()
        self.value = nn.Sequential(nn.Linear(text_width, width), nn.GELU(), nn.Dropout(dropout))
        self.gate = nn.Linear(channels + text_width, width)

    def forward(self, grid: Tensor, words: Tensor, mask: Tensor) -> Tensor:
        told = mean_of(words, mask)
        out: Tensor = self.value(told) * self.gate(torch.cat([grid.mean(1), told], 1)).sigmoid()
        return out


class Attention(nn.Module):
    """The photo asks the cells and the words together: attention over the whole of F."""

    def __init__(self, channels: int, text_width: int, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.cells, self.words = nn.Linear(channels, width), nn.Linear(text_width, width)
        self.kind = nn.Parameter(torch.zeros(2, width))
        self.norm = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.after = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, grid: Tensor, words: Tensor, mask: Tensor) -> Tensor:
        cells, told = self.cells(grid) + self.kind[0], self.words(words) + self.kind[1]
        sequence = self.norm(torch.cat([cells, told], 1))  # F = [F_I ; F_T]
        hidden = torch.cat([mask.new_ones(cells.shape[:2]), mask], 1) == 0
        asked = self.norm(cells.mean(1, keepdim=True) + mean_of(told, mask)[:, None])
        found, _ = self.attention(asked, sequence, sequence, key_padding_mask=hidden, need_weights=False)
        out: Tensor = found[:, 0] + self.after(found[:, 0])
        return out


class Words(nn.Module):
    """The words alone."""

    def __init__(self, text_width: int, width: int, dropout: float) -> None:
        super().__init__()
        self.value = nn.Sequential(nn.Linear(text_width, width), nn.GELU(), nn.Dropout(dropout))

    def forward(self, grid: Tensor, words: Tensor, mask: Tensor) -> Tensor:  # noqa: ARG002 - as the others
        out: Tensor = self.value(mean_of(words, mask))
        return out


def fusion(name: str, *, channels: int, text_width: int, width: int, heads: int, dropout: float) -> nn.Module:
    """Raises ValueError for a name that nobody knows."""
    if name == "attention":
        return Attention(channels, text_width, width, heads, dropout)
    if name == "concat":
        return Concat(channels, text_width, width, dropout)
    if name == "gated":
        return Gated(channels, text_width, width, dropout)
    if name == "words":
        return Words(text_width, width, dropout)
    raise ValueError(f"no fusion is called {name!r}: attention, concat, gated or words")
