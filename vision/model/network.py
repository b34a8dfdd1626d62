"""The fused model, in the order data flows.

    photo ── ResNet ──► grid F_I ─┐
                                  ├─► F = [F_I ; F_T] ── fusion (BERT) ──► label heads, "applies" gates
    text ─── BERT ────► tokens F_T┘                         └──► caption decoder (BERT with cross-attention over F)
       │
       └─ image alone, text alone ──► one shared space (search, prototypes), taken before fusion

In training F holds the customer's words; when serving F_T is empty, and words count by heads of their own
(docs/decisions/0034-words-beside-fusion.md).

Sources: ResNet (He et al. 2015), BERT (Devlin et al. 2018), encoder-decoder captioning with cross-attention
(Vaswani et al. 2017; Xu et al. 2015), pairwise sigmoid image-text loss (Zhai et al. 2023).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vision.model.rendered_text import SPOKEN

# ImageNet's statistics; any fixed pair would do, and these let ImageNet weights be put in by configuration.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
GRID_POSITIONS = 64  # room for an 8 × 8 grid; text positions begin behind it


@dataclass(frozen=True)
class ModelConfig:
    encoder: str = "resnet18"  # any ResNet of torchvision
    image_size: int = 128
    vocabulary: int = 4000
    width: int = 256
    heads: int = 4
    text_layers: int = 2
    fusion_layers: int = 1
    decoder_layers: int = 3
    text_length: int = 24  # tokens of the customer's text that are read
    caption_length: int = 22
    shared: int = 256
    dropout: float = 0.1
    label_sets: dict[str, list[str]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Encoded(NamedTuple):
    """What both encoders say, before and after fusion."""

    pooled: Tensor  # [N, C]      the photo alone
    image_vector: Tensor  # [N, shared] unit length, the photo alone
    fused: Tensor  # [N, L, width] F = [F_I ; F_T] after fusion; position 0 is the pooled photo
    mask: Tensor  # [N, L]      1 where F holds something
    told: Tensor  # [N, width]  the text alone


class FusedModel(nn.Module):
    mean: Tensor
    std: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        from transformers import BertLMHeadModel, BertModel

        self.config = config
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1) * 255, persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1) * 255, persistent=False)
        self.encoder, channels = image_encoder(config.encoder)
        self.grid_to_width = nn.Linear(channels, config.width)
        self.pooled_to_width = nn.Linear(channels, config.width)
        self.text = BertModel(self._bert(config.text_layers, config.vocabulary), add_pooling_layer=False)
        # The fusion BERT reads vectors, not words: one row of word embeddings that nothing uses.
        self.fusion = BertModel(self._bert(config.fusion_layers, 1), add_pooling_layer=False)
        self.decoder = BertLMHeadModel(self._bert(config.decoder_layers, config.vocabulary, decoder=True))
        self.image_shared = nn.Linear(channels, config.shared, bias=False)
        self.text_shared = nn.Linear(config.width, config.shared, bias=False)
        self.pair_scale = nn.Parameter(torch.tensor(2.3))  # e^2.3 = 10 and −10: SigLIP's starting point
        self.pair_bias = nn.Parameter(torch.tensor(-10.0))
        # Two opinions a set, added: the photo alone, and the photo as the customer's words put it.
        sizes = {name: len(labels) for name, labels in config.label_sets.items()}
        self.image_heads = nn.ModuleDict({s: nn.Linear(channels, n) for s, n in sizes.items()})
        self.fused_heads = nn.ModuleDict({s: nn.Linear(config.width, n) for s, n in sizes.items()})
        # And a third, of the words alone: fused heads learn on photos that they know by heart, and so never need words.
        self.text_heads = nn.ModuleDict({s: nn.Linear(config.width, n) for s, n in sizes.items() if s in SPOKEN})
        self.image_gate = nn.Linear(channels, len(sizes))
        self.fused_gate = nn.Linear(config.width, len(sizes))
        self.dropout = nn.Dropout(config.dropout)

    def _bert(self, layers: int, vocabulary: int, *, decoder: bool = False) -> Any:
        from transformers import BertConfig

        c = self.config
        return BertConfig(
            vocab_size=vocabulary,
            hidden_size=c.width,
            num_hidden_layers=layers,
            num_attention_heads=c.heads,
            intermediate_size=4 * c.width,
            max_position_embeddings=GRID_POSITIONS + 1 + c.text_length + c.caption_length,
            hidden_dropout_prob=c.dropout,
            attention_probs_dropout_prob=c.dropout,
            pad_token_id=0,
            is_decoder=decoder,
            add_cross_attention=decoder,
        )

    def encode_image(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """uint8 values [N, 3, H, W] → grid [N, h·w, C] and its mean [N, C]."""
        x = (images.to(self.mean.dtype) - self.mean) / self.std
        x = self.encoder(x.contiguous(memory_format=torch.channels_last))  # [N, C, h, w]
        grid = x.flatten(2).transpose(1, 2)
        return grid, grid.mean(1)

    def encode_text(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids [N, T], 0 is padding → token vectors [N, T, width], unit vectors [N, shared] of the text alone."""
        mask = (tokens != 0).long()
        states = self.text(input_ids=tokens, attention_mask=mask).last_hidden_state
        return states, F.normalize(self.text_shared(states[:, 0]), dim=-1)

    def forward(self, images: Tensor, tokens: Tensor) -> Encoded:
        """One pass for everything that is not a sentence. An empty text is [CLS] [SEP], never nothing."""
        grid, pooled = self.encode_image(images)
        words, _ = self.encode_text(tokens)
        photo = torch.cat([self.pooled_to_width(pooled)[:, None], self.grid_to_width(grid)], 1)
        sequence = torch.cat([photo, words], 1)  # F = [F_I ; F_T]
        cells, length = photo.shape[1], words.shape[1]
        device = images.device
        places = torch.cat([torch.arange(cells), GRID_POSITIONS + 1 + torch.arange(length)]).to(device)
        kinds = torch.cat([torch.zeros(cells), torch.ones(length)]).long().to(device)
        mask = torch.cat([torch.ones(len(images), cells, device=device), (tokens != 0).float()], 1)
        fused = self.fusion(
            inputs_embeds=sequence,
            attention_mask=mask,
            position_ids=places[None],
            token_type_ids=kinds[None].expand(len(images), -1),
        ).last_hidden_state
        return Encoded(pooled, F.normalize(self.image_shared(pooled), dim=-1), fused, mask, words[:, 0])

    def labels(self, encoded: Encoded) -> tuple[dict[str, Tensor], Tensor]:
        """Logits of every label set [N, labels] and of "does this question apply?" [N, sets] (sets in order)."""
        pooled, fused = self.dropout(encoded.pooled), self.dropout(encoded.fused[:, 0])
        logits = {s: self.image_heads[s](pooled) + self.fused_heads[s](fused) for s in self.config.label_sets}
        return logits, self.image_gate(pooled) + self.fused_gate(fused)

    def told(self, states: Tensor) -> dict[str, Tensor]:
        """``Encoded.told`` [N, width] → by words alone, log-probabilities [N, labels] of the sets in ``SPOKEN``."""
        return {s: head(self.dropout(states)).float().log_softmax(-1) for s, head in self.text_heads.items()}

    def words(self, encoded: Encoded, tokens: Tensor) -> Tensor:
        """Caption tokens so far [N, T] → logits of the next token at each place [N, T, vocabulary]."""
        logits: Tensor = self.decoder(
            input_ids=tokens,
            attention_mask=(tokens != 0).long(),
            encoder_hidden_states=encoded.fused,
            encoder_attention_mask=encoded.mask,
            use_cache=False,
        ).logits
        return logits

    def pair_logits(self, image_vectors: Tensor, text_vectors: Tensor) -> Tensor:
        """[N, M]: how well each photo and each text belong together (SigLIP's logits)."""
        return image_vectors @ text_vectors.T * self.pair_scale.exp() + self.pair_bias


def image_encoder(name: str) -> tuple[nn.Module, int]:
    """A torchvision ResNet without its last two layers, and its number of channels.

    torchvision is imported here, not at the top: with a torch of another build it fails at import, and reports,
    clients and command lines should still load.
    """
    import torchvision

    if not name.startswith(("resnet", "resnext", "wide_resnet")):
        raise ValueError(f"{name!r} is not a ResNet of torchvision; use resnet18 or resnet50")
    # zero_init_residual: every block starts as the identity, which matters for short schedules from scratch.
    net = torchvision.models.get_model(name, weights=None, zero_init_residual=True)
    return nn.Sequential(*list(net.children())[:-2]), int(net.fc.in_features)
