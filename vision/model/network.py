"""The fused model, in the order data flows.

    photo ── trunk ──┬─ world ─► grid F_I, pooled ─┬─► labels of `object`, `kind`, …; "applies" gates of all sets
                     │   (as pretrained)           ├─► shared space (search), the shop's own examples
                     │                             └─► caption decoder (BERT with cross-attention over the grid)
                     └─ tuned ─► pooled ─────────────► labels of the sets it was tuned for
    text ─── BERT ─────► tokens F_T ─┬─► shared space
                                     └─► fusion of F = [F_I ; F_T] ─► what the customer's words change of the labels

The two branches share the lower stages. What the world branch knows of a thousand everyday things stays whole while the
other learns the shop's; and fusion sees photos through eyes that do not know the training photos by heart, so that
words have something to explain (docs/decisions/0040-two-branches.md).

Sources: EfficientNet (Tan and Le 2019), BERT (Devlin et al. 2018), encoder-decoder captioning with cross-attention
(Vaswani et al. 2017; Xu et al. 2015), symmetric InfoNCE (Radford et al. 2021), MiniLM (Wang et al. 2020).
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vision.model.config import ModelConfig
from vision.model.encoders import image_encoder
from vision.model.fusion import fusion

GRID_POSITIONS = 100  # room for a 10 × 10 grid


class Encoded(NamedTuple):
    """What the eyes say of a photo, before any word."""

    grid: Tensor  # [N, h·w, C]    of the world branch: where what is seen
    pooled: Tensor  # [N, C]       its mean
    tuned_grid: Tensor  # [N, h·w, C] of the other branch; ``grid`` again where there is none
    tuned: Tensor  # [N, C]        its mean
    image_vector: Tensor  # [N, shared] unit length


class FusedModel(nn.Module):
    mean: Tensor
    std: Tensor
    centre: Tensor  # [C] of what the world branch sees in photos: without it all photos look alike

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = c = config
        found = image_encoder(c.encoder)
        channels = self.channels = found.channels
        if c.tuned and not 0 < c.tuned_from < len(found.stages):
            raise ValueError(f"tuned_from must be 1..{len(found.stages) - 1} for {c.encoder}, not {c.tuned_from}")
        split = c.tuned_from if c.tuned else len(found.stages)
        self.register_buffer("mean", torch.tensor(found.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(found.std).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("centre", torch.zeros(channels))
        self.trunk = nn.Sequential(*found.stages[:split])
        self.world = nn.Sequential(*found.stages[split:])
        self.tuned = copy.deepcopy(self.world) if c.tuned else nn.Sequential()
        self.text = _reader(c)
        self.image_shared = nn.Sequential(
            nn.Linear(channels, c.shared_hidden), nn.GELU(), nn.Linear(c.shared_hidden, c.shared, bias=False)
        )
        self.text_shared = nn.Linear(c.text_width, c.shared, bias=False)
        self.pair_scale = nn.Parameter(torch.tensor(3.0))  # e^3 = 20: a temperature of 0.05
        sizes = {name: len(labels) for name, labels in c.label_sets.items()}
        self.image_heads = nn.ModuleDict({s: nn.Linear(channels, n) for s, n in sizes.items()})
        self.gates = nn.ModuleDict({s: nn.Linear(channels, 1) for s in sizes})
        spoken = {s: sizes[s] for s in c.spoken if s in sizes}
        self.fusion = (
            fusion(
                c.fusion, channels=channels, text_width=c.text_width, width=c.width, heads=c.heads, dropout=c.dropout
            )
            if spoken
            else None
        )
        self.fused_heads = nn.ModuleDict({s: nn.Linear(c.width, n, bias=False) for s, n in spoken.items()})
        self.decoder: Any = None
        if c.vocabulary:
            self.scene = nn.Linear(channels, c.decoder_width)
            self.places = nn.Embedding(GRID_POSITIONS, c.decoder_width)
            nn.init.normal_(self.places.weight, std=0.02)  # torch's 1 would drown what a cell shows
            self.decoder = _decoder(c)
        self.dropout = nn.Dropout(c.dropout)

    def encode_image(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels 0..255 [N, 3, H, W] → grids [N, C, h, w] of the world branch and of the tuned one."""
        x = self._shared(images)
        world = self.world(x)
        return world, self.tuned(x) if len(self.tuned) else world

    def world_of(self, images: Tensor) -> Tensor:
        """As ``encode_image``, of the world branch alone."""
        grid: Tensor = self.world(self._shared(images))
        return grid

    def _shared(self, images: Tensor) -> Tensor:
        x = (images.to(self.mean.dtype) - self.mean) / self.std
        shared: Tensor = self.trunk(x.contiguous(memory_format=torch.channels_last))
        return shared

    def forward(self, images: Tensor) -> Encoded:
        """One pass for everything that is said of a photo without words."""
        world, tuned = self.encode_image(images)
        pooled = world.mean((2, 3))
        grid, tuned_grid = (branch.flatten(2).transpose(1, 2) for branch in (world, tuned))
        return Encoded(grid, pooled, tuned_grid, tuned.mean((2, 3)), self.image_vector(pooled))

    def image_vector(self, pooled: Tensor) -> Tensor:
        """[N, C] → unit vectors [N, shared], to compare with those of texts."""
        return F.normalize(self.image_shared(pooled), dim=-1)

    def labels(self, encoded: Encoded) -> tuple[dict[str, Tensor], Tensor]:
        """Logits of every label set [N, labels] and of "does this question apply?" [N, sets] (sets in order)."""
        pooled, tuned = self.dropout(encoded.pooled), self.dropout(encoded.tuned)
        logits = {s: head(tuned if s in self.config.tuned else pooled) for s, head in self.image_heads.items()}
        gates = [gate(pooled) for gate in self.gates.values()]
        return logits, torch.cat(gates, 1) if gates else pooled.new_zeros(len(pooled), 0)

    def encode_text(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids [N, T], 0 is padding → token vectors F_T [N, T, text_width] and their mean [N, text_width]."""
        mask = (tokens != 0).long()
        states: Tensor = self.text(input_ids=tokens, attention_mask=mask).last_hidden_state
        weight = mask[..., None].to(states.dtype)
        return states, (states * weight).sum(1) / weight.sum(1).clamp(min=1)

    def text_vector(self, told: Tensor) -> Tensor:
        """The mean of a text's tokens [N, text_width] → unit vectors [N, shared]."""
        return F.normalize(self.text_shared(told), dim=-1)

    def hear(self, grid: Tensor, words: Tensor, mask: Tensor, nothing: Tensor) -> dict[str, Tensor]:
        """What the customer's words add to the logits of the sets they can speak of [N, labels].

        ``grid`` [N, h·w, C], ``words`` F_T [N, T, text_width] with ``mask`` [N, T]; ``nothing`` [1, T', text_width] is
        F_T of no words: what it would add is taken off, so that silence changes nothing.
        """
        if self.fusion is None:
            return {}
        silent = nothing.expand(len(words), -1, -1)
        fused = self.fusion(grid, words, mask) - self.fusion(grid, silent, mask.new_ones(silent.shape[:2]))
        return {s: head(fused) for s, head in self.fused_heads.items()}

    def memory(self, grid: Tensor) -> Tensor:
        """What the decoder looks at: [N, h·w, C] → [N, h·w, decoder_width], each cell with its place."""
        looked: Tensor = self.scene(grid) + self.places.weight[: grid.shape[1]]
        return looked

    def words(self, memory: Tensor, tokens: Tensor) -> Tensor:
        """Caption tokens so far [N, T] → logits of the next token at each place [N, T, vocabulary]."""
        logits: Tensor = self.decoder(
            input_ids=tokens,
            attention_mask=(tokens != 0).long(),
            encoder_hidden_states=memory,
            use_cache=False,
        ).logits
        return logits


def _reader(config: ModelConfig) -> Any:
    from transformers import BertConfig, BertModel

    sizes = BertConfig(
        vocab_size=config.text_vocabulary,
        hidden_size=config.text_width,
        num_hidden_layers=config.text_layers,
        num_attention_heads=config.text_heads,
        intermediate_size=4 * config.text_width,
        max_position_embeddings=config.text_length,
        hidden_dropout_prob=config.dropout,
        attention_probs_dropout_prob=config.dropout,
        pad_token_id=0,
    )
    return BertModel(sizes, add_pooling_layer=False)


def _decoder(config: ModelConfig) -> Any:
    from transformers import BertConfig, BertLMHeadModel

    return BertLMHeadModel(
        BertConfig(
            vocab_size=config.vocabulary,
            hidden_size=config.decoder_width,
            num_hidden_layers=config.decoder_layers,
            num_attention_heads=config.heads,
            intermediate_size=4 * config.decoder_width,
            max_position_embeddings=config.caption_length,
            hidden_dropout_prob=config.dropout,
            attention_probs_dropout_prob=config.dropout,
            pad_token_id=0,
            is_decoder=True,
            add_cross_attention=True,
        )
    )
