"""Differential privacy: the budget is kept, or refused in a sentence; and an attacker gains nothing from the head."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vision.training import heads
from vision.training.budget import Budget, PrivacyError
from vision.training.heads import Examples, Weights

pytest.importorskip("opacus", reason="opacus is not installed: pip install '.[private]'")

from vision.training import private

LABELS, WIDTH = 4, 120


def examples(count: int, seed: int) -> Examples:
    """Labels by chance: what a head says rightly of these it knows by heart."""
    chance = np.random.default_rng(seed)
    looks = chance.normal(size=(count, WIDTH))
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    return Examples(looks, np.zeros((count, LABELS)), np.zeros(count), np.arange(count) % LABELS)


def gain(weights: Weights, inside: Examples, outside: Examples) -> float:
    """Of an attacker who calls low losses members (Yeom et al. 2018): the area under the ROC curve; 0.5 is chance."""
    mine, others = (losses(weights, rows) for rows in (inside, outside))
    return float((mine[:, None] < others[None]).mean())


def losses(weights: Weights, rows: Examples) -> Any:
    logits = heads.said(weights, rows)[0]
    logits = logits - logits.max(1, keepdims=True)
    return np.log(np.exp(logits).sum(1)) - logits[np.arange(len(logits)), rows.target]


class TestBudget:
    def test_what_was_spent_is_within_what_was_asked(self) -> None:
        _, about = private.fit_private(examples(400, 1), examples(80, 2), Budget(3), seed=1)
        assert 2.5 < about["epsilon"] <= 3
        assert 0 < about["delta"] < 1 / 400
        assert about["noise"] > 1

    def test_less_epsilon_is_more_noise(self) -> None:
        delta = private.delta_of(400)
        assert private.noise_for(Budget(1), delta) > 2 * private.noise_for(Budget(3), delta)

    def test_too_few_pictures_are_refused_with_how_many_are_needed(self) -> None:
        with pytest.raises(PrivacyError, match=r"epsilon 1 cannot be kept with 5 pictures .* Take \d+ of each"):
            private.fit_private(examples(5 * LABELS, 1), examples(80, 2), Budget(1))

    def test_an_epsilon_for_which_no_noise_is_enough(self) -> None:
        with pytest.raises(PrivacyError, match="no noise is enough"):
            private.noise_for(Budget(1e-6), 1e-5)

    @pytest.mark.parametrize("epsilon", [0, -1, 1000, float("nan")])
    def test_no_budget(self, epsilon: float) -> None:
        with pytest.raises(PrivacyError, match="above 0"):
            Budget(epsilon)


def test_whose_picture_was_learnt_shows_without_privacy_and_not_with_it() -> None:
    inside, outside, public = examples(160, 1), examples(160, 2), examples(80, 3)
    by_heart = heads.fit(inside, decay=1e-5, steps=400)
    assert gain(by_heart, inside, outside) > 0.8
    # Epsilon 1: the noise of all steps together is about three clips, and the best attacker has about 0.6.
    private_one, _ = private.fit_private(inside, public, Budget(1), seed=1)
    assert abs(gain(private_one, inside, outside) - 0.5) < 0.15
