"""Decoding in disposable child processes: a hostile file can hang, crash or bloat a child, never the worker.

A *server* process (servers.py) has Pillow and the reader of codes loaded and nothing else: no torch, no keys, no
connection. It never opens a file itself: for each it forks a child with a memory limit and a deadline, passes on what
the child says, and kills it. A child says the pixels first and what else it found afterwards, so that a code that
crashes its reader costs the codes and not the photo.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, get_args

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError

from vision.decode import MOST_BYTES, READABLE, Opened, Unreadable, opened
from vision.readers import codes, quality
from vision.report import Code, Trouble
from vision.servers import ROOT, Closed, Died, Late, Servers, listen

__all__ = ["ROOT", "Child", "Children", "serve"]

SECONDS = 2.0
MEMORY = 2**30  # bytes of address space on top of what a child is born with
SAID = 4096  # bytes of a reason, at most
FOUND = 2**18  # bytes of what a child found, at most: a QR code holds 3 kB
OK = b"ok\n"


@dataclass(frozen=True)
class Child:
    """What a child said about one file."""

    pixels: npt.NDArray[np.uint8]  # [size, size, 3]
    readable: npt.NDArray[np.uint8]  # [height, width, 3]
    codes: tuple[Code, ...] | None  # None: the child ended before it had read them
    quality: quality.Measured | None


class Children:
    """Opens one file a call; safe to call from several threads, ``servers`` files at a time."""

    def __init__(self, size: int, seconds: float = SECONDS, servers: int = 2) -> None:
        self.size, self.seconds = size, seconds
        self.servers = Servers("vision.children", (str(size), str(seconds)), servers)

    def decode(self, data: bytes) -> npt.NDArray[np.uint8]:
        """uint8 [size, size, 3]. Raises as ``open``."""
        return self.open(data).pixels

    def open(self, data: bytes) -> Child:
        """Raises Unreadable, also when the child crashed or took longer than ``seconds``."""
        if len(data) > MOST_BYTES:
            raise Unreadable("too_large", f"{len(data)} bytes; at most {MOST_BYTES} are opened")
        try:
            # The server keeps the child's deadline; this one is for a server that is itself stuck or still starting.
            answer = self.servers.ask(data, self.seconds + 10)
        except Closed as error:
            raise Unreadable("unavailable", "the decoders are closed") from error
        except (Died, Late) as error:
            raise Unreadable("unreadable", "the decoder's server died on this file") from error
        if answer.startswith(OK) and (child := _parsed(memoryview(answer)[len(OK) :], self.size)):
            return child
        status, _, body = answer[: SAID * 2].partition(b"\n")
        # A child that a file has taken over may say anything: what is no word of ours is a crash.
        if (trouble := status.decode("ascii", "replace")) in get_args(Trouble):
            raise Unreadable(trouble, body[:SAID].decode("utf-8", "replace"))  # type: ignore[arg-type]  # just looked
        raise Unreadable("unreadable", "the decoder crashed on this file")

    def warm(self) -> None:
        """Start a server now, so that the first photo does not wait for it (0.3 s)."""
        with suppress(Unreadable):
            self.open(b"")

    def close(self) -> None:
        """End every server, after the file that it has in hand. What is asked afterwards is "unavailable"."""
        self.servers.close()


def _parsed(body: memoryview, size: int) -> Child | None:
    """None when the pixels are not all there. Nothing in ``body`` is believed: lengths are checked, words validated."""
    shape = _shape(body, size)
    start, end = 8 + size * size * 3, _length(body, size)
    if shape is None or end is None or len(body) < end:
        return None
    pixels = np.frombuffer(bytearray(body[8:start]), np.uint8).reshape(size, size, 3)
    readable = np.frombuffer(bytearray(body[start:end]), np.uint8).reshape(*shape, 3)
    try:
        found = json.loads(bytes(body[end : end + FOUND]))
        read = TypeAdapter(tuple[Code, ...]).validate_python(found["codes"])
        return Child(pixels, readable, read, quality.Measured.model_validate(found["quality"]))
    except (ValueError, KeyError, TypeError, ValidationError, RecursionError):
        # After the pixels a child either says it all or was stopped; anything else is not what we wrote.
        return Child(pixels, readable, None, None) if len(body) == end else None


def _shape(body: memoryview, size: int) -> tuple[int, int] | None:
    """Height and width of the readable picture, when they are ones that ``opened`` makes."""
    if len(body) < 8 + size * size * 3:
        return None
    height, width = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
    return (height, width) if 0 < height * width <= READABLE else None


def _length(body: memoryview, size: int) -> int | None:
    """Bytes of head, pixels and readable picture."""
    shape = _shape(body, size)
    return None if shape is None else 8 + (size * size + shape[0] * shape[1]) * 3


# -- the server's side --------------------------------------------------------------------------------------------
def serve(size: str, seconds: str) -> None:
    listen(lambda data: _in_child(data, int(size), float(seconds)))


def _in_child(data: bytes, size: int, seconds: float) -> bytes:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _live_and_die(theirs, data, size)
    os.close(theirs)
    try:
        most = (size * size + READABLE) * 3 + FOUND + SAID
        answer, ended = _until_end(ours, time.monotonic() + seconds, most)
    finally:
        os.close(ours)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not ended:
        length = _length(memoryview(answer)[len(OK) :], size) if answer.startswith(OK) else None
        if length is None or len(answer) < len(OK) + length:
            return f"unreadable\ndecoding took longer than {seconds:g} s and was stopped".encode()
        return answer[: len(OK) + length]
    return answer or b"unreadable\nthe decoder crashed on this file"


def _until_end(pipe: int, deadline: float, most: int) -> tuple[bytes, bool]:
    """All bytes up to the end of the pipe, b"" when more than ``most``; False when the deadline passes first."""
    parts: list[bytes] = []
    length = 0
    while select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
        part = os.read(pipe, 1 << 20)
        if not part:
            return b"".join(parts), True
        parts.append(part)
        length += len(part)
        if length > most:
            return b"", True
    return b"".join(parts), False


def _live_and_die(pipe: int, data: bytes, size: int) -> None:
    """The child's whole life. Never returns."""
    try:
        with os.fdopen(pipe, "wb") as out:
            try:
                # Not the server's own pipes: on them lie other people's photos.
                for stream in (sys.stdin, sys.stdout):
                    os.close(stream.fileno())
                limit = _address_space() + MEMORY
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                photo = opened(data, size)
            except Unreadable as error:
                out.write(f"{error.trouble}\n{error.reason}".encode())
            except BaseException as error:  # noqa: BLE001 - whatever a decoder raises, the parent learns its name
                out.write(f"unreadable\nthe decoder raised {type(error).__name__}".encode())
            else:
                _say(out, photo)
    finally:
        os._exit(0)  # even when nobody reads any more: never back into the server's loop


def _say(out: IO[bytes], photo: Opened) -> None:
    height, width = photo.readable.shape[:2]
    out.write(OK + height.to_bytes(4, "big") + width.to_bytes(4, "big"))
    out.write(photo.pixels.tobytes())
    out.write(photo.readable.tobytes())
    out.flush()
    grey = quality.grey(photo.readable)
    found = {"codes": [code.model_dump() for code in codes.read(grey)], "quality": quality.measure(grey).model_dump()}
    out.write(json.dumps(found).encode())


def _address_space() -> int:
    """Bytes mapped now (Linux; proc(5))."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
