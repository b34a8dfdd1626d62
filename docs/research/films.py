"""Videos: which rule makes one set of labels of several frames, and how long the key frames take to find.

    PYTHONPATH=. python docs/research/films.py labels FOLDER [PHOTOS] an imagefolder: each photo becomes a handled film
    PYTHONPATH=. python docs/research/films.py speed                  CPU seconds of the child for films made here

A handled film is 8 frames of one photo: five near views (60 to 100 % of it, turned by 10° at most), three of a hand
that moves (a fifth of it, blurred). It is no real video; it says which rule bears useless frames.
"""

from __future__ import annotations

import io
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageFilter

from dialogue.evidence import SURE
from vision.frame import Frame
from vision.images import squash
from vision.model.predictor import Predictor
from vision.readers.read import Reading
from vision.report import Film, LabelSet, PhotoReport
from vision.worker.timeline import FrameReport, merged
from vision.worker.video import filmed

Rule = Callable[[Sequence[LabelSet]], LabelSet]


def handled(photo: Image.Image, chance: random.Random) -> list[Image.Image]:
    photo = photo.convert("RGB")
    frames = []
    for number in range(8):
        useless = number in (0, 4, 7)
        part = 0.2 if useless else chance.uniform(0.6, 1)
        width, height = int(photo.width * part), int(photo.height * part)
        left, top = chance.randint(0, photo.width - width), chance.randint(0, photo.height - height)
        frame = photo.rotate(chance.uniform(-10, 10)).crop((left, top, left + width, top + height))
        frames.append(frame.filter(ImageFilter.GaussianBlur(max(frame.size) / 20)) if useless else frame)
    return frames


def mean(sets: Sequence[LabelSet]) -> LabelSet:
    """Ours, as the worker does it."""
    blank = np.zeros((8, 8, 3), np.uint8)
    seen = [
        FrameReport(Frame(blank, blank, (), None, n), Reading(PhotoReport(labels={"it": one})))
        for n, one in enumerate(sets)
    ]
    return merged(Film(whole=True), seen).report.labels["it"]


def surest(sets: Sequence[LabelSet]) -> LabelSet:
    return max(sets, key=lambda one: one.applies * one.top[0].probability)


def first(sets: Sequence[LabelSet]) -> LabelSet:
    return sets[0]


def middle(sets: Sequence[LabelSet]) -> LabelSet:
    """A near view: what a photo would have been."""
    return sets[2]


def labels(folder: Path, photos: int, name: str = "product") -> None:
    rows = [json.loads(line) for line in (folder / "metadata.jsonl").read_text(encoding="utf-8").splitlines()]
    chance = random.Random(0)
    chance.shuffle(rows)
    rows = rows[:photos]
    eyes = Predictor.load()
    rules: list[Rule] = [mean, surest, first, middle]
    counts = {rule.__name__: {"stated": 0, "stated wrong": 0, "said": 0, "said wrong": 0, "top": 0} for rule in rules}
    for row in rows:
        with Image.open(folder / row["file_name"]) as photo:
            frames = handled(photo, chance)
        pixels = np.stack([squash(frame, eyes.size) for frame in frames])
        sets = [report.labels[name] for report in eyes.describe(pixels, [""] * len(frames))]
        truth = row["labels"][name]
        for rule in rules:
            one, count = rule(sets), counts[rule.__name__]
            best = one.top[0]
            count["top"] += best.name == truth
            count["stated"] += one.stated == truth
            count["stated wrong"] += one.stated not in (None, truth)
            if best.probability * one.applies >= SURE:
                count["said" if best.name == truth else "said wrong"] += 1
    for rule_name, count in counts.items():
        print(rule_name, {key: round(value / len(rows), 3) for key, value in count.items()}, f"of {len(rows)}")


def speed() -> None:
    chance = np.random.default_rng(0)
    wall = Image.fromarray(chance.integers(0, 255, (90, 160, 3), dtype=np.uint8)).resize((2400, 1400))
    for size, keys in (((1280, 720), 250), ((1920, 1080), 250), ((1280, 720), 30)):
        out = io.BytesIO()
        with av.open(out, "w", format="mp4") as file:
            stream = file.add_stream("libx264", rate=30, options={"preset": "ultrafast", "threads": "1"})
            stream.width, stream.height, stream.codec_context.gop_size = *size, keys
            for n in range(300):  # a hand's pan over a wall
                view = wall.crop((n, n // 3, n + size[0], n // 3 + size[1]))
                file.mux(stream.encode(av.VideoFrame.from_image(view)))  # type: ignore[no-untyped-call]
            file.mux(stream.encode())
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        found = filmed(out.getvalue(), 128, 60)
        after = resource.getrusage(resource.RUSAGE_SELF)
        assert found and found.film
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"{size[0]} × {size[1]}, 10 s, a key frame every {keys}, {len(out.getvalue()) / 1e6:.1f} MB: "
            f"{spent:.2f} s of CPU ({time.perf_counter() - start:.2f} s by the clock), {len(found.frames)} frames, "
            f"whole: {found.film.whole}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["labels"] and len(sys.argv) > 2:
        labels(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 300)
    elif sys.argv[1:] == ["speed"]:
        speed()
    else:
        sys.exit(__doc__)
