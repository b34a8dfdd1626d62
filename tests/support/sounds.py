"""Recordings as small as they can be, made here."""

from __future__ import annotations

import io

import av
import numpy as np

RATE = 16_000


def tone(seconds: float = 1.0, loud: float = 0.3) -> np.ndarray:
    """int16 [N]: something that is there, and no voice."""
    at = np.arange(int(seconds * RATE)) / RATE
    return (loud * 32_767 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)


def recording(samples: np.ndarray, container: str = "ogg", codec: str = "libopus") -> bytes:
    """``samples`` at RATE as apps send them."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=48_000 if codec == "libopus" else RATE, layout="mono")
        turning = av.AudioResampler(stream.codec_context.format.name, "mono", stream.rate, frame_size=stream.frame_size)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        for each in (frame, None):
            for turned in turning.resample(each):
                file.mux(stream.encode(turned))
        file.mux(stream.encode())
    return out.getvalue()
