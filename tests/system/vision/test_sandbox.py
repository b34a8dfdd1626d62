from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from toys import COLOURS, encoded, picture

from vision import subprocesses as servers_module
from vision.worker import sandbox as module
from vision.worker.decode import Unreadable
from vision.worker.sandbox import Sandbox

SIZE = 16
GOOD = encoded(picture())


def servers() -> list[psutil.Process]:
    """Of this process, and whatever they started."""
    mine = psutil.Process().children(recursive=True)
    return [p for p in mine if p.is_running() and "vision.worker.sandbox" in " ".join(p.cmdline())]


@pytest.fixture
def one() -> Iterator[Sandbox]:
    made = Sandbox(SIZE, seconds=20, servers=1)
    yield made
    made.close()


def with_decoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, seconds: float) -> Sandbox:
    """Children whose decoder is replaced in the server's process, for files that begin with ``evil``."""
    (tmp_path / "hostile.py").write_text(
        textwrap.dedent("""
            import os, sys, time
            from vision.worker import sandbox as children
            whole = children.opened
            def opened(data, size):
                if data.startswith(b"evil"):
                    BODY
                return whole(data, size)
            children.opened = opened
            live = children._live_and_die
            def lives(pipe, data, size, seconds):
                global PIPE
                PIPE = pipe
                live(pipe, data, size, seconds)
            children._live_and_die = lives
            children.serve(*sys.argv[1:])
        """).replace("BODY", body)
    )
    real = subprocess.Popen

    def start(command: list[str], **more: object) -> object:
        program = f"import sys; sys.path[:0] = [{module.ROOT!r}, {str(tmp_path)!r}]; import hostile"
        return real([sys.executable, "-I", "-c", program, *command[-2:]], **more)  # type: ignore[call-overload]

    monkeypatch.setattr(servers_module.subprocess, "Popen", start)
    return Sandbox(SIZE, seconds, servers=1)


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
            ("os.fork() or time.sleep(60)", "longer than"),  # a grandchild keeps the pipe open
        ],
    )
    def test_costs_one_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, said: str) -> None:
        children = with_decoder(monkeypatch, tmp_path, body, seconds=2 if "longer" in said else 20)
        try:
            children.warm()
            with pytest.raises(Unreadable, match=said) as refused:
                children.decode(b"evil")
            assert refused.value.trouble == "unreadable"
            assert children.decode(GOOD).shape == (SIZE, SIZE, 3)
        finally:
            children.close()

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
    def test_a_child_that_was_taken_over_lies_in_vain(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: bytes
    ) -> None:
        """A status that is no Trouble used to end the worker with a ValidationError."""
        (tmp_path / "says").write_bytes(says)
        write = f"os.write(PIPE, open({str(tmp_path / 'says')!r}, 'rb').read()), os._exit(0)"
        children = with_decoder(monkeypatch, tmp_path, write, seconds=20)
        try:
            with pytest.raises(Unreadable, match="crashed") as refused:
                children.decode(b"evil")
            assert refused.value.trouble == "unreadable"
            assert children.decode(GOOD).shape == (SIZE, SIZE, 3)
        finally:
            children.close()

    def test_it_has_no_way_to_other_peoples_photos(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A child had its server's stdin (the next photo) and stdout (the next answer) open."""
        body = "os.write(1, b'x'), os._exit(0)"
        children = with_decoder(monkeypatch, tmp_path, body, seconds=20)
        try:
            with pytest.raises(Unreadable, match="raised OSError"):
                children.decode(b"evil")
            assert children.decode(GOOD).shape == (SIZE, SIZE, 3)
        finally:
            children.close()


class TestServers:
    def test_no_time_at_all(self) -> None:
        children = Sandbox(SIZE, seconds=0.00001, servers=1)
        try:
            with pytest.raises(Unreadable, match="took longer than 1e-05 s"):
                children.decode(encoded(picture(size=(2000, 2000))))
        finally:
            children.close()

    def test_pixels_may_be_written_to(self, one: Sandbox) -> None:
        assert one.decode(GOOD).flags.writeable  # torch.from_numpy would warn

    def test_started_when_needed(self, one: Sandbox) -> None:
        assert servers() == []
        one.warm()
        assert len(servers()) == 1

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_killed_between_two_files_nobody_notices(self, one: Sandbox, number: int) -> None:
        """The next photo, which had done nothing, was called unreadable."""
        one.warm()
        [server] = servers()
        server.send_signal(number)
        psutil.wait_procs([server], 0.5)  # ours to reap, so it only becomes a zombie
        assert one.decode(GOOD).shape == (SIZE, SIZE, 3)

    def test_killed_in_the_middle_costs_one_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        children = with_decoder(monkeypatch, tmp_path, "time.sleep(60)", seconds=30)
        try:
            children.warm()
            server = psutil.Process().children()[-1]
            threading.Timer(0.3, server.kill).start()
            with pytest.raises(Unreadable, match="server died"):
                children.decode(b"evil")
            assert children.decode(GOOD).shape == (SIZE, SIZE, 3)
        finally:
            children.close()

    def test_many_threads_each_get_their_own_answer(self) -> None:
        children = Sandbox(SIZE, seconds=20, servers=2)
        names = list(COLOURS) * 8
        try:
            with ThreadPoolExecutor(6) as pool:
                seen = list(pool.map(lambda n: children.decode(encoded(picture(COLOURS[n], seed=len(n)))), names))
        finally:
            children.close()
        for name, pixels in zip(names, seen, strict=True):
            assert np.allclose(pixels.mean((0, 1)), COLOURS[name], atol=12)

    def test_nothing_is_left_after_close(self) -> None:
        children = Sandbox(SIZE, seconds=20, servers=2)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: children.decode(GOOD), range(4)))
        assert servers()
        children.close()
        children.close()
        assert servers() == []

    def test_closing_waits_for_the_file_in_hand(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Its server came back after close() and was never ended; who asked later waited for ever."""
        children = with_decoder(monkeypatch, tmp_path, "time.sleep(0.5)", seconds=20)
        children.warm()
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(children.decode, b"evil")
            time.sleep(0.2)
            children.close()
            assert isinstance(answer.exception(), Unreadable)
        with pytest.raises(Unreadable, match="closed") as refused:
            children.decode(GOOD)
        assert refused.value.trouble == "unavailable"
        assert psutil.Process().children() == [
            p for p in psutil.Process().children() if "hostile" not in str(p.cmdline())
        ]

    def test_they_go_when_their_parent_is_killed(self) -> None:
        program = (
            f"import sys, time; sys.path.insert(0, {module.ROOT!r})\n"
            "from vision.worker.sandbox import Sandbox; c = Sandbox(16); c.warm()\n"
            "import psutil; print(psutil.Process().children()[0].pid, flush=True); time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout
            server = psutil.Process(int(parent.stdout.readline()))
            parent.kill()
        gone, _ = psutil.wait_procs([server], 5)
        assert gone or not server.is_running() or server.status() == psutil.STATUS_ZOMBIE

    def test_the_server_has_no_secrets_in_its_environment(self, monkeypatch: pytest.MonkeyPatch, one: Sandbox) -> None:
        monkeypatch.setenv("BOT_TOKEN", "123:secret")
        one.warm()
        [server] = servers()
        assert b"secret" not in Path(f"/proc/{server.pid}/environ").read_bytes()
        assert os.getsid(server.pid) == server.pid  # Ctrl-C in a terminal does not reach it
