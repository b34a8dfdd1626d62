"""Against the Python classes that published numbers come from, and properties that hold for any numbers."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nst

from vision.training import metrics

VOCABULARY = [
    "a",
    "the",
    "dog",
    "cat",
    "runs",
    "sleeps",
    "on",
    "grass",
    "red",
    "ball",
    "man's",
    "in",
    "sun",
    "jumps",
    "over",
    "two",
]


def sentences(n: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(VOCABULARY, k=chance.randint(5, 14))) for _ in range(n)]


@pytest.fixture
def references() -> list[list[str]]:
    drawn = sentences(60, 1)
    return [drawn[at * 3 : at * 3 + 3] for at in range(20)]


@pytest.fixture
def said(references: list[list[str]]) -> list[str]:
    """Half of each is a reference, so that every n-gram occurs."""
    fresh = sentences(20, 2)
    return [" ".join(r[0].split()[:7] + f.split()[:4]) for r, f in zip(references, fresh, strict=True)]


def as_coco(said: list[str], references: list[list[str]]) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """The reference classes split at spaces: they are given our words."""
    return (
        {at: [" ".join(metrics.words(r)) for r in rs] for at, rs in enumerate(references)},
        {at: [" ".join(metrics.words(s))] for at, s in enumerate(said)},
    )


class TestCider:
    def test_as_the_reference(self, said: list[str], references: list[list[str]]) -> None:
        from pycocoevalcap.cider.cider import Cider

        mean, each = Cider().compute_score(*as_coco(said, references))
        ours = metrics.Cider(references)
        assert ours.mean(said) == pytest.approx(mean, rel=1e-6)
        assert [ours.score(at, s) for at, s in enumerate(said)] == pytest.approx(list(each), rel=1e-6, abs=1e-9)

    def test_a_reference_said_back_beats_everything(self, references: list[list[str]]) -> None:
        ours = metrics.Cider([[r[0]] for r in references])
        assert ours.mean([r[0] for r in references]) == pytest.approx(10)

    @pytest.mark.parametrize("sentence", ["", "...", "zebra quilt", "a"])
    def test_odd_sentences(self, references: list[list[str]], sentence: str) -> None:
        assert 0 <= metrics.Cider(references).mean([sentence] * 20) < 1

    def test_punctuation_and_case_do_not_count(self, references: list[list[str]]) -> None:
        ours = metrics.Cider(references)
        plain = references[0][0]
        assert ours.score(0, plain.upper() + " .") == ours.score(0, plain)

    def test_the_best_constant_is_a_reference_and_the_best(self, references: list[list[str]]) -> None:
        ours = metrics.Cider(references)
        sentence, score = ours.best_constant(tried=1000)
        everything = [r for rs in references for r in rs]
        assert sentence in everything
        assert score == pytest.approx(ours.mean([sentence] * 20))
        assert score == pytest.approx(max(ours.mean([r] * 20) for r in everything))
        assert ours.best_constant()[1] <= score

    def test_the_short_way_to_the_best_constant(self) -> None:
        """Only the sentences near the mean are tried; a sentence that half of the photos have is one."""
        references = [["a red ball on grass", s] if at % 2 else [s] for at, s in enumerate(sentences(60, 3))]
        ours = metrics.Cider(references)
        assert ours.best_constant(tried=5)[0] == "a red ball on grass"


class TestBleu:
    def test_as_the_reference(self, said: list[str], references: list[list[str]]) -> None:
        from pycocoevalcap.bleu.bleu import Bleu

        scores, _ = Bleu(4).compute_score(*as_coco(said, references), verbose=0)
        assert metrics.bleu4(said, references) == pytest.approx(scores[3], rel=1e-6)

    @pytest.mark.parametrize("keep", [4, 30])
    def test_shorter_and_longer(self, said: list[str], references: list[list[str]], keep: int) -> None:
        from pycocoevalcap.bleu.bleu import Bleu

        cut = [" ".join((s + " " + s + " " + s).split()[:keep]) for s in said]
        scores, _ = Bleu(4).compute_score(*as_coco(cut, references), verbose=0)
        assert metrics.bleu4(cut, references) == pytest.approx(scores[3], rel=1e-6)

    def test_bounds(self, references: list[list[str]]) -> None:
        assert metrics.bleu4([r[0] for r in references], references) == pytest.approx(1)
        assert metrics.bleu4([""] * 20, references) == 0
        assert metrics.bleu4(["zebra quilt"] * 20, references) == 0


class TestRecall:
    def test_by_hand(self) -> None:
        scores = np.array([[0.9, 0.1, 0.5], [0.2, 0.3, 0.4]])
        relevant = np.array([[False, False, True], [True, False, False]])
        assert [metrics.found_at(scores, relevant, k).mean() for k in (1, 2, 3, 10)] == [0, 0.5, 1, 1]

    @given(nst.arrays(float, (4, 6), elements=st.floats(-1, 1)), st.integers(1, 6))
    def test_more_is_never_less(self, scores: metrics.Array, k: int) -> None:
        relevant = np.eye(4, 6, dtype=bool)
        assert 0 <= metrics.found_at(scores, relevant, k).mean() <= metrics.found_at(scores, relevant, 6).mean() == 1


class TestMacroF1:
    def test_by_hand(self) -> None:
        # 0: one of two found, one guess of two right: 0.5; 1: found, and guessed once too often: 2/3; 2 never occurs
        guess, target = np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1])
        assert metrics.macro_f1(guess, target) == pytest.approx((2 / 3 + 0.5) / 2)

    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1))
    def test_bounds(self, pairs: list[tuple[int, int]]) -> None:
        guess, target = np.array(pairs).T
        score = metrics.macro_f1(guess, target)
        assert 0 <= score <= 1
        assert (score == 1) == (guess == target).all()


CONFIDENCES = nst.arrays(float, st.integers(1, 60), elements=st.floats(0, 1))


class TestCalibrationError:
    @given(CONFIDENCES, st.randoms(use_true_random=False), st.integers(1, 20))
    def test_bounds(self, confidence: metrics.Array, chance: random.Random, bins: int) -> None:
        right = np.array([chance.random() < 0.5 for _ in confidence])
        error = metrics.calibration_error(confidence, right, bins)
        assert 0 <= error <= 1
        assert error >= abs(confidence.mean() - right.mean()) - 1e-9  # finer bins only see more
        assert error <= np.abs(confidence - right).mean() + 1e-9

    @given(CONFIDENCES)
    def test_sure_and_right_or_sure_and_wrong(self, confidence: metrics.Array) -> None:
        n = len(confidence)
        assert metrics.calibration_error(np.ones(n), np.ones(n, bool)) == 0
        assert metrics.calibration_error(np.ones(n), np.zeros(n, bool)) == 1

    def test_one_bin_by_hand(self) -> None:
        assert metrics.calibration_error(np.array([0.6, 0.8]), np.array([True, False]), 1) == pytest.approx(0.2)

    @settings(max_examples=10)
    @given(CONFIDENCES)
    def test_perfect_is_small_and_always_the_same(self, confidence: metrics.Array) -> None:
        perfect = metrics.calibration_error_of_perfect(confidence)
        assert 0 <= perfect <= 0.5 + 1e-9
        assert perfect == metrics.calibration_error_of_perfect(confidence)

    def test_more_photos_bring_perfect_nearer_to_zero(self) -> None:
        chance = np.random.default_rng(0)
        few, many = chance.random(50), chance.random(5000)
        assert metrics.calibration_error_of_perfect(many) < metrics.calibration_error_of_perfect(few) / 3
