from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from toys import COLOURS, picture, write_set

from vision.images import DataError, Sample, load_pixels, read_folder, rgb, squash, upright


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set", [{"labels": {"product": "apple"}}, {"captions": ["a b ."], "colour": "blue"}])


def replace_line(folder: Path, line: str | bytes) -> None:
    """A bad second line."""
    first = (folder / "metadata.jsonl").read_bytes().splitlines()[0]
    bad = line if isinstance(line, bytes) else line.encode()
    (folder / "metadata.jsonl").write_bytes(first + b"\n" + bad + b"\n")


class TestReadFolder:
    def test_a_folder(self, folder: Path) -> None:
        assert read_folder(folder) == [
            Sample(folder / "0.png", {"product": "apple"}),
            Sample(folder / "1.png", captions=("a b .",)),
        ]

    def test_empty_lines_and_other_keys_are_nothing(self, folder: Path) -> None:
        replace_line(folder, '\n  \n{"file_name": "1.png", "text": null, "title": "secret", "captions_zh": [1]}\n')
        assert read_folder(folder)[1] == Sample(folder / "1.png")

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("{", "not JSON"),
            ('{"file_name": "0.png", "n": ' + "9" * 5000 + "}", "not JSON"),
            ("[]", 'needs an object with "file_name"'),
            ("{}", 'needs an object with "file_name"'),
            ('{"file_name": 3}', 'needs an object with "file_name"'),
            ('{"file_name": "7.png"}', "no picture at"),
            ('{"file_name": ""}', "no picture at"),
            ('{"file_name": "a\\u0000b"}', "no picture at"),
            ('{"file_name": "1.png", "labels": ["apple"]}', "labels must map"),
            ('{"file_name": "1.png", "labels": {"product": null}}', "labels must map"),
            ('{"file_name": "1.png", "labels": {"product": ""}}', "labels must map"),
            ('{"file_name": "1.png", "captions": "a dog"}', "captions must be a list"),
            ('{"file_name": "1.png", "captions": [1]}', "captions must be a list"),
            ('{"file_name": "1.png", "text": 3}', "text must be a string"),
            (b'{"file_name": "\xff.png"}', "not UTF-8"),
        ],
    )
    def test_a_bad_line_is_named(self, folder: Path, line: str | bytes, said: str) -> None:
        replace_line(folder, line)
        with pytest.raises(DataError) as error:
            read_folder(folder)
        assert f"{folder / 'metadata.jsonl'}, line 2: " in str(error.value)
        assert said in str(error.value)

    def test_a_picture_outside_is_refused(self, folder: Path) -> None:
        picture().save(folder.parent / "outside.png")
        (folder / "link.png").symlink_to(folder.parent / "outside.png")
        for name in ("../outside.png", str(folder.parent / "outside.png"), "link.png"):
            replace_line(folder, json.dumps({"file_name": name}))
            with pytest.raises(DataError, match="line 2: no picture"):
                read_folder(folder)

    def test_no_metadata(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="one JSON object a line"):
            read_folder(tmp_path)

    def test_no_picture(self, tmp_path: Path) -> None:
        (tmp_path / "metadata.jsonl").write_text("\n")
        with pytest.raises(DataError, match="names no picture"):
            read_folder(tmp_path)


class TestLoadPixels:
    @pytest.fixture
    def cache(self, tmp_path: Path) -> Path:
        return tmp_path / "cache" / "pixels.npy"

    def test_shape_and_order(self, folder: Path) -> None:
        pixels = load_pixels(read_folder(folder), 16)
        assert pixels.shape == (2, 3, 16, 16)
        assert pixels.dtype == np.uint8
        for photo, colour in zip(pixels, ("red", "blue"), strict=True):
            assert np.allclose(photo.mean((1, 2)), COLOURS[colour], atol=3)

    def test_a_cache_is_used(self, folder: Path, cache: Path) -> None:
        samples = read_folder(folder)
        first = load_pixels(samples, 16, cache)
        np.save(cache, first + 1)
        assert (load_pixels(samples, 16, cache) == first + 1).all()
        assert [file.name for file in cache.parent.iterdir()] == ["pixels.npy"]

    def test_not_for_another_size_or_number(self, folder: Path, cache: Path) -> None:
        samples = read_folder(folder)
        load_pixels(samples, 16, cache)
        assert load_pixels(samples, 8, cache).shape == (2, 3, 8, 8)
        assert load_pixels(samples[:1], 8, cache).shape == (1, 3, 8, 8)

    @pytest.mark.parametrize("changed", ["0.png", "metadata.jsonl"])
    def test_not_when_the_data_is_newer(self, folder: Path, cache: Path, changed: str) -> None:
        """The same number of pictures in another order got each other's pixels."""
        samples = read_folder(folder)
        first = load_pixels(samples, 16, cache)
        np.save(cache, first + 1)
        later = cache.stat().st_mtime + 10
        os.utime(folder / changed, (later, later))
        assert (load_pixels(samples, 16, cache) == first).all()

    @pytest.mark.parametrize("left", [b"", b"\x93NUMPY", b"not numpy at all"])
    def test_half_a_cache_is_made_anew(self, folder: Path, cache: Path, left: bytes) -> None:
        samples = read_folder(folder)
        whole = load_pixels(samples, 16, cache)
        cache.write_bytes(left)
        assert (load_pixels(samples, 16, cache) == whole).all()
        cache.write_bytes(cache.read_bytes()[:-100])
        assert (load_pixels(samples, 16, cache) == whole).all()

    def test_a_broken_picture_is_named(self, folder: Path) -> None:
        (folder / "1.png").write_bytes((folder / "1.png").read_bytes()[:500])
        with pytest.raises(DataError, match=r"1\.png cannot be read as a picture"):
            load_pixels(read_folder(folder), 16)


class TestSquash:
    def test_nothing_is_copied_where_nothing_is_turned(self) -> None:
        """Four copies of each photo, 5 MB each."""
        straight = picture(COLOURS["red"], seed=1)
        assert rgb(upright(straight)) is straight
        turned = straight.copy()
        turned.getexif()[ExifTags.Base.Orientation] = 6
        assert upright(turned).size == straight.size[::-1]

    def test_the_whole_picture_in_a_square(self) -> None:
        image = Image.new("RGB", (40, 10))
        image.paste((255, 0, 0), (20, 0, 40, 10))
        square = squash(image, 8)
        assert square.shape == (8, 8, 3)
        assert (square[:, :3] == 0).all()
        assert (square[:, 5:] == (255, 0, 0)).all()

    def test_a_large_picture_does_not_turn_into_noise(self) -> None:
        checks = np.indices((512, 512)).sum(0) % 2 * 255
        assert squash(Image.fromarray(checks.astype(np.uint8)), 16).std() < 10

    def test_serving_and_training_see_the_same(self, tmp_path: Path) -> None:
        """Evaluation looked at phone photos lying on their side, and at transparent ones on black."""
        from vision.worker.decode import opened

        exif = Image.Exif()
        exif[0x0112] = 6
        image = picture()
        image.paste((0, 0, 255), (0, 0, 30, 30))
        image.save(tmp_path / "a.png", exif=exif)
        image.putalpha(0)
        image.save(tmp_path / "b.png")
        pixels = load_pixels([Sample(tmp_path / "a.png"), Sample(tmp_path / "b.png")], 16)
        for at, name in enumerate(("a.png", "b.png")):
            assert (opened((tmp_path / name).read_bytes(), 16).pixels.transpose(2, 0, 1) == pixels[at]).all()
        assert (pixels[1] == 255).all()
