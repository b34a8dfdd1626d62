"""Is there text? A quick look with the OCR's own detector at a fraction of the size: a tenth of what reading costs."""

from __future__ import annotations

import math
import threading
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

PIXELS = 140_000  # that the detector sees; a 1,280 × 960 photo's letters of 12 pixels are 4 high then, and still found
FROM_NEAR = 1_600_000  # pixels: a page, a panorama, a document that came as a file
NEAR = 200_000  # pixels that are seen of its middle, as large as they are
LIT = 0.3  # probability from which a pixel belongs to text
SURE = 0.55  # mean probability of a piece of text
FLAT = 0.2  # of the photo's shorter side: what is thicker is a shirt, not a line of text
LONG = 1.3  # times as long as high, at least
LEAST = 12  # pixels

Box = tuple[float, float, float, float]


class TextDetector:
    """Safe to ask from several threads. Loads 10 MB when first asked."""

    def __init__(self, threads: int = 1) -> None:  # two take twice the CPU and as long (docs/research/log.md)
        self.threads, self.lock = threads, threading.Lock()

    def boxes(self, picture: npt.NDArray[np.uint8]) -> list[Box]:
        """Where text seems to be in ``picture`` [height, width, 3], in parts of its size. Empty: none.

        Of a picture so large that its print is lost in the small one, the middle is looked at from near, too.
        """
        found = self._found(picture, PIXELS)
        height, width = picture.shape[:2]
        if found or height * width < FROM_NEAR:
            return found
        side = int(math.sqrt(NEAR))
        top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
        near = picture[top : top + side, left : left + side]
        high, wide = near.shape[:2]
        return [
            ((left + a * wide) / width, (top + b * high) / height, (left + c * wide) / width, (top + d * high) / height)
            for a, b, c, d in self._found(np.ascontiguousarray(near), NEAR)
        ]

    def _found(self, picture: npt.NDArray[np.uint8], pixels: int) -> list[Box]:
        import cv2

        lit = self._probabilities(picture, pixels)
        count, names, stats, _ = cv2.connectedComponentsWithStats((lit > LIT).astype(np.uint8))
        height, width = lit.shape
        found = []
        for name in range(1, count):
            left, top, wide, high, area = (int(value) for value in stats[name])
            piece = names[top : top + high, left : left + wide] == name
            if area >= LEAST and lit[top : top + high, left : left + wide][piece].mean() >= SURE and _line(piece, lit):
                found.append((left / width, top / height, (left + wide) / width, (top + high) / height))
        return found

    def _probabilities(self, picture: npt.NDArray[np.uint8], pixels: int) -> npt.NDArray[np.float32]:
        import cv2

        height, width = picture.shape[:2]
        scale = min(1.0, math.sqrt(pixels / (height * width)))
        shape = (max(32, round(width * scale / 32) * 32), max(32, round(height * scale / 32) * 32))
        small = cv2.resize(picture, shape, interpolation=cv2.INTER_AREA)
        blue_first = (small[:, :, ::-1].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)
        with self.lock:
            session = self._session
        lit: npt.NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: blue_first[None]})[0][0, 0]
        return lit

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self.threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # two photos at a time, and torch
        options.enable_cpu_mem_arena = False  # memory between photos is worth more than a millisecond
        return onnxruntime.InferenceSession(str(model("det")), options, providers=["CPUExecutionProvider"])


def _line(piece: npt.NDArray[np.bool_], lit: npt.NDArray[np.float32]) -> bool:
    """Whether a lit piece has the shape of a line of text, at any angle."""
    import cv2

    _, sides, _ = cv2.minAreaRect(np.argwhere(piece).astype(np.float32))
    short, long = min(sides) + 1, max(sides) + 1
    return short < FLAT * min(lit.shape) and long >= LONG * short


def model(task: str) -> Path:
    """The file of rapidocr's own model for ``task`` ("det", "rec"). Nothing is ever fetched."""
    spec = find_spec("rapidocr")
    assert spec and spec.origin
    return next(iter(sorted(Path(spec.origin).with_name("models").glob(f"*_{task}_*.onnx"))))
