"""Caption and label scores without Java: CIDEr-D, BLEU-4, recall, F1, calibration error.

Tested against pycocoevalcap's Python classes. Words are lower case and without punctuation (a regular expression in
the manner of the Penn Treebank tokenizer that the published numbers use).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Gram = tuple[str, ...]
Vector = tuple[list[dict[Gram, float]], list[float], int]  # tf-idf by n-gram length, norms, length in bigrams
WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
N = 4


def words(sentence: str) -> list[str]:
    return WORD.findall(sentence.lower())


def grams(tokens: Sequence[str]) -> Counter[Gram]:
    return Counter(tuple(tokens[i : i + n]) for n in range(1, N + 1) for i in range(len(tokens) - n + 1))


class Cider:
    """CIDEr-D (Vedantam et al. 2015), document frequencies from the references given. 1.0 is what papers write 100."""

    def __init__(self, references: Sequence[Sequence[str]], sigma: float = 6.0) -> None:
        self.sigma, self.sentences = sigma, references
        counted = [[grams(words(r)) for r in rs] for rs in references]
        self.frequency = Counter(g for rs in counted for g in {g for r in rs for g in r})
        self.log_photos = math.log(max(len(references), 1))
        self.references = [[self._vector(r) for r in rs] for rs in counted]

    def _vector(self, counts: Counter[Gram]) -> Vector:
        by_length: list[dict[Gram, float]] = [{} for _ in range(N)]
        for gram, count in counts.items():
            weight = self.log_photos - math.log(max(1, self.frequency[gram]))
            by_length[len(gram) - 1][gram] = count * weight
        norms = [math.sqrt(sum(v * v for v in part.values())) for part in by_length]
        # pycocoevalcap measures length in bigrams; kept, so that the numbers compare.
        return by_length, norms, sum(c for g, c in counts.items() if len(g) == 2)

    def score(self, at: int, sentence: str) -> float:
        """Of one sentence against the references of photo ``at``."""
        mine, my_norms, my_length = self._vector(grams(words(sentence)))
        total = 0.0
        for theirs, their_norms, their_length in self.references[at]:
            penalty = math.exp(-((my_length - their_length) ** 2) / (2 * self.sigma**2))
            for n in range(N):
                if my_norms[n] and their_norms[n]:
                    product = sum(min(v, theirs[n].get(g, 0.0)) * theirs[n].get(g, 0.0) for g, v in mine[n].items())
                    total += product / (my_norms[n] * their_norms[n]) * penalty
        return 10 * total / N / max(len(self.references[at]), 1)

    def mean(self, sentences: Sequence[str]) -> float:
        return float(self.each(sentences).mean())

    def each(self, sentences: Sequence[str]) -> Array:
        """[N]: one sentence a photo."""
        return np.array([self.score(at, sentence) for at, sentence in enumerate(sentences)])

    def best_constant(self, tried: int = 40) -> tuple[str, float]:
        """The one reference sentence that scores best when said of every photo: what a blind model would reach.

        Every photo counts; of the sentences, only the ``tried`` nearest to the mean reference vector are scored.
        """
        mean: Counter[Gram] = Counter()
        for vector in (r for rs in self.references for r in rs):
            mean.update(dict(self._unit(vector)))
        flat = [
            (s, r) for ss, rs in zip(self.sentences, self.references, strict=True) for s, r in zip(ss, rs, strict=True)
        ]
        flat.sort(key=lambda pair: sum(v * mean[g] for g, v in self._unit(pair[1])), reverse=True)
        return max(((s, self.mean([s] * len(self.references))) for s, _ in flat[:tried]), key=lambda pair: pair[1])

    @staticmethod
    def _unit(vector: Vector) -> list[tuple[Gram, float]]:
        by_length, norms, _ = vector
        return [(g, v / (norms[n] or 1.0)) for n, part in enumerate(by_length) for g, v in part.items()]


def bleu4(sentences: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus BLEU-4 with the closest reference's length (Papineni et al. 2002)."""
    right, tried, mine, theirs = [0] * N, [0] * N, 0, 0
    for sentence, rs in zip(sentences, references, strict=True):
        said, known = words(sentence), [words(r) for r in rs]
        mine += len(said)
        theirs += min((abs(len(r) - len(said)), len(r)) for r in known)[1]
        most: Counter[Gram] = Counter()
        for r in known:
            most |= grams(r)
        for gram, count in grams(said).items():
            tried[len(gram) - 1] += count
            right[len(gram) - 1] += min(count, most[gram])
    if not all(right):
        return 0.0
    brevity = min(0.0, 1 - theirs / max(mine, 1))
    return math.exp(brevity + sum(math.log(r / t) for r, t in zip(right, tried, strict=True)) / N)


def found_at(scores: Array, relevant: npt.NDArray[np.bool_], k: int) -> npt.NDArray[np.bool_]:
    """[N]: rows with a relevant column among their ``k`` best (its mean: recall at k); both arguments [N, M]."""
    best = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
    return np.asarray(np.take_along_axis(relevant, best, 1).any(1))


def macro_f1(predicted: npt.NDArray[np.int64], target: npt.NDArray[np.int64]) -> float:
    """Mean F1 over the classes that occur in ``target``."""
    most = int(max(predicted.max(), target.max())) + 1
    hits, said, true = (np.bincount(a, minlength=most) for a in (target[predicted == target], predicted, target))
    there = true > 0
    return float((2 * hits[there] / (said + true)[there]).mean())


def interval(score: Callable[[npt.NDArray[np.int64]], float], rows: int, draws: int = 1000) -> list[float]:
    """The 95 % interval of ``score`` of row numbers [N], by the bootstrap over rows (Efron 1979)."""
    chance = np.random.default_rng(0)
    scores = [score(chance.integers(0, rows, rows)) for _ in range(draws)]
    return [round(float(edge), 4) for edge in np.percentile(scores, (2.5, 97.5))]


def calibration_error(confidence: Array, right: npt.NDArray[np.bool_], bins: int = 15) -> float:
    """ECE with ``bins`` of equal mass (Nguyen & O'Connor 2015): mean |confidence − accuracy|, weighted by size."""
    order = confidence.argsort()
    parts = np.array_split(order, min(bins, len(order)))
    return float(sum(abs(confidence[p].mean() - right[p].mean()) * len(p) for p in parts) / max(len(order), 1))


def calibration_error_of_perfect(confidence: Array, bins: int = 15, draws: int = 200) -> float:
    """The ECE that a perfectly calibrated model of this size shows by chance: what "zero" looks like here."""
    chance = np.random.default_rng(0)
    return float(np.mean([
        calibration_error(confidence, chance.random(len(confidence)) < confidence, bins) for _ in range(draws)
    ]))  # fmt: skip
