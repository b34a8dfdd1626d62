"""The cell that a decoder's child locks itself into before it meets a stranger's file.

Inside, a process may compute, and read and write what is already open: nothing else. It opens no file, makes no socket,
starts no process, signals nobody but itself, and dies with its server. Four locks, one behind the other: resource
limits, Landlock, a seccomp filter that names the calls that are allowed, and being unreadable to its equals. What the
kernel lacks is left out and told by ``missing``; limits hold everywhere.
"""

from __future__ import annotations

import ctypes
import errno
import math
import os
import platform
import resource
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_GET_SECCOMP, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 21, 22, 38  # prctl.h
LANDLOCK_CREATE, LANDLOCK_RESTRICT = 444, 446  # the same on every architecture
LANDLOCK_VERSION = 1  # a flag: say which version you are
FILES = {1: 13, 2: 14, 3: 15, 5: 16}  # version of Landlock → bits of rights on files that it knows (landlock.h)
NET, SCOPES = 0b11, 0b11  # TCP from version 4; abstract sockets and signals from 6

LOAD, SAME, RETURN = 0x20, 0x15, 0x06  # BPF: 32 bits of seccomp_data → A; A == k ?; the verdict
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER, ARCHITECTURE, FIRST = 0, 4, 16  # where seccomp_data holds them

# AUDIT_ARCH_*, and the numbers of the calls: by name, so that the two lists can be held against each other.
CALLS: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10,
            "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "readv": 19,
            "writev": 20, "select": 23, "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39,
            "exit": 60, "getrusage": 98, "sysinfo": 99, "times": 100, "gettimeofday": 96, "sigaltstack": 131,
            "gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204, "restart_syscall": 219,
            "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "pselect6": 270,
            "ppoll": 271, "getrandom": 318, "membarrier": 324, "rseq": 334, "kill": 62, "tgkill": 234,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "read": 63, "write": 64, "close": 57, "fstat": 80, "lseek": 62, "mmap": 222, "mprotect": 226,
            "munmap": 215, "brk": 214, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "readv": 65,
            "writev": 66, "sched_yield": 124, "mremap": 216, "madvise": 233, "nanosleep": 101, "getpid": 172,
            "exit": 93, "getrusage": 165, "sysinfo": 179, "times": 153, "gettimeofday": 169, "sigaltstack": 132,
            "gettid": 178, "futex": 98, "sched_getaffinity": 123, "restart_syscall": 128, "clock_gettime": 113,
            "clock_getres": 114, "clock_nanosleep": 115, "exit_group": 94, "pselect6": 72, "ppoll": 73,
            "getrandom": 278, "membarrier": 283, "rseq": 293, "kill": 129, "tgkill": 131,
        },
    ),
}  # fmt: skip
# libde265 (HEIC) cannot do without a thread of its own. It is in the same cell: a clone that shares memory and signals,
# and no other. clone3 hides its flags behind a pointer; where it does not exist, glibc takes clone.
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3, CLONE_THREAD, ANY = 435, 0x10000, 0x45  # ANY: A & k ?
TO_ITSELF = ("kill", "tgkill")  # allowed where the first argument is the caller: abort() is how C libraries give up


class Locked(OSError):
    """A lock that the kernel has could not be shut: no file may be opened."""


class _Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("true", ctypes.c_uint8), ("false", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


# Loaded before any fork, in a process that still may open files; None: no Linux.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def lock_up(pipe: int, parent: int, seconds: float, memory: int, *, threads: bool = False) -> None:
    """From here on this process has ``pipe``, ``memory`` bytes more than it has now, and nothing else.

    Called in a child that has no thread but this one. ``parent``: the process with which it dies. ``seconds``: of wall
    time that it has; it gets as many of CPU time, and one. ``threads``: it may start some. Raises Locked.
    """
    os.setpgid(0, 0)  # whatever it starts is killed with it
    limit = _address_space() + memory
    _one_pipe(pipe)
    if _libc:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died between fork and prctl: no signal will come any more
            os._exit(0)
        _prctl(PR_SET_DUMPABLE, 0)  # no child of the same user reads another's memory
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        if landlock():
            _no_files()
    for what, most in (
        (resource.RLIMIT_AS, limit),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        *([] if threads else [(resource.RLIMIT_NPROC, 0)]),  # it counts threads, too
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_CPU, math.ceil(seconds) + 1),
    ):
        resource.setrlimit(what, (most, most))
    if seccomp():
        _few_calls(threads=threads)


def missing() -> list[str]:
    """Locks that this machine does not have, for the log."""
    if _libc is None:
        return ["death with its parent", "Landlock", "seccomp"]
    return [name for name, there in (("Landlock", landlock()), ("seccomp", seccomp())) if not there]


def landlock() -> int:
    """Its version, 0 where the kernel has none or it is switched off."""
    if _libc is None:
        return 0
    return max(0, int(_libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), LANDLOCK_VERSION)))


def seccomp() -> bool:
    return _libc is not None and platform.machine() in CALLS and _libc.prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0


def _one_pipe(pipe: int) -> None:
    """Close all but ``pipe``: on the server's own pipes lie other people's photos. Errors go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    for opened in (0, 1):
        os.close(opened)
    os.closerange(3, pipe)
    os.closerange(pipe + 1, max(nowhere, 1024) + 1)


def _address_space() -> int:
    """Bytes mapped now (Linux; proc(5))."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def _prctl(what: int, value: int) -> None:
    assert _libc
    if _libc.prctl(what, value, 0, 0, 0):
        raise Locked(ctypes.get_errno(), f"prctl {what}")


def _no_files() -> None:
    """Landlock with every right handled and none given."""
    assert _libc
    version = landlock()
    bits = FILES[max(known for known in FILES if known <= version)]
    rules = _Ruleset((1 << bits) - 1, NET if version >= 4 else 0, SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    descriptor = _libc.syscall(LANDLOCK_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if descriptor < 0 or _libc.syscall(LANDLOCK_RESTRICT, descriptor, 0):
        raise Locked(ctypes.get_errno(), "Landlock")
    os.close(descriptor)


def _few_calls(*, threads: bool) -> None:
    steps = filter_of(platform.machine(), os.getpid(), threads=threads)
    program = _Program(len(steps), (_Step * len(steps))(*(_Step(*step) for step in steps)))
    assert _libc
    if _libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0):
        raise Locked(ctypes.get_errno(), "seccomp")


def filter_of(machine: str, pid: int, *, threads: bool = False) -> list[tuple[int, int, int, int]]:
    """BPF: the calls of CALLS are allowed, every other fails with EPERM, a call of another architecture kills."""
    architecture, calls = CALLS[machine]
    refuse = (RETURN, 0, 0, REFUSE | errno.EPERM)
    steps = [(LOAD, 0, 0, ARCHITECTURE), (SAME, 1, 0, architecture), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    for name, number in calls.items():
        if name in TO_ITSELF:
            steps += [(SAME, 0, 4, number), (LOAD, 0, 0, FIRST), (SAME, 0, 1, pid), (RETURN, 0, 0, ALLOW), refuse]
        else:
            steps += [(SAME, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    if threads:
        steps += [(SAME, 0, 1, CLONE3), (RETURN, 0, 0, REFUSE | errno.ENOSYS)]
        steps += [(SAME, 0, 3, CLONE[machine]), (LOAD, 0, 0, FIRST), (ANY, 0, 1, CLONE_THREAD), (RETURN, 0, 0, ALLOW)]
    return [*steps, refuse]
