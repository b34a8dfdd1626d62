"""The checkpoint in the repository: it loads strictly, explains itself, and is not confident about nonsense."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vision.data import squash
from vision.describe import SHIPPED, Describer

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def describer() -> Describer:
    return Describer.load()


def test_it_is_small_enough_to_travel() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 32 * 2**20


def test_it_explains_itself(describer: Describer) -> None:
    assert set(describer.sets) >= {"product", "category", "item", "article", "colour", "damage", "kind"}
    assert set(describer.calibration) == set(describer.sets)


def test_our_own_picture_of_apples_is_recognised(describer: Describer) -> None:
    with Image.open(ROOT / "docs" / "apples.jpg") as picture:
        report = describer.describe(squash(picture, describer.size)[None], [""])[0]
    assert report.labels["category"].top[0].name == "Apple"


def test_noise_gets_no_name(describer: Describer) -> None:
    chance = np.random.default_rng(3)
    pixels = [
        np.full((describer.size, describer.size, 3), 128, np.uint8),
        np.zeros((describer.size, describer.size, 3), np.uint8),
        chance.integers(0, 255, (describer.size, describer.size, 3)).astype(np.uint8),
    ]
    for report in describer.describe(np.stack(pixels), ["", "my apple", ""]):
        stated = {name: found.stated for name, found in report.labels.items() if found.stated}
        assert not {"product", "category", "item", "article", "damage"} & set(stated), stated


def test_a_photo_alone_and_in_a_batch_is_described_alike(describer: Describer) -> None:
    with Image.open(ROOT / "docs" / "apples.jpg") as picture:
        apples = squash(picture, describer.size)
    grey = np.full_like(apples, 128)
    alone = describer.describe(apples[None], [""])[0]
    together = describer.describe(np.stack([grey, apples]), ["what is this?", ""])[1]
    for name, found in alone.labels.items():
        assert found.top[0].name == together.labels[name].top[0].name
        assert found.top[0].probability == pytest.approx(together.labels[name].top[0].probability, abs=0.02)
