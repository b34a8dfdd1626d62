"""A video or an animation → its key frames, at most eight. Run in a child process that may be killed (sandbox.py).

PyAV opens containers, with few formats and codecs allowed; Pillow opens GIF, WebP and PNG, whose rules for what stays
of the frame before it knows best. PyAV is imported when a video comes: a photo's child has no use for its 100 MB.

A frame starts a scene when enough of it differs from the frame that began the scene before. Of a scene the sharpest
frame is kept: a hand moves, and print can be read in the moment when it does not. A ninth scene takes the place of the
one that is most like its neighbour, so a slow pan and a cut both come to eight pictures that differ most.
"""

from __future__ import annotations

import io
import math
import struct
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from vision.images import squash
from vision.report import Film
from vision.signature import container
from vision.worker.decode import MOST_BYTES, MOST_PIXELS, Opened, Unreadable, readable

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

MOST = 8  # key frames
LONGEST = 60.0  # seconds that are looked at: a video note has no more
STEP = 0.25  # seconds between two frames that are compared: what is shown for less is not promised to be seen
MOST_FRAME = 9_500_000  # pixels of one frame: 4096 × 2160 and a little
READABLE = 1_000_000  # pixels of a key frame for the readers: 8 are held at a time
CELLS = 16  # a frame is compared in 16 × 16 cells …
CHANGED = 0.08  # … of which one has changed when its mean colour did by so much of the whole range
SHARE = 0.03  # of the cells: a new line on a screen is a new scene
SHARPER = 1.15  # times as sharp: another frame of a scene takes the place of the one that was kept
# Decoders that browsers ship, too, and those of old phones; nothing else is even asked whose file it is.
CODECS = ("h264", "hevc", "vp8", "vp9", "libdav1d", "av1", "mpeg4", "h263", "mjpeg")
ODD = (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError, OverflowError)  # what decoders raise

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Filmed:
    """What was kept of one file."""

    frames: tuple[tuple[float, Opened], ...]  # (seconds from the beginning, frame), in order
    film: Film | None = None  # without its time line; None: a picture that does not move


def rehearse(size: int) -> None:
    """Make two small videos of our own and open them, so that all is imported that PyAV imports late."""
    import av

    for container_name in ("mp4", "matroska"):
        file = io.BytesIO()
        with av.open(file, "w", format=container_name) as made:
            stream = made.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for grey in (0, 0, 0, 200, 200, 200, 50):
                made.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), grey, np.uint8))))
            made.mux(stream.encode())
        for data in (file.getvalue(), file.getvalue()[:200]):
            with suppress(Unreadable):
                filmed(data, size, 2.0)


def filmed(data: bytes, size: int, seconds: float) -> Filmed | None:
    """The key frames that were found within ``seconds``; None when it is one picture after all. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable("too_large", f"{len(data)} bytes; at most {MOST_BYTES} are opened")
    until = time.monotonic() + seconds
    name = container(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scenes = _Video(data, name, until).scenes() if name else _animation(data, until)
    except ODD as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("unreadable", f"the decoder gave up: {type(error).__name__}: {error}"[:300]) from error
    if scenes is None:
        return None
    if not scenes.kept:
        late = "" if scenes.whole else f" within {seconds:g} s"
        raise Unreadable("truncated" if scenes.broken else "unreadable", f"no frame of it could be decoded{late}")
    frames = tuple((scene.at, Opened(squash(scene.picture, size), np.array(scene.picture))) for scene in scenes.kept)
    looked = round(min(scenes.looked, LONGEST), 2)
    return Filmed(frames, Film(looked=looked, whole=scenes.whole and not scenes.broken))


# -- which frames are kept ----------------------------------------------------------------------------------------
@dataclass
class Scene:
    first: npt.NDArray[np.int16]  # [CELLS, CELLS, 3], of the frame that began it
    at: float  # seconds, of the frame that is kept
    sharp: float
    picture: Image.Image  # upright RGB, at most READABLE pixels


@dataclass
class Scenes:
    """At most MOST scenes, in order; frames come in order."""

    kept: list[Scene] = field(default_factory=list)
    looked: float = 0.0  # seconds of the last frame that was seen
    whole: bool = True
    broken: bool = False  # the file ended early, or part of it could not be decoded

    def see(self, at: float, small: Pixels, picture: Callable[[], Image.Image]) -> None:
        """``small`` [height, width, 3] is what is compared; ``picture`` makes the frame that is kept."""
        cells = np.asarray(Image.fromarray(small).resize((CELLS, CELLS), Image.Resampling.BOX)).astype(np.int16)
        sharp = _sharp(small)
        self.looked = max(self.looked, at)
        last = self.kept[-1] if self.kept else None
        if last is None or difference(last.first, cells) >= SHARE:
            self.add(Scene(cells, at, sharp, picture()))
        elif sharp > SHARPER * last.sharp:
            last.at, last.sharp, last.picture = at, sharp, picture()

    def add(self, scene: Scene) -> None:
        self.kept.append(scene)
        if len(self.kept) > MOST:
            self.whole = False  # nobody reads what was in the one that goes
            at = int(np.argmin([_apart(one, two) for one, two in pairwise(self.kept)]))
            self.kept.pop(at if self.kept[at].sharp < self.kept[at + 1].sharp else at + 1)


def _apart(one: Scene, two: Scene) -> float:
    """How much is lost when they become one. With the time between them, or a busy beginning would go first."""
    return difference(one.first, two.first) * math.sqrt(max(0.0, two.at - one.at))


def difference(one: npt.NDArray[np.int16], other: npt.NDArray[np.int16]) -> float:
    """Share of the cells that changed."""
    return float((np.abs(one - other).max(2) > CHANGED * 255).mean())


def _sharp(small: Pixels) -> float:
    """How steep the steepest hundredth of the steps between neighbours is."""
    steps = np.abs(np.diff(small[:, :, 1].astype(np.int16), axis=1))
    return float(np.percentile(steps, 99)) if steps.size else 0.0


# -- GIF, WebP, PNG -----------------------------------------------------------------------------------------------
def _animation(data: bytes, until: float) -> Scenes | None:
    """None when there is but one frame, or none that opens: decode.py knows best what that is, or why."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image = Image.open(io.BytesIO(data), formats=("GIF", "WEBP", "PNG"))
    except (*ODD, Image.DecompressionBombError):
        return None
    with image:
        return _shown(image, until) if image.width * image.height <= MOST_PIXELS else None


def _shown(image: Image.Image, until: float) -> Scenes | None:
    """All frames are opened, since each may build on the one before; those STEP apart are compared."""
    scenes, at, due, number = Scenes(), 0.0, 0.0, 0
    passed: float | None = None  # when the frame begins that was not compared
    while at < LONGEST and time.monotonic() < until:
        try:
            image.seek(number)
            image.load()
        except EOFError:
            if number > 1 and passed is not None:  # the last one is what stays before one's eyes
                image.seek(number - 1)
                _see(scenes, image, passed)
            return scenes if number > 1 else None
        except ODD:
            scenes.broken = True
            return scenes if number else None
        lasts = max(0.02, float(image.info.get("duration") or 100) / 1000)  # browsers: 0 is a tenth of a second
        passed = at
        if at >= due or lasts >= STEP:
            _see(scenes, image, at)
            due, passed = at + STEP, None
        at, number = at + lasts, number + 1
        scenes.looked = at
    scenes.whole = False
    return scenes if number > 1 or _has(image, 1) else None


def _see(scenes: Scenes, image: Image.Image, at: float) -> None:
    seen = readable(image, READABLE)
    scenes.see(at, _small(seen), lambda: seen)


def _has(image: Image.Image, number: int) -> bool:
    try:
        image.seek(number)
    except EOFError:
        return False
    except ODD:
        return True  # one that is broken
    return True


def _small(picture: Image.Image) -> Pixels:
    small = picture.copy()
    small.thumbnail((320, 320), Image.Resampling.BILINEAR, reducing_gap=1.0)
    return np.asarray(small)


# -- videos -------------------------------------------------------------------------------------------------------
class _Video:
    def __init__(self, data: bytes, name: str, until: float) -> None:
        self.data, self.name, self.until = data, name, until
        self.start: float | None = None  # of the first frame, in the container's time
        self.ends = 0.0  # seconds, of the last frame that the file holds
        self.shape = 1.0  # of a pixel, width to height

    def scenes(self) -> Scenes:
        """Frames that stand for themselves first: cheap, all over the film. Then, where these are far apart, every
        frame, so far as there is time; behind that the first look must do, and the film is not seen whole.
        """
        coarse, times, seen = Scenes(), list[float](), list[float]()
        half = time.monotonic() + (self.until - time.monotonic()) / 2
        self._look(coarse, half, times, seen, only_keys=True)
        if coarse.kept and not _missed(times, seen):
            coarse.looked = max((coarse.looked, *times))
            return coarse
        fine, seen_now = Scenes(), list[float]()
        self._look(fine, self.until, [], seen_now, only_keys=False)
        for scene in coarse.kept:
            if scene.at > fine.looked + STEP:
                fine.add(scene)
        fine.looked = max((fine.looked, coarse.looked, *times))
        fine.whole = fine.whole and coarse.whole and not _missed(times, seen + seen_now)
        fine.broken = fine.broken or coarse.broken
        return fine

    def _look(self, scenes: Scenes, until: float, times: list[float], seen: list[float], *, only_keys: bool) -> None:
        """``times``: gets every frame's, looked at or not. ``seen``: those that were looked at."""
        with self._opened() as file:
            stream = _pictures(file)
            self.shape = _shape(stream)
            packets = self._packets(file, stream, scenes, until, times)
            frames = self._frames(_key_packets(packets, self._at) if only_keys else packets, scenes)
            for at, frame in frames if only_keys else _spaced(frames, scenes):
                self._see(scenes, at, frame)
                seen.append(at)
            if scenes.whole and _claimed(file, stream) > self.ends + 1:
                scenes.broken = True  # it ends before it says that it does

    def _frames(self, packets: Iterable[Packet[VideoStream]], scenes: Scenes) -> Iterator[tuple[float, VideoFrame]]:
        for packet in packets:
            yield from self._decoded(packet, scenes)

    def _decoded(self, packet: Packet[VideoStream], scenes: Scenes) -> Iterator[tuple[float, VideoFrame]]:
        import av

        try:
            for frame in packet.decode():
                at = frame.time - (self.start or 0.0) if frame.time is not None else scenes.looked + 0.04
                if at <= LONGEST:
                    yield max(0.0, at), frame
        except av.FFmpegError:
            scenes.broken = True

    def _see(self, scenes: Scenes, at: float, frame: VideoFrame) -> None:
        if frame.width * frame.height > MOST_FRAME:
            raise Unreadable("too_large", f"{frame.width} × {frame.height} pixels; at most {MOST_FRAME} a frame")
        scenes.see(at, self._pixels(frame, 320 * 240), lambda: self._upright(frame))

    def _upright(self, frame: VideoFrame) -> Image.Image:
        image = Image.fromarray(self._pixels(frame, READABLE))
        return image.rotate(frame.rotation, expand=True) if frame.rotation % 360 else image  # both counter-clockwise

    def _pixels(self, frame: VideoFrame, most: int) -> Pixels:
        """[height, width, 3], pixels made square."""
        width, height = frame.width * self.shape, float(frame.height)
        scale = min(1.0, (most / (width * height)) ** 0.5)
        size = {"width": max(1, round(width * scale)), "height": max(1, round(height * scale))}
        return np.asarray(frame.reformat(**size, format="rgb24", threads=1).to_ndarray(), np.uint8)

    def _packets(
        self, file: InputContainer, stream: VideoStream, scenes: Scenes, until: float, times: list[float]
    ) -> Iterator[Packet[VideoStream]]:
        """Those of the first LONGEST seconds, while there is time; the last ones are empty, for what decoders hold."""
        import av

        try:
            for packet in file.demux(stream):
                scenes.broken = scenes.broken or packet.is_corrupt
                at = self._at(packet)
                if time.monotonic() > until or (at is not None and at > LONGEST):
                    scenes.whole = False
                    return
                if at is not None and packet.size:
                    times.append(at)
                    self.ends = max(self.ends, at + float((packet.duration or 0) * (packet.time_base or 0)))
                yield packet
        except av.FFmpegError:
            scenes.broken = True

    def _at(self, packet: Packet[VideoStream]) -> float | None:
        """Seconds from the first picture."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.time_base is None:
            return None
        at = float(stamp * packet.time_base)
        if self.start is None:
            self.start = at
        return at - self.start

    def _opened(self) -> Any:
        import av

        # The container is named, so that no playlist is guessed; nothing that it names is opened, either.
        options = {"codec_whitelist": ",".join(CODECS), "protocol_whitelist": ""}
        try:
            return av.open(io.BytesIO(self.data), format=self.name, options=options, metadata_errors="ignore")
        except av.FFmpegError as error:
            short = isinstance(error, av.InvalidDataError | av.EOFError)
            raise Unreadable("truncated" if short else "unreadable", f"no video opens: {error}"[:300]) from error


def _pictures(file: InputContainer) -> VideoStream:
    if not file.streams:
        raise Unreadable("truncated", "it ends before it says what is in it")
    for stream in file.streams.video:
        if "attached_pic" in str(stream.disposition).lower():  # a song's cover
            continue
        codec = stream.codec_context.name if stream.codec_context else "unknown"
        if codec not in CODECS:
            raise Unreadable("unreadable", f"its codec, {codec}, is none that we open ({', '.join(CODECS)})")
        if stream.width * stream.height > MOST_FRAME:
            raise Unreadable("too_large", f"{stream.width} × {stream.height} pixels; at most {MOST_FRAME} a frame")
        stream.thread_count = 1  # memory; and two cores are shared with the model
        stream.codec_context.options = {"max_pixels": str(MOST_FRAME)}  # a frame may be larger than its file says
        return stream
    raise Unreadable("not_an_image", "there is no video in it")


def _claimed(file: InputContainer, stream: VideoStream) -> float:
    """Seconds of pictures that the file says it holds; 0 when it does not say. Sound may go on for longer."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (file.duration or 0) / 1_000_000 if len(file.streams) == 1 else 0.0


def _missed(times: list[float], seen: list[float]) -> bool:
    """Whether a frame was passed over that stood for long, or that no look came near."""
    looks, stamps = np.sort(np.asarray(seen)), np.sort(np.asarray(times))
    if not len(looks) or not len(stamps):
        return len(stamps) > 0
    lasts = np.diff(stamps, append=stamps[-1])
    since = stamps - looks[np.searchsorted(looks, stamps + 1e-3).clip(1) - 1]
    return bool(((np.abs(since) > 1e-3) & ((lasts >= STEP) | (since > 2 * STEP))).any())


def _shape(stream: VideoStream) -> float:
    shape = float(stream.sample_aspect_ratio or 1)
    return shape if 0.2 < shape < 5 else 1.0  # what is odder than any camera's is a mistake or an attack


def _key_packets(
    packets: Iterable[Packet[VideoStream]], at: Callable[[Packet[VideoStream]], float | None]
) -> Iterator[Packet[VideoStream]]:
    """Those with a key frame, no more than one in STEP seconds. The last one is empty, and empties the decoder."""
    due = 0.0
    for packet in packets:
        stands = at(packet)
        if packet.size and not (packet.is_keyframe and (stands is None or stands >= due)):
            continue
        if stands is not None:
            due = stands + STEP
        yield packet


def _spaced(frames: Iterable[tuple[float, VideoFrame]], scenes: Scenes) -> Iterator[tuple[float, VideoFrame]]:
    """A frame each STEP seconds; and one that came too soon after another, if it then stood for long, or is the last:
    that stays before one's eyes."""
    passed: tuple[float, VideoFrame] | None = None
    due = 0.0
    for at, frame in frames:
        if passed and at - passed[0] >= STEP:
            yield passed
            due = passed[0] + STEP
        if at < due and scenes.kept:
            passed = (at, frame)
        else:
            passed, due = None, at + STEP
            yield at, frame
    if passed:
        yield passed
