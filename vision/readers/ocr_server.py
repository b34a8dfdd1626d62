"""The process that reads text: rapidocr with the models of its own wheel. Never its downloads, never its drawing."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from vision import memory
from vision.subprocesses import listen

Picture = npt.NDArray[np.uint8]
Corners = npt.NDArray[np.float64]  # [4, 2]: top left, top right, bottom right, bottom left of a line as it is read

DETECTED = 1_250_000  # pixels that the detector sees
SMALL = 500_000  # a picture with fewer is enlarged
MOST_LINES = 250  # of one photo; a page of 400 is read in part, and the report says so
CHUNK = 24  # lines between two looks at the clock
VOTERS = 9  # lines that are asked whether they stand on their heads
LEAST = 0.5  # confidence of a line that is passed on at all
MANY = 3  # lines that say how the camera was held
DIGITS = 8  # in a line that is, however unsure: half a card's number must be found and blurred, too
# Full-width forms that the models write between Latin letters: ： （ ） and the like.
NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def serve(threads: str) -> None:
    reader = Reader(int(threads))

    def answered(question: bytes) -> bytes:
        said = json.dumps(reader.answer(question)).encode()
        memory.give_back()  # 200 MB of a page
        return said

    listen(answered)


def slant(boxes: Corners) -> float | None:
    """How many degrees lines lie off the picture's edges, at the median; None of fewer than MANY.

    0 for what a program drew; a camera is hardly ever held so.
    """
    across, down = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 0]  # [N, 2]
    wide, high = np.hypot(*across.T), np.hypot(*down.T)
    long = np.maximum(wide, high) >= 3 * np.minimum(wide, high)  # the others' edges say little
    if long.sum() < MANY:
        return None
    along = np.where((wide >= high)[:, None], across, down)[long]
    angles = np.degrees(np.arctan2(along[:, 1], along[:, 0]))
    return round(float(np.median(np.abs((angles + 45) % 90 - 45))), 2)


def passed_on(text: str, sure: float) -> bool:
    return bool(text.strip()) and (sure >= LEAST or sum(letter.isdigit() for letter in text) >= DIGITS)


class Reader:
    def __init__(self, threads: int) -> None:
        from rapidocr import RapidOCR

        _plan_memory()
        self.engine: Any = RapidOCR(
            params={
                "Global.log_level": "critical",  # it writes on stdout, which is ours
                "Global.max_side_len": 10_000,
                "Global.width_height_ratio": -1,  # a panorama would be framed with as much again, and then shrunk
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.limit_type": "max",
                # Lines are padded to the widest of their batch, not to 320: a receipt is full of short numbers.
                "Rec.rec_img_shape": [3, 48, 64],
            }
        )

    def answer(self, question: bytes) -> dict[str, Any]:
        length = int.from_bytes(question[:4], "big")
        head = json.loads(question[4 : 4 + length])
        picture = np.frombuffer(question, np.uint8, offset=4 + length).reshape(head["height"], head["width"], 3)
        return self.read(picture[:, :, ::-1], float(head["end"]))

    def read(self, picture: Picture, end: float) -> dict[str, Any]:
        """``picture`` has blue first, as OpenCV's do."""
        import cv2

        height, width = picture.shape[:2]
        scale = min(2.0, math.sqrt(SMALL / (height * width)))
        if scale > 1.05:
            larger = (round(width * scale), round(height * scale))
            picture = cv2.resize(picture, larger, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
        picture = np.ascontiguousarray(picture)
        boxes = self._boxes(picture)
        crops = self.engine.crop_text_regions(picture, boxes.astype(np.float32)) if len(boxes) else []
        turned, crops = self._upright(boxes, crops)
        order = reading_order(boxes, turned)
        read = self._lines([crops[at] for at, _ in order[:MOST_LINES]], end)
        pieces = [
            _piece(said, boxes[at], row, picture.shape, scale if scale > 1.05 else 1.0)
            for said, (at, row) in zip(read, order, strict=False)
            if passed_on(*said)
        ]
        late = len(read) < len(order)
        return {"pieces": pieces, "left": len(boxes) - len(pieces), "late": late, "slant": slant(boxes)}

    def _boxes(self, picture: Picture) -> Corners:
        height, width = picture.shape[:2]
        detector = self.engine._load_det_model()  # noqa: SLF001 - the one way to set its size for each picture
        detector.limit_side_len = int(max(height, width) * min(1.0, math.sqrt(DETECTED / (height * width))))
        found = self.engine(picture, use_det=True, use_cls=False, use_rec=False)
        _emptied(detector, 64)
        return np.zeros((0, 4, 2)) if found.boxes is None else np.asarray(found.boxes, np.float64)

    def _upright(self, boxes: Corners, crops: list[Picture]) -> tuple[int, list[Picture]]:
        """How far the page is turned (0, 90, 180, 270 degrees), and the lines with their feet down.

        A photo without EXIF may lie on its side or stand on its head. The lines vote; one alone may be wrong.
        """
        if not crops:
            return 0, crops
        tall = np.array([_is_tall(box) for box in boxes])
        lengths = np.array([max(crop.shape[:2]) for crop in crops])
        sideways = lengths[tall].sum() > lengths.sum() / 2
        voters = [crops[at] for at in np.argsort(-lengths * (tall == sideways))[:VOTERS]]
        said = [name for name, sure in self.engine.cls_and_rotate(voters)[1].cls_res if sure >= 0.8]
        headlong = said.count("180") > said.count("0") and said.count("180") * 2 > len(voters)
        if headlong:
            crops = [crop[::-1, ::-1] for crop in crops]
        # rapidocr turns tall lines a quarter to the left before it reads them.
        return (270 if headlong else 90) if sideways else (180 if headlong else 0), crops

    def _lines(self, crops: list[Picture], end: float) -> list[tuple[str, float]]:
        read: list[tuple[str, float]] = []
        for at in range(0, len(crops), CHUNK):
            if time.monotonic() > end:
                break
            found = self.engine.recognize_txt(crops[at : at + CHUNK])
            read += zip(found.txts, (float(score) for score in found.scores), strict=True)
        if read:
            _emptied(self.engine._load_rec_model(), 48)  # noqa: SLF001
        return read


def _plan_memory() -> None:
    """ONNX Runtime's own pool of memory, given back after each run, in place of malloc: a page's tensors leave malloc
    in pieces, and take 350 MB where 270 are used. No two photos have one shape, so plans for shapes are of no use.
    """
    import onnxruntime
    from rapidocr.inference_engine.onnxruntime.main import OrtInferSession

    after = onnxruntime.RunOptions()
    after.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    made = OrtInferSession._init_sess_opts  # noqa: SLF001 - it knows no setting for either

    def options(settings: dict[str, Any]) -> Any:
        found = made(settings)
        found.enable_cpu_mem_arena, found.enable_mem_pattern = True, False
        return found

    def run(engine: Any, content: npt.NDArray[np.float32]) -> Any:
        return engine.session.run(engine.get_output_names(), {engine.get_input_names()[0]: content}, after)[0]

    replaced: Any = OrtInferSession
    replaced._init_sess_opts, replaced.__call__ = staticmethod(options), run  # noqa: SLF001


def _emptied(model: Any, height: int) -> None:
    """What a run's answer lies in is not given back after it, at times 100 MB; the next run does it, of nothing too."""
    model.session(np.zeros((1, 3, height, 64), np.float32))


def _is_tall(box: Corners) -> bool:
    wide, high = np.linalg.norm(box[1] - box[0]), np.linalg.norm(box[3] - box[0])
    return bool(high >= 1.5 * wide)


def reading_order(boxes: Corners, turned: int = 0) -> list[tuple[int, int]]:
    """(index, row) from top to bottom, in each row from left to right, on a page that is tilted by up to 45°.

    Rows are made of boxes whose middles are less than half a letter's height apart, seen along the page's own slope.
    """
    if not len(boxes):
        return []
    upright = boxes @ _rotation(-math.radians(turned)).T
    along = upright[:, 1] - upright[:, 0] if turned == 0 else _long_sides(upright)
    slope = _slope(along)
    level = upright @ _rotation(-slope).T
    middles, highs = level.mean(1), np.array([_thickness(box) for box in boxes])
    order = np.argsort(middles[:, 1], kind="stable")
    rows: list[list[int]] = []
    for at in order:
        near = rows[-1] if rows else None
        if near and abs(np.mean([middles[n, 1] for n in near[-3:]]) - middles[at, 1]) < 0.5 * min(
            highs[at], float(np.mean([highs[n] for n in near]))
        ):
            near.append(int(at))
        else:
            rows.append([int(at)])
    return [(at, number) for number, row in enumerate(rows) for at in sorted(row, key=lambda n: middles[n, 0])]


def _rotation(angle: float) -> npt.NDArray[np.float64]:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def _long_sides(boxes: Corners) -> npt.NDArray[np.float64]:
    first, second = boxes[:, 1] - boxes[:, 0], boxes[:, 2] - boxes[:, 1]
    longer = np.linalg.norm(first, axis=1) >= np.linalg.norm(second, axis=1)
    sides = np.where(longer[:, None], first, second)
    return np.where(sides[:, :1] < 0, -sides, sides)


def _slope(along: npt.NDArray[np.float64]) -> float:
    """The page's angle: the median of its lines', each counted by its length."""
    angles, lengths = np.arctan2(along[:, 1], along[:, 0]), np.linalg.norm(along, axis=1)
    order = np.argsort(angles)
    half = np.searchsorted(np.cumsum(lengths[order]), lengths.sum() / 2)
    return float(angles[order][min(half, len(angles) - 1)])


def _thickness(box: Corners) -> float:
    return float(min(np.linalg.norm(box[1] - box[0]), np.linalg.norm(box[3] - box[0])))


def _piece(said: tuple[str, float], box: Corners, row: int, shape: tuple[int, ...], scale: float) -> dict[str, Any]:
    height, width = shape[:2]
    parts = np.clip(box / (width, height), 0.0, 1.0)
    (left, top), (right, bottom) = parts.min(0), parts.max(0)
    return {
        "text": said[0].translate(NARROW).strip(),
        "confidence": round(min(1.0, said[1]), 4),
        "box": [round(float(edge), 4) for edge in (left, top, right, bottom)],
        "height": round(_thickness(box) / scale, 1),
        "row": row,
    }
