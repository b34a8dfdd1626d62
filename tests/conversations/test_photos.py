"""Photos with something printed on them, as a customer and an agent meet them. Text is really read here."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import segno
from house import House
from PIL import Image, ImageDraw, ImageFont

from bot import photos
from bot.handover import ownership
from bot.handover.ownership import State
from bot.photos import facts_of
from bot.texts import Texts
from dialogue.evidence import SURE
from dialogue.turn import Fact
from playground import Message
from vision.frame import Frame
from vision.readers import quality
from vision.readers.ocr import Read
from vision.readers.read import finished
from vision.report import Code, Film, Finding, Label, LabelSet, PhotoReport, Reference

CARD = "4539 1488 0343 6467"
CODES = (
    "# Error codes\n\nE-101: the water tank is empty. Fill it.\n\nE-204: the drip tray is full. Empty it and dry it.\n"
)


def sign(*lines: str, code: str = "") -> bytes:
    image = Image.new("RGB", (700, 80 + 70 * len(lines)), "#eeeeea")
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((40, 40 + 70 * number), line, fill="#111", font=ImageFont.load_default(34))
    if code:
        out = io.BytesIO()
        segno.make(code).save(out, kind="png", scale=5, border=4)
        drawn = Image.open(out).convert("RGB")
        wide = Image.new("RGB", (image.width + drawn.width, max(image.height, drawn.height)), "#eeeeea")
        wide.paste(image, (0, 0))
        wide.paste(drawn, (image.width, 0))
        image = wide
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def from_bot(message: Message) -> bool:
    return message.from_bot


async def answer(house: House, picture: bytes, text: str = "") -> Message:
    await house.ana.send_photo(picture, text)
    return await house.ana.wait_for_message(from_bot)


def alike(one: bytes, other: bytes, box: tuple[float, float, float, float]) -> float:
    """Mean difference of grey values between two pictures in a part of them."""
    first, second = (Image.open(io.BytesIO(data)).convert("L") for data in (one, other))
    second = second.resize(first.size)
    edges = tuple(int(part * size) for part, size in zip(box, first.size * 2, strict=True))
    return float(np.abs(np.asarray(first.crop(edges), float) - np.asarray(second.crop(edges), float)).mean())


async def test_an_error_screen_finds_the_article_that_has_its_code(house: House, knowledge: Path) -> None:
    (knowledge / "error-codes.md").write_text(CODES, encoding="utf-8")
    async with house.bot():
        said = await answer(house, sign("The machine has stopped", "Error code: E-204"), "what does this mean?")
    assert "In your photo I read: error code E-204." in said.text
    assert "drip tray is full" in said.text and "[1] Error codes" in said.text


async def test_a_card_is_hidden_from_agents_and_from_the_store(house: House) -> None:
    picture = sign("EXAMPLE BANK", CARD, "VALID THRU 09/28")
    async with house.bot():
        kim = house.group.agent("Kim")
        told = await answer(house, picture, "a human please")
        assert "payment card" in told.text and "delete" in told.text
        card = await kim.wait_for_message("Why: asked for a person")
        shown = await kim.wait_for_message(lambda m: m.from_bot and "photo" in m.raw)
    assert alike(picture, shown.file(), (0.1, 0.1, 0.5, 0.25)) < 20  # the same picture …
    assert alike(picture, shown.file(), (0.08, 0.38, 0.55, 0.55)) > 20  # … without its number
    assert "Hidden: a payment card's number" in card.text
    assert "1488" not in card.text and "1488" not in told.text
    keys = [key async for key in house.redis.scan_iter("c:42:*")]
    kinds = {key.split(b":")[2] for key in keys}
    assert b"safe" in kinds and b"photo" not in kinds
    values = [await house.redis.get(key) for key in keys if await house.redis.type(key) == b"string"]
    assert not any(b"1488" in value for value in values if value)


async def test_a_person_gets_only_the_blurred_copy_too(house: House) -> None:
    picture = sign("IBAN DE89 3704 0044 0532 0130 00", "Anna Eriksson")
    async with house.bot():
        ana, kim = house.ana, house.group.agent("Kim")
        await ana.say("a human please")
        await ana.wait_for_message(from_bot)
        await ana.send_photo(picture, "here")
        shown = await kim.wait_for_message(lambda m: "photo" in m.raw)
        note = await kim.wait_for_message("Hidden: a bank account number")
        told = await ana.wait_for_message("delete")
    assert shown.file() != picture and "3704" not in note.text
    assert "bank account number" in told.text


async def test_what_nobody_could_look_at_is_withheld(house: House) -> None:
    """A photo that was relayed to agents unseen could show anything."""
    house.settings = house.settings.model_copy(update={"photo_seconds": 0.01})
    async with house.bot():
        ana, kim = house.ana, house.group.agent("Kim")
        await ana.say("a human please")
        await ana.wait_for_message(from_bot)
        await ana.send_photo(sign(CARD), "here")
        note = await kim.wait_for_message("could not be checked")
        assert "Ana: here" in note.text
        assert not [m for m in kim.messages() if "photo" in m.raw]
        assert (await ownership.read(house.redis, 42)).state is not State.BOT


async def test_a_secret_in_a_code_is_told_and_masked(house: House) -> None:
    async with house.bot():
        said = await answer(house, sign("Guest network", code="WIFI:T:WPA;S:home;P:hunter22;;"), "what is this?")
    assert "Wi-Fi password" in said.text and "hunter22" not in said.text


async def test_a_typed_card_number_is_in_no_history(live: House) -> None:
    kim = live.group.agent("Kim")
    await live.ana.say(f"my card is {CARD}, a human please")
    card = await kim.wait_for_message("Why: asked for a person")
    assert "1488" not in card.text and "•••• 6467" in card.text


def test_only_what_was_looked_at_and_is_harmless_is_shown_as_it_is() -> None:
    box = (0.0, 0.0, 1.0, 1.0)
    assert photos.for_agents("file", PhotoReport()) == "file"
    for trouble in ("truncated", "unavailable", "not_an_image"):  # HEIC, say: agents' phones open what we cannot
        assert photos.for_agents("file", PhotoReport.failed(trouble, "x")) == photos.WITHHELD  # type: ignore[arg-type]
    assert photos.for_agents("file", PhotoReport(text="late")) == photos.WITHHELD
    assert photos.for_agents("file", PhotoReport(sensitive=(Finding(type="card", box=box),))) == photos.WITHHELD
    safe = PhotoReport(sensitive=(Finding(type="card", box=box),), safe_copy="c:42:safe:x")
    assert photos.for_agents("file", safe) == "c:42:safe:x"
    # Its blurred copy is clear wherever nobody looked.
    assert photos.for_agents("file", safe.model_copy(update={"text": "late"})) == photos.WITHHELD
    assert photos.for_agents("file", PhotoReport(codes_read=False)) == photos.WITHHELD
    # Its bytes are the camera's, with where it was taken.
    assert photos.for_agents("file", PhotoReport(), as_file=True) == photos.WITHHELD
    assert photos.for_agents("file", PhotoReport(safe_copy="c:42:safe:x"), as_file=True) == "c:42:safe:x"
    whole = PhotoReport(film=Film(looked=4, whole=True))
    assert photos.for_agents("file", whole) == "file"
    assert photos.for_agents("file", whole, as_file=True) == photos.WITHHELD


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (PhotoReport(flaws=("too_small",), text="partly", unread=3), "move closer"),
        (PhotoReport(flaws=("blurred", "dark")), "blurred"),
        (PhotoReport(text="foreign", unread=3), "script that I can't read"),
        (PhotoReport(text="late"), "all the text"),
        (PhotoReport(text="crashed"), "type the important line"),
    ],
)
def test_advice(report: PhotoReport, said: str) -> None:
    assert said in " ".join(photos.advice(Texts(), [report, report]))
    assert len(photos.advice(Texts(), [report, report])) == 1


def test_print_of_which_not_a_letter_could_be_read_is_told() -> None:
    """Nothing was said: whether print is small was asked of what had been read of it."""
    pixels = np.asarray(Image.open(io.BytesIO(sign("Order No: 4471-22"))).convert("RGB"))
    child = Frame(pixels, pixels, (), quality.measure(quality.grey(pixels)))
    report = finished(PhotoReport(), child, Read("partly", (), 5)).report
    assert (report.flaws, report.unread) == (("too_small",), 5)
    assert "move closer" in " ".join(photos.advice(Texts(), [report]))
    logo = finished(PhotoReport(), child, Read("partly", (), 1)).report  # or a pattern
    assert photos.advice(Texts(), [logo]) == []


def test_no_advice_about_what_was_read_all_the_same() -> None:
    assert photos.advice(Texts(), [PhotoReport(flaws=("dark",), text="read", lines=("a", "b"))]) == []
    assert photos.advice(Texts(), [PhotoReport(flaws=("too_small",))]) == []  # a small picture without any print


def test_a_card_states_what_was_read() -> None:
    report = PhotoReport(
        lines=tuple(f"line {n}" for n in range(20)),
        codes=(Code(symbology="qrcode", payload="https://example.com/\u202epay"),),
        references=(
            Reference(type="order", value="4471-22", normal="4471-22"),
            Reference(type="total", value="18.90", normal="18.90", detail="EUR"),
            Reference(type="tracking", value="RR473124829GB", normal="RR473124829GB", detail="post"),
        ),
        flaws=("cut_off",),
        unread=2,
        text="partly",
    )
    lines = photos.card_lines(Texts(), report)
    assert (
        "Read: order 4471-22" in lines
        and "Read: total €18.90" in lines
        and "Read: parcel (post) RR473124829GB" in lines
    )
    assert "Code (QR): https://example.com/ pay" in lines
    assert any("… and 12 more lines" in line for line in lines)
    assert "2 pieces of text could not be read for sure" in lines and "Picture: cut off at the edge" in lines


def test_what_calibration_holds_back_is_not_sure() -> None:
    """Intact cars were told "I can see dent damage": the dialogue looked at 0.95, and not at what is stated."""
    dent = (Label(name="dent", probability=0.95), Label(name="scratch", probability=0.05))
    for stated, weight in ((None, SURE - 0.01), ("dent", 0.855)):
        report = PhotoReport(labels={"damage": LabelSet(applies=0.9, stated=stated, top=dent)})
        facts = {fact.value: fact.probability for fact in facts_of(report, "photo 1") if fact.slot == "damage"}
        assert facts == {"dent": pytest.approx(weight), "scratch": pytest.approx(0.045)}


def test_facts_of_what_was_read() -> None:
    report = PhotoReport(
        kind="receipt",
        lines=("TOTAL 18.90",),
        references=(
            Reference(type="date", value="24.11.26", normal="2026-11-24"),
            Reference(type="total", value="18.90", normal="18.90", detail="EUR"),
        ),
    )
    assert facts_of(report, "photo 1") == (
        Fact("kind", "receipt", 0.83, "photo 1"),
        Fact("date", "2026-11-24", 1.0, "photo 1"),
        Fact("total", "€18.90", 1.0, "photo 1"),
        Fact("text", "TOTAL 18.90", 1.0, "photo 1"),
    )
