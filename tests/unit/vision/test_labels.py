from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.model import labels
from vision.model.labels import Calibration, fit, read, sigmoid, softmax

NAMES = ["apple", "milk", "pear"]
SURE, UNSURE = np.array([5.0, 0, 0]), np.array([0.2, 0.1, 0])


def drawn(temperature: float, n: int = 3000, classes: int = 5) -> tuple[labels.Array, np.ndarray]:
    """Logits that are ``temperature`` times too large for how often they are right."""
    chance = np.random.default_rng(1)
    honest = chance.normal(0, 2, (n, classes))
    p = softmax(honest, 1)
    target = (p.cumsum(1) < chance.random((n, 1))).sum(1).clip(max=classes - 1)
    return honest * temperature, target


def gates(temperature: float = 1.0, n: int = 3000) -> tuple[labels.Array, np.ndarray]:
    chance = np.random.default_rng(2)
    honest = chance.normal(0, 3, n)
    return honest * temperature, chance.random(n) < sigmoid(honest, 1)


class TestRead:
    def test_sure(self) -> None:
        found = read(NAMES, SURE, 4.0, Calibration())
        assert found.stated == "apple"
        assert found.applies == pytest.approx(sigmoid(np.array(4.0), 1), abs=1e-4)
        assert found.top[0].name == "apple"

    def test_not_sure_is_a_result(self) -> None:
        found = read(NAMES, UNSURE, 4.0, Calibration())
        assert found.stated is None
        assert found.top[0].name == "apple"

    def test_does_not_apply(self) -> None:
        found = read(NAMES, SURE, -4.0, Calibration())
        assert found.stated is None
        assert found.applies < 0.05

    def test_floors(self) -> None:
        p = float(softmax(SURE, 1)[0])
        assert read(NAMES, SURE, 4.0, Calibration(floor=p - 0.001)).stated == "apple"
        assert read(NAMES, SURE, 4.0, Calibration(floor=p + 0.001)).stated is None
        assert read(NAMES, SURE, 1.0, Calibration(gate_floor=0.9)).stated is None
        assert read(NAMES, SURE, 1.0, Calibration(gate_floor=0.7)).stated == "apple"

    def test_a_temperature_makes_it_less_sure_of_the_same(self) -> None:
        warm = read(NAMES, SURE, 4.0, Calibration(temperature=6))
        assert warm.top[0].name == "apple"
        assert warm.stated is None

    def test_the_five_best(self) -> None:
        found = read([str(n) for n in range(9)], np.arange(9.0), 4.0, Calibration())
        assert [label.name for label in found.top] == ["8", "7", "6", "5", "4"]

    @given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8), st.floats(-1e6, 1e6), st.floats(0.25, 4))
    def test_always_probabilities(self, logits: list[float], gate: float, temperature: float) -> None:
        names = [str(n) for n in range(len(logits))]
        found = read(names, np.array(logits), gate, Calibration(temperature=temperature))  # pydantic checks 0..1
        assert sum(label.probability for label in found.top) <= 1.001
        assert list(found.top) == sorted(found.top, key=lambda label: -label.probability)


class TestFit:
    @pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 3.0])
    def test_finds_the_temperature(self, temperature: float) -> None:
        logits, target = drawn(temperature)
        g, applies = gates(temperature)
        found = fit(logits, target, g, applies, 0.85)
        assert found.temperature == pytest.approx(temperature, rel=0.12)
        assert found.gate_temperature == pytest.approx(temperature, rel=0.15)

    @pytest.mark.parametrize("precision", [0.5, 0.85, 0.95])
    def test_what_is_said_is_as_right_as_promised(self, precision: float) -> None:
        logits, target = drawn(2.0)
        found = fit(logits, target, *gates(), precision)
        p = softmax(logits, found.temperature)
        said = p.max(1) >= found.floor
        assert said.mean() > 0.1
        assert (p.argmax(1) == target)[said].mean() >= precision - 1e-9
        # … and no quieter than it has to be: a little lower it would be wrong too often.
        if not said.all():
            more = p.max(1) >= found.floor - 0.02
            assert (p.argmax(1) == target)[more].mean() < precision + 0.01

    def test_never_right_is_never_said(self) -> None:
        """It was said from 0.95 on."""
        logits, _ = drawn(1.0)
        wrong = (logits.argmax(1) + 1) % 5
        assert fit(logits, wrong, *gates(), 0.85).floor == labels.NEVER

    def test_a_floor_as_high_as_it_takes(self) -> None:
        """Catalogues of near-identical things: 0.95 let half-right guesses of 0.96 through, 67 % right for 85 %."""
        best = np.array([0.99] * 20 + [0.96] * 40)
        right = np.array([True] * 20 + [True, False] * 20)
        assert labels.lowest_floor(best, right, 0.85) == 0.99

    def test_quiet_where_it_does_not_apply(self) -> None:
        g, applies = gates()
        found = fit(*drawn(1.0), g, applies, 0.85)
        assert 0.5 <= found.gate_floor <= 0.99
        opened = sigmoid(g, found.gate_temperature) >= found.gate_floor
        assert opened[~applies].mean() <= 0.02

    def test_a_small_folder_is_not_outvoted(self) -> None:
        """Intact cars are few among the photos that show no damage, and the ones that look like it."""
        g = np.concatenate([np.full(1000, -6.0), np.linspace(1, 3, 50), np.full(200, 6.0)])
        applies = np.arange(len(g)) >= 1050
        folder = np.where(np.arange(len(g)) < 1000, 0, 1)
        labels = drawn(1.0)
        for source, most in ((None, 1.0), (folder, 0.021)):
            found = fit(*labels, g, applies, 0.85, gate_source=source)
            opened = sigmoid(g, found.gate_temperature) >= found.gate_floor
            assert opened[1000:1050].mean() <= most
            assert opened[applies].all()
        assert opened[1000:1050].mean() < 0.021

    def test_everything_applies(self) -> None:
        found = fit(*drawn(1.0), np.array([1.0, 2.0]), np.array([True, True]), 0.85)
        assert found.gate_floor == 0.5


class TestCard:
    def test_there_and_back(self) -> None:
        stored = {"calibration": {"product": Calibration(2, 3, 0.7, 0.8).to_dict()}}
        assert labels.calibrations(stored, ["product", "kind"]) == {
            "product": Calibration(2, 3, 0.7, 0.8),
            "kind": Calibration(),
        }

    def test_nobody_knows_how_often_it_is_right_so_it_is_not_stated(self) -> None:
        """Tiny ImageNet's things have no validation folder, and "Sports car." was said all the same."""
        stored = {"calibration": {"product": Calibration().to_dict()}}
        logits = np.array([20.0, 0.0])
        for card, said in (({}, "clock"), (stored, None)):
            calibration = labels.calibrations(card, ["object"])["object"]
            assert labels.read(["clock", "lamp"], logits, 9.0, calibration).stated == said
