"""Text, read by rapidocr itself in its own process; and what happens when that process hangs or crashes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
import pytest
from patience import PATIENCE
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from vision.frame import Frame
from vision.readers.layout import mended, rows_of
from vision.readers.ocr import Ocr
from vision.readers.ocr_server import passed_on, reading_order, slant
from vision.readers.read import Readers
from vision.readers.text_detector import TextDetector
from vision.report import PhotoReport
from vision.subprocesses import Servers

LINES = ["PARCEL LABEL", "Order No: 4471-22", "Tracking: RR473124829GB", "service@example.com"]
BLANK = np.full((64, 64, 3), 255, np.uint8)
CHILD = Frame(BLANK, BLANK, (), None)
STUB = "tests.support.hanging"


def label(lines: list[str], size: int = 32) -> Image.Image:
    image = Image.new("RGB", (760, 80 + len(lines) * size * 2), "white")
    for number, line in enumerate(lines):
        pen, font = ImageDraw.Draw(image), ImageFont.load_default(size)
        pen.text((40, 40 + number * size * 2), line, fill="black", font=font)
    return image


def pixels(image: Image.Image) -> npt.NDArray[np.uint8]:
    return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="module")
def ocr() -> Iterator[Ocr]:
    made = Ocr(threads=1)
    made.warm()
    yield made
    made.close()


@pytest.mark.parametrize("turn", [0, 8, -10, 90, 180, 270])
def test_lines_in_reading_order_however_the_page_lies(ocr: Ocr, turn: int) -> None:
    page = label(LINES).rotate(turn, expand=True, fillcolor=(150, 140, 130), resample=Image.Resampling.BICUBIC)
    read = ocr.read(pixels(page), PATIENCE)
    assert read.state == "read"
    assert [piece.text.replace(" ", "") for piece in read.pieces] == [line.replace(" ", "") for line in LINES]
    assert all(0 <= edge <= 1 for piece in read.pieces for edge in piece.box)


def test_blur_and_small_print(ocr: Ocr) -> None:
    page = label(LINES, 18).filter(ImageFilter.GaussianBlur(1.0))
    assert "Tracking:RR473124829GB" in [p.text.replace(" ", "") for p in ocr.read(pixels(page), PATIENCE).pieces]


def test_a_label_somewhere_in_a_panorama(ocr: Ocr) -> None:
    """rapidocr framed a picture more than 8 times as wide as high and then shrank it: nothing was read."""
    wide = Image.effect_noise((5773, 433), 60).convert("RGB")
    wide.paste(label(LINES).resize((400, 180)), (600, 60))
    read = ocr.read(pixels(wide), PATIENCE)
    assert [piece.text.replace(" ", "") for piece in read.pieces] == [line.replace(" ", "") for line in LINES]
    assert all(600 / 5773 < piece.box[0] < piece.box[2] < 1000 / 5773 for piece in read.pieces)


def test_a_picture_without_text_has_none(ocr: Ocr) -> None:
    assert ocr.read(BLANK, PATIENCE).state == "none"


def test_a_deadline_that_passes_is_said_and_no_text_is_invented(ocr: Ocr) -> None:
    assert ocr.read(BLANK, 0.0).state == "late"


def test_a_page_of_400_lines_is_read_in_part_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from vision.readers import ocr_server

    reader = ocr_server.Reader.__new__(ocr_server.Reader)
    boxes = np.array([[(10, y), (200, y), (200, y + 10), (10, y + 10)] for y in range(20, 20 + 400 * 14, 14)], float)

    class Engine:
        def crop_text_regions(self, picture: object, found: npt.NDArray[np.float32]) -> list[npt.NDArray[np.uint8]]:
            return [np.zeros((10, 190, 3), np.uint8) for _ in found]

    reader.engine = Engine()
    monkeypatch.setattr(reader, "_boxes", lambda _: boxes)
    monkeypatch.setattr(reader, "_upright", lambda _, crops: (0, crops))
    monkeypatch.setattr(reader, "_lines", lambda crops, _: [(f"line {n}", 0.99) for n in range(len(crops))])
    answer = reader.read(np.zeros((5700, 400, 3), np.uint8), end=1e12)
    assert len(answer["pieces"]) == ocr_server.MOST_LINES
    assert answer["left"] == 400 - ocr_server.MOST_LINES
    assert answer["late"]  # nobody knows what the others say: agents are not shown them
    assert answer["pieces"][0]["text"] == "line 0"


class TestDisposable:
    def stub(self, how: str) -> Ocr:
        made = Ocr()
        made.servers = Servers(STUB, (how,))
        return made

    @pytest.mark.parametrize("how", ["hang", "crash"])
    def test_a_hang_or_crash_is_tried_once_more(self, tmp_path: Path, how: str) -> None:
        ocr = self.stub(f"{how}:{tmp_path / 'seen'}")
        try:
            read = ocr.read(BLANK, 2, within=PATIENCE)
            assert (read.state, [piece.text for piece in read.pieces]) == ("read", ["HELLO"])
        finally:
            ocr.close()

    def test_a_hang_leaves_time_for_another_try(self, tmp_path: Path) -> None:
        """While a person had the chat, the first try took all there was."""
        ocr = self.stub(f"hang:{tmp_path / 'seen'}")
        try:
            assert Readers(TextDetector(), ocr).read(PhotoReport(), CHILD, 8, within=6).report.lines == ("HELLO",)
        finally:
            ocr.close()

    def test_read_in_part_for_want_of_time(self) -> None:
        """It was called "partly", as where a line is too small, and agents got a page nobody had read to its end."""
        ocr = self.stub("late")
        try:
            read = ocr.read(BLANK, PATIENCE)
            assert (read.state, [piece.text for piece in read.pieces], read.left) == ("late", ["HELLO"], 7)
        finally:
            ocr.close()

    def test_twice_is_enough(self) -> None:
        ocr = self.stub("always-crash")
        try:
            assert ocr.read(BLANK, PATIENCE).state == "crashed"
            assert ocr.read(BLANK, PATIENCE).state == "crashed"  # and the next photo gets a fresh process
        finally:
            ocr.close()

    def test_nonsense_is_a_crash(self) -> None:
        ocr = self.stub("nonsense")
        try:
            assert ocr.read(BLANK, PATIENCE).state == "crashed"
        finally:
            ocr.close()

    def test_nothing_is_left_after_close(self) -> None:
        ocr = self.stub("nothing")
        ocr.read(BLANK, PATIENCE)
        ocr.close()
        assert not [p for p in psutil.Process().children(recursive=True) if STUB in " ".join(p.cmdline())]
        assert ocr.read(BLANK, 1).state == "crashed"


class TestGate:
    def test_print_is_seen_and_plain_pictures_are_not(self) -> None:
        gate = TextDetector()
        assert gate.boxes(pixels(label(LINES)))
        assert gate.boxes(pixels(label(["E-204"], 24).rotate(7, fillcolor="white")))
        assert not gate.boxes(np.full((300, 400, 3), 127, np.uint8))
        noise = np.random.default_rng(1).integers(90, 160, (480, 640, 3)).astype(np.uint8)
        assert not gate.boxes(noise)
        blob = Image.new("RGB", (640, 480), "#ddd")
        ImageDraw.Draw(blob).ellipse((150, 80, 480, 420), fill="#6a3")
        assert not gate.boxes(pixels(blob))


def test_rows_join_what_stands_side_by_side() -> None:
    boxes = np.array(
        [
            [(300, 12), (380, 12), (380, 32), (300, 32)],
            [(10, 10), (90, 10), (90, 30), (10, 30)],
            [(10, 60), (90, 60), (90, 80), (10, 80)],
        ],
        float,
    )
    assert reading_order(boxes) == [(1, 0), (0, 0), (2, 1)]
    assert reading_order(np.zeros((0, 4, 2))) == []


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Bil1", "Bill"),
        ("Tota1", "Total"),
        ("Gril1Veg", "GrillVeg"),
        ("A1", "A1"),
        ("Formula1", "Formula1"),
        ("anna1b@mail.com", "anna1b@mail.com"),
        ("help@shop1.de or https://x.example/track1ng", "help@shop1.de or https://x.example/track1ng"),
        ("Order id: abc1d", "Order id: abc1d"),
        ("order no abc1d", "order no abc1d"),
        ("1l", "1l"),
        ("E-101", "E-101"),
        ("X1Y2", "X1Y2"),
    ],
)
def test_a_one_between_letters_is_an_l(read: str, meant: str) -> None:
    assert mended(read) == meant


def test_no_pieces_no_rows() -> None:
    assert rows_of([]) == []


@pytest.mark.parametrize(
    ("text", "sure", "passed"),
    [
        ("hardly a word", 0.4, False),
        ("a word", 0.6, True),
        ("4539 14B8 0343", 0.3, True),
        ("12.50", 0.3, False),
        (" ", 1, False),
    ],
)
def test_unsure_digits_are_still_looked_at(text: str, sure: float, *, passed: bool) -> None:
    """A card's number that was read at less than one half was dropped, and its photo shown as it was."""
    assert passed_on(text, sure) is passed


def line(degrees: float, *, tall: bool = False) -> npt.NDArray[np.float64]:
    wide, high = (20.0, 200.0) if tall else (200.0, 20.0)
    turn = np.radians(degrees)
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)])
    return corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])


def test_how_far_lines_lie_off_the_edges() -> None:
    assert slant(np.stack([line(0), line(0), line(3)])) == 0
    assert slant(np.stack([line(2), line(3), line(-4)])) == 3
    assert slant(np.stack([line(2, tall=True), line(2, tall=True), line(-2)])) == 2  # a page on its side
    assert slant(np.stack([line(0), line(0)])) is None  # too few
    assert slant(np.zeros((0, 4, 2))) is None
