"""Videos as small as they can be, made here: no file of anybody's lies in the repository."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

SIZE = (160, 120)
Picture = Image.Image


def video(
    frames: Sequence[Picture],
    *,
    rate: int = 10,
    codec: str = "libx264",
    container: str = "mp4",
    keys: int = 250,
    times: Sequence[float] | None = None,
    sound: bool = False,
    **options: str,
) -> bytes:
    """``frames`` one after the other, ``rate`` a second or at ``times`` (seconds)."""
    out = io.BytesIO()
    with av.open(out, "w", format=container, options=options) as file:
        preset = {"preset": "ultrafast", "threads": "1"} if codec == "libx264" else {"deadline": "realtime"}
        stream: Any = file.add_stream(codec, rate=rate, options=preset if codec != "mpeg4" else {})
        stream.width, stream.height = frames[0].size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = keys
        stream.codec_context.time_base = Fraction(1, 1000 if times else rate)
        beside = _sound(file) if sound else None
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture.convert("RGB")), format="rgb24")
            frame.pts = round(times[number] * 1000) if times else number
            frame.time_base = Fraction(1, 1000 if times else rate)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
        if beside:
            file.mux(beside.encode())
    return out.getvalue()


def only_sound(container: str = "mp4") -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        file.mux(_sound(file).encode())
    return out.getvalue()


def _sound(file: Any) -> Any:
    stream = file.add_stream("aac", rate=8000)
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    frame.sample_rate, frame.pts = 8000, 0
    file.mux(stream.encode(frame))
    return stream


def plain(colour: Any, size: tuple[int, int] = SIZE) -> Picture:
    return Image.new("RGB", size, colour)


def turned(data: bytes) -> bytes:
    """The MP4 with a display matrix that says: show it a quarter clockwise, as phones write for upright films."""
    at = data.index(b"tkhd") + 4 + 4 + 4 * 5 + 16  # version 0: flags, times, track, duration, layer and volume
    matrix = [0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30]
    return data[:at] + b"".join(n.to_bytes(4, "big", signed=True) for n in matrix) + data[at + 36 :]
