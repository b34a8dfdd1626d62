"""Words of other languages beside the shop's own: the nearest in the multilingual encoder's space.

"Lieferung", "доставка" and "توصيل" lie beside "delivery" there, one word as well as a sentence. So a question in a
language without articles is looked up word by word, too, and not only as a whole.
"""

from __future__ import annotations

import numpy as np

from dialogue.encode import Floats, RememberingEncoder
from dialogue.search import Knowledge

MEANINGS = 3  # words of ours that one word may mean
ALIKE = 0.5  # cosine from which on it does
MOST = 5_000  # words of ours: of a large shop those that most passages have
SAID = 60  # words of a question that are looked up


class Wordbook:
    def __init__(self, knowledge: Knowledge, encoder: RememberingEncoder, *, itself: bool = True) -> None:
        """``itself=False``: no word stands for itself, as if every question were in another language."""
        self._knowledge, self._encoder, self._itself = knowledge, encoder, itself
        # The words without a topic are there to be met: else "ich" and "の" would mean something.
        self._words = sorted(knowledge.words.stop.union(knowledge.own_words(MOST)))
        self._vectors = encoder.encode_articles(self._words)

    def scores(self, question: str) -> Floats:
        """[articles] how well each one's best passage fits, 0..1, as ``Knowledge.by_article`` has them."""
        said = list(dict.fromkeys(self._knowledge.words.raw(question)))[:SAID]
        said = [word for word in said if not any(letter.isdigit() for letter in word)]
        if not said:
            return np.zeros(len(self._knowledge.articles), np.float32)
        cosines = self._encoder.encode(said) @ self._vectors.T
        return self._knowledge.by_meanings([self._meanings(*one) for one in zip(said, cosines, strict=True)])

    def _meanings(self, word: str, cosines: Floats) -> dict[str, float]:
        """The words of ours that ``word`` may mean, the likeliest first, 0..1."""
        stem = self._knowledge.words.stem
        if not self._itself:
            cosines = np.where([stem(word) == stem(other) for other in self._words], -1.0, cosines)
        nearest = np.argsort(-cosines, kind="stable")[:MEANINGS]
        return {self._words[n]: float(min(1.0, cosines[n])) for n in nearest if cosines[n] >= ALIKE}
