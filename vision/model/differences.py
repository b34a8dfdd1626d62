"""Whether graphs say what torch says: every output, on check pictures and texts, alone and in a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from vision.model.runtime import Runtime
from vision.model.tokens import SPECIAL
from vision.model.views import MIDDLE, views

TEXTS = ("", "my apple is brown", "what is this ? it came broken and the box was open " * 3)


def check_pictures(size: int, count: int = 6) -> npt.NDArray[np.uint8]:
    """uint8 [count, size, size, 3]: shapes on shades, from nearly plain to noise; always the same."""
    chance = np.random.default_rng(17)
    y, x = np.mgrid[0:size, 0:size] / size
    pictures = []
    for n in range(count):
        colours, at, radius = chance.uniform(0, 255, (3, 3)), chance.uniform(0.2, 0.8, 2), chance.uniform(0.1, 0.5)
        shade = colours[0] * x[..., None] + colours[1] * (1 - y[..., None])
        disc = ((x - at[0]) ** 2 + (y - at[1]) ** 2 < radius**2)[..., None]
        noise = chance.normal(0, 6 * n, (size, size, 3))
        pictures.append(np.where(disc, colours[2], shade / 2) + noise)
    return np.stack(pictures).clip(0, 255).astype(np.uint8)


class Differences(dict[str, float]):
    """The largest of each output."""

    def add(self, name: str, one: Any, other: Any) -> None:
        self[name] = max(self.get(name, 0.0), float(np.abs(np.asarray(one) - np.asarray(other)).max(initial=0)))


def differences(ours: Runtime, theirs: Runtime) -> dict[str, float]:
    """On the check pictures and texts, alone and in a batch."""
    found, config = Differences(), ours.config
    pixels = check_pictures(round(config.image_size / MIDDLE))
    for some in (pixels, pixels[:1]):
        _see(ours, theirs, views(some, config.image_size), found)
    rows = [np.array(ours.tokens.texts(list(texts), config.text_length)) for texts in (TEXTS, TEXTS[:1], TEXTS[1:2])]
    for ids in rows:
        (words, texts), (others, other_texts) = ours.read(ids), theirs.read(ids)
        asked_for = (ids != 0)[..., None]  # nobody asks for padding
        found.add("words", words * asked_for, others * asked_for)
        found.add("texts", texts, other_texts)
    grid = ours.see(views(pixels, config.image_size)).grid
    for count in (1, 2, 5):  # a graph may have taken a number of photos for a constant
        if config.spoken:
            _hear(ours, theirs, grid[:count], rows[count % 2 + 1], found)
        if config.vocabulary:
            _say(ours, theirs, grid[:count], count + 1, found)
    return dict(found)


def likeness(ours: Runtime, theirs: Runtime) -> dict[str, float]:
    """Of what the eyes say of a whole picture, by output: the least cosine of a check picture's two answers."""
    config = ours.config
    images = views(check_pictures(round(config.image_size / MIDDLE)), config.image_size)
    seen, other = ours.see(images), theirs.see(images)
    found = {name: _cosine(getattr(seen, name), getattr(other, name)) for name in ("pooled", "vectors")}
    return found | {f"logits of {name}": _cosine(each, other.logits[name]) for name, each in seen.logits.items()}


def _cosine(one: Any, other: Any) -> float:
    one, other = (np.asarray(each, np.float64).reshape(len(each), -1) for each in (one, other))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(1) / lengths.clip(1e-12)).min())


def _see(ours: Runtime, theirs: Runtime, images: Any, found: Differences) -> None:
    seen, other = ours.see(images), theirs.see(images)
    for name, one, two in zip(seen._fields, seen, other, strict=True):
        if not isinstance(one, dict):
            found.add(name, one, two)
    for name, logits in seen.logits.items():
        found.add(f"logits of {name}", logits, other.logits[name])


def _hear(ours: Runtime, theirs: Runtime, grid: Any, ids: Any, found: Differences) -> None:
    said = ours.read(ids)[0].repeat(len(grid), 0)
    nothing = ours.read(np.array(ours.tokens.texts([""], ours.config.text_length)))[0]
    asked = grid, said, (ids != 0).astype(np.float32).repeat(len(grid), 0), nothing
    for name, one in ours.hear(*asked).items():
        found.add(f"words about {name}", one, theirs.hear(*asked)[name])


def _say(ours: Runtime, theirs: Runtime, grid: Any, beams: int, found: Differences) -> None:
    """Some words, by chance, from beams that change places."""
    both, chance = (ours.steps(grid, beams), theirs.steps(grid, beams)), np.random.default_rng(3)
    for _ in range(min(6, ours.config.caption_length - 1)):
        word = chance.integers(len(SPECIAL), ours.config.vocabulary, beams * len(grid))
        found.add("next word", *(steps(word) for steps in both))
        rows = (chance.integers(0, beams, (len(grid), beams)) + beams * np.arange(len(grid))[:, None]).ravel()
        for steps in both:
            steps.keep(rows)
