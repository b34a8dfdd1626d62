"""Servers that do not read, do not end what they say, or are busy: whoever asks has an answer or Late in time."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from patience import HALF, PATIENCE
from repository import ROOT

from vision.subprocesses import Died, Late, Servers, listen

STUB = "tests.support.hanging"
LARGE = b"\x01" * 7_500_000  # a picture for the OCR; a pipe holds 64 KiB

Make = Callable[..., Servers]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Servers] = []

    def one(how: str, start_seconds: float = 0.0) -> Servers:
        made.append(Servers(STUB, (how,), start_seconds=start_seconds))
        return made[-1]

    yield one
    for servers in made:
        servers.close()


def test_a_large_question_and_its_answer(make: Make) -> None:
    assert make("echo").ask(LARGE, PATIENCE) == LARGE


def test_a_question_in_pieces_is_one(make: Make) -> None:
    assert make("echo").ask((b"one", b"", memoryview(LARGE), b"two"), PATIENCE) == b"one" + LARGE + b"two"


def test_an_answer_longer_than_any_of_ours_ends_its_server(make: Make) -> None:
    with pytest.raises(Died):
        make("boast").ask(b"?", PATIENCE)


@pytest.mark.parametrize("how", ["deaf", "half"])
def test_a_server_that_stops_in_the_middle_is_late(make: Make, how: str) -> None:
    """Writing and reading on had no deadline: it was waited for as long as it lived."""
    start = time.monotonic()
    with pytest.raises(Late):
        make(how).ask(LARGE if how == "deaf" else b"?", 1.0)
    assert time.monotonic() - start < HALF


class TestWithin:
    def test_a_start_takes_of_the_same_time(self, make: Make) -> None:
        """It was waited for 20 seconds longer than the caller had."""
        start = time.monotonic()
        with pytest.raises(Late):
            make("deaf", start_seconds=PATIENCE).ask(b"?", 1, within=1)
        assert time.monotonic() - start < HALF

    def test_the_wait_for_a_free_server_takes_of_the_same_time(self, make: Make) -> None:
        """It got all its seconds after the wait, too, and the server was told so."""
        servers = make("echo")
        servers.ask(b"start", PATIENCE)
        threading.Timer(1.0, servers.idle.put, (servers.idle.get(),)).start()
        assert float(servers.ask(lambda left: str(left).encode(), PATIENCE, within=PATIENCE)) <= PATIENCE - 0.9

    def test_a_server_that_is_free_too_late_is_not_killed(self, make: Make) -> None:
        servers = make("echo")
        servers.ask(b"start", PATIENCE)
        busy = servers.idle.get()
        threading.Timer(0.9, servers.idle.put, (busy,)).start()
        with pytest.raises(Late):
            servers.ask(b"?", 5, within=1)
        free = servers.idle.get(timeout=PATIENCE)
        servers.idle.put(free)
        assert free is busy and busy is not None and busy.poll() is None


def test_a_server_whose_worker_went_says_nothing() -> None:
    """Ctrl-C while it was warming up: a traceback of a broken pipe in the demo's terminal."""
    program = (
        "import sys; from vision.subprocesses import listen; listen(lambda said: sys.stdin.buffer.read(1) and said)"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as server:
        assert server.stdin and server.stdout and server.stderr
        server.stdin.write((1).to_bytes(4, "big") + b"a")
        server.stdin.flush()
        server.stdout.close()
        server.stdin.write(b"b")  # answers now
        server.stdin.close()
        assert (server.stderr.read(), server.wait(20)) == (b"", 0)


def test_half_a_question_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was stopped while it asked left a traceback of its reader behind."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO((10).to_bytes(4, "big") + b"half")))
    asked: list[bytes] = []
    listen(lambda question: asked.append(question) or b"")  # type: ignore[func-returns-value]
    assert asked == []
