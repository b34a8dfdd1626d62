"""What a photo may do to us: every format and every way to be broken, in this process and in a disposable child."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE
from PIL import Image
from toys import COLOURS, encoded, picture

from vision.worker.decode import MOST_BYTES, Unreadable, opened, readable
from vision.worker.sandbox import Sandbox

Decode = Callable[[bytes], npt.NDArray[np.uint8]]
SIZE = 16


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(SIZE, seconds=PATIENCE, servers=1)
    yield made
    made.close()


@pytest.fixture(params=["here", "in a child"])
def look(request: pytest.FixtureRequest, sandbox: Sandbox) -> Decode:
    if request.param == "here":
        return lambda data: opened(data, SIZE).pixels
    return sandbox.decode


def png(width: int, height: int, *, bits: int = 8, colour: int = 2, rows: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


BAD = {
    "empty": (b"", "empty"),
    "text": ("Dear shop, this is a letter. " * 50).encode(),
    "zeros": bytes(1000),
    "html": b"<!doctype html><title>404</title>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",  # Pillow would run Ghostscript
    "a PDF that is a JPEG further on": b"%PDF-1.7\n" + encoded(picture()),
    "a page that is a PNG further on": b"<html><script>alert(1)</script>" + encoded(picture(), "PNG"),
    "only the magic of a PNG": b"\x89PNG\r\n\x1a\n",
    "wave": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "half a JPEG": (half(encoded(picture())), "truncated"),
    "half a PNG": (half(encoded(picture(), "PNG")), "truncated"),
    "half a WebP": (half(encoded(picture(), "WEBP")), "truncated"),
    "half a lossless WebP": (half(encoded(picture(), "WEBP", lossless=True)), "truncated"),
    "half a GIF": (half(encoded(picture(), "GIF")), "truncated"),
    "half a TIFF": (half(encoded(picture(), "TIFF")), "truncated"),
    "half a BMP": (half(encoded(picture(), "BMP")), "truncated"),
    "a PNG with too few rows": (png(100, 100, rows=bytes(50)), "truncated"),
    "a bomb": (png(60_000, 60_000), "too_large"),
    "a small bomb": (png(8_000, 8_000), "too_large"),
    "a bomb of a GIF": (gif(65_535, 65_535), None),
    "no width": png(0, 5),
    "no size": png(0, 0),
    "no size, GIF": gif(0, 0),
    "a GIF without a frame": gif(5, 5),
    "21 MB": (bytes(MOST_BYTES + 1), "too_large"),
    "a PNG whose checksum is wrong": (encoded(picture(), "PNG").replace(b"IDAT", b"IDAT\x00", 1), None),
}


class TestRefused:
    @pytest.mark.parametrize("name", BAD)
    def test_with_a_reason(self, look: Decode, name: str) -> None:
        case = BAD[name]
        data, trouble = case if isinstance(case, tuple) else (case, "not_an_image")
        with pytest.raises(Unreadable) as refused:
            look(data)
        assert refused.value.reason
        assert trouble in (None, refused.value.trouble)

    @settings(max_examples=60)
    @given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]), st.data())
    def test_whatever_was_flipped_the_answer_is_pixels_or_a_reason(self, kind: str, chosen: st.DataObject) -> None:
        """No other exception: an Unreadable always has one of our words and a reason."""
        data = bytearray(encoded(picture(size=(24, 20)), kind))
        for _ in range(chosen.draw(st.integers(1, 8))):
            data[chosen.draw(st.integers(0, len(data) - 1))] = chosen.draw(st.integers(0, 255))
        with suppress(Unreadable):
            assert opened(bytes(data), SIZE).pixels.shape == (SIZE, SIZE, 3)


class TestPictures:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
    @pytest.mark.parametrize("tail", [b"PK\x03\x04 a zip", b"<script>alert(1)</script>", b"%PDF-1.7 a paper"])
    def test_what_else_a_file_is_changes_nothing(self, look: Decode, kind: str, tail: bytes) -> None:
        """Polyglots: pixels are all that leaves the child, so whatever lies behind a picture stays there."""
        data = encoded(picture(COLOURS["green"]), kind)
        assert (look(data + tail) == look(data)).all()

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
    def test_every_format(self, look: Decode, kind: str) -> None:
        pixels = look(encoded(picture(COLOURS["green"]), kind))
        assert pixels.shape == (SIZE, SIZE, 3)
        assert pixels.dtype == np.uint8
        assert np.allclose(pixels.mean((0, 1)), COLOURS["green"], atol=14)

    def test_the_name_does_not_matter_and_neither_does_one_pixel(self, look: Decode) -> None:
        assert np.allclose(look(encoded(Image.new("RGB", (1, 1), "red"), "PNG")), (255, 0, 0))
        assert look(encoded(Image.new("RGB", (3000, 1), "red"), "PNG")).shape == (SIZE, SIZE, 3)

    def test_an_animation_is_its_first_frame(self, look: Decode) -> None:
        frames = [Image.new("RGB", (20, 20), colour) for colour in ("lime", "red", "blue")]
        for kind in ("GIF", "WEBP", "PNG"):
            more = {"save_all": True, "append_images": frames[1:], "duration": 50}
            assert np.allclose(look(encoded(frames[0], kind, **more)).mean((0, 1)), (0, 255, 0), atol=12), kind

    def test_cmyk(self, look: Decode) -> None:
        image = Image.new("RGB", (40, 40), (200, 40, 40)).convert("CMYK")
        assert np.allclose(look(encoded(image)).mean((0, 1)), (200, 40, 40), atol=12)

    def test_16_bits(self, look: Decode) -> None:
        """An even grey was white: its brightest pixel was taken for white."""
        grey = Image.fromarray(np.full((20, 20), 32768, np.uint16))
        assert np.allclose(look(encoded(grey, "PNG")), 127, atol=1)
        ramp = Image.fromarray(np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (20, 1)))
        row = look(encoded(ramp, "PNG"))[0, :, 0].astype(int)
        assert row[0] < 20
        assert row[-1] > 235
        assert (np.diff(row) > 0).all()

    def test_16_bit_colour(self, look: Decode) -> None:
        rows = (b"\x00" + struct.pack(">HHH", 65535, 0, 32768) * 4) * 4
        assert np.allclose(look(png(4, 4, bits=16, rows=rows)), (255, 0, 128), atol=1)

    def test_floats(self, look: Decode) -> None:
        ramp = Image.fromarray(np.tile(np.linspace(-3, 3, 64, dtype=np.float32), (20, 1)))
        row = look(encoded(ramp, "TIFF"))[0, :, 0].astype(int)
        assert row[0] < 20
        assert row[-1] > 235

    def test_transparent_is_on_white(self, look: Decode) -> None:
        image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
        image.paste((0, 0, 255, 255), (0, 0, 20, 10))
        grey = Image.new("LA", (20, 20), (0, 0))
        grey.paste((0, 255), (0, 0, 20, 10))
        palette = Image.new("P", (20, 20), 1)
        palette.putpalette([0, 0, 255, 255, 0, 0])
        palette.paste(0, (0, 0, 20, 10))
        for kind, drawn, top in (
            ("PNG", image, (0, 0, 255)),
            ("WEBP", image, (0, 0, 255)),
            ("PNG", grey, (0, 0, 0)),
            ("PNG", palette, (0, 0, 255)),
            ("GIF", palette, (0, 0, 255)),
        ):
            more = {"transparency": 1} if drawn is palette else {"lossless": True} if kind == "WEBP" else {}
            pixels = look(encoded(drawn, kind, **more))
            assert np.allclose(pixels[:6], top, atol=2), (kind, drawn.mode)
            assert np.allclose(pixels[-6:], 255), (kind, drawn.mode)

    def test_black_and_white(self, look: Decode) -> None:
        assert (look(encoded(Image.new("1", (20, 20), 1), "PNG")) == 255).all()


class TestUpright:
    """Eight ways to hold a phone, one picture."""

    UNDO = (
        None,
        Image.Transpose.FLIP_LEFT_RIGHT,
        Image.Transpose.ROTATE_180,
        Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_90,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_270,
    )

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize(
        "kind", ["JPEG", "PNG", "WEBP", "TIFF", "transparent PNG", "transparent TIFF", "16 bit PNG"]
    )
    def test_exif(self, kind: str, orientation: int) -> None:
        image = Image.new("RGB", (64, 48), (40, 40, 40))
        image.paste((220, 220, 220), (0, 0, 32, 12))
        image.paste((120, 120, 120), (48, 30, 64, 48))
        if kind.startswith("16"):
            image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
        if kind.startswith("transparent"):
            image.putalpha(255)
        upright = opened(encoded(image, "PNG"), SIZE).pixels.astype(int)
        exif = Image.Exif()
        exif[0x0112] = orientation
        undo = self.UNDO[orientation - 1]
        held = image if undo is None else image.transpose(undo)
        more = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
        seen = opened(encoded(held, kind.rsplit(maxsplit=1)[-1], exif=exif, **more), SIZE).pixels
        assert np.abs(seen.astype(int) - upright).max() <= 3

    def test_exif_that_is_nonsense_does_not_cost_the_photo(self) -> None:
        whole = encoded(picture(), exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff garbage")
        assert np.allclose(opened(whole, SIZE).pixels.mean((0, 1)), COLOURS["red"], atol=12)


def heic() -> bytes:
    return (Path(__file__).parent / "one.heic").read_bytes()


class TestPhonesOfToday:
    def test_a_picture_of_an_iphone(self, look: Decode) -> None:
        """HEIC was no picture format that we open."""
        pixels = look(heic())
        assert pixels.shape == (SIZE, SIZE, 3)
        assert abs(pixels.mean((0, 1)) - COLOURS["green"]).max() < 12

    def test_avif(self, look: Decode) -> None:
        assert abs(look(encoded(picture(COLOURS["green"]), "AVIF")).mean((0, 1)) - COLOURS["green"]).max() < 12

    @pytest.mark.parametrize("kind", ["heic", "avif"])
    def test_half_of_one_is_refused(self, look: Decode, kind: str) -> None:
        data = heic() if kind == "heic" else encoded(picture(), "AVIF")
        with pytest.raises(Unreadable):
            look(half(data))


@pytest.mark.parametrize(
    ("inks", "light"),
    [((255,), 24), ((0,), 255), ((10, 245), 128), ((90,), 255), ((225, 250), 24)],
)
def test_transparent_pictures_stand_on_the_ground_that_shows_them(inks: tuple[int, ...], light: int) -> None:
    """White letters on nothing were laid on white: nothing was read, and the photo was "overexposed"."""
    image = Image.new("RGBA", (120, 60 * len(inks)), (0, 0, 0, 0))
    for number, ink in enumerate(inks):
        image.paste((ink, ink, ink, 255), (20, 60 * number + 20, 100, 60 * number + 40))
    seen = np.asarray(readable(image))
    assert seen[2, 2].tolist() == [light] * 3
    assert np.abs(seen[30, 60].astype(int) - light).max() > 80
