"""Server processes of our own, asked over pipes: what they meet can hang, crash or bloat them, never the worker.

Own pipes rather than multiprocessing, which imports the parent's main program into every child and reads pickles back.
"""

from __future__ import annotations

import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from vision.memory import room

ROOT = str(Path(__file__).resolve().parent.parent)
PIPE = 1 << 16  # bytes that a pipe holds
MOST = 1 << 28  # bytes of an answer
LEAST_S = 0.2  # with less left no server is asked: it would be killed for being late, and has models to load again


Question = bytes | tuple[bytes | memoryview, ...]  # in one piece, or in several that nobody has to join


class Late(Exception):
    """No answer in time; the server was killed."""


class Died(Exception):
    """The server went away before it answered."""


class Closed(Exception):
    """They were closed."""


class Servers:
    """``count`` processes that run ``module.serve(*arguments)``, started when first needed, one question at a time.

    Safe to ask from several threads. A server that is late or dies is replaced for the next question.
    """

    def __init__(
        self, module: str, arguments: tuple[str, ...], count: int = 1, *, niceness: int = 0, start_seconds: float = 0.0
    ) -> None:
        """``start_seconds``: what a question may take longer when it has to wait for a server to start."""
        self.module, self.arguments, self.count, self.niceness = module, arguments, count, niceness
        self.start_seconds = start_seconds
        self.closed = threading.Event()
        self.idle: queue.SimpleQueue[subprocess.Popen[bytes] | None] = queue.SimpleQueue()
        for _ in range(count):
            self.idle.put(None)

    def ask(
        self, question: Question | Callable[[float], Question], seconds: float, within: float | None = None
    ) -> memoryview:
        """The answer, within ``seconds`` of being asked. Raises Late, Died or Closed.

        ``within``: seconds that all of it may take, the wait for a free server and for its start included; None waits
        for ever. A ``question`` that depends on the time is made when a server is there, of the seconds that it has.
        """
        until = None if within is None else time.monotonic() + within
        try:
            server = self.idle.get(timeout=within)
        except queue.Empty:
            raise Late("every server is busy") from None
        if until is not None and until - time.monotonic() < LEAST_S and not self.closed.is_set():
            self.idle.put(server)
            raise Late("every server was busy")
        try:
            if self.closed.is_set():
                raise Closed("they are closed")
            if server is not None and server.poll() is not None:  # killed meanwhile: not this question's fault
                end(server)
                server = None
            if server is None:
                server, seconds = self._start(), seconds + self.start_seconds
            if until is not None:
                seconds = min(seconds, until - time.monotonic())
            return _ask(server, question(seconds) if callable(question) else question, seconds)
        except (OSError, Late) as error:
            end(server)
            server = None
            raise error if isinstance(error, Late) else Died("the server went away") from error
        finally:
            self.idle.put(server)

    def close(self) -> None:
        """End every server, after the question that it has in hand. What is asked afterwards is Closed."""
        self.closed.set()
        for _ in range(self.count):
            end(self.idle.get())
        for _ in range(self.count):
            self.idle.put(None)  # wakes who still waits for a server

    def _start(self) -> subprocess.Popen[bytes]:
        program = (
            "import importlib, os, sys; os.nice(int(sys.argv[1])); sys.path.insert(0, sys.argv[2]); "
            "importlib.import_module(sys.argv[3]).serve(*sys.argv[4:])"
        )
        command = [sys.executable, "-I", "-c", program, str(self.niceness), ROOT, self.module, *self.arguments]
        # Its own session, so that Ctrl-C in a terminal reaches the worker alone, which then closes its stdin.
        server = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            command,
            bufsize=0,  # what a buffer had read ahead, select would not see
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"OPENBLAS_NUM_THREADS": "1"},  # a server with threads of its own should not fork
            start_new_session=True,
        )
        assert server.stdin
        os.set_blocking(server.stdin.fileno(), False)
        return server


def _ask(server: subprocess.Popen[bytes], question: Question, seconds: float) -> memoryview:
    """One deadline for both ways: a server that is stopped or still starts takes no more than a pipe holds."""
    assert server.stdin and server.stdout
    sink, source = server.stdin.fileno(), server.stdout.fileno()
    until = time.monotonic() + seconds

    def ready(reading: list[int], writing: list[int]) -> None:
        if not any(select.select(reading, writing, [], max(0.0, until - time.monotonic()))):
            raise Late(f"no answer within {seconds:.3g} s")

    def exactly(count: int) -> memoryview:
        data = left = room(count) if count > PIPE else memoryview(bytearray(count))
        while left:
            ready([source], [])
            if not (got := os.readv(source, [left])):
                raise BrokenPipeError("the server went away")
            left = left[got:]
        return data

    parts = question if isinstance(question, tuple) else (question,)
    for part in (sum(map(len, parts)).to_bytes(4, "big"), *parts):
        left = memoryview(part)
        while left:
            ready([], [sink])
            left = left[os.write(sink, left[:PIPE]) :]
    return exactly(_length(exactly(4)))


def _length(head: memoryview) -> int:
    if (length := int.from_bytes(head, "big")) > MOST:
        raise BrokenPipeError("no answer of ours is so long")
    return length


def end(server: subprocess.Popen[bytes] | None) -> None:
    if server is None:
        return
    server.kill()
    for pipe in (server.stdin, server.stdout):
        if pipe:
            pipe.close()
    server.wait()


# -- the server's side --------------------------------------------------------------------------------------------
def listen(answer: Callable[[bytes], bytes | memoryview]) -> None:
    """Answer one question after the other until stdin ends, which is also how a dead worker's server goes."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(4):
        length = int.from_bytes(head, "big")
        if len(question := source.read(length)) < length:  # the worker went while it asked: half a picture is none
            return
        said = answer(question)
        try:
            sink.write(len(said).to_bytes(4, "big"))
            sink.write(said)
            sink.flush()
        except BrokenPipeError:  # the worker went meanwhile
            os._exit(0)  # a buffer that cannot be flushed would say so at the end
