"""A voice message, or a video's sound -> mono samples at 16 kHz. Run in a child process that may be killed
(sandbox.py), with few formats and codecs allowed, as for pictures that move (video.py)."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vision.report import HEARD_S
from vision.signature import audio
from vision.worker.decode import MOST_BYTES, Unreadable

if TYPE_CHECKING:
    from av import AudioFrame

RATE = 16_000  # samples a second, as transcribers want them
CODECS = ("opus", "libopus", "vorbis", "aac", "mp3", "mp3float", "flac", "pcm_s16le")

Samples = npt.NDArray[np.int16]


def heard(data: bytes, seconds: float) -> Samples:
    """The first HEARD_S seconds, as far as they can be decoded within ``seconds``. Raises Unreadable; a video without
    sound is no samples."""
    if len(data) > MOST_BYTES:
        raise Unreadable("too_large", f"{len(data)} bytes; at most {MOST_BYTES} are opened")
    name = audio(data)
    if name is None:
        raise Unreadable("not_an_image", "no format of sound that we open")
    parts, length = list[Samples](), 0
    for part in _decoded(data, name, time.monotonic() + seconds):
        parts.append(part)
        length += len(part)
        if length >= HEARD_S * RATE:
            break
    return np.concatenate(parts)[: HEARD_S * RATE] if parts else np.zeros(0, np.int16)


def _decoded(data: bytes, name: str, until: float) -> Iterator[Samples]:
    import av

    options = {"codec_whitelist": ",".join(CODECS), "protocol_whitelist": ""}
    got = False
    try:
        with av.open(io.BytesIO(data), format=name, options=options, metadata_errors="ignore") as file:
            turning = av.AudioResampler("s16", "mono", RATE)
            for frame in (*_frames(file, until), None):
                for turned in turning.resample(frame):
                    got = True
                    yield turned.to_ndarray().reshape(-1).astype(np.int16, copy=False)
    except av.FFmpegError as error:
        if not got:  # what was heard before the file broke is heard
            raise Unreadable("unreadable", f"no sound opens: {error}"[:300]) from error


def _frames(file: Any, until: float) -> Iterator[AudioFrame]:
    stream = next(iter(file.streams.audio), None)
    if stream is None:
        return
    if stream.codec_context.name not in CODECS:
        raise Unreadable("unreadable", f"its sound, {stream.codec_context.name}, is none that we open")
    for packet in file.demux(stream):
        if time.monotonic() > until:
            return
        yield from packet.decode()


def rehearse() -> None:
    """Decode a second of our own, so that all is imported that PyAV imports late."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="ogg") as file:
        stream = file.add_stream("libopus", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, 0
        file.mux([*stream.encode(frame), *stream.encode()])
    for data in (out.getvalue(), out.getvalue()[:40]):
        with suppress(Unreadable):
            heard(data, 2.0)
