"""Videos and animations: which frames are kept, and what a file may do to us instead."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from films import only_sound, plain, turned, video
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from patience import PATIENCE
from PIL import Image, ImageDraw, ImageFilter
from toys import encoded, picture

from vision import subprocesses as servers_module
from vision.frame import Decoded
from vision.signature import moving
from vision.worker import sandbox as children_module
from vision.worker import video as module
from vision.worker.decode import Unreadable
from vision.worker.sandbox import Sandbox
from vision.worker.scenes import MOST, READABLE
from vision.worker.video import Filmed, filmed

SIZE = 16
COLOURS = {"red": (253, 0, 0), "lime": (0, 254, 0), "blue": (0, 0, 254), "yellow": (253, 253, 0)}
FOUR = [plain(colour) for colour in COLOURS for _ in range(10)]  # a second each


@pytest.fixture(scope="module")
def children() -> Iterator[Sandbox]:
    made = Sandbox(SIZE, seconds=PATIENCE, servers=1)
    yield made
    made.close()


def look(data: bytes, seconds: float = 30) -> Filmed:
    found = filmed(data, SIZE, seconds)
    assert found and found.film
    return found


def noise(seed: int) -> Image.Image:
    grains = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(grains).resize((160, 120), Image.Resampling.NEAREST)


def animation(kind: str, frames: list[Image.Image], **more: object) -> bytes:
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], **more)


class TestKeyFrames:
    @pytest.mark.parametrize(
        ("codec", "container", "keys"),
        [
            ("libx264", "mp4", 250),
            ("libx264", "mp4", 5),
            ("mpeg4", "mov", 12),
            ("libvpx-vp9", "webm", 120),
            ("libvpx", "matroska", 120),
            ("mjpeg", "avi", 1),
        ],
    )
    def test_one_a_scene(self, codec: str, container: str, keys: int) -> None:
        found = look(video(FOUR, codec=codec, container=container, keys=keys))
        assert len(found.frames) == 4
        for number, ((at, frame), colour) in enumerate(zip(found.frames, COLOURS.values(), strict=True)):
            assert number <= at <= number + 0.5
            assert np.allclose(frame.readable.mean((0, 1)), colour, atol=14)
            assert frame.pixels.shape == (SIZE, SIZE, 3)
        assert found.film and found.film.whole
        assert found.film.looked == pytest.approx(3.9, abs=0.15)

    def test_in_a_child(self, children: Sandbox) -> None:
        looked = children.open(video(FOUR))
        assert isinstance(looked, Decoded) and looked.film and looked.film.whole
        assert [frame.at for frame in looked.frames] == sorted(frame.at for frame in looked.frames)
        assert len(looked.frames) == 4
        assert all(frame.codes is None for frame in looked.frames)
        found = [children.found_in(frame, film=True) for frame in looked.frames]
        assert all(frame.codes == () and frame.quality for frame in found)

    def test_sound_beside_it_is_left_alone(self) -> None:
        assert len(look(video(FOUR, sound=True)).frames) == 4

    def test_one_frame(self) -> None:
        found = look(video(FOUR[:1]))
        assert [at for at, _ in found.frames] == [0.0]
        assert found.film and found.film.whole

    def test_a_new_line_on_a_screen_is_a_new_scene(self) -> None:
        screen = plain("#eee", (640, 480))
        written = screen.copy()
        ImageDraw.Draw(written).rectangle((60, 200, 360, 224), fill="#222")
        assert len(look(video([screen] * 10 + [written] * 10)).frames) == 2

    def test_of_a_scene_the_sharpest_frame(self) -> None:
        sharp = plain("white")
        for x in range(4, 160, 8):
            ImageDraw.Draw(sharp).line((x, 20, x, 100), "black")
        blurred = sharp.filter(ImageFilter.GaussianBlur(3))
        found = look(video([blurred] * 10 + [sharp] * 4 + [blurred] * 10))
        [(at, _)] = found.frames
        assert 1.0 <= at < 1.4

    def test_never_more_than_eight_and_from_all_over(self) -> None:
        found = look(video([noise(n) for n in range(30)], rate=2))
        assert len(found.frames) == MOST
        at = [seconds for seconds, _ in found.frames]
        assert at[0] < 3 and at[-1] > 12
        assert max(np.diff(at)) < 5
        # Agents got the film itself: nobody had read the scenes that made way.
        assert found.film and not found.film.whole

    def test_what_stands_for_long_is_seen_however_soon_it_comes(self) -> None:
        """Frames at odd times: the third was passed over, because it came a tenth of a second after the second."""
        found = look(video([plain(colour) for colour in COLOURS], times=[0, 5, 5.1, 20]))
        assert [round(at, 1) for at, _ in found.frames] == [0, 5, 5.1, 20]
        assert found.film and found.film.whole

    def test_longer_than_we_look(self) -> None:
        found = look(video([noise(n) for n in range(80)], rate=1))
        assert found.film and not found.film.whole
        assert found.film.looked == 60
        assert found.frames[-1][0] <= 60

    def test_upright(self) -> None:
        lying = plain("white")
        ImageDraw.Draw(lying).rectangle((0, 0, 80, 120), fill="black")  # on the left; on top after a quarter clockwise
        [(_, frame)] = look(turned(video([lying] * 3))).frames
        assert frame.readable.shape == (160, 120, 3)
        assert frame.readable[:70].mean() < 20
        assert frame.readable[90:].mean() > 230

    def test_large_frames_are_made_smaller(self) -> None:
        [(_, frame)] = look(video([plain("red", (1920, 1080))] * 2)).frames
        assert frame.readable.shape[0] * frame.readable.shape[1] <= READABLE
        assert frame.readable.shape[1] / frame.readable.shape[0] == pytest.approx(16 / 9, abs=0.01)

    def test_no_time_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The clock runs out in the second look: what the first one saw stays, and it is not the whole."""
        ticks = iter(n * 0.01 for n in range(10**6))
        data = video([noise(n // 10) for n in range(200)], keys=50)
        monkeypatch.setattr(module.time, "monotonic", lambda: next(ticks))
        found = filmed(data, SIZE, 3.0)
        assert found and found.film and not found.film.whole
        assert found.frames[0][0] == 0 and len(found.frames) > 2


class TestAnimations:
    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_one_a_scene(self, kind: str) -> None:
        found = look(animation(kind, FOUR[::5], duration=500))
        assert [round(at, 1) for at, _ in found.frames] == [0, 1, 2, 3]
        for (_, frame), colour in zip(found.frames, COLOURS.values(), strict=True):
            assert np.allclose(frame.readable.mean((0, 1)), colour, atol=14)

    @pytest.mark.parametrize("disposal", [0, 1])
    def test_what_stays_of_the_frame_before(self, disposal: int) -> None:
        first, dot = plain((255, 0, 0)), Image.new("RGBA", (160, 120), (0, 0, 0, 0))
        dot.paste((0, 0, 255, 255), (0, 0, 80, 120))
        found = look(animation("GIF", [first.convert("RGBA"), dot], duration=1000, disposal=disposal))
        right = found.frames[-1][1].readable[:, 100:].mean((0, 1))
        assert np.allclose(right, (255, 0, 0), atol=2)

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_one_frame_is_a_picture(self, children: Sandbox, kind: str) -> None:
        looked = children.open(encoded(picture(size=(2000, 1000)), kind))
        assert looked.film is None and len(looked.frames) == 1
        assert looked.frames[0].readable.shape == (1000, 2000, 3)  # larger than a film's frames may be

    def test_an_animation_without_durations(self) -> None:
        found = look(animation("GIF", [noise(n) for n in range(40)], duration=0))
        assert found.film and found.film.looked == pytest.approx(
            4, abs=0.01
        )  # a tenth of a second each, as browsers do

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_the_last_frame_stays_before_ones_eyes(self, kind: str) -> None:
        """It is shown for a tenth of a second, and then for ever."""
        shots = [plain(colour) for colour in list(COLOURS)[:3]]
        found = look(animation(kind, shots, duration=100, **({"lossless": True} if kind == "WEBP" else {})))
        last = list(COLOURS.values())[2]
        assert any(np.allclose(frame.readable.mean((0, 1)), last, atol=14) for _, frame in found.frames)

    def test_the_first_minute(self) -> None:
        found = look(animation("GIF", [noise(n) for n in range(100)], duration=1000))
        assert found.film and not found.film.whole and found.film.looked == 60

    def test_one_frame_for_minutes_is_a_picture(self) -> None:
        """It was a film of which a minute had been seen."""
        alone = encoded(noise(1), "GIF", duration=100_000)
        assert Image.open(io.BytesIO(alone)).info["duration"] == 100_000
        assert filmed(alone, SIZE, 30) is None
        found = look(animation("GIF", [noise(1), noise(2)], duration=100_000))
        assert found.film and not found.film.whole


class TestWhatItIs:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "AVIF"])
    def test_a_photo_does_not_move(self, kind: str) -> None:
        assert not moving(encoded(picture(), kind))

    @pytest.mark.parametrize("data", [b"", b"\0", b"ftyp", b"%PDF-1.7", b"RIFF", b"RIFF\0\0\0\0WEBPVP8X", b"\x89PNG"])
    def test_of_a_few_bytes(self, data: bytes) -> None:
        assert not moving(data)

    def test_a_video_does(self) -> None:
        assert moving(video(FOUR[:2])) and moving(video(FOUR[:2], codec="libvpx", container="webm"))


class TestBad:
    @pytest.mark.parametrize(
        ("data", "trouble"),
        [
            (only_sound(), "not_an_image"),
            (only_sound("matroska"), "not_an_image"),
            (video(FOUR)[:1500], "truncated"),  # an MP4's index comes last
            (b"\0\0\0\x20ftypisom" + bytes(2000), "truncated"),
            (b"\x1a\x45\xdf\xa3" + bytes(2000), "truncated"),
            (video(FOUR[:3], codec="ffv1", container="matroska"), "unreadable"),
        ],
        ids=["sound", "sound in Matroska", "no index", "MP4 of zeros", "Matroska of zeros", "another codec"],
    )
    def test_has_a_reason(self, children: Sandbox, data: bytes, trouble: str) -> None:
        with pytest.raises(Unreadable) as refused:
            children.open(data)
        assert refused.value.trouble == trouble, refused.value.reason

    def test_a_film_that_ends_early_is_looked_at_so_far(self, children: Sandbox) -> None:
        whole = video([noise(n // 5) for n in range(60)], keys=5, movflags="frag_keyframe+empty_moov")
        looked = children.open(whole[: len(whole) * 2 // 3])
        assert looked.film and not looked.film.whole
        assert 2 < looked.film.looked < 5

    def test_a_last_frame_that_stands_is_no_early_end(self) -> None:
        """A recorded screen on which nothing happens any more has one frame for its last seconds."""
        found = look(video(FOUR[:10], times=[*(n / 10 for n in range(9)), 12]))
        assert found.film and found.film.whole

    def test_a_webm_that_ends_early_says_so(self) -> None:
        whole = video([noise(n // 5) for n in range(60)], codec="libvpx", container="webm", keys=5)
        found = look(whole[: len(whole) // 2])
        assert found.film and not found.film.whole
        assert 1 < found.film.looked < 5

    def test_too_large_a_frame(self, monkeypatch: pytest.MonkeyPatch) -> None:
        data = video(FOUR[:2])
        monkeypatch.setattr(module, "MOST_FRAME", 160 * 120 - 1)
        with pytest.raises(Unreadable, match="160 × 120 pixels") as refused:
            filmed(data, SIZE, 10)
        assert refused.value.trouble == "too_large"

    def test_a_playlist_opens_nothing(self, tmp_path: Path, children: Sandbox) -> None:
        """FFmpeg would read files and addresses that a playlist names; a playlist is no container of ours."""
        secret = tmp_path / "other.mp4"
        secret.write_bytes(video(FOUR[:2]))
        for playlist in (
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
            f"ffconcat version 1.0\nfile {secret}\n",
        ):
            with pytest.raises(Unreadable) as refused:
                children.open(playlist.encode())
            assert refused.value.trouble == "not_an_image"

    def test_a_decoder_that_hangs_is_killed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        program = (
            f"import sys, time; sys.path.insert(0, {children_module.ROOT!r}); from vision.worker import sandbox; "
            "ready = sandbox.rehearse; hangs = lambda *_: time.sleep(60); "
            "sandbox.rehearse = lambda *of: (ready(*of), setattr(sandbox, 'filmed', hangs)); "
            "sandbox.serve(*sys.argv[1:])"
        )
        real = subprocess.Popen

        def start(command: list[str], **more: Any) -> Any:
            return real([sys.executable, "-I", "-c", program, *command[-3:]], **more)

        monkeypatch.setattr(servers_module.subprocess, "Popen", start)
        hanging = Sandbox(SIZE, seconds=0.5, servers=1)
        hanging.servers.arguments = (str(SIZE), str(PATIENCE), "photos")  # photos have theirs from another server
        try:
            with pytest.raises(Unreadable, match="longer than 2 s") as refused:  # four times a photo's
                hanging.open(video(FOUR[:2]))
            assert refused.value.trouble == "unreadable"
            assert hanging.open(encoded(picture())).film is None
        finally:
            hanging.close()

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_bytes_that_were_changed(self, children: Sandbox, data: st.DataObject) -> None:
        good = data.draw(st.sampled_from(WHOLE))
        places = data.draw(st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)), max_size=30))
        bad = bytearray(good)
        for at, value in places:
            bad[at] = value
        with suppress(Unreadable):
            assert 1 <= len(children.open(bytes(bad)).frames) <= MOST


WHOLE = [
    video(FOUR[::4]),
    video(FOUR[::4], codec="libvpx", container="webm"),
    video(FOUR[::4], codec="mjpeg", container="avi"),
    *(animation(kind, FOUR[::8], duration=200) for kind in ("GIF", "WEBP", "PNG")),
]


def test_pillow_is_all_that_a_photo_needs() -> None:
    """PyAV is 100 MB of libraries: a server that has opened photos only has not loaded it."""
    import psutil

    one = Sandbox(SIZE, seconds=PATIENCE, servers=1)
    try:
        one.open(encoded(picture()))
        server = next(p for p in psutil.Process().children() if p.cmdline()[-1:] == ["photos"])
        assert not any("libavcodec" in mapped.path for mapped in server.memory_maps())
    finally:
        one.close()
