from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
from patience import PATIENCE, until
from toys import COLOURS, encoded, picture

from vision import subprocesses as servers_module
from vision.worker import sandbox as module
from vision.worker.decode import Unreadable
from vision.worker.sandbox import Sandbox

SIZE = 16
GOOD = encoded(picture())
Make = Callable[..., Sandbox]
Started = Callable[[], list[psutil.Process]]


def living() -> set[psutil.Process]:
    """Processes that this one has started, and those that they have, but for the dead that nobody has waited for."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.add(process)
    return found


@pytest.fixture
def started() -> Iterator[Started]:
    """What this test has started and is still there. Ended after it, whatever happened in it: a server that was left
    made nine other tests fail."""
    before = living()
    yield lambda: sorted(living() - before, key=lambda process: process.create_time())
    left = living() - before
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, PATIENCE)


@pytest.fixture
def make(started: Started) -> Iterator[Make]:
    """Sandboxes that are closed after the test."""
    made: list[Sandbox] = []

    def one(servers: int = 1, seconds: float = PATIENCE) -> Sandbox:
        made.append(Sandbox(SIZE, seconds, servers))
        return made[-1]

    yield one
    for sandbox in made:
        sandbox.close()


@pytest.fixture
def one(make: Make) -> Sandbox:
    return make()


@pytest.fixture
def with_decoder(make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Make:
    """``with_decoder("time.sleep(60)", seconds=1)``: a sandbox whose decoder does that to files that begin with
    ``evil``, which get ``seconds``; all others have PATIENCE, and are opened."""

    def made(body: str, seconds: float = PATIENCE) -> Sandbox:
        hostile(monkeypatch, tmp_path, body, seconds)
        return make()

    return made


def hostile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, seconds: float) -> None:
    """Servers that are started from now on have that decoder."""
    (tmp_path / "hostile.py").write_text(
        textwrap.dedent("""
            import os, sys, time
            from vision.worker import sandbox as children
            if any("said.py" in name for name in os.listdir(sys.path[1])):
                import said
            whole = children.opened
            def opened(data, size):
                if data.startswith(b"evil"):
                    BODY
                return whole(data, size)
            children.opened = opened
            live = children._live_and_die
            def lives(pipe, *rest, **more):
                global PIPE
                PIPE = pipe
                live(pipe, *rest, **more)
            children._live_and_die = lives
            inside = children._in_child
            children._in_child = lambda data, size, patience, *more: inside(
                data, size, SECONDS if data[:4] == b"evil" else patience, *more
            )
            children.serve(*sys.argv[1:])
        """)
        .replace("BODY", body)
        .replace("SECONDS", str(seconds))
    )
    real = subprocess.Popen

    def start(command: list[str], **more: object) -> object:
        program = f"import sys; sys.path[:0] = [{module.ROOT!r}, {str(tmp_path)!r}]; import hostile"
        return real([sys.executable, "-I", "-c", program, *command[-3:]], **more)  # type: ignore[call-overload]

    monkeypatch.setattr(servers_module.subprocess, "Popen", start)


class TestHostile:
    """What a file could make a decoder do, played by a decoder that does it."""

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ("time.sleep(60)", "longer than"),
            ("while True: pass", "longer than"),
            ("os.kill(os.getpid(), 11)", "crashed"),
            ("os._exit(3)", "crashed"),
            ("sys.exit(3)", "raised SystemExit"),
            ("raise RuntimeError('x')", "raised RuntimeError"),
            ("bytearray(3 * 2**30)", "raised MemoryError"),
            ("os.fork() or time.sleep(60)", "raised PermissionError"),  # a grandchild kept the pipe open
        ],
    )
    def test_costs_one_file(self, with_decoder: Make, body: str, said: str) -> None:
        children = with_decoder(body, seconds=1 if "longer" in said else PATIENCE)
        children.warm()
        with pytest.raises(Unreadable, match=said) as refused:
            children.decode(b"evil")
        assert refused.value.trouble == "unreadable"
        assert children.decode(GOOD).shape == (SIZE, SIZE, 3)

    @pytest.mark.parametrize(
        "says",
        [
            b"ok\nshort",
            b"ok\n" + bytes(SIZE * SIZE * 3 + 1),
            b"fine\nthis is no word of ours",
            b"\xff\xfe\n\xff",
            b"x" * 3_000_000,  # no end of it
            b"",
        ],
    )
    def test_a_child_that_was_taken_over_lies_in_vain(self, with_decoder: Make, tmp_path: Path, says: bytes) -> None:
        """A status that is no Trouble used to end the worker with a ValidationError."""
        (tmp_path / "said.py").write_text(f"SAYS = {says!r}")  # a child opens no file: the server imports it
        children = with_decoder("os.write(PIPE, sys.modules['said'].SAYS), os._exit(0)")
        with pytest.raises(Unreadable, match="crashed") as refused:
            children.decode(b"evil")
        assert refused.value.trouble == "unreadable"
        assert children.decode(GOOD).shape == (SIZE, SIZE, 3)

    def test_it_has_no_way_to_other_peoples_photos(self, with_decoder: Make) -> None:
        """A child had its server's stdin (the next photo) and stdout (the next answer) open."""
        children = with_decoder("os.write(1, b'x'), os._exit(0)")
        with pytest.raises(Unreadable, match="raised OSError"):
            children.decode(b"evil")
        assert children.decode(GOOD).shape == (SIZE, SIZE, 3)


class TestCodes:
    """Another child looks for them, in pixels: what crashes it costs the codes and not the photo."""

    @pytest.mark.parametrize("body", ["os._exit(3)", "os.kill(os.getpid(), 11)", "time.sleep(60)", "1 / 0"])
    def test_a_reader_that_fails_costs_the_codes(self, with_decoder: Make, tmp_path: Path, body: str) -> None:
        (tmp_path / "said.py").write_text(
            "import os, time\nfrom vision.readers import codes\nwhole = codes.read\n"
            f"codes.read = lambda grey: ({body}) if grey.shape == (33, 44) else whole(grey)\n"
        )
        children = with_decoder("pass")
        children.servers.arguments = (str(SIZE), "2" if "sleep" in body else str(PATIENCE), "photos")
        frame = children.open(encoded(picture(size=(44, 33)))).frames[0]
        found = children.found_in(frame)
        assert (found.codes, found.quality) == (None, None)
        assert found.readable.shape == (33, 44, 3)
        again = children.found_in(children.open(encoded(picture(size=(40, 30)))).frames[0])
        assert again.codes == () and again.quality

    def test_of_a_sandbox_that_was_closed(self, one: Sandbox) -> None:
        frame = one.open(GOOD).frames[0]
        one.close()
        assert one.found_in(frame) is frame


class TestServers:
    def test_no_time_at_all(self, one: Sandbox) -> None:
        one.servers.arguments = (str(SIZE), "0.00001", "photos")  # for a file; the server's start has its time
        with pytest.raises(Unreadable, match="took longer than 1e-05 s"):
            one.decode(encoded(picture(size=(2000, 2000))))

    def test_pixels_may_be_written_to(self, one: Sandbox) -> None:
        assert one.decode(GOOD).flags.writeable  # torch.from_numpy would warn

    def test_started_when_needed(self, one: Sandbox, started: Started) -> None:
        assert started() == []
        one.warm()
        assert len(started()) == 1

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_killed_between_two_files_nobody_notices(self, one: Sandbox, started: Started, number: int) -> None:
        """The next photo, which had done nothing, was called unreadable."""
        one.warm()
        [server] = started()
        server.send_signal(number)
        until(lambda: not started(), "the server's end")
        assert one.decode(GOOD).shape == (SIZE, SIZE, 3)

    def test_killed_in_the_middle_costs_one_file(self, with_decoder: Make, started: Started) -> None:
        children = with_decoder("time.sleep(60)")
        children.warm()
        [server] = started()
        threading.Timer(0.3, server.kill).start()
        with pytest.raises(Unreadable, match="server died"):
            children.decode(b"evil")
        assert children.decode(GOOD).shape == (SIZE, SIZE, 3)

    def test_many_threads_each_get_their_own_answer(self, make: Make) -> None:
        children = make(servers=2)
        names = list(COLOURS) * 8
        with ThreadPoolExecutor(6) as pool:
            seen = list(pool.map(lambda n: children.decode(encoded(picture(COLOURS[n], seed=len(n)))), names))
        for name, pixels in zip(names, seen, strict=True):
            assert np.allclose(pixels.mean((0, 1)), COLOURS[name], atol=12)

    def test_nothing_is_left_after_close(self, make: Make, started: Started) -> None:
        children = make(servers=2)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: children.decode(GOOD), range(4)))
        assert started()
        children.close()
        children.close()
        assert started() == []

    def test_closing_waits_for_the_file_in_hand(self, with_decoder: Make, started: Started) -> None:
        """Its server came back after close() and was never ended; who asked later waited for ever."""
        children = with_decoder("time.sleep(0.5)")
        children.warm()
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(children.decode, b"evil")
            time.sleep(0.2)
            children.close()
            assert isinstance(answer.exception(), Unreadable)
        with pytest.raises(Unreadable, match="closed") as refused:
            children.decode(GOOD)
        assert refused.value.trouble == "unavailable"
        assert started() == []

    def test_they_go_when_their_parent_is_killed(self) -> None:
        program = (
            f"import sys, time; sys.path.insert(0, {module.ROOT!r})\n"
            "from vision.worker.sandbox import Sandbox; c = Sandbox(16); c.warm()\n"
            "import psutil; print(psutil.Process().children()[0].pid, flush=True); time.sleep(600)"
        )
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout
            server = psutil.Process(int(parent.stdout.readline()))
            parent.kill()
        gone, _ = psutil.wait_procs([server], PATIENCE)
        assert gone or not server.is_running() or server.status() == psutil.STATUS_ZOMBIE

    def test_the_server_has_no_secrets_in_its_environment(
        self, monkeypatch: pytest.MonkeyPatch, one: Sandbox, started: Started
    ) -> None:
        monkeypatch.setenv("BOT_TOKEN", "123:secret")
        one.warm()
        [server] = started()
        assert b"secret" not in Path(f"/proc/{server.pid}/environ").read_bytes()
        assert os.getsid(server.pid) == server.pid  # Ctrl-C in a terminal does not reach it
