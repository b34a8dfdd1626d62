"""Draws the picture that the README shows: a shelf of green apples, by ray casting. `python runs/draw_apples.py OUT`

No set's photo may be in the repository, so the conversation in the README is about a picture of our own.
"""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 960, 720
LIGHT = np.array([-0.45, -0.75, 0.65]) / np.linalg.norm([-0.45, -0.75, 0.65])


def noise(chance: np.random.Generator, cells: int) -> np.ndarray:
    """Smooth noise in 0..1 [HEIGHT, WIDTH]."""
    small = Image.fromarray((chance.random((cells, cells * 4 // 3)) * 255).astype(np.uint8))
    return np.asarray(small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), float) / 255


def apple(picture: np.ndarray, x: float, y: float, radius: float, chance: np.random.Generator) -> None:
    """Paint one apple: a slightly flattened sphere with a dimple, speckles, a highlight and a shadow below it."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    u, v = (columns - x) / radius, (rows - y) / (radius * 0.92)
    shadow = np.exp(-(((u * 0.9 - 0.12) ** 2 + (v - 0.55) ** 2) * 2.2))
    picture *= 1 - 0.45 * shadow[..., None]
    inside = u * u + v * v < 1
    depth = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    tilt = chance.uniform(-0.25, 0.25)
    dimple = np.exp(-(((u - tilt) ** 2) * 14 + ((v + 0.62) ** 2) * 30))
    normal = np.stack([u + 1.2 * dimple * (u - tilt), v + 0.9 * dimple, depth + 0.05], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    diffuse = np.clip((normal * LIGHT).sum(-1), 0, 1)
    half = LIGHT + np.array([0, 0, 1])
    gloss = np.clip((normal * (half / np.linalg.norm(half))).sum(-1), 0, 1) ** 60
    green = np.array([122, 178, 44]) + chance.uniform(-8, 8, 3)
    pale = np.array([186, 206, 96])
    blend = noise(chance, 5)[..., None] * 0.5 + 0.25 * (1 - depth[..., None])
    skin = green * (1 - blend) + pale * blend
    speckle = (noise(chance, 170) > 0.86)[..., None] * 26
    colour = (skin + speckle) * (0.30 + 0.80 * diffuse[..., None]) * (1 - 0.55 * dimple[..., None])
    colour += 190 * gloss[..., None]
    edge = np.clip((1 - np.sqrt(u * u + v * v)) * radius / 1.5, 0, 1)[..., None] * inside[..., None]
    picture[:] = picture * (1 - edge) + colour * edge
    stem = (np.abs(u - tilt - 0.10 * (v + 0.62)) < 0.022) & (v < -0.60) & (v > -0.86)
    picture[stem] = [92, 66, 36]


def shelf(chance: np.random.Generator) -> np.ndarray:
    rows = np.mgrid[0:HEIGHT, 0:WIDTH][0]
    wood = np.array([120, 84, 52]) * (0.75 + 0.35 * noise(chance, 6)[..., None])
    grain = np.sin(rows / 7 + noise(chance, 9) * 9)[..., None] * 7
    return wood + grain


def draw() -> Image.Image:
    chance = np.random.default_rng(7)
    picture = shelf(chance)
    radius = 128
    for row in range(4):
        for column in range(6):
            x = column * 205 + (row % 2) * 100 - 60 + chance.uniform(-14, 14)
            y = 70 + row * 185 + chance.uniform(-12, 12)
            apple(picture, x, y, radius * chance.uniform(0.93, 1.06), chance)
    picture += chance.normal(0, 4, picture.shape)
    image = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    return image.filter(ImageFilter.GaussianBlur(0.8))


if __name__ == "__main__":
    draw().save(sys.argv[1], quality=88)
