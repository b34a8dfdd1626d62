"""The cell of a decoder's child, held against hostile code in the decoder's place."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import films
import numpy as np
import psutil
import pytest
from PIL import Image
from toys import encoded, picture

from vision import subprocesses as servers_module
from vision.worker import cell, decode, video
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
    if not (tmp_path / "said.py").exists():
        (tmp_path / "said.py").write_text("SAYS = b''")
    (tmp_path / "hostile.py").write_text(
        textwrap.dedent("""
            import ctypes, os, signal, socket, sys, time
            import said
            from vision.worker import sandbox
            whole = sandbox.opened
            def opened(data, size):
                if data.startswith(b"evil"):
                    BODY
                return whole(data, size)
            sandbox.opened = opened
            live = sandbox._live_and_die
            def lives(pipe, *rest, **more):
                global PIPE
                PIPE = pipe
                live(pipe, *rest, **more)
            sandbox._live_and_die = lives
            sandbox.serve(*sys.argv[1:])
        """).replace("BODY", body)
    )
    real = subprocess.Popen

    def start(command: list[str], **more: object) -> object:
        program = f"import sys; sys.path[:0] = [{module.ROOT!r}, {str(tmp_path)!r}]; import hostile"
        return real([sys.executable, "-I", "-c", program, *command[-3:]], **more)  # type: ignore[call-overload]

    monkeypatch.setattr(servers_module.subprocess, "Popen", start)
    return Sandbox(SIZE, seconds, servers=1)


SECRET = "1:c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U="
LIBC = "ctypes.CDLL(None, use_errno=True)"


class TestCell:
    """A child had the keys' file, the store, the disk and descendants of its own."""

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ("open('KEYS').read()", "raised PermissionError"),
            ("os.listdir('.')", "raised PermissionError"),
            ("open('made', 'w')", "raised PermissionError"),
            ("os.stat('KEYS')", "raised PermissionError"),
            ("os.unlink('KEYS')", "raised PermissionError"),
            ("socket.socket()", "raised PermissionError"),
            ("socket.socket(socket.AF_UNIX)", "raised PermissionError"),
            ("socket.socketpair()", "raised PermissionError"),
            ("os.fork()", "raised PermissionError"),
            ("os.execv('/bin/true', ['true'])", "raised PermissionError"),
            ("os.posix_spawn('/bin/true', ['true'], {})", "raised PermissionError"),
            ("__import__('threading').Thread(target=print).start()", "raised RuntimeError"),
            ("os.kill(os.getppid(), 9)", "raised PermissionError"),
            ("os.killpg(0, 0)", "raised PermissionError"),
            ("os.setsid()", "raised PermissionError"),
            ("os.memfd_create('x')", "raised PermissionError"),
            ("os.pipe()", "raised PermissionError"),
            ("__import__('resource').setrlimit(7, (64, 64))", "raised ValueError"),
            ("LIBC.ptrace(0, 0, 0, 0) and (lambda: 1 / 0)()", "raised ZeroDivisionError"),
            ("LIBC.syscall(437, -100, b'KEYS', 0, 0) < 0 and (lambda: 1 / 0)()", "raised ZeroDivisionError"),  # openat2
            ("LIBC.syscall(425, 8, 0) < 0 and (lambda: 1 / 0)()", "raised ZeroDivisionError"),  # io_uring_setup
        ],
    )
    def test_it_may_compute_and_nothing_else(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, said: str
    ) -> None:
        if cell.missing():
            pytest.skip(f"this kernel has no {cell.missing()}")
        keys = tmp_path / "seal.keys"
        keys.write_text(SECRET)
        hostile = body.replace("KEYS", str(keys)).replace("LIBC", LIBC)
        sandbox = with_decoder(monkeypatch, tmp_path, hostile, seconds=20)
        try:
            with pytest.raises(Unreadable, match=said):
                sandbox.decode(b"evil")
            assert sandbox.decode(GOOD).shape == (SIZE, SIZE, 3)
        finally:
            sandbox.close()
        assert keys.read_text() == SECRET

    @pytest.mark.parametrize("lock", ["seccomp", "landlock"])
    def test_each_lock_holds_alone(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lock: str) -> None:
        """A kernel may lack one of them."""
        if cell.missing():
            pytest.skip(f"this kernel has no {cell.missing()}")
        (tmp_path / "said.py").write_text(f"from vision.worker import cell\ncell.{lock} = lambda: 0\n")
        for body in ("open('/etc/passwd')", "open('made', 'w')"):
            sandbox = with_decoder(monkeypatch, tmp_path, body, seconds=20)
            try:
                with pytest.raises(Unreadable, match=r"raised (OSError|PermissionError)"):
                    sandbox.decode(b"evil")
            finally:
                sandbox.close()

    def test_what_it_starts_ends_with_it(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Where no filter keeps it from starting anything: its own child, in a session of its own, lived on."""
        (tmp_path / "said.py").write_text("from vision.worker import cell\ncell.seccomp = lambda: 0\n")
        if os.getuid() == 0:
            body = "os.fork() or time.sleep(60)"  # root has no RLIMIT_NPROC
            sandbox = with_decoder(monkeypatch, tmp_path, body, seconds=2)
            said = "longer than"
        else:
            sandbox, said = with_decoder(monkeypatch, tmp_path, "os.fork()", seconds=2), "BlockingIOError"
        try:
            with pytest.raises(Unreadable, match=said):
                sandbox.decode(b"evil")
            until = time.monotonic() + 5
            while len(left := running_in(tmp_path)) > 1 and time.monotonic() < until:
                time.sleep(0.05)
            assert [process.ppid() for process in left] == [os.getpid()]  # the server
        finally:
            sandbox.close()

    def test_it_dies_with_its_server(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A child that hung outlived its killed server for ever."""
        sandbox = with_decoder(monkeypatch, tmp_path, "time.sleep(600)", seconds=600)
        sandbox.warm()
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(sandbox.decode, b"evil")
            [server] = [p for p in psutil.Process().children() if str(tmp_path) in " ".join(p.cmdline())]
            until = time.monotonic() + 20
            while not (children := server.children()) and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(0.2)  # until it has locked itself in
            server.kill()
            assert isinstance(answer.exception(), Unreadable)
        _, alive = psutil.wait_procs(children, 5)
        assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
        sandbox.close()

    def test_its_limits(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Processes, files, their sizes and the processor's time were unlimited."""
        (tmp_path / "said.py").write_text(
            "import resource as r\nfrom vision.worker import cell\ncell.seccomp = lambda: 0\n"
            "def limits(): return str([r.getrlimit(w)[1] for w in (r.RLIMIT_NPROC, r.RLIMIT_NOFILE, r.RLIMIT_FSIZE, "
            "r.RLIMIT_CORE, r.RLIMIT_CPU)])\n"
        )
        body = "os.write(PIPE, b'unreadable\\n' + said.limits().encode()), os._exit(0)"
        sandbox = with_decoder(monkeypatch, tmp_path, body, 20)
        try:
            with pytest.raises(Unreadable, match=r"\[0, 0, 0, 0, 21\]"):
                sandbox.decode(b"evil")
        finally:
            sandbox.close()

    def test_no_key_is_in_the_memory_of_a_server(self, monkeypatch: pytest.MonkeyPatch, one: Sandbox) -> None:
        """It is a program of its own: what the worker had read when it started it did not come along."""
        monkeypatch.setenv("STORAGE_SEAL_KEYS", SECRET)
        one.warm()
        [server] = servers()
        assert SECRET.encode() in memory_of(os.getpid())
        assert SECRET.encode() not in memory_of(server.pid)
        assert memory_of(server.pid)

    @pytest.mark.parametrize("machine", list(cell.CALLS))
    def test_the_filter_is_a_program(self, machine: str) -> None:
        steps = cell.filter_of(machine, 7)
        assert len(steps) < 4096 and steps[-1][3] == cell.REFUSE | 1
        assert set(cell.CALLS["x86_64"][1]) - set(cell.CALLS["aarch64"][1]) == {"poll", "select", "time"}


def running_in(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found += [process] if str(folder) in " ".join(process.cmdline()) else []
    return found


def memory_of(pid: int) -> bytes:
    """What a process may have written: its heap, stacks and variables."""
    found = bytearray()
    with Path(f"/proc/{pid}/mem").open("rb") as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights, *_ = line.split()
            if rights.startswith("rw"):
                begin, end = (int(edge, 16) for edge in place.split("-"))
                memory.seek(begin)
                with suppress(OSError):
                    found += memory.read(end - begin)
    return bytes(found)


class TestEveryFormatOpensInACell:
    """What a decoder imports late, it imported from a file that no longer opens."""

    @pytest.mark.parametrize("name", decode.FORMATS)
    def test_photos(self, one: Sandbox, name: str) -> None:
        data = encoded(picture(size=(300, 200)), name)
        there = one.open(data).frames[0]
        here = decode.opened(data, SIZE)
        assert np.array_equal(there.pixels, here.pixels) and np.array_equal(there.readable, here.readable)
        found = one.found_in(there)
        assert found.codes == () and found.quality

    @pytest.mark.parametrize(
        "how",
        [
            {},
            {"codec": "mpeg4"},
            {"codec": "libvpx-vp9", "container": "webm"},
            {"codec": "libx265"},
            {"codec": "libsvtav1"},
            {"codec": "mjpeg", "container": "avi"},
        ],
    )
    def test_videos(self, one: Sandbox, how: dict[str, str]) -> None:
        data = films.video([Image.new("RGB", films.SIZE, colour) for colour in ("red", "green", "blue") * 5], **how)
        here = video.filmed(data, SIZE, 20)
        there = one.open(data)
        assert here and here.film == there.film
        for (_, mine), its in zip(here.frames, there.frames, strict=True):
            assert np.array_equal(mine.pixels, its.pixels)
