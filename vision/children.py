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
from typing import IO

import numpy as np
import numpy.typing as npt

from vision.decode import MOST_BYTES, Unreadable, decode

SECONDS = 2.0
MEMORY = 2**30  # bytes of address space on top of what a child is born with
ROOT = str(Path(__file__).resolve().parent.parent)


class Children:
    """Decodes one file a call; safe to call from several threads, ``servers`` files at a time."""

    def __init__(self, size: int, seconds: float = SECONDS, servers: int = 2) -> None:
        self.size, self.seconds = size, seconds
        self.idle: queue.SimpleQueue[subprocess.Popen[bytes] | None] = queue.SimpleQueue()
        for _ in range(servers):
            self.idle.put(None)  # started when first needed

    def decode(self, data: bytes) -> npt.NDArray[np.uint8]:
        """uint8 [size, size, 3]. Raises Unreadable, also when the child crashed or took longer than ``seconds``."""
        if len(data) > MOST_BYTES:
            raise Unreadable("too_large", f"{len(data)} bytes; at most {MOST_BYTES} are opened")
        server = self.idle.get()
        try:
            server = server or self._start()
            status, _, body = self._ask(server, data).partition(b"\n")
        except OSError as error:
            server = _end(server)
            raise Unreadable("unreadable", "the decoder's server died on this file") from error
        finally:
            self.idle.put(server)
        if status == b"ok":
            return np.frombuffer(bytearray(body), np.uint8).reshape(self.size, self.size, 3)
        raise Unreadable(status.decode(), body.decode())  # type: ignore[arg-type]  # a Trouble that we wrote

    def warm(self) -> None:
        """Start a server now, so that the first photo does not wait for it (0.3 s)."""
        with contextlib.suppress(Unreadable):
            self.decode(b"")

    def close(self) -> None:
        while not self.idle.empty():
            _end(self.idle.get())

    def _start(self) -> subprocess.Popen[bytes]:
        program = f"import sys; sys.path.insert(0, {ROOT!r}); from vision.children import serve; serve(*map(float, sys.argv[1:]))"
        command = [sys.executable, "-I", "-c", program, str(self.size), str(self.seconds)]
        # Its own session, so that Ctrl-C in a terminal reaches the worker alone, which then closes its stdin.
        return subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, start_new_session=True
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
def serve(size: float, seconds: float) -> None:
    """Answer one file after the other until stdin ends, which is also how a dead worker's server goes."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(4):
        data = source.read(int.from_bytes(head, "big"))
        answer = _in_child(data, int(size), seconds)
        sink.write(len(answer).to_bytes(4, "big") + answer)
        sink.flush()


def _in_child(data: bytes, size: int, seconds: float) -> bytes:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _live_and_die(theirs, data, size)
    os.close(theirs)
    try:
        answer = _until_end(ours, time.monotonic() + seconds)
    finally:
        os.close(ours)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if answer is None:
        return f"unreadable\ndecoding took longer than {seconds:g} s and was stopped".encode()
    return answer or b"unreadable\nthe decoder crashed on this file"


def _until_end(pipe: int, deadline: float) -> bytes | None:
    """All bytes up to the end of the pipe; None when the deadline passes first."""
    parts = []
    while select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
        part = os.read(pipe, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return None


def _live_and_die(pipe: int, data: bytes, size: int) -> None:
    """The child's whole life. Never returns."""
    try:
        limit = _address_space() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        answer = b"ok\n" + decode(data, size).tobytes()
    except Unreadable as error:
        answer = f"{error.trouble}\n{error.reason}".encode()
    except BaseException as error:  # noqa: BLE001 - whatever a decoder raises, the parent learns its name
        answer = f"unreadable\nthe decoder raised {type(error).__name__}".encode()
    with os.fdopen(pipe, "wb") as out:
        out.write(answer)
    os._exit(0)


def _address_space() -> int:
    """Bytes mapped now (Linux; proc(5))."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
