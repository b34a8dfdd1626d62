"""Decoding in disposable child processes: a hostile file can hang, crash or bloat a child, never the worker.

A *server* process has Pillow loaded and nothing else: no torch, no keys, no connection. It never opens a file itself:
for each it forks a child with a memory limit and a deadline, passes on what the child says, and kills it. Own pipes
rather than multiprocessing, which imports the parent's main program into every child and reads pickles back from it.
"""

from __future__ import annotations

import contextlib
import os
import queue
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, get_args

import numpy as np
import numpy.typing as npt

from vision.decode import MOST_BYTES, Unreadable, decode
from vision.report import Trouble

SECONDS = 2.0
MEMORY = 2**30  # bytes of address space on top of what a child is born with
SAID = 4096  # bytes of a reason, at most
ROOT = str(Path(__file__).resolve().parent.parent)


class Children:
    """Decodes one file a call; safe to call from several threads, ``servers`` files at a time."""

    def __init__(self, size: int, seconds: float = SECONDS, servers: int = 2) -> None:
        self.size, self.seconds, self.servers = size, seconds, servers
        self.closed = False
        self.idle: queue.SimpleQueue[subprocess.Popen[bytes] | None] = queue.SimpleQueue()
        for _ in range(servers):
            self.idle.put(None)  # started when first needed

    def decode(self, data: bytes) -> npt.NDArray[np.uint8]:
        """uint8 [size, size, 3]. Raises Unreadable, also when the child crashed or took longer than ``seconds``."""
        if len(data) > MOST_BYTES:
            raise Unreadable("too_large", f"{len(data)} bytes; at most {MOST_BYTES} are opened")
        status, _, body = self._answer(data).partition(b"\n")
        if status == b"ok" and len(body) == self.size * self.size * 3:
            return np.frombuffer(bytearray(body), np.uint8).reshape(self.size, self.size, 3)
        # A child that a file has taken over may say anything: what is no word of ours is a crash.
        if (trouble := status.decode("ascii", "replace")) in get_args(Trouble):
            raise Unreadable(trouble, body[:SAID].decode("utf-8", "replace"))  # type: ignore[arg-type]  # just looked
        raise Unreadable("unreadable", "the decoder crashed on this file")

    def _answer(self, data: bytes) -> bytes:
        server = self.idle.get()
        try:
            if self.closed:
                raise Unreadable("unavailable", "the decoders are closed")
            if server is not None and server.poll() is not None:  # killed meanwhile: not this file's fault
                _end(server)
                server = None
            server = server or self._start()
            return self._ask(server, data)
        except OSError as error:
            _end(server)
            server = None
            raise Unreadable("unreadable", "the decoder's server died on this file") from error
        finally:
            self.idle.put(server)

    def warm(self) -> None:
        """Start a server now, so that the first photo does not wait for it (0.3 s)."""
        with contextlib.suppress(Unreadable):
            self.decode(b"")

    def close(self) -> None:
        """End every server, after the file that it has in hand. What is asked afterwards is "unavailable"."""
        self.closed = True
        for _ in range(self.servers):
            _end(self.idle.get())
        for _ in range(self.servers):
            self.idle.put(None)  # wakes who still waits for a server

    def _start(self) -> subprocess.Popen[bytes]:
        program = "import sys; sys.path.insert(0, sys.argv[1]); from vision.children import serve; serve(*sys.argv[2:])"
        command = [sys.executable, "-I", "-c", program, ROOT, str(self.size), str(self.seconds)]
        # Its own session, so that Ctrl-C in a terminal reaches the worker alone, which then closes its stdin.
        return subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"OPENBLAS_NUM_THREADS": "1"},  # a server with threads of its own should not fork
            start_new_session=True,
        )

    def _ask(self, server: subprocess.Popen[bytes], data: bytes) -> bytes:
        assert server.stdin and server.stdout
        server.stdin.write(len(data).to_bytes(4, "big") + data)
        server.stdin.flush()
        # The server keeps the child's deadline; this one is for a server that is itself stuck or still starting.
        if not select.select([server.stdout], [], [], self.seconds + 10)[0]:
            raise TimeoutError("the decoder's server does not answer")
        return _exactly(server.stdout, int.from_bytes(_exactly(server.stdout, 4), "big"))


def _end(server: subprocess.Popen[bytes] | None) -> None:
    if server is None:
        return
    server.kill()
    for pipe in (server.stdin, server.stdout):
        with contextlib.suppress(OSError):  # flushing into a dead process
            if pipe:
                pipe.close()
    server.wait()


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise BrokenPipeError("the decoder's server went away")
    return data


# -- the server's side --------------------------------------------------------------------------------------------
def serve(size: str, seconds: str) -> None:
    """Answer one file after the other until stdin ends, which is also how a dead worker's server goes."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(4):
        data = source.read(int.from_bytes(head, "big"))
        answer = _in_child(data, int(size), float(seconds))
        sink.write(len(answer).to_bytes(4, "big") + answer)
        sink.flush()


def _in_child(data: bytes, size: int, seconds: float) -> bytes:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _live_and_die(theirs, data, size)
    os.close(theirs)
    try:
        answer = _until_end(ours, time.monotonic() + seconds, most=size * size * 3 + SAID)
    finally:
        os.close(ours)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if answer is None:
        return f"unreadable\ndecoding took longer than {seconds:g} s and was stopped".encode()
    return answer or b"unreadable\nthe decoder crashed on this file"


def _until_end(pipe: int, deadline: float, most: int) -> bytes | None:
    """All bytes up to the end of the pipe, b"" when more than ``most``; None when the deadline passes first."""
    parts: list[bytes] = []
    length = 0
    while select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
        part = os.read(pipe, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)
        length += len(part)
        if length > most:
            return b""
    return None


def _live_and_die(pipe: int, data: bytes, size: int) -> None:
    """The child's whole life. Never returns."""
    try:
        # Not the server's own pipes: on them lie other people's photos.
        for stream in (sys.stdin, sys.stdout):
            os.close(stream.fileno())
        limit = _address_space() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        answer = b"ok\n" + decode(data, size).tobytes()
    except Unreadable as error:
        answer = f"{error.trouble}\n{error.reason}".encode()
    except BaseException as error:  # noqa: BLE001 - whatever a decoder raises, the parent learns its name
        answer = f"unreadable\nthe decoder raised {type(error).__name__}".encode()
    try:
        with os.fdopen(pipe, "wb") as out:
            out.write(answer)
    finally:
        os._exit(0)  # even when nobody reads any more: never back into the server's loop


def _address_space() -> int:
    """Bytes mapped now (Linux; proc(5))."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
