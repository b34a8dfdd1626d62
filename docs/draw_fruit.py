"""Draws the picture that the README shows: a crate of fruit, by ray casting.

    python docs/draw_fruit.py apples|oranges|lemons|tomatoes OUT.jpg

No set's photo may be in the repository, so the conversation in the README is about a picture of our own.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 960, 720
LIGHT = np.array([-0.45, -0.75, 0.65]) / np.linalg.norm([-0.45, -0.75, 0.65])
ROWS, COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH]


@dataclass(frozen=True)
class Fruit:
    colour: tuple[int, int, int]
    other: tuple[int, int, int]  # blotches of this
    radius: float
    gloss: float
    pores: float  # roughness of the skin
    dimple: float
    length: float = 1.0  # over width
    stem: tuple[int, int, int] | None = None


FRUIT = {
    "apples": Fruit((150, 186, 66), (196, 208, 110), 104, 60, 10, 1.0, 0.94, (92, 66, 36)),
    "oranges": Fruit((236, 128, 22), (246, 158, 44), 100, 70, 26, 0.35, 0.97, (120, 120, 40)),
    "lemons": Fruit((240, 206, 44), (250, 226, 96), 84, 70, 22, 0.0, 1.38),
    "tomatoes": Fruit((196, 34, 22), (214, 66, 34), 96, 150, 2, 0.6, 0.86, (60, 120, 40)),
}


def noise(chance: np.random.Generator, cells: int) -> np.ndarray:
    """Smooth noise in 0..1 [HEIGHT, WIDTH]."""
    small = Image.fromarray((chance.random((cells, cells * 4 // 3)) * 255).astype(np.uint8))
    return np.asarray(small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), float) / 255


def one(picture: np.ndarray, fruit: Fruit, x: float, y: float, chance: np.random.Generator) -> None:
    """Paint one piece: an ellipsoid with a dimple, blotches, pores, a highlight, and a shadow below it."""
    radius, angle = fruit.radius * chance.uniform(0.9, 1.08), chance.uniform(-0.5, 0.5)
    dx, dy = (COLUMNS - x) / radius, (ROWS - y) / radius
    u = dx * np.cos(angle) + dy * np.sin(angle)
    v = (-dx * np.sin(angle) + dy * np.cos(angle)) / fruit.length
    picture *= 1 - 0.5 * np.exp(-(((dx - 0.15) ** 2 + (dy - 0.5) ** 2) * 2.0))[..., None]
    r2 = u * u + v * v
    depth = np.sqrt(np.clip(1 - r2, 0, 1))
    du, dv = chance.uniform(-0.3, 0.3), chance.uniform(-0.75, -0.45)
    dimple = fruit.dimple * np.exp(-((u - du) ** 2 * 16 + (v - dv) ** 2 * 26))
    normal = np.stack([u + dimple * (u - du), v + 0.8 * dimple, depth + 0.05], -1)
    normal += fruit.pores / 200 * (np.stack([noise(chance, 150), noise(chance, 150), noise(chance, 150)], -1) - 0.5)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    diffuse = np.clip((normal * LIGHT).sum(-1), 0, 1)[..., None]
    half = LIGHT + np.array([0, 0, 1])
    gloss = np.clip((normal * (half / np.linalg.norm(half))).sum(-1), 0, 1)[..., None] ** 30
    blend = np.clip(noise(chance, 4)[..., None] * 1.4 - 0.3, 0, 1)
    skin = np.array(fruit.colour) * (1 - blend) + np.array(fruit.other) * blend + chance.uniform(-7, 7, 3)
    colour = skin * (0.34 + 0.74 * diffuse) * (1 - 0.5 * dimple[..., None]) + fruit.gloss * gloss
    edge = (np.clip((1 - np.sqrt(r2)) * radius / 1.5, 0, 1) * (r2 < 1))[..., None]
    picture[:] = picture * (1 - edge) + colour * edge
    if fruit.stem:
        stem = (np.abs(u - du - 0.2 * (v - dv)) < 0.03) & (v < dv + 0.03) & (v > dv - 0.2)
        picture[stem] = fruit.stem


def draw(fruit: Fruit) -> Image.Image:
    chance = np.random.default_rng(7)
    picture = np.array([96, 76, 56]) * (0.6 + 0.5 * noise(chance, 6)[..., None])
    step = fruit.radius * 1.62
    for row in range(int(HEIGHT / step) + 3):
        for column in range(int(WIDTH / step) + 3):
            x = (column + (row % 2) / 2 - 0.7) * step + chance.uniform(-0.16, 0.16) * step
            one(picture, fruit, x, (row - 0.3) * step * 0.86 + chance.uniform(-0.12, 0.12) * step, chance)
    light = 0.82 + 0.36 * noise(chance, 3)[..., None]
    picture = picture * light + chance.normal(0, 5, picture.shape)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.0))


if __name__ == "__main__":
    draw(FRUIT[sys.argv[1]]).save(sys.argv[2], quality=86)
