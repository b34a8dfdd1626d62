"""Kind of picture, as a customer's report has it (model and readers together), on sources that nothing was trained on.

    PYTHONPATH=. python benchmarks/kinds.py [--pages /usr/share/doc] [--programs FOLDER] [--each 40] [--trained]

Screenshots: HTML pages of ``--pages``, from as many of its folders as can be, in Debian's chromium: a phone's and a
desktop's window, light and dark. Documents: the same pages as sheets of A4, photographed (rendered.py). Receipts and
error screens of our own drawing, the former photographed. ``--programs``: pictures of programs' windows, as handbooks
hold them. Training takes pages of other packages in the same browser (runs/pages.py), and none of these drawings.
``--trained`` adds, named as such, sources that training has seen: validation photos, and receipts that can be read.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import itertools
import json
import random
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import rendered
from PIL import Image
from playwright.async_api import async_playwright

from vision.model.predictor import Predictor
from vision.readers.ocr import Ocr
from vision.readers.read import Readers
from vision.readers.text_detector import TextDetector
from vision.worker.sandbox import Sandbox

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
WINDOWS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True},
    {"viewport": {"width": 1280, "height": 800}},
    {"viewport": {"width": 412, "height": 915}, "device_scale_factor": 2, "color_scheme": "dark", "is_mobile": True},
)
SHEET: dict[str, Any] = {"viewport": {"width": 794, "height": 1123}, "device_scale_factor": 1.6}
TRAINED = (
    ("receipt", "receipts/readable"),
    ("photo", "flickr8k/validation"),
    ("photo", "clothing/validation"),
    ("photo", "grocery/validation"),
    ("photo", "vehicle-damage/validation"),
)
SMALLEST = 400  # pixels of a window's shorter side
LEAST_WORDS = 80  # of a page that is worth a picture


def pages(root: Path, count: int) -> list[Path]:
    """One of each folder in turn, so that no program's manual is most of it."""
    folders: dict[Path, list[Path]] = defaultdict(list)
    for page in sorted(root.rglob("*.html")):
        if page.is_file() and len(page.read_text(errors="replace").split()) > LEAST_WORDS:
            folders[page.parent].append(page)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*folders.values()))
    return [page for page in turns if page][:count]


async def shots(found: list[Path]) -> dict[str, list[bytes]]:
    """JPEGs as Telegram would pass them on."""
    taken: dict[str, list[bytes]] = {"screenshot": [], "document": []}
    chance = random.Random(0)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        for number, path in enumerate(found):
            for kind, window in (("screenshot", WINDOWS[number % len(WINDOWS)]), ("document", SHEET)):
                context = await browser.new_context(**window, java_script_enabled=False, offline=True)
                page = await context.new_page()
                await page.goto(path.as_uri())
                image = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
                if kind == "document":
                    image = rendered.photographed(image, chance)
                taken[kind].append(rendered.encoded(image))
                await context.close()
        await browser.close()
    return taken


def drawn(count: int) -> list[tuple[str, str, list[bytes]]]:
    chance = random.Random(0)
    receipts = [rendered.photographed(rendered.draw(rendered.receipt(chance), chance), chance) for _ in range(count)]
    screens = [rendered.draw(rendered.error_screen(chance), chance) for _ in range(count)]
    return [
        ("receipt", "drawn", [rendered.encoded(image) for image in receipts]),
        ("screenshot", "drawn", [rendered.encoded(image) for image in screens]),
    ]


def programs(folder: Path, count: int) -> list[bytes]:
    found = []
    for path in sorted(folder.rglob("*.png")):
        with Image.open(path) as image:
            if min(image.size) >= SMALLEST:
                found.append(rendered.encoded(image.convert("RGB")))
    return found[:: max(1, len(found) // count)][:count]


def kinds(pictures: list[bytes], predictor: Predictor, sandbox: Sandbox, readers: Readers) -> Counter[str]:
    said: Counter[str] = Counter()
    for picture in pictures:
        child = sandbox.found_in(sandbox.open(picture).frames[0])
        report = predictor.describe(child.pixels[None], [""])[0]
        said[readers.look(report, child, 20).report.kind] += 1
    return said


def files(folder: Path, count: int) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.webp"))[:count]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, default=Path("/usr/share/doc"))
    parser.add_argument("--each", type=int, default=40)
    parser.add_argument("--programs", type=Path)
    parser.add_argument("--data", type=Path, default=Path(".runs/data"))
    parser.add_argument("--trained", action="store_true")
    args = parser.parse_args()
    found = pages(args.pages, args.each)
    if not found:
        parser.error(f"no HTML page with {LEAST_WORDS} words below {args.pages}")
    new = [(kind, "pages", pictures) for kind, pictures in asyncio.run(shots(found)).items()]
    new += drawn(args.each)
    if args.programs:
        new.append(("screenshot", "programs", programs(args.programs, args.each)))
    seen = [(kind, name, files(args.data / name, args.each)) for kind, name in TRAINED if args.trained]
    predictor, right, count = Predictor.load(), 0, 0
    with closing(Sandbox(predictor.size)) as sandbox, closing(Readers(TextDetector(), Ocr())) as readers:
        for kind, source, pictures in new + seen:
            said = kinds(pictures, predictor, sandbox, readers)
            print(json.dumps({"source": source, "is": kind, "pictures": len(pictures), "said": said}), flush=True)
            if (kind, source) not in TRAINED:
                right, count = right + said[kind], count + len(pictures)
    print(json.dumps({"right on new sources": round(right / count, 4), "pictures": count}))


if __name__ == "__main__":
    main()
