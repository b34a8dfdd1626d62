"""Whether a question names nothing of its own: "how long does it keep?", "Kann man sie einfrieren?", "¿Cuánto dura?".

Pronouns do not tell: many languages leave them out, in others they are articles, too. So a line through the sentence
encoder's space is fitted on pairs, one question with a thing of its own and one without (``lexicon/going_on.txt``).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dialogue.encode import Floats, RememberingEncoder
from dialogue.text import LEXICON, lines_of

PAIRS = LEXICON / "going_on.txt"
RIDGE = 0.2  # how much the fit is held back: with each line left out in turn, 98 of 100 are heard, 5 of 100 others too
LONGEST = 100  # characters: who writes more says what it is about


class GoingOn:
    def __init__(self, encoder: RememberingEncoder, pairs: Path = PAIRS) -> None:
        """``pairs``: a file with lines "names nothing | names something"; the first half may be missing."""
        self._encoder = encoder
        halves = [line.partition("|") for line in lines_of(pairs)]
        texts = {one.strip(): 1.0 for one, _, _ in halves if one.strip()} | {own.strip(): -1.0 for _, _, own in halves}
        known = _with_one(encoder.encode_articles(list(texts)))
        kernel = known @ known.T + np.float32(RIDGE) * np.eye(len(known), dtype=np.float32)
        self._line = known.T @ np.linalg.solve(kernel, np.array(list(texts.values()), np.float32))

    def __call__(self, text: str, language: str) -> bool:
        """False for what is long, and in a language that the encoder does not know."""
        known = self._encoder.languages is None or language in self._encoder.languages
        if not known or not text.strip() or len(text) > LONGEST:
            return False
        return float(_with_one(self._encoder.encode([text]))[0] @ self._line) > 0


def _with_one(vectors: Floats) -> Floats:
    """[N, D] → [N, D + 1]: the line need not go through the middle."""
    return np.concatenate([vectors, np.ones((len(vectors), 1), np.float32)], axis=1)
