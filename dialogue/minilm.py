"""all-MiniLM-L6-v2 in numpy: English sentences to vectors, without torch.

BERT with six layers of width 384 (Reimers, Gurevych 2019; Wang et al. 2020; Apache-2.0). ``sentences/minilm.npz`` holds
the published weights as 8-bit integers with one scale a row, made by ``benchmarks/pack_minilm.py``: the vectors keep a
cosine of 0.9995 with the original's, at a quarter of the size.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "sentences"
WIDTH, LAYERS, HEADS = 384, 6, 12
TOKENS = 128  # of a text that are read; the model was trained on no more
_WORD = 100  # letters: what is longer is no word
_CLS, _SEP, _UNKNOWN = 101, 102, 100
_PIECE = re.compile(r"[^\W_]+|[^\s\w]|_")

Floats = NDArray[np.float32]


class WordPieces:
    """BERT's uncased word pieces: lower case, no accents, punctuation and Chinese characters alone."""

    def __init__(self, vocabulary: Path) -> None:
        lines = vocabulary.read_text(encoding="utf-8").split("\n")
        self._numbers = {piece: number for number, piece in enumerate(lines)}
        self._cut = lru_cache(20_000)(self._cut_uncached)

    def __call__(self, text: str) -> list[int]:
        pieces = [number for word in _words(text) for number in self._cut(word)]
        return [_CLS, *pieces[: TOKENS - 2], _SEP]

    def _cut_uncached(self, word: str) -> tuple[int, ...]:
        """The longest known piece first; a word that cannot be cut is unknown as a whole."""
        found: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                number = self._numbers.get(("##" if start else "") + word[start:end])
                if number is not None:
                    break
            else:
                return (_UNKNOWN,)
            found.append(number)
            start = end
        return tuple(found) if len(word) <= _WORD else (_UNKNOWN,)


class MiniLM:
    """``encode(texts)``: [N] texts → [N, 384] float32, each of length 1."""

    name = "minilm-int8"
    languages = frozenset({"en"})

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises OSError where the files are missing."""
        self._pieces = WordPieces(folder / "vocabulary.txt")
        with np.load(folder / "minilm.npz", allow_pickle=False) as packed:
            stored = {name: packed[name] for name in packed.files}
        self._words, self._word_scales = stored["words"], stored["words.scale"].astype(np.float32)
        self._places, self._first = stored["places"], (stored["first.g"], stored["first.b"])
        self._layers = [_layer(stored, number) for number in range(LAYERS)]

    def encode(self, texts: Sequence[str]) -> Floats:
        vectors = np.empty((len(texts), WIDTH), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._vector(self._pieces(text))
        return vectors

    def _vector(self, ids: list[int]) -> Floats:
        count = len(ids)
        said = self._words[ids].astype(np.float32) * self._word_scales[ids]
        x = _norm(said + self._places[:count], *self._first)  # [T, 384]
        for layer in self._layers:
            x = layer(x)
        mean: Floats = x.mean(0)
        return mean / np.linalg.norm(mean)


class _Layer:
    """One block: attention, then the feed-forward part, each added and normed. Matrices are [in, out]."""

    def __init__(self, **weights: Floats) -> None:
        self._w = weights

    def __call__(self, x: Floats) -> Floats:
        w, count = self._w, len(x)
        heads = (x @ w["qkv"] + w["qkv.b"]).reshape(count, 3, HEADS, -1).transpose(1, 2, 0, 3)  # [3, H, T, 32]
        weights = heads[0] @ heads[1].transpose(0, 2, 1)  # [H, T, T]
        np.exp(weights - weights.max(-1, keepdims=True), out=weights)
        weights /= weights.sum(-1, keepdims=True)
        context = (weights @ heads[2]).transpose(1, 0, 2).reshape(count, WIDTH)
        x = _norm(x + context @ w["out"] + w["out.b"], w["norm1.g"], w["norm1.b"])
        inner = _gelu(x @ w["up"] + w["up.b"])
        return _norm(x + inner @ w["down"] + w["down.b"], w["norm2.g"], w["norm2.b"])


def _layer(stored: dict[str, Any], number: int) -> _Layer:
    weights: dict[str, Floats] = {}
    for name in ("qkv", "out", "up", "down"):
        matrix = stored[f"{number}.{name}"].astype(np.float32) * stored[f"{number}.{name}.scale"].astype(np.float32)
        weights[name] = np.ascontiguousarray(matrix.T)
        weights[f"{name}.b"] = stored[f"{number}.{name}.b"]
    for name in ("norm1.g", "norm1.b", "norm2.g", "norm2.b"):
        weights[name] = stored[f"{number}.{name}"]
    scale = np.float32(1 / math.sqrt(WIDTH / HEADS))  # of the attention: put into the questions
    weights["qkv"][:, :WIDTH] *= scale
    weights["qkv.b"] = np.concatenate([weights["qkv.b"][:WIDTH] * scale, weights["qkv.b"][WIDTH:]])
    return _Layer(**weights)


def _norm(x: Floats, gain: Floats, bias: Floats) -> Floats:
    x = x - x.mean(-1, keepdims=True)
    normed: Floats = x / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(1e-12)) * gain + bias
    return normed


def _gelu(x: Floats) -> Floats:
    """x·Φ(x), with erf by formula 7.1.26 of Abramowitz and Stegun (error below 1.5e-7): numpy has none."""
    z = np.abs(x)
    z *= np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    fit = np.float32(1.061405429) * t
    for term in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):  # in place: this is a third of a text's time
        fit += np.float32(term)
        fit *= t
    z *= z
    fit *= np.exp(np.negative(z, out=z), out=z)
    fit *= np.float32(0.5)  # half of what erf lacks to 1
    out: Floats = np.maximum(x, 0)
    out -= np.abs(x) * fit
    return out


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFD", text.lower())
    spaced = "".join(f" {c} " if _chinese(c) else c for c in folded if unicodedata.category(c) != "Mn")
    return _PIECE.findall(spaced)


def _chinese(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf" or "\uf900" <= letter <= "\ufaff"
