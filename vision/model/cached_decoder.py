"""The caption decoder, one word at a time: what it already worked out about the photo and the words so far is kept.

The same numbers as ``FusedModel.words`` over the whole beginning (tested), without reading it again for every word: the
photo's keys and values are computed once and shared by its beams, those of the words lie in buffers of one fixed size
(Vaswani et al. 2017; the cache as in Pope et al. 2022).
"""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F
from torch import Tensor

from vision.model.network import FusedModel


class Steps:
    def __init__(self, model: FusedModel, memory: Tensor, beams: int) -> None:
        """``memory`` [N, h·w, decoder_width] of N photos, each with ``beams`` sentences in the making."""
        decoder: Any = model.decoder
        bert = decoder.bert
        self.embeddings, self.layers, self.to_words = bert.embeddings, bert.encoder.layer, decoder.cls
        self.beams, self.heads = beams, model.config.heads
        photos, rows = len(memory), len(memory) * beams
        self.photo = [
            tuple(self._split(project(memory), photos) for project in (part.key, part.value))
            for part in (layer.crossattention.self for layer in self.layers)
        ]
        size = (rows, self.heads, model.config.caption_length, model.config.decoder_width // self.heads)
        self.words = [(memory.new_zeros(size), memory.new_zeros(size)) for _ in self.layers]
        self.place = 0

    def _split(self, x: Tensor, groups: int) -> Tensor:
        """[…, width] → [groups, heads, length, width / heads]"""
        return x.view(groups, -1, self.heads, x.shape[-1] // self.heads).transpose(1, 2)

    def __call__(self, words: Tensor) -> Tensor:
        """The newest word [R] of each row → logits of the next one [R, vocabulary]."""
        e = self.embeddings
        x = e.word_embeddings(words) + e.token_type_embeddings.weight[0] + e.position_embeddings.weight[self.place]
        x = e.LayerNorm(x)
        for number, layer in enumerate(self.layers):
            x = self._among_words(layer.attention, number, x)
            x = self._over_photo(layer.crossattention, number, x)
            x = layer.feed_forward_chunk(x)
        self.place += 1
        logits: Tensor = self.to_words(x)
        return logits

    def keep(self, rows: Tensor) -> None:
        """Go on with these rows [R] (one may have several successors, another none)."""
        for keys, values in self.words:
            for kept in (keys, values):
                kept[:, :, : self.place] = kept[rows, :, : self.place]

    def _among_words(self, part: Any, number: int, x: Tensor) -> Tensor:
        keys, values = self.words[number]
        attention, end = part.self, self.place + 1
        keys[:, :, self.place] = self._split(attention.key(x), len(x))[:, :, 0]
        values[:, :, self.place] = self._split(attention.value(x), len(x))[:, :, 0]
        asked = self._split(attention.query(x), len(x))
        found = F.scaled_dot_product_attention(asked, keys[:, :, :end], values[:, :, :end])
        return self._joined(part, found, x)

    def _over_photo(self, part: Any, number: int, x: Tensor) -> Tensor:
        keys, values = self.photo[number]  # a photo's beams ask as if they were one sentence
        asked = self._split(part.self.query(x), len(x) // self.beams)
        return self._joined(part, F.scaled_dot_product_attention(asked, keys, values), x)

    def _joined(self, part: Any, found: Tensor, x: Tensor) -> Tensor:
        out: Tensor = part.output(found.transpose(1, 2).reshape(len(x), -1), x)
        return out
