"""How a customer feels, from their words: one small head on the multilingual sentence encoder, which says when it is
not sure. Never told to the customer.

``mood.npz`` has its numbers and ``mood.json`` its card; ``benchmarks/mood.py --train`` makes both.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from dialogue.encode import Encoders, Floats, RememberingEncoder

log = logging.getLogger(__name__)

Mood = Literal["negative", "neutral", "positive"]
MOODS: tuple[Mood, ...] = get_args(Mood)
WEIGHTS = Path(__file__).with_name("mood.npz")
LETTERS = 3  # fewer say nothing of how somebody feels
LOOKED_AT = 600  # characters


@dataclass(frozen=True, slots=True)
class Felt:
    """``mood`` is None where it is not sure."""

    mood: Mood | None = None
    score: float = 0.0  # chance of positive less chance of negative: -1 to 1


@dataclass(frozen=True, slots=True)
class MoodReader:
    encoder: RememberingEncoder
    weights: Floats  # [D, 3]
    bias: Floats  # [3]
    floor: float  # the least chance that is stated

    @classmethod
    def load(cls, encoders: Encoders | None, weights: Path = WEIGHTS) -> MoodReader | None:
        """None where there is no encoder, or another than the one that the head was made for."""
        card = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
        if encoders is None or encoders.wide.name != card["encoder"]:
            log.info("no mood is read: the head was made for the encoder %s", card["encoder"])
            return None
        with np.load(weights, allow_pickle=False) as file:
            found = {name: file[name].astype(np.float32) for name in ("weights", "bias")}
        return cls(encoders.wide, found["weights"], found["bias"], float(card["floor"]))

    def read(self, text: str, language: str) -> Felt:
        """``language`` of the text, "" where it is not known. One that the encoder does not know says nothing."""
        text = text[:LOOKED_AT]
        known = self.encoder.languages is None or (language or "en") in self.encoder.languages
        if not known or sum(letter.isalpha() for letter in text) < LETTERS:
            return Felt()
        chances = self.chances(self.encoder.encode([text]))[0]
        best = int(chances.argmax())
        score = round(float(chances[2] - chances[0]), 4)
        return Felt(MOODS[best] if chances[best] >= self.floor else None, score)

    def chances(self, vectors: Floats) -> Floats:
        """[N, D] -> [N, 3]: of MOODS, in that order."""
        scores = vectors @ self.weights + self.bias
        odds = np.exp(scores - scores.max(1, keepdims=True))
        chances: Floats = odds / odds.sum(1, keepdims=True)
        return chances
