"""Server processes of our own, asked over pipes: what they meet can hang, crash or bloat them, never the worker.

Own pipes rather than multiprocessing, which imports the parent's main program into every child and reads pickles back.
"""

from __future__ import annotations

import contextlib
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

ROOT = str(Path(__file__).resolve().parent.parent)


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

    def ask(self, question: bytes, seconds: float, wait: float | None = None) -> bytes:
        """The answer, within ``seconds`` of being asked. Raises Late, Died or Closed.

        ``wait``: seconds until a server is free, at most; None waits for ever.
        """
        try:
            server = self.idle.get(timeout=wait)
        except queue.Empty:
            raise Late("every server is busy") from None
        try:
            if self.closed.is_set():
                raise Closed("they are closed")
            if server is not None and server.poll() is not None:  # killed meanwhile: not this question's fault
                end(server)
                server = None
            if server is None:
                server, seconds = self._start(), seconds + self.start_seconds
            return _ask(server, question, seconds)
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
        return subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"OPENBLAS_NUM_THREADS": "1"},  # a server with threads of its own should not fork
            start_new_session=True,
        )


def _ask(server: subprocess.Popen[bytes], question: bytes, seconds: float) -> bytes:
    assert server.stdin and server.stdout
    server.stdin.write(len(question).to_bytes(4, "big") + question)
    server.stdin.flush()
    if not select.select([server.stdout], [], [], seconds)[0]:
        raise Late(f"no answer within {seconds:g} s")
    return exactly(server.stdout, int.from_bytes(exactly(server.stdout, 4), "big"))


def end(server: subprocess.Popen[bytes] | None) -> None:
    if server is None:
        return
    server.kill()
    for pipe in (server.stdin, server.stdout):
        with contextlib.suppress(OSError):  # flushing into a dead process
            if pipe:
                pipe.close()
    server.wait()


def exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise BrokenPipeError("the server went away")
    return data


# -- the server's side --------------------------------------------------------------------------------------------
def listen(answer: Callable[[bytes], bytes]) -> None:
    """Answer one question after the other until stdin ends, which is also how a dead worker's server goes."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(4):
        said = answer(source.read(int.from_bytes(head, "big")))
        sink.write(len(said).to_bytes(4, "big") + said)
        sink.flush()
