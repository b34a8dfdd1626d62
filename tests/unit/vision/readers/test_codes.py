from __future__ import annotations

import io

import numpy as np
import pytest
import segno
import zxingcpp
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from vision.readers import bars, codes, gtin, quality, stripes
from vision.report import Code, shown


def qr(payload: str, size: int = 240, **more: object) -> Image.Image:
    out = io.BytesIO()
    segno.make(payload, **more).save(out, kind="png", scale=6, border=4)
    return Image.open(out).convert("RGB").resize((size, size), Image.Resampling.NEAREST)


def bar(payload: str, kind: zxingcpp.BarcodeFormat, scale: int = 3) -> Image.Image:
    drawn = zxingcpp.create_barcode(payload, kind).to_image(scale=scale, add_quiet_zones=True)
    return Image.fromarray(np.asarray(drawn)).convert("RGB")


def scene(*placed: tuple[Image.Image, tuple[int, int]], size: tuple[int, int] = (900, 600)) -> np.ndarray:
    image = Image.new("RGB", size, "#d8d4cc")
    for picture, at in placed:
        image.paste(picture, at)
    return quality.grey(np.asarray(image))


def test_several_codes_of_one_photo_with_their_places_and_article_numbers() -> None:
    ean, upc = bar("4006381333931", zxingcpp.BarcodeFormat.EAN13), bar("036000291452", zxingcpp.BarcodeFormat.UPCA)
    found = codes.read(scene((qr("https://example.com/a"), (30, 30)), (ean, (450, 40)), (upc, (450, 380))))
    said = {code.symbology: (code.payload, code.gtin) for code in found}
    assert said == {
        "qrcode": ("https://example.com/a", None),
        "ean13": ("4006381333931", "04006381333931"),
        "upca": ("036000291452", "00036000291452"),
    }
    where = next(code.box for code in found if code.symbology == "qrcode")
    assert where[0] < 0.1 and where[2] == pytest.approx(270 / 900, abs=0.05)


@pytest.mark.parametrize(
    ("kind", "symbology"),
    [(zxingcpp.BarcodeFormat.DataBarOmni, "rss14"), (zxingcpp.BarcodeFormat.DataBarLimited, "rsslimited")],
)
def test_small_retail_codes_are_article_numbers(kind: zxingcpp.BarcodeFormat, symbology: str) -> None:
    """Of a DataBar Limited none was said."""
    [code] = codes.read(scene((bar("0950110153000", kind), (100, 100))))
    assert (code.symbology, code.payload, code.gtin) == (symbology, "09501101530003", "09501101530003")


@pytest.mark.parametrize("turn", [90, 180, 270, 12])
def test_turned(turn: int) -> None:
    grey = scene((qr("order 4471-22"), (200, 150)))
    turned = np.asarray(Image.fromarray(grey).rotate(turn, expand=True, fillcolor=200))
    assert [code.payload for code in codes.read(turned)] == ["order 4471-22"]


def test_light_on_dark() -> None:
    assert [code.payload for code in codes.read(255 - scene((qr("dark"), (200, 150))))] == ["dark"]


def test_what_may_hold_a_secret_comes_before_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many codes the bars are left out: whatever is left out is not checked."""
    bars_found = [Code(symbology="ean13", payload=str(n), box=(0, 0, 0.5, 0.5)) for n in range(codes.MOST_CODES)]
    wifi = Code(symbology="qrcode", payload="WIFI:S:home;P:secret;;", box=(0.9, 0.9, 0.95, 0.95))
    monkeypatch.setattr(codes, "_decode", lambda *_: [*bars_found, wifi])
    found = codes.read(scene())
    assert found and len(found) == codes.MOST_CODES and found[0] == wifi
    more = [wifi.model_copy(update={"payload": str(n)}) for n in range(codes.MOST_CODES + 1)]
    monkeypatch.setattr(codes, "_decode", lambda *_: more)
    assert codes.read(scene()) is None


def test_no_code_no_answer() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (480, 640)).astype(np.uint8)
    assert codes.read(noise) == []
    assert codes.read(np.full((1, 1), 3, np.uint8)) == []
    fence = np.tile(np.repeat([40, 220], 7), 60)[None, :640].repeat(480, 0).astype(np.uint8)
    assert codes.read(fence) == []


@pytest.mark.parametrize("size", [3, 40, 4_000])
def test_a_picture_of_any_shape(size: int) -> None:
    codes.read(np.full((size, 30), 200, np.uint8))


class TestHostilePayloads:
    def test_control_characters_and_marks_are_data_and_are_shown_without_effect(self) -> None:
        evil = "pay\u202e moc.live\x07\n\x1b[31mnow"
        [code] = codes.read(scene((qr(evil, 420), (50, 50))))
        assert code.payload == evil
        assert shown(code.payload) == "pay moc.live [31mnow"

    def test_the_largest_there_is(self) -> None:
        text = "9" * 7089
        [code] = codes.read(scene((qr(text, 760, error="l"), (20, 20)), size=(800, 800)))
        assert code.payload == text
        assert len(shown(code.payload)) == 200

    def test_a_code_in_a_code_is_text(self) -> None:
        [code] = codes.read(scene((qr("QR-CODE:\n<img src='data:image/png;base64,xx'>", 400), (50, 50))))
        assert code.payload.startswith("QR-CODE:")


class TestOutOfFocus:
    @pytest.mark.parametrize("digits", ["4006381333931", "9780345348036", "0036000291452"])
    def test_bars_that_have_run_together_are_read(self, digits: str) -> None:
        kind = zxingcpp.BarcodeFormat.EAN13
        picture = bar(digits, kind, 3).filter(ImageFilter.GaussianBlur(2.0))
        grey = scene((picture, (40, 60)), size=(420, 360))
        assert not zxingcpp.read_barcodes(grey), "too sharp to prove anything"
        [code] = codes.read(grey)
        assert code.payload.zfill(13) == digits
        assert code.gtin == digits.zfill(14)

    def test_what_does_not_say_the_same_in_three_rows_is_not_believed(self) -> None:
        chance = np.random.default_rng(2)
        for _ in range(5):
            row = np.repeat(chance.integers(0, 2, 95) * 180 + 40, 4)
            grey = np.tile(row, (240, 1)).astype(np.uint8)
            grey = np.asarray(Image.fromarray(grey).filter(ImageFilter.GaussianBlur(5)))
            assert bars.read_ean(grey) is None


EAN = "4006381333931"


class TestEveryWay:
    """Light bars on black, and bars at an angle between the quarters, were not read."""

    @pytest.mark.parametrize("turn", [0, 17, 33, 45, 58, 123, 214])
    @pytest.mark.parametrize("inverted", [False, True])
    def test_turned_and_inverted(self, turn: int, inverted: bool) -> None:
        grey = np.full((700, 700), 255, np.uint8)
        drawn = np.asarray(bar(EAN, zxingcpp.BarcodeFormat.EAN13).convert("L"))
        grey[300 : 300 + drawn.shape[0], 200 : 200 + drawn.shape[1]] = drawn
        turned = np.asarray(Image.fromarray(grey).rotate(turn, Image.Resampling.BICUBIC, fillcolor=255))
        [code] = codes.read(255 - turned if inverted else turned)
        assert (code.payload, code.gtin, code.name) == (EAN, f"0{EAN}", "EAN-13")
        left, top, right, bottom = code.box
        assert left < 0.5 < right and top < 0.62 and bottom > 0.4

    def test_one_that_is_read_does_not_hide_another_that_is_turned(self) -> None:
        turned = bar(EAN, zxingcpp.BarcodeFormat.EAN13).rotate(35, expand=True, fillcolor="#d8d4cc")
        grey = scene((qr("order 4471-22"), (20, 20)), (turned, (450, 200)))
        assert {code.payload for code in codes.read(grey)} == {"order 4471-22", EAN}

    def test_text_is_no_stripes(self) -> None:
        image = Image.new("L", (900, 500), 230)
        for row in range(8):
            ImageDraw.Draw(image).text(
                (40, 40 + 50 * row), "Thank you for shopping with us", 20, ImageFont.load_default(32)
            )
        assert codes.read(np.asarray(image)) == []

    def test_where_stripes_are(self) -> None:
        grey = np.full((400, 600), 220, np.uint8)
        grey[150:250, 200:400] = np.where(np.arange(200) // 6 % 2, 40, 220)
        [place] = stripes.striped(grey)
        assert place.centre == pytest.approx((300, 200), abs=16)
        assert place.along == pytest.approx(0, abs=0.02)
        assert place.box(600, 400) == pytest.approx((0.33, 0.4, 0.67, 0.6), abs=0.08)


@pytest.mark.parametrize(
    ("symbology", "payload", "number"),
    [
        ("datamatrix", "(01)09506000134352(17)271231(10)LOT42A(21)S7781", "09506000134352"),
        ("code128", "(01)09506000134352(10)LOT(42", "09506000134352"),
        ("code128", "(10)LOT42A(01)09506000134352", "09506000134352"),
        ("qrcode", "]Q30109506000134352\x1d10AB", "09506000134352"),
        ("datamatrix", "\x1d010950600013435217271231", "09506000134352"),
        ("itf", "15400141288763", "15400141288763"),
        ("qrcode", "https://id.shop.example/01/09506000134352/10/LOT42A?17=271231", "09506000134352"),
        ("qrcode", "https://example.com/some/path/gtin/614141123452?x=1", "00614141123452"),
        ("qrcode", "HTTPS://EXAMPLE.COM/01/95060001", None),
        ("datamatrix", "(01)09506000134353(17)271231", None),  # a wrong check digit
        ("datamatrix", "(00)095060001343520000(01)123", None),
        ("datamatrix", "0109506000134352", None),  # any sixteen digits
        ("itf", "154001412887", None),  # of a carton, or of anything else
        ("itf", "00000000000000", None),
        ("qrcode", "https://example.com/2001/09506000134352", None),
        ("qrcode", "see https://example.com/01/09506000134352", None),
        ("code39", EAN, None),
        ("ean8", "96385074", "00000096385074"),
    ],
)
def test_article_numbers_in_what_codes_hold(symbology: str, payload: str, number: str | None) -> None:
    assert gtin.gtin(symbology, payload) == number


def test_names_that_people_know() -> None:
    names = {Code(symbology=name, payload="x").name for name in ("rss14", "ean13", "qrcode", "pdf417", "code128")}
    assert names == {"GS1 DataBar", "EAN-13", "QR", "PDF417", "Code 128"}


def check_digit(body: str) -> str:
    return body + str(-sum(int(d) * (3, 1)[n % 2] for n, d in enumerate(body)) % 10)


@given(st.from_regex(r"[01][0-9]{6}", fullmatch=True).filter(int))
def test_the_short_form_of_a_upc_there_and_back(body: str) -> None:
    long = gtin.upc_a(f"{body}0")
    check = check_digit(long[:-1])[-1]
    short = f"{body}{check}"
    full = gtin.upc_a(short)
    assume(int(full))  # 0000003 stands for twelve zeros, which are nobody's
    assert gtin.gtin("upce", short) == full.zfill(14)
    assert gtin.upc_a(gtin.upc_e(full)) == full


def test_a_wrong_check_digit_is_no_article_number() -> None:
    assert gtin.gtin("ean13", "4006381333932") is None
    assert gtin.gtin("qrcode", "4006381333931") is None
    assert gtin.gtin("rssexpanded", "(01)09501101530003(17)251231") == "09501101530003"


def test_a_report_takes_them() -> None:
    assert Code(symbology="ean13", payload="x").box == (0.0, 0.0, 1.0, 1.0)
