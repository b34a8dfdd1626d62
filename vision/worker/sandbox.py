"""Decoding in disposable child processes: a hostile file can hang, crash or bloat a child, never the worker.

A *server* process (subprocesses.py) has Pillow and the reader of codes loaded and nothing else: no torch, no keys, no
connection; it is a program of its own, so that nothing the worker knew is in its memory. It never opens a file itself:
for each it forks a child that locks itself into a cell (cell.py) with a deadline, passes on what the child says, and
kills it with all that it may have started. Codes are looked for by another child, in the pixels of the first: a code
that crashes its reader costs the codes and not the photo, and the network need not wait for them. A photo is one frame;
of a video it is the key frames (video.py). A cell opens no file, so whatever a decoder imports late is imported by the
server, on files of our own.

A question is FILE and the file's bytes, or GREY, height and width in 4 bytes each, and grey values. To a file the
answer is OK, the length of a head in 4 bytes, the head (JSON) and each frame's pixels; to grey values OK and JSON.
"""

from __future__ import annotations

import io
import json
import os
import select
import signal
import time
from contextlib import suppress
from dataclasses import replace
from typing import IO, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from vision.frame import Decoded, Frame, Quality
from vision.memory import room
from vision.readers import codes, quality
from vision.report import HEARD_S, Code, Film, Trouble
from vision.signature import heif, moving
from vision.subprocesses import ROOT, Closed, Died, Late, Servers, listen
from vision.worker import cell, sound, video
from vision.worker.decode import FORMATS, MOST_BYTES, READABLE, Unreadable, heif_format, opened
from vision.worker.scenes import MOST
from vision.worker.video import Filmed, filmed

__all__ = ["ROOT", "Sandbox", "serve"]

SECONDS = 2.0
FILM = 4  # times as long for a video, half of it for finding the key frames
MEMORY = 2**30  # bytes of address space on top of what a child is born with
SAID = 4096  # bytes of a reason, at most
FOUND = 2**18  # bytes of what a child found, at most: a QR code holds 3 kB
OK = b"ok\n"
FILE, GREY = b"f", b"g"


class Size(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at: float = Field(0.0, ge=0, allow_inf_nan=False)
    height: int = Field(gt=0)
    width: int = Field(gt=0)


class Head(BaseModel):
    """What comes before the pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: tuple[Size, ...] = Field(min_length=1, max_length=MOST)
    film: Film | None = None

    def length(self, size: int) -> int:
        """Bytes of all pixels."""
        return sum((size * size + frame.height * frame.width) * 3 for frame in self.frames)


class Sandbox:
    """Opens one file a call; safe to call from several threads, ``servers`` photos and one video at a time."""

    def __init__(self, size: int, seconds: float = SECONDS, servers: int = 2) -> None:
        self.size, self.seconds = size, seconds
        self.servers = Servers("vision.worker.sandbox", (str(size), str(seconds), "photos"), servers)
        # A process of their own, started with the first one: photos must not queue behind videos.
        self.films = Servers("vision.worker.sandbox", (str(size), str(seconds * FILM), "films"), 1, niceness=5)
        self.sounds = Servers("vision.worker.sandbox", (str(size), str(seconds * FILM), "sounds"), 1, niceness=5)

    def decode(self, data: bytes) -> npt.NDArray[np.uint8]:
        """uint8 [size, size, 3], of a video the first key frame. Raises as ``open``."""
        return self.open(data).frames[0].pixels

    def open(self, data: bytes) -> Decoded:
        """Raises Unreadable, also when the child crashed or took longer than ``seconds`` (a video: FILM times that)."""
        if len(data) > MOST_BYTES:
            raise Unreadable("too_large", f"{len(data)} bytes; at most {MOST_BYTES} are opened")
        try:
            # The server keeps the child's deadline; this one is for a server that is itself stuck or still starting.
            if moving(data):
                answer = self.films.ask((FILE, data), self.seconds * FILM + 10)
            else:
                answer = self.servers.ask((FILE, data), self.seconds + 10)
        except Closed as error:
            raise Unreadable("unavailable", "the decoders are closed") from error
        except (Died, Late) as error:
            raise Unreadable("unreadable", "the decoder's server died on this file") from error
        if answer[: len(OK)] == OK and (looked := _parsed(answer[len(OK) :], self.size)):
            return looked
        raise _refused(answer)

    def found_in(self, frame: Frame, *, film: bool = False) -> Frame:
        """``frame`` with its codes and its quality; with neither when the child crashed, took longer than ``seconds``
        or there is none any more: never raises. ``film``: its codes wait for those of other videos alone.
        """
        grey = quality.grey(frame.readable)
        question = (GREY, *(side.to_bytes(4, "big") for side in grey.shape), grey.data.cast("B"))
        servers, seconds = (self.films, self.seconds * FILM) if film else (self.servers, self.seconds)
        try:
            answer = servers.ask(question, seconds + 10)
        except (Closed, Died, Late):
            return frame
        found = _found(answer[len(OK) :]) if answer[: len(OK)] == OK else None
        return replace(frame, codes=found[0], quality=found[1]) if found else frame

    def hear(self, data: bytes) -> sound.Samples:
        """Mono samples at sound.RATE, of a voice message or of a video. Raises Unreadable."""
        if len(data) > MOST_BYTES:
            raise Unreadable("too_large", f"{len(data)} bytes; at most {MOST_BYTES} are opened")
        try:
            answer = self.sounds.ask((FILE, data), self.seconds * FILM + 10)
        except Closed as error:
            raise Unreadable("unavailable", "the decoders are closed") from error
        except (Died, Late) as error:
            raise Unreadable("unreadable", "the decoder's server died on this file") from error
        samples = answer[len(OK) :]
        if answer[: len(OK)] == OK and len(samples) % 2 == 0 and len(samples) <= 2 * sound.RATE * HEARD_S:
            return np.frombuffer(samples, np.int16)
        raise _refused(answer)

    def warm(self) -> None:
        """Start a server now, so that the first photo does not wait for it (0.3 s)."""
        with suppress(Unreadable):
            self.open(b"")

    def close(self) -> None:
        """End every server, after the file that it has in hand. What is asked afterwards is "unavailable"."""
        for servers in (self.servers, self.films, self.sounds):
            servers.close()


def _refused(answer: memoryview) -> Unreadable:
    """Why a child opened nothing. One that a file has taken over may say anything: no word of ours is a crash."""
    status, _, body = bytes(answer[: SAID * 2]).partition(b"\n")
    if (trouble := status.decode("ascii", "replace")) in get_args(Trouble):
        return Unreadable(trouble, body[:SAID].decode("utf-8", "replace"))  # type: ignore[arg-type]  # just looked
    return Unreadable("unreadable", "the decoder crashed on this file")


def _parsed(body: memoryview, size: int) -> Decoded | None:
    """None when the pixels are not all there. Nothing in ``body`` is believed: lengths are checked, words validated.
    The pixels stay where they are.
    """
    start, head = _head(body)
    if head is None or len(body) != start + head.length(size):
        return None
    frames = []
    for frame in head.frames:
        middle, after = start + size * size * 3, start + (size * size + frame.height * frame.width) * 3
        pixels = np.frombuffer(body[start:middle], np.uint8).reshape(size, size, 3)
        readable = np.frombuffer(body[middle:after], np.uint8).reshape(frame.height, frame.width, 3)
        frames.append(Frame(pixels, readable, None, None, frame.at))
        start = after
    return Decoded(tuple(frames), head.film)


def _head(body: memoryview) -> tuple[int, Head | None]:
    """Where the pixels begin, and what they are; no pictures but such as ``opened`` and ``filmed`` make."""
    start = 4 + int.from_bytes(body[:4], "big")
    try:
        head = Head.model_validate_json(bytes(body[4:start])) if 4 < start <= min(len(body), SAID) else None
    except ValidationError:
        return start, None
    return start, head if head and all(frame.height * frame.width <= READABLE for frame in head.frames) else None


def _found(said: memoryview) -> tuple[tuple[Code, ...] | None, Quality] | None:
    try:
        found = json.loads(bytes(said[:FOUND]))
        read: tuple[Code, ...] | None = TypeAdapter(tuple[Code, ...] | None).validate_python(found["codes"])
        return read, Quality.model_validate(found["quality"])
    except (ValueError, KeyError, TypeError, ValidationError, RecursionError):
        return None


# -- the server's side --------------------------------------------------------------------------------------------
def serve(size: str, seconds: str, what: str) -> None:
    if what == "sounds":
        sound.rehearse()
    else:
        rehearse(int(size), what)

    def answered(asked: bytes) -> bytes | memoryview:
        kind = what if asked[:1] == FILE else "codes"
        return _in_child(memoryview(asked)[1:], int(size), float(seconds), kind)

    listen(answered)


def rehearse(size: int, what: str) -> None:
    """Open a small picture of our own in every format and look for codes in it, so that all is imported that will be
    needed where no file opens any more. PyAV only in the server of ``what`` == "films": it takes 100 MB.
    """
    blank = Image.new("RGB", (64, 48), "white")
    for name in FORMATS:
        file = io.BytesIO()
        blank.save(file, name)
        with suppress(Unreadable), Image.open(io.BytesIO(file.getvalue())) as image:
            image.load()
            looked = _looked(file.getvalue(), size, 1.0)
            _say(io.BytesIO(), looked)
            _codes(quality.grey(looked.frames[0][1].readable))
    heif_format()  # nothing here can write one: its libraries are what matters
    with suppress(Unreadable):
        opened(b"no picture", size)
    clear = io.BytesIO()
    Image.new("RGBA", (64, 48), (255, 255, 255, 0)).save(clear, "PNG")
    _looked(clear.getvalue(), size, 1.0)  # one that is drawn on nothing takes another way
    if what == "films":
        frames = io.BytesIO()
        blank.save(frames, "GIF", save_all=True, append_images=[Image.new("RGB", (64, 48), "black")])
        _looked(frames.getvalue(), size, 1.0)
        video.rehearse(size)


def _in_child(data: memoryview, size: int, seconds: float, what: str) -> bytes | memoryview:
    ours, theirs = os.pipe()
    server = os.getpid()
    child = os.fork()
    if child == 0:
        _live_and_die(theirs, data, size, seconds, server=server, what=what)
    os.close(theirs)
    try:
        most = (size * size + READABLE) * 3 * MOST + SAID
        answer, ended = _until_end(ours, time.monotonic() + seconds, most)
    finally:
        os.close(ours)
        os.kill(child, signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):  # no group yet, where it was killed as it was born
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not ended:
        return f"unreadable\ndecoding took longer than {seconds:g} s and was stopped".encode()
    return answer or b"unreadable\nthe decoder crashed on this file"


def _until_end(pipe: int, deadline: float, most: int) -> tuple[bytes | memoryview, bool]:
    """All bytes up to the end of the pipe, b"" when more than ``most``; False when the deadline passes first."""
    held = room(most + 1)
    length = 0
    while select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
        got = os.readv(pipe, [held[length:]])
        if not got:
            return held[:length], True
        length += got
        if length > most:
            return b"", True
    return b"", False


def _live_and_die(pipe: int, data: memoryview, size: int, seconds: float, *, server: int, what: str) -> None:
    """The child's whole life. Never returns."""
    try:
        with os.fdopen(pipe, "wb") as out:
            try:
                file = b"" if what == "codes" else bytes(data)
                cell.lock_up(pipe, server, seconds, MEMORY, threads=heif(file))
                if what == "sounds":
                    out.write(OK + sound.heard(file, seconds / 2).tobytes())
                elif what == "codes":
                    out.write(OK + _codes(_grey(data)))
                else:
                    _say(out, _looked(file, size, seconds))
            except Unreadable as error:
                out.write(f"{error.trouble}\n{error.reason}".encode())
            except BaseException as error:  # noqa: BLE001 - whatever a decoder raises, the parent learns its name
                out.write(f"unreadable\nthe decoder raised {type(error).__name__}".encode())
    finally:
        os._exit(0)  # even when nobody reads any more: never back into the server's loop


def _grey(data: memoryview) -> npt.NDArray[np.uint8]:
    height, width = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
    return np.frombuffer(data, np.uint8, offset=8).reshape(height, width)


def _codes(grey: npt.NDArray[np.uint8]) -> bytes:
    read = codes.read(grey)
    found = {"codes": None if read is None else [code.model_dump() for code in read]}
    return json.dumps(found | {"quality": quality.measure(grey).model_dump()}).encode()


def _looked(data: bytes, size: int, seconds: float) -> Filmed:
    found = filmed(data, size, seconds / 2) if moving(data) else None
    return found or Filmed(((0.0, opened(data, size)),))


def _say(out: IO[bytes], looked: Filmed) -> None:
    sizes = [(at, frame.picture.height, frame.picture.width) for at, frame in looked.frames]
    head = Head(frames=tuple(Size(at=at, height=h, width=w) for at, h, w in sizes), film=looked.film)
    said = head.model_dump_json().encode()
    out.write(OK + len(said).to_bytes(4, "big") + said)
    for _, frame in looked.frames:
        out.write(frame.pixels.tobytes())
        out.writelines(frame.strips())
