"""Several key frames → one report: what is said about the whole, and what of it nobody may see."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from vision.frame import Frame
from vision.readers.layout import Piece
from vision.readers.ocr import Read
from vision.readers.read import Reading, finished
from vision.report import Code, Film, Label, LabelSet, PhotoReport, TextState
from vision.worker.timeline import FrameReport, merged

WHOLE = Film(looked=8, whole=True)
CARD = "4539 1488 0343 6467"
MRZ = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


def frame(
    at: float,
    *lines: str,
    labels: dict[str, float] | None = None,
    stated: str | None = None,
    applies: float = 0.9,
    confidence: float = 0.95,
    text: TextState | None = None,
    codes: tuple[Code, ...] = (),
    colour: int = 200,
) -> FrameReport:
    """Read by the real readers' rules; only the OCR's pieces are given."""
    child = Frame(np.zeros((8, 8, 3), np.uint8), np.full((300, 400, 3), colour, np.uint8), codes, None, at)
    pieces = tuple(
        Piece(text=line, confidence=confidence, box=(0.1, 0.1 * n, 0.9, 0.1 * n + 0.08), height=20.0, row=n)
        for n, line in enumerate(lines, 1)
    )
    top = tuple(Label(name=name, probability=p) for name, p in (labels or {}).items())
    sets = {"product": LabelSet(applies=applies, stated=stated, top=top)} if top else {}
    caption = {"caption": f"A {stated}.", "caption_source": "product"} if stated else {}
    report = PhotoReport.model_validate({"labels": sets, **caption})
    state = text or ("read" if lines else "none")
    return FrameReport(child, finished(report, child, Read(state, pieces)))


def join(*frames: FrameReport, film: Film = WHOLE) -> Reading:
    return merged(film, frames)


def test_a_file_of_the_cameras_is_shown_as_moments_only() -> None:
    """Where it was taken stands in the container, whatever its pictures show."""
    moments = (frame(0, labels={"Apple": 0.9}), frame(1, labels={"Apple": 0.9}))
    assert merged(WHOLE, moments).safe_copy is None
    sheet = merged(WHOLE, moments, as_file=True).safe_copy
    assert sheet
    with Image.open(io.BytesIO(sheet)) as copy:
        assert copy.format == "JPEG" and not copy.getexif()


class TestLabels:
    def test_one_thing_in_sight_for_half_of_it(self) -> None:
        apple = {"labels": {"Apple": 0.9, "Pear": 0.1}, "stated": "Apple"}
        report = join(
            frame(0, **apple), frame(1, **apple), *(frame(n, labels={"Milk": 0.4}, applies=0.05) for n in (2, 3))
        ).report  # type: ignore[arg-type]
        found = report.labels["product"]
        assert (found.stated, found.top[0].name, found.applies) == ("Apple", "Apple", 0.9)
        assert found.top[0].probability > 0.8
        assert (report.caption, report.caption_source) == ("A Apple.", "product")

    def test_two_things_are_not_one(self) -> None:
        """The surest frame would have called the whole video by one of the two."""
        report = join(
            frame(0, labels={"Apple": 0.95}, stated="Apple"), frame(4, labels={"Banana": 0.9}, stated="Banana")
        ).report
        found = report.labels["product"]
        assert found.stated is None and report.caption is None
        assert {label.name for label in found.top} == {"Apple", "Banana"}
        assert all(0.4 < label.probability < 0.5 for label in found.top)

    def test_one_lucky_frame_of_many_does_not_make_it_sure(self) -> None:
        others = [frame(n, labels={"Pear": 0.3, "Milk": 0.3}) for n in range(1, 8)]
        report = join(frame(0, labels={"Apple": 0.99}, stated="Apple"), *others).report
        assert report.labels["product"].stated is None
        assert report.labels["product"].top[0].probability < 0.5

    def test_probabilities_stay_probabilities(self) -> None:
        found = join(*(frame(n, labels={"Apple": 1.0}, applies=1.0) for n in range(3))).report.labels["product"]
        assert found.top[0].probability == 1.0

    def test_a_time_line_says_when(self) -> None:
        film = join(
            frame(0, labels={"Apple": 0.9}, stated="Apple"),
            frame(4.2, "Error code: E-204", labels={"Apple": 0.9}),  # not stated: nothing that a time line says
            frame(6, "Error code: E-204"),
        ).report.film
        assert film and film.looked == 8
        assert [(moment.at, list(moment.labels), moment.lines) for moment in film.timeline] == [
            (0, ["product"], ()),
            (4.2, [], ("Error code: E-204",)),
            (6, [], ()),
        ]


class TestText:
    def test_each_line_once_in_its_surest_reading(self) -> None:
        reading = join(
            frame(0, "Order No: 4471-22", "Berlin Allee"),
            frame(1, "0rder No: 4471-22", "Berlin AIlee", confidence=0.85),
        )
        report = reading.report
        assert report.lines == ("Order No: 4471-22", "Berlin Allee")
        assert reading.sure == (0.95, 0.95)
        assert [(r.type, r.value, r.line) for r in report.references] == [("order", "4471-22", 0)]

    def test_other_digits_are_another_line(self) -> None:
        report = join(frame(0, "Error code: E-204"), frame(2, "Error code: E-205")).report
        assert [r.value for r in report.references] == ["E-204", "E-205"]
        assert [r.line for r in report.references] == [0, 1]

    def test_a_digit_misread_once_gives_way_to_what_others_agree_on(self) -> None:
        report = join(
            frame(0, "Order No: 4471-22"), frame(1, "Order No: 4471-22"), frame(2, "Order No: 4471-27")
        ).report
        assert [r.value for r in report.references] == ["4471-22"]

    def test_codes_once_each(self) -> None:
        one, two = (Code(symbology="qrcode", payload=payload) for payload in ("one", "two"))
        report = join(frame(0, codes=(one,)), frame(1, codes=(one, two))).report
        assert [code.payload for code in report.codes] == ["one", "two"]

    @pytest.mark.parametrize(
        ("states", "whole"),
        [(("none", "read"), "read"), (("read", "late"), "late"), (("crashed", "late"), "crashed"), (("none",), "none")],
    )
    def test_a_video_is_read_when_all_of_it_is(self, states: tuple[TextState, ...], whole: TextState) -> None:
        """Of a frame that was not read nobody knows what stands there."""
        frames = [frame(n, *(["a line"] if state == "read" else []), text=state) for n, state in enumerate(states)]
        assert join(*frames).report.text == whole


class TestHidden:
    def sheet(self, reading: Reading) -> np.ndarray:
        assert reading.safe_copy
        return np.asarray(Image.open(io.BytesIO(reading.safe_copy)).convert("L"), float)

    def test_nothing_to_hide_is_shown_itself(self) -> None:
        assert join(frame(0, "Milk"), frame(1)).safe_copy is None

    def test_a_card_in_one_frame(self) -> None:
        """Its neighbour has the same card a little out of focus: a digit is missing, so no rule knows it for one."""
        reading = join(frame(0, "EXAMPLE BANK", CARD), frame(1, "EXAMPLE BANK", "539 1488 0343 646"), frame(2))
        report = reading.report
        assert [finding.type for finding in report.sensitive] == ["card"]
        assert not any("1488" in line for line in report.lines)
        assert report.lines == ("EXAMPLE BANK", "•••• •••• •••• 6467")
        assert report.film and [moment.hidden for moment in report.film.timeline] == [True, False, False]
        assert not any("1488" in line for moment in report.film.timeline for line in moment.lines)
        assert report.references == ()
        assert reading.safe_copy

    def rough(self, *frames: FrameReport) -> list[bool]:
        """Of each frame, whether anything fine is left in the lower half of the sheet."""
        for seen in frames:  # fine stripes, which no blur leaves
            seen.child.readable[:, ::2] = 20
        sheet = self.sheet(join(*frames))
        width = sheet.shape[1] // len(frames)
        parts = [sheet[200:, n * width + 20 : (n + 1) * width - 20] for n in range(len(frames))]
        return [bool(np.abs(np.diff(part, axis=1)).mean() > 10) for part in parts]

    def test_a_card_and_its_back(self) -> None:
        """The security code, alone on another frame, was kept."""
        report = join(frame(0, "VISA", CARD), frame(1, "Authorised signature", "123"), frame(2, "2 kg")).report
        assert report.lines == ("VISA", "•••• •••• •••• 6467", "Authorised signature", "2 kg")

    def test_frames_that_may_show_the_same_are_blurred_as_a_whole(self) -> None:
        frames = (frame(0, "EXAMPLE BANK", CARD), frame(1, "EXAMPLE BANK"), frame(2))
        assert self.rough(*frames) == [True, False, True]

    @pytest.mark.parametrize(
        "payload",
        ["WIFI:T:WPA;S:home;P:secret12;;", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", "DE89370400440532013000"],
    )
    def test_a_code_that_was_decoded_in_one_frame(self, payload: str) -> None:
        """Its neighbour, a little out of focus, was shown as it was: another decoder may read it."""
        code = Code(symbology="qrcode", payload=payload, box=(0.1, 0.1, 0.4, 0.4))
        assert self.rough(frame(0, codes=(code,)), frame(1), frame(2, "HOME")) == [True, False, False]

    def test_a_password_printed_in_a_neighbouring_frame(self) -> None:
        """It has no digits to know it by: one frame's code says that such a thing is in sight, and all print goes."""
        code = Code(symbology="qrcode", payload="otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", box=(0.1, 0.1, 0.4, 0.4))
        report = join(frame(0, codes=(code,)), frame(1, "secrel=JBSWY3DPEHPK3PXP", "home sweet home")).report
        assert report.lines == () and "JBSWY3D" not in report.model_dump_json()
        assert (report.text, report.unread) == ("partly", 2)  # lines are missing, and whoever reads it should know

    def test_a_frame_with_something_else_to_hide_is_blurred_as_a_whole(self) -> None:
        iban = Code(symbology="qrcode", payload="DE89370400440532013000", box=(0.1, 0.1, 0.4, 0.4))
        assert self.rough(frame(0, "VISA", CARD), frame(1, "Refund", codes=(iban,))) == [False, False]

    def test_of_an_identity_paper_nothing_is_kept(self) -> None:
        reading = join(frame(0, *MRZ), frame(1, "ERIKSSON ANNA MARIA"))
        assert {finding.type for finding in reading.report.sensitive} == {"mrz"}
        assert reading.report.lines == () and reading.safe_copy is None
        assert "ERIKSSON" not in reading.report.model_dump_json()

    def test_codes_of_an_identity_paper_are_not_kept(self) -> None:
        """Its QR code, read in a frame where the print was not, stayed in the report."""
        codes = (Code(symbology="qrcode", payload="ID L898902C3 ERIKSSON"),)
        report = join(frame(0, *MRZ), frame(1, codes=codes), frame(2, "Milk", codes=codes)).report
        assert report.codes == ()
        assert "ERIKSSON" not in report.model_dump_json()

    def test_what_was_not_seen_as_a_whole_is_shown_as_its_moments(self) -> None:
        reading = join(frame(0, "Milk"), frame(30, colour=90), film=Film(looked=60, whole=False))
        sheet = self.sheet(reading)
        assert sheet.shape == (300, 800)
        assert (sheet[:, :300].mean(), sheet[:, 500:].mean()) == pytest.approx((200, 90), abs=3)
