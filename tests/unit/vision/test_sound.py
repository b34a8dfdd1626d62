"""Sound to samples, samples to words; silence, noise and broken files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import av
import numpy as np
import pytest
from films import only_sound, video
from PIL import Image
from sounds import RATE, recording, tone

from storage.settings import SettingsError
from vision.report import HEARD_S, Film, Moment, Speech, Spoken
from vision.signature import audio, voice
from vision.worker import sound
from vision.worker.decode import Unreadable
from vision.worker.listening import Listening
from vision.worker.sandbox import Sandbox
from vision.worker.sound import Samples, heard
from vision.worker.transcriber import FasterWhisper, loudest, spoken


@pytest.mark.parametrize(
    ("container", "codec"), [("ogg", "libopus"), ("wav", "pcm_s16le"), ("mp4", "aac"), ("flac", "flac")]
)
def test_what_apps_send_is_heard(container: str, codec: str) -> None:
    data = recording(tone(1.0), container, codec)
    samples = heard(data, 5.0)
    assert abs(len(samples) / RATE - 1.0) < 0.1 and loudest(samples) > 0.1
    assert voice(data) == (container != "mp4")  # an MP4 may hold pictures: it is looked at first


def test_two_minutes_are_heard_and_no_more() -> None:
    data = recording(np.tile(tone(1.0), 125), "wav", "pcm_s16le")
    assert len(heard(data, 20.0)) == HEARD_S * RATE
    assert len(heard(data, 0.0)) == 0  # no time at all


def test_what_is_no_sound() -> None:
    for data, trouble in ((b"OggS" + bytes(200), "unreadable"), (b"hello", "not_an_image"), (b"", "not_an_image")):
        with pytest.raises(Unreadable) as found:
            heard(data, 1.0)
        assert found.value.trouble == trouble
    with pytest.raises(Unreadable, match="at most"):
        heard(bytes(21 * 2**20), 1.0)


def test_a_file_that_breaks_is_heard_up_to_there() -> None:
    data = recording(np.tile(tone(1.0), 4))
    assert 0 < len(heard(data[: len(data) // 2], 5.0)) < 4 * RATE


def test_a_film_without_sound_is_silent() -> None:
    film = video([Image.new("RGB", (160, 120))] * 3)
    assert audio(film) == "mov" and not voice(film) and len(heard(film, 5.0)) == 0
    assert len(heard(only_sound(), 5.0)) > 0


def test_a_video_codec_alone_opens_nothing() -> None:
    assert "h264" not in sound.CODECS and av.codec.Codec("opus", "r")


def test_a_card_number_that_was_said_is_masked_across_pieces() -> None:
    said = spoken([(0.0, " my card is 4539 1488"), (2.0, "0343 6467, please")], "en", 4.0)
    assert said.masked and "1488" not in said.text and "6467" in said.text and len(said.lines) == 1


def test_no_words_are_noise() -> None:
    assert spoken([(0.0, " ♪ "), (1.0, "...")], "en", 2.0).state == "noise"
    assert len(spoken([(float(n), "word") for n in range(500)], "en", 100.0).lines) == 60


class Echo:
    identity = "echo"

    def transcribe(self, samples: Samples) -> Speech:
        return spoken([(0.0, f"{len(samples) / RATE:.0f} s")], "en", len(samples) / RATE)


class Slow(Echo):
    def transcribe(self, samples: Samples) -> Speech:
        time.sleep(0.6)
        return super().transcribe(samples)


class Torn(Echo):
    def transcribe(self, samples: Samples) -> Speech:
        raise RuntimeError("out of memory")


async def test_listening_in_a_child_and_every_way_it_ends() -> None:
    children = Sandbox(32, 20.0)
    try:
        data, later = recording(tone(1.0)), time.time() + 60
        report = await Listening(children, Echo()).to_voice(data, later)
        assert report.speech and report.speech.text == "1 s"
        assert (await Listening(children, None).to_voice(data, later)).speech == Speech(state="off")
        assert (await Listening(children, Echo()).to_voice(b"OggS" + bytes(99), later)).error == "unreadable"
        late = await Listening(children, Slow()).to_voice(data, time.time() + 2.2)
        assert late.speech and late.speech.state == "late"
        torn = await Listening(children, Torn()).to_voice(data, later)
        assert torn.speech and torn.speech.state == "late"
        silent = video([Image.new("RGB", (160, 120))] * 3)
        assert await Listening(children, Echo()).to_film(silent, later) is None
        assert await Listening(children, Echo()).to_film(video([Image.new("RGB", (160, 120))] * 3, sound=True), later)
        assert await Listening(children, Echo()).to_film(b"broken", later) is None
    finally:
        children.close()


def test_a_time_line_says_what_was_said() -> None:
    from bot.photos import timeline

    film = Film(looked=9, whole=True, timeline=(Moment(at=0), Moment(at=4, lines=("Error E-204",))))
    said = Speech(state="heard", lines=(Spoken(at=2.4, text="it beeps"), Spoken(at=7, text="all the time")))
    assert timeline(film, said) == "0:00 – · 0:02 🗣 “it beeps” · 0:04 “Error E-204” · 0:07 🗣 “all the time”"


def test_a_model_that_is_not_there_is_said(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper", reason="faster-whisper is not installed: pip install '.[voice]'")
    with pytest.raises(SettingsError, match=r"no model.bin"):
        FasterWhisper(str(tmp_path))
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(SettingsError, match="no such model"):
        FasterWhisper(str(tmp_path))


def test_a_real_model_hears_silence_and_noise() -> None:
    """With VOICE_MODEL, the folder of a faster-whisper model: weights are the operator's to fetch."""
    folder = os.environ.get("VOICE_MODEL")
    if not folder:
        pytest.skip("VOICE_MODEL names no folder of a faster-whisper model")
    real = FasterWhisper(folder)
    assert real.transcribe(np.zeros(2 * RATE, np.int16)).state == "silent"
    noise = np.random.default_rng(5).normal(0, 3_000, 3 * RATE).astype(np.int16)
    assert real.transcribe(noise).state in ("noise", "silent")
