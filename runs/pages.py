"""Screenshots, photographed pages and receipts to learn `kind` from: `python runs/pages.py HTML INTO [--each 700]`.

HTML is a folder of unpacked documentation packages (`apt-get download`, `dpkg -x`: runs/shipped.sh names them). Its
pages are taken in Debian's chromium, in windows of phones and desktops, light and dark, or printed as sheets and
photographed; a third of the screenshots are pages of our own that look like shops, chats and settings. Beside them
the packages' own pictures of programs' windows. INTO becomes an imagefolder whose metadata says the kind.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import random
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from playwright.async_api import Browser, async_playwright

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
OURS = "our-page.html"
LEAST_BYTES, MOST_BYTES = 4_000, 120_000  # of a page that is worth a picture, and of one that is drawn in a moment
WORDS = """
your order parcel refund delivery today tomorrow payment card address account settings security help contact reviews
size colour basket checkout invoice return policy shipping free new sale price total discount voucher message hello
thanks when will it arrive broken wrong please sorry we are looking into this update failed retry
"""
ACCENTS = ("#0a7cff", "#25d366", "#e4002b", "#ff6f00", "#6c3fd1", "#00897b", "#222222", "#b0006d")
PROGRAMS = ("gimp-help-en", "gnome-user-docs", "kicad-doc-en", "libgtk-3-doc")  # packages with pictures of windows
FONTS = ("DejaVu Sans", "Liberation Sans", "FreeSans", "DejaVu Serif", "Liberation Mono")


def said(chance: random.Random, least: int, most: int) -> str:
    words = WORDS.split()
    return " ".join(chance.choice(words) for _ in range(chance.randint(least, most))).capitalize()


class App:
    """A page as apps have it: a bar, then messages, a list, cards with pictures, a form or one dialog."""

    def __init__(self, chance: random.Random, photos: list[Path]) -> None:
        self.chance, self.photos = chance, photos
        dark, self.accent = chance.random() < 0.4, chance.choice(ACCENTS)
        light = ("#f3f4f6", "#202124", "#ffffff")
        self.ground, self.ink, self.card = ("#121417", "#e8eaed", "#23272c") if dark else light
        if chance.random() < 0.3 and not dark:
            self.ground = "#ffffff"

    def picture(self, width: str) -> str:
        if not self.photos:
            return ""
        return f'<img src="{self.chance.choice(self.photos).as_uri()}" style="width:{width};border-radius:6px">'

    def message(self) -> str:
        own = self.chance.random() < 0.5
        side, back, ink = ("flex-end", self.accent, "#fff") if own else ("flex-start", self.card, self.ink)
        held = self.picture("180px") if self.chance.random() < 0.15 else said(self.chance, 2, 22)
        return (
            f'<div style="display:flex;justify-content:{side}"><p style="background:{back};color:{ink};'
            f'padding:8px 12px;border-radius:16px;max-width:70%;margin:5px">{held}</p></div>'
        )

    def row(self) -> str:
        chance = self.chance
        held = self.picture("44px") if chance.random() < 0.5 else f'<b style="color:{self.accent}">●</b>'
        return (
            f'<div style="display:flex;gap:12px;align-items:center;background:{self.card};padding:12px;margin:1px 0">'
            f"{held}<span style='flex:1'><b>{said(chance, 1, 4)}</b><br><small>{said(chance, 2, 9)}</small></span>"
            f"<small>{chance.randint(1, 99)}.{chance.randint(10, 99)}</small></div>"
        )

    def offer(self) -> str:
        box = f"background:{self.card};border-radius:8px;padding:8px;width:44%;margin:2%;display:inline-block"
        return (
            f'<div style="{box}">{self.picture("100%")}<br>{said(self.chance, 1, 4)}<br>'
            f"<b>€ {self.chance.randint(1, 99)}.99</b></div>"
        )

    def entry(self) -> str:
        return (
            f"<p><small>{said(self.chance, 1, 2)}</small><br><span style='display:block;padding:9px;"
            f"border:1px solid {self.accent}'>{said(self.chance, 0, 3)}&nbsp;</span></p>"
        )

    def page(self) -> str:
        chance = self.chance
        part = chance.choice((self.message, self.message, self.row, self.row, self.offer, self.entry))
        body = "".join(part() for _ in range(chance.randint(3, 16)))
        button = f'<p style="background:{self.accent};color:#fff;padding:12px;border-radius:8px;text-align:center">'
        if chance.random() < 0.2:
            body = (
                f'<div style="background:{self.card};border-radius:12px;padding:24px;margin:25vh 8% 0">'
                f"<h3>{said(chance, 1, 4)}</h3><p>{said(chance, 5, 20)}</p>{button}{said(chance, 1, 2)}</p></div>"
            )
        elif chance.random() < 0.5:
            body += f"{button}{said(chance, 1, 3)}</p>"
        bar = f'<div style="background:{self.accent};color:#fff;padding:14px"><b>{said(chance, 1, 3)}</b></div>'
        return (
            f'<html><body style="margin:0;background:{self.ground};color:{self.ink};font:{chance.randint(13, 18)}px '
            f"'{chance.choice(FONTS)}'\">{bar if chance.random() < 0.8 else ''}<div style='padding:8px'>{body}</div>"
        )


GOODS = """
milk bread butter eggs rice pasta tea coffee sugar salt apples bananas pears carrots onions cheese yoghurt chicken soap
shampoo batteries socks t-shirt cable lamp mug plates paint screws brush bag juice water beer wine chips chocolate
"""


def receipt(chance: random.Random) -> str:
    """A till's slip: a shop's head, lines of goods and prices, sums, tax, thanks; as many shapes as tills have."""
    money = chance.choice(("€ {:.2f}", "{:.2f}", "$ {:.2f}", "{:.2f} EUR", "£{:.2f}"))
    goods = GOODS.split()
    prices = [chance.uniform(0.3, 60) for _ in range(chance.randint(1, 18))]
    heavy = chance.random() < 0.4

    def line(left: str, right: str, weight: str = "normal") -> str:
        return (
            f'<div style="display:flex;font-weight:{weight}"><span style="flex:1">{left}</span>'
            f"<span>{right}</span></div>"
        )

    def entry(price: float) -> str:
        name = " ".join(chance.sample(goods, chance.randint(1, 2)))
        name = name.upper() if heavy else name.capitalize()
        count = f"{chance.randint(1, 4)} x " if chance.random() < 0.4 else ""
        return line(count + name, money.format(price))

    rule = chance.choice(("<hr>", "<div>" + "-" * 30 + "</div>", "<div>" + "=" * 26 + "</div>", "<br>"))
    day = f"{chance.randint(1, 28)}.{chance.randint(1, 12)}.20{chance.randint(15, 26)}"
    head = (
        f"<center><b style='font-size:150%'>{said(chance, 1, 3)}</b><br>{said(chance, 2, 4)} {chance.randint(1, 200)}"
        f"<br>{day} {chance.randint(8, 21)}:{chance.randint(10, 59)}</center>"
    )
    total = sum(prices)
    sums = line(chance.choice(("TOTAL", "Total", "SUM", "Amount due")), money.format(total), "bold")
    sums += line(chance.choice(("VAT 19%", "Tax", "GST", "incl. VAT")), money.format(total * 0.16))
    sums += line(chance.choice(("CASH", "Card", "VISA ****1234", "Debit")), money.format(total))
    bars = ("<center>" + "| || ||| | || |||| |" * 2 + "</center>") * (chance.random() < 0.4)
    style = (
        f"margin:0;padding:{chance.randint(6, 26)}px;background:#fff;"
        f"color:{chance.choice(('#000', '#333', '#444a66'))};"
        f"font:{chance.randint(11, 17)}px '{chance.choice(('DejaVu Sans Mono', 'Liberation Mono', *FONTS))}'"
    )
    body = f"{head}{rule}{''.join(map(entry, prices))}{rule}{sums}{rule}<center>{said(chance, 2, 8)}</center>{bars}"
    return f'<html><body style="{style}">{body}'


def written(path: Path, page: str) -> Path:
    path.write_text(page)
    return path


def window(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.6:
        size = {"width": chance.randint(360, 430), "height": chance.randint(640, 932)}
        return {"viewport": size, "device_scale_factor": chance.choice((1, 2)), "is_mobile": True}
    return {"viewport": {"width": chance.randint(900, 1920), "height": chance.randint(600, 1080)}}


def framed(image: Image.Image, chance: random.Random, phone: bool) -> Image.Image:
    """With the strip of clock and signs, or a window's title and edge, that a whole screen has; now and then."""
    if chance.random() < 0.4:
        return image
    corner = image.getpixel((3, 3))
    ground = corner if phone else chance.choice(("#dee1e6", "#2b2b2b", "#ececec", "#3c3f41"))
    strip = Image.new("RGB", (image.width, round(image.height * chance.uniform(0.025, 0.05))), ground)
    light = np.asarray(strip)[0, 0].sum() > 380
    pen = ImageDraw.Draw(strip)
    high = strip.height
    pen.text((high, high // 4), f"{chance.randint(0, 23)}:{chance.randint(10, 59)}", "#111" if light else "#eee")
    for at in range(chance.randint(2, 4)):
        left = strip.width - (at + 1) * high
        pen.ellipse((left, high * 0.3, left + high * 0.4, high * 0.7), "#222" if light else "#ddd")
    whole = Image.new("RGB", (image.width, image.height + strip.height))
    whole.paste(strip, (0, 0))
    whole.paste(image, (0, strip.height))
    return whole


def photographed(sheet: Image.Image, chance: random.Random, grounds: list[Path]) -> Image.Image:
    """A sheet on a table or in a hand: seen from the side, turned, in uneven light, with a shadow, out of focus."""
    sheet.thumbnail((900, 900))
    pad = [round(chance.uniform(-0.12, 0.25) * sheet.width) for _ in range(4)]  # below 0: the picture cuts the sheet
    size = (sheet.width + pad[0] + pad[2], sheet.height + pad[1] + pad[3])
    if grounds and chance.random() < 0.6:
        with Image.open(chance.choice(grounds)) as photo:
            wide = photo.convert("RGB").resize(size).filter(ImageFilter.GaussianBlur(chance.uniform(2, 20)))
    else:
        wide = Image.new("RGB", size, tuple(chance.randint(20, 230) for _ in range(3)))
    paper = np.asarray(sheet, np.float32) * [chance.uniform(0.82, 1.0) for _ in range(3)]
    mask = Image.new("L", sheet.size, 255)
    angle, bend = chance.gauss(0, 6), Image.Resampling.BICUBIC
    turned = Image.fromarray(paper.astype(np.uint8)).rotate(angle, bend, expand=True)
    wide.paste(turned, (pad[0], pad[1]), mask.rotate(angle, bend, expand=True))
    w, h = wide.size
    x, y = [chance.uniform(0, 0.07) * w for _ in range(4)], [chance.uniform(0, 0.07) * h for _ in range(4)]
    corners = (x[0], y[0], x[1], h - y[1], w - x[2], h - y[2], w - x[3], y[3])
    seen = np.asarray(wide.transform(wide.size, Image.Transform.QUAD, corners, bend), np.float32)
    across, down = np.linspace(-1, 1, w)[None, :, None], np.linspace(-1, 1, h)[:, None, None]
    light = chance.uniform(0.55, 1.0) + chance.uniform(-0.25, 0.25) * across + chance.uniform(-0.25, 0.25) * down
    if chance.random() < 0.4:  # the phone's own shadow
        edge = across * chance.uniform(-1, 1) + down * chance.uniform(-1, 1) + chance.uniform(-0.6, 0.6)
        light = light * (1 - chance.uniform(0.1, 0.4) / (1 + np.exp(-edge * chance.uniform(4, 25))))
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, chance.uniform(0, 8), (h, w, 1))
    done = Image.fromarray((seen * light + noise).clip(0, 255).astype(np.uint8))
    return done.filter(ImageFilter.GaussianBlur(chance.uniform(0, 1.6)))


async def taken(browser: Browser, chance: random.Random, seen: dict[str, Any], page_of: Path) -> Image.Image:
    context = await browser.new_context(**seen, offline=True)
    page = await context.new_page()
    page.set_default_timeout(60_000)
    await page.goto(page_of.as_uri(), wait_until="domcontentloaded")
    await page.evaluate(f"scrollTo(0, {chance.random()} * Math.max(0, document.body.scrollHeight - innerHeight))")
    if chance.random() < 0.25 and "is_mobile" in seen and page_of.name != OURS:
        await page.add_style_tag(content="html { filter: invert(0.92); background: #fff }")
    image = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    await context.close()
    return image


async def shots(found: list[Path], photos: list[Path], each: int, ours: Path) -> AsyncIterator[tuple[str, Image.Image]]:
    chance = random.Random(1)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        for number in range(each):
            seen = window(chance)
            page_of = found[number % len(found)]
            if number % 3 == 0:
                page_of = written(ours, App(chance, photos).page())  # a page without an address may not show files
            yield "screenshot", framed(await taken(browser, chance, seen, page_of), chance, "is_mobile" in seen)
            if number % 2 == 0:
                wide = chance.choice((595, 794, 1000))
                sheet = {"viewport": {"width": wide, "height": round(wide * chance.choice((1.0, 1.29, 1.414)))}}
                page_of = found[-number % len(found)]
                yield "document", photographed(await taken(browser, chance, sheet, page_of), chance, photos)
                slip = {"viewport": {"width": chance.randint(240, 420), "height": chance.randint(360, 900)}}
                page_of = written(ours, receipt(chance))
                yield "receipt", photographed(await taken(browser, chance, slip, page_of), chance, photos)
        await browser.close()


def windows(root: Path, count: int) -> list[Path]:
    """Pictures of programs' windows, each once (handbooks repeat them for every language)."""
    found = {path.read_bytes(): path for name in PROGRAMS for path in sorted((root / name).rglob("*.png"))}
    large = [path for held, path in found.items() if len(held) > 20_000 and wide(path)]
    random.Random(0).shuffle(large)
    return large[:count]


def fair(page: Path) -> bool:
    return page.is_file() and LEAST_BYTES < page.stat().st_size < MOST_BYTES


def wide(path: Path) -> bool:
    with Image.open(path) as image:
        return image.width >= 500 and image.height >= 350


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("html", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--photos", type=Path, default=Path(".runs/data/clothing/train"), help="to put on our pages")
    parser.add_argument("--each", type=int, default=700, help="screenshots; half as many documents, and receipts")
    args = parser.parse_args()
    chance = random.Random(0)
    packages = [sorted(folder.rglob("*.html")) for folder in sorted(args.html.absolute().iterdir()) if folder.is_dir()]
    pages = [
        [page for page in package if page.is_file() and LEAST_BYTES < page.stat().st_size < MOST_BYTES]
        for package in packages
    ]
    found = [chance.choice(package) for _ in range(args.each) for package in pages if package][: args.each]
    if not found:
        parser.error(f"{args.html}: no folder with HTML pages; runs/shipped.sh unpacks them there")
    photos = sorted(args.photos.absolute().glob("*.webp"))[::4]
    args.into.mkdir(parents=True, exist_ok=True)
    rows: list[str] = []
    with tempfile.TemporaryDirectory() as ours:

        def keep(kind: str, image: Image.Image) -> None:
            name = f"{len(rows):06}.webp"
            image.thumbnail((448, 448), Image.Resampling.LANCZOS)
            image.save(args.into / name, quality=88)
            rows.append(json.dumps({"file_name": name, "labels": {"kind": kind}}) + "\n")

        async for kind, image in shots(found, photos, args.each, Path(ours) / OURS):
            keep(kind, image)
        for path in windows(args.html, args.each // 4):
            with Image.open(path) as image:
                keep("screenshot", image.convert("RGB"))
    (args.into / "metadata.jsonl").write_text("".join(rows))  # last: where it is, all pictures are


if __name__ == "__main__":
    asyncio.run(main())
