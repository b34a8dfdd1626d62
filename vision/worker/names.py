"""A worker's name in the job stream: it says which process it is, so that the next one knows whose jobs are free."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def new() -> str:
    """Never reused: a name that came back would inherit the jobs of the dead."""
    return f"{socket.gethostname()}-{os.getpid()}-{_started(os.getpid())}-{os.urandom(3).hex()}"


def gone(name: str) -> bool:
    """Whether it is of this machine or container, and its process has ended. False also where nobody can say.

    Where two machines have one name, jobs are done twice at worst.
    """
    if name.count("-") < 3:
        return False
    host, pid, started, _ = name.rsplit("-", 3)
    return host == socket.gethostname() and bool(started) and _started(pid) != started


def _started(pid: int | str) -> str:
    """When a process began, in ticks since the machine did (proc(5)): its number alone may be another one. "" where
    there is none, or no /proc.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
