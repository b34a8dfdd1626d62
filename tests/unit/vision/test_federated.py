"""Shops that learn together, as plain functions: what they gain, and what a bad one cannot do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cryptography import x509

from vision.images import DataError
from vision.training import federated, federation, flower, heads
from vision.training.budget import Budget
from vision.training.federated import RoundError, Update
from vision.training.heads import Examples, Weights

LABELS, WIDTH = 4, 16


def shop(labels: list[int], seed: int, each: int = 6, noise: float = 0.25) -> Examples:
    ways = np.random.default_rng(3).normal(size=(LABELS, WIDTH))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    target = np.repeat(np.array(labels, np.int64), each)
    looks = ways[target] + noise * np.random.default_rng(seed).normal(size=(len(target), WIDTH))
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    return Examples(looks, np.zeros((len(target), LABELS)), np.zeros(len(target)), target)


SHOPS = {"north": shop([0, 1], 1), "south": shop([2, 3], 2), "east": shop([0, 3], 4)}
NOTHING = shop([], 0)
TEST = shop([0, 1, 2, 3], 9, each=40)


def right(weights: Weights) -> float:
    return float((heads.said(weights, TEST)[0].argmax(1) == TEST.target).mean())


def update(value: float, pictures: int = 5) -> Update:
    return Update(Weights(np.full((LABELS, WIDTH + 1), value), np.full(WIDTH + 1, value)), pictures)


START = Weights.zeros(LABELS, WIDTH)


def learnt(rounds: int = 15, bad: Update | None = None) -> tuple[Weights, list[str]]:
    weights, said = START, []
    for _ in range(rounds):
        updates = {name: federated.local(own, NOTHING, weights) for name, own in SHOPS.items()}
        weights, more = federated.averaged(weights, updates | ({"bad": bad} if bad else {}))
        said += more
    return weights, said


def test_together_they_know_what_each_alone_does_not() -> None:
    weights, said = learnt()
    alone = [right(heads.fit(own)) for own in SHOPS.values()]
    pooled = right(heads.fit(heads.joined(*SHOPS.values())))
    assert right(weights) > max(alone) + 0.2
    assert right(weights) > pooled - 0.03
    assert not said


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (update(float("nan")), "no number"),
        (update(float("inf")), "no number"),
        (Update(Weights(np.zeros((2, 3)), np.zeros(3)), 5), "shape"),
        (update(0.1, pictures=0), "no picture"),
        (update(1e9), "bounded"),
        (update(1e9, pictures=10**9), "bounded"),
    ],
)
def test_a_shop_that_sends_nonsense_is_named_and_does_little_harm(bad: Update, why: str) -> None:
    weights, said = federated.averaged(
        START, {name: federated.local(own, NOTHING, START) for name, own in SHOPS.items()} | {"bad": bad}
    )
    assert len(said) == 1 and said[0].startswith("bad is") and why in said[0]
    assert np.isfinite(weights.labels).all() and np.abs(weights.labels).max() < 10


def test_with_a_shop_that_sends_far_too_much_the_others_still_learn() -> None:
    assert right(learnt(bad=update(1e6))[0]) > 0.8


def test_one_shop_is_no_federation() -> None:
    with pytest.raises(RoundError, match="1 shops sent something sensible, 2 are needed"):
        federated.averaged(START, {"a": update(0.1), "b": update(float("nan"))})


def test_no_shop_has_more_than_half_a_say() -> None:
    weights, _ = federated.averaged(START, {"a": update(0.0, 1), "b": update(1.0, 10**9), "c": update(0.0, 1)})
    assert weights.labels.max() <= 0.5


def test_with_a_budget_for_all_rounds_together() -> None:
    pytest.importorskip("opacus", reason="opacus is not installed: pip install '.[private]'")
    from vision.training import private

    own, public = shop([0, 1, 2, 3], 1, each=60), shop([0, 1, 2, 3], 5)
    weights = START
    for at in range(3):
        weights = federated.local(own, public, weights, budget=Budget(8), rounds=3, seed=at).weights
    assert right(weights) > 0.5
    _, about = private.fit_private(own, public, Budget(8), steps=10, rounds=3, seed=1)
    assert about["steps"] == 30 and 7 < about["epsilon"] <= 8


def test_the_list_of_products(tmp_path: Path) -> None:
    file = tmp_path / "products.txt"
    file.write_text("soap\n\ncandle\napple\n")
    assert federation.read_names(file, ["apple", "milk"]) == ("apple", "milk", "candle", "soap")
    file.write_text("apple\n")
    with pytest.raises(DataError, match="names no product"):
        federation.read_names(file, ["apple"])
    with pytest.raises(DataError, match="one a line"):
        federation.read_names(tmp_path / "nowhere", ["apple"])


def test_what_comes_over_the_network_is_judged_and_not_trusted() -> None:
    assert flower.read([np.zeros(3)], 4).weights.labels.shape == (0, 0)
    assert flower.read([["a"], {}], 4).weights.labels.shape == (0, 0)
    found = flower.read(flower.arrays(update(0.5).weights), 4)
    assert found.pictures == 4 and found.weights.labels.shape == (LABELS, WIDTH + 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "shops.example.org"])
def test_a_certificate_is_made_once(tmp_path: Path, host: str) -> None:
    files = flower.certificate(tmp_path / "tls", host)
    made = x509.load_pem_x509_certificate(files[0].read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert host in [str(name.value) for name in names]
    assert files[2].stat().st_mode & 0o777 == 0o600
    assert flower.certificate(tmp_path / "tls", host)[0].read_bytes() == files[0].read_bytes()
