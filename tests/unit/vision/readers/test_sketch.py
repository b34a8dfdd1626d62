"""Drawings of our own: what is plain is named, and nothing else."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vision.readers import sketch
from vision.report import Sketch


def paper(noise: float = 0.0, colour: str = "#fbfaf5") -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (1200, 900), colour)
    return image, ImageDraw.Draw(image)


def drawn() -> Image.Image:
    image, pen = paper()
    pen.ellipse((100, 100, 400, 400), outline="#c02020", width=12)
    pen.rectangle((500, 120, 1000, 380), outline="#1c40b0", width=10)
    pen.polygon([(200, 800), (500, 800), (350, 550)], fill="#208040")
    pen.rectangle((700, 550, 950, 800), outline="black", width=8)
    return image


def photographed(image: Image.Image) -> np.ndarray:
    """In a room's light, from a little aside, with a sensor's noise."""
    shade = np.linspace(0.8, 0.95, image.width)[None, :, None]
    noisy = np.asarray(image) * shade + np.random.default_rng(7).normal(0, 6, (image.height, image.width, 3))
    turned = Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).rotate(7, fillcolor="#d8d7d2")
    return np.asarray(turned)


def test_colours_and_shapes_of_a_drawing() -> None:
    for picture in (np.asarray(drawn()), photographed(drawn())):
        found = sketch.look(picture)
        assert found
        assert set(found.colours) == {"red", "blue", "green", "black"}
        assert dict(found.shapes) == {"circle": 1, "rectangle": 1, "triangle": 1, "square": 1}


def test_words_are_no_shapes() -> None:
    image, pen = paper()
    pen.text((100, 100), "OOO", fill="black", font=ImageFont.load_default(260))
    found = sketch.look(np.asarray(image), [(0.05, 0.05, 0.95, 0.5)])
    assert found and found.shapes == ()


def test_open_lines_and_scribbles_have_no_name() -> None:
    image, pen = paper()
    pen.line([(100, 700), (300, 200), (500, 700), (700, 200), (900, 700)], fill="black", width=10)
    pen.arc((600, 100, 1100, 600), 0, 200, fill="black", width=10)
    found = sketch.look(np.asarray(image))
    assert found == Sketch(colours=("black",), shapes=())


def test_what_is_no_drawing_has_none() -> None:
    chance = np.random.default_rng(3)
    assert sketch.look(chance.integers(0, 255, (300, 400, 3)).astype(np.uint8)) is None  # everywhere something
    assert sketch.look(np.full((300, 400, 3), 250, np.uint8)) is None  # an empty sheet
    assert sketch.look(np.full((300, 400, 3), 20, np.uint8)) is None  # the dark
    assert sketch.look(np.full((1, 1, 3), 250, np.uint8)) is None


def test_names_of_colours() -> None:
    names = {(200, 30, 30): "red", (250, 150, 40): "orange", (240, 220, 40): "yellow", (40, 150, 60): "green",
             (40, 70, 190): "blue", (120, 40, 160): "purple", (240, 120, 180): "pink", (110, 60, 20): "brown",
             (20, 20, 20): "black", (128, 128, 128): "grey"}  # fmt: skip
    assert {tone: sketch.colour(*tone) for tone in names} == names
