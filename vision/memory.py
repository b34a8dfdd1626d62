"""Memory that is free again goes back to the system: glibc would keep what the largest photo took for ever."""

from __future__ import annotations

import ctypes
import mmap
from contextlib import suppress

LARGE = 2**21  # bytes of a large page
ARENA_MAX = -8  # M_ARENA_MAX (malloc.h)


def give_back() -> None:
    """A millisecond where there is nothing to give. musl and macOS do so by themselves."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def one_heap() -> None:
    """For all threads that are started from now on: glibc would give each its own, with what is free in it."""
    if set_option := getattr(ctypes.CDLL(None), "mallopt", None):
        set_option(ARENA_MAX, 1)


def room(length: int) -> memoryview:
    """``length`` bytes beside the heap. They cost nothing until they are written to, and are gone with whoever holds
    them: nobody finds them in what malloc gives out next. Large pages, since each first touch of a page is a fault.
    """
    held = mmap.mmap(-1, -(-max(1, length) // LARGE) * LARGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(AttributeError, OSError):  # not of this kernel
        held.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(held)[:length]
