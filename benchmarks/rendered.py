"""Labels, screens, receipts, cards and papers of our own drawing, with all that is printed on them known.

No real person, parcel or card: every number is made up, with check digits that are right. What cameras do to them
(turned by up to 10 degrees, seen from the side, blurred, uneven light, noise, JPEG) is drawn, too.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from stdnum import luhn

FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "LiberationSans-Regular.ttf", "FreeSans.ttf")
PLACES = (
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/truetype/freefont",
)
NAMES = ("ANNA ERIKSSON", "JON DOE", "MARIA LOPEZ", "KEMAL YILDIZ", "IDA NOVAK")
STREETS = ("12 Harbour Street", "Lindenallee 4", "7 Mill Lane", "31 Rue du Port", "88 Station Road")
TOWNS = ("10115 Berlin", "75001 Paris", "Dublin D02 X285", "1010 Vienna", "Leeds LS1 4AP")
GOODS = (
    "Oat milk 1 l",
    "Apples red 1 kg",
    "Bread rye",
    "Coffee beans 500 g",
    "Olive oil",
    "Paper towels",
    "Yoghurt 4 x",
    "Rice 2 kg",
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Reference = tuple[str, str]  # type, value to compare by


@dataclass
class Sheet:
    """What is to be printed: lines, and what a reader should find in them."""

    lines: list[str]
    references: set[Reference] = field(default_factory=set)
    sensitive: str = ""  # what must be found and masked
    secrets: tuple[str, ...] = ()  # that no report may hold
    mono: bool = False
    dark: bool = False
    wide: bool = False  # values at the right edge, as receipts have them


def digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def s10(chance: random.Random) -> str:
    body = digits(chance, 8)
    total = sum(int(d) * w for d, w in zip(body, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    return f"{chance.choice(('RR', 'LX', 'CP', 'EE'))}{body}{check}{chance.choice(('GB', 'DE', 'FR', 'SE'))}"


def ups(chance: random.Random) -> str:
    body = "".join(chance.choice("0123456789ABCDEFHJKW") for _ in range(6)) + digits(chance, 9)
    numbers = [int(c) if c.isdecimal() else (ord(c) - 63) % 10 for c in body]
    return f"1Z{body}{-(sum(numbers[0::2]) + 2 * sum(numbers[1::2])) % 10}"


def date(chance: random.Random) -> tuple[str, str]:
    """As printed, and as YYYY-MM-DD."""
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(2019, 2027)
    forms = (
        f"{day:02}/{month:02}/{year}",
        f"{day:02}.{month:02}.{year}",
        f"{day} {MONTHS[month - 1]} {year}",
        f"{year}-{month:02}-{day:02}",
        f"{day:02}-{month:02}-{year % 100:02}",
    )
    return chance.choice(forms), f"{year}-{month:02}-{day:02}"


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


# -- what customers photograph --------------------------------------------------------------------------------------
def parcel(chance: random.Random) -> Sheet:
    number, order = chance.choice((s10, ups))(chance), f"{digits(chance, 4)}-{digits(chance, 2)}"
    printed, day = date(chance)
    phone = f"+49 30 {digits(chance, 4)} {digits(chance, 3)}"
    lines = [
        "PRIORITY PARCEL",
        chance.choice(NAMES).title(),
        chance.choice(STREETS),
        chance.choice(TOWNS),
        f"Order No: {order}",
        f"Tracking: {number}",
        f"Tel: {phone}",
        f"Date: {printed}",
        f"Weight {chance.randint(1, 20)} kg",
    ]
    found = {("order", order), ("tracking", number), ("phone", phone.replace(" ", "")), ("date", day)}
    return Sheet(lines, found)


def error_screen(chance: random.Random) -> Sheet:
    code = chance.choice(
        (
            f"E-{digits(chance, 3)}",
            f"0x8{digits(chance, 7)}",
            "ERR_CONNECTION_RESET",
            f"F{chance.randint(10, 99)}",
            f"PAY-{digits(chance, 3)}",
        )
    )
    label = chance.choice(("Error code: ", "Error: ", "Error "))
    lines = [
        chance.choice(("Something went wrong", "The machine has stopped", "Payment failed")),
        f"{label}{code}",
        "Please try again or contact us",
        "support@example.com",
        "www.example.com/help",
    ]
    found = {("error_code", code.upper()), ("email", "support@example.com"), ("url", "www.example.com/help")}
    return Sheet(lines, found, dark=chance.random() < 0.5)


def device(chance: random.Random) -> Sheet:
    serial = f"{chance.choice('ABCDEFGH')}{chance.choice('KLMNPRTX')}{digits(chance, 7)}"
    imei = (body := f"35{digits(chance, 12)}") + luhn.calc_check_digit(body)
    lines = [
        f"Coffee machine X{digits(chance, 3)}",
        "220-240V 50Hz 1450W",
        f"S/N: {serial}",
        f"IMEI: {imei}",
        "Made in Portugal",
    ]
    return Sheet(lines, {("serial", serial), ("imei", imei)})


def receipt(chance: random.Random) -> Sheet:
    printed, day = date(chance)
    goods = [(chance.choice(GOODS), chance.randint(50, 2999)) for _ in range(chance.randint(3, 8))]
    total = sum(cents for _, cents in goods)
    given = (total // 1000 + 1) * 1000
    number = f"{chance.choice('ABR')}{digits(chance, 6)}"
    lines = [
        "CORNER & CO.",
        chance.choice(STREETS),
        chance.choice(TOWNS),
        f"Receipt No: {number}",
        f"{printed} {chance.randint(8, 20):02}:{chance.randint(0, 59):02}",
        *(f"{name}\t{money(cents)}" for name, cents in goods),
        f"Subtotal\t{money(total)}",
        f"TOTAL EUR\t{money(total)}",
        f"Cash\t{money(given)}",
        f"Change\t{money(given - total)}",
        "Thank you for shopping with us",
    ]
    return Sheet(lines, {("date", day), ("total", money(total)), ("invoice", number)}, mono=True, wide=True)


# -- what nobody should send ----------------------------------------------------------------------------------------
def card(chance: random.Random) -> Sheet:
    start, length, groups, name = chance.choice(
        (
            ("4", 16, (4, 4, 4, 4), "VISA"),
            ("5412", 16, (4, 4, 4, 4), "mastercard"),
            ("2221", 16, (4, 4, 4, 4), "mastercard"),
            ("37", 15, (4, 6, 5), "AMERICAN EXPRESS"),
            ("6011", 16, (4, 4, 4, 4), "DISCOVER"),
        )
    )
    body = start + digits(chance, length - len(start) - 1)
    number = body + luhn.calc_check_digit(body)
    shown = " ".join(number[sum(groups[:n]) : sum(groups[: n + 1])] for n in range(len(groups)))
    lines = [
        f"{chance.choice(('Example Bank', 'First Bank', 'Savings & Co'))}  {name}",
        "",
        shown,
        f"VALID THRU {chance.randint(1, 12):02}/{chance.randint(26, 32)}",
        chance.choice(NAMES),
    ]
    return Sheet(lines, sensitive="card", secrets=(shown, number), dark=chance.random() < 0.5)


def bank_letter(chance: random.Random) -> Sheet:
    bank = digits(chance, 18)
    check = 98 - int(f"{bank}131400") % 97  # ISO 7064: D is 13, E is 14
    number = f"DE{check:02}{bank}"
    shown = " ".join(number[n : n + 4] for n in range(0, len(number), 4))
    lines = [
        "Please send the refund to",
        chance.choice(NAMES).title(),
        f"{chance.choice(('IBAN: ', 'IBAN ', ''))}{shown}",
        "BIC EXAMPLEBXXX",
    ]
    return Sheet(lines, sensitive="iban", secrets=(shown, number))


def passport(chance: random.Random) -> Sheet:
    first, last = chance.choice(NAMES).split()
    number, birth, expiry = f"L{digits(chance, 8)}", f"{chance.randint(50, 99)}0812", f"{chance.randint(27, 34)}0415"
    sex = chance.choice("MF")
    if chance.random() < 0.5:
        top = f"P<UTO{last}<<{first}".ljust(44, "<")
        low = f"{number}{_check(number)}UTO{birth}{_check(birth)}{sex}{expiry}{_check(expiry)}".ljust(42, "<")
        zone = [top, f"{low}<{_check(number + birth + expiry)}"]
    else:
        zone = [
            f"I<UTO{number}{_check(number)}".ljust(30, "<"),
            f"{birth}{_check(birth)}{sex}{expiry}{_check(expiry)}UTO".ljust(29, "<") + "6",
            f"{last}<<{first}".ljust(30, "<"),
        ]
    return Sheet(
        ["UTOPIA", f"{last.title()} {first.title()}", f"No. {number}", "", *zone],
        sensitive="mrz",
        secrets=(number,),
        mono=True,
    )


def _check(text: str) -> str:
    values = [int(c) if c.isdecimal() else 0 if c == "<" else ord(c) - 55 for c in text]
    return str(sum(value * (7, 3, 1)[n % 3] for n, value in enumerate(values)) % 10)


# -- ink and camera -------------------------------------------------------------------------------------------------
def fonts(mono: bool) -> list[Path]:
    found = [Path(place) / name for place in PLACES for name in FONTS if (Path(place) / name).is_file()]
    return (
        [path for path in found if "Mono" in path.name] if mono else [path for path in found if "Mono" not in path.name]
    )


def draw(sheet: Sheet, chance: random.Random, size: int = 0) -> Image.Image:
    size = size or chance.choice((22, 26, 30, 36))
    known = fonts(sheet.mono)
    font = ImageFont.truetype(str(chance.choice(known)), size) if known else ImageFont.load_default(size)
    widths = [font.getlength(line.replace("\t", " " * 12)) for line in sheet.lines]
    width, height = int(max(widths)) + 120, int(len(sheet.lines) * size * 1.6) + 120
    paper, ink = ("#16202c", "#e8edf2") if sheet.dark else (chance.choice(("white", "#f6f2e8", "#eef3f6")), "#151515")
    image = Image.new("RGB", (width, height), paper)
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(sheet.lines):
        left, _, right = line.partition("\t")
        top = 60 + int(number * size * 1.6)
        pen.text((60, top), left, fill=ink, font=font)
        if right:
            pen.text((width - 60 - font.getlength(right), top), right, fill=ink, font=font)
    return image


def photographed(image: Image.Image, chance: random.Random, *, turn: float = 10.0, blur: float = 1.2) -> Image.Image:
    """As a phone sees it: turned by at most ``turn`` degrees, blurred by at most ``blur`` pixels, from the side."""
    ground = tuple(chance.randint(60, 190) for _ in range(3))
    wide = Image.new("RGB", (image.width + 160, image.height + 160), ground)
    wide.paste(image, (80, 80))
    shift = [chance.uniform(0, 0.03) * wide.width for _ in range(4)]
    w, h = wide.size
    corners = (shift[0], shift[1], shift[2], h - shift[3], w - shift[1], h - shift[0], w - shift[3], shift[2])
    seen = wide.transform(wide.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=ground)
    seen = seen.rotate(chance.uniform(-turn, turn), Image.Resampling.BICUBIC, expand=True, fillcolor=ground)
    seen = seen.filter(ImageFilter.GaussianBlur(chance.uniform(0, blur)))
    light = np.linspace(chance.uniform(0.75, 1.0), chance.uniform(0.9, 1.1), seen.width)[None, :, None]
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, chance.uniform(0, 6), (seen.height, seen.width, 1))
    return Image.fromarray((np.asarray(seen) * light + noise).clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, quality: int = 80) -> bytes:
    """As Telegram sends it on: a JPEG of at most 1,280 pixels."""
    image = image.copy()
    image.thumbnail((1280, 1280), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


SHEETS: dict[str, Callable[[random.Random], Sheet]] = {
    "parcel": parcel,
    "error screen": error_screen,
    "device": device,
    "receipt": receipt,
    "card": card,
    "iban": bank_letter,
    "mrz": passport,
}
