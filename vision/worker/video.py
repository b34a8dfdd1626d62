"""A video or an animation → its key frames, at most eight. Run in a child process that may be killed (sandbox.py).

PyAV opens containers, with few formats and codecs allowed; GIF, WebP and PNG are animation.py's. Which frames are kept
is decided in scenes.py. PyAV is imported when a video comes: a photo's child has no use for its 100 MB.
"""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from vision.images import squash
from vision.report import Film
from vision.signature import container
from vision.worker.animation import ODD, animation
from vision.worker.decode import MOST_BYTES, Opened, Unreadable
from vision.worker.scenes import LONGEST, READABLE, STEP, Pixels, Scenes

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

MOST_FRAME = 9_500_000  # pixels of one frame: 4096 × 2160 and a little
# Decoders that browsers ship, too, and those of old phones; nothing else is even asked whose file it is.
CODECS = ("h264", "hevc", "vp8", "vp9", "libdav1d", "av1", "mpeg4", "h263", "mjpeg")


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
            scenes = _Video(data, name, until).scenes() if name else animation(data, until)
    except ODD as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("unreadable", f"the decoder gave up: {type(error).__name__}: {error}"[:300]) from error
    if scenes is None:
        return None
    if not scenes.kept:
        late = "" if scenes.whole else f" within {seconds:g} s"
        raise Unreadable("truncated" if scenes.broken else "unreadable", f"no frame of it could be decoded{late}")
    frames = tuple((scene.at, Opened(squash(scene.picture, size), scene.picture)) for scene in scenes.kept)
    looked = round(min(scenes.looked, LONGEST), 2)
    return Filmed(frames, Film(looked=looked, whole=scenes.whole and not scenes.broken))


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
