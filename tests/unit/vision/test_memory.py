"""What the largest photo took is given back."""

from __future__ import annotations

import subprocess
import sys

import pytest
from repository import ROOT

# In a process of its own: what others of this one still hold would hide it.
PROGRAM = """
from pathlib import Path
from vision import memory

def resident():
    return int(next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmRSS")).split()[1])

pieces = [bytes(60_000) for _ in range(2_000)]  # too small for pages of their own: 120 MB of the heap
pieces += [b"holds the heap's end"]
top = resident()
del pieces[:-1]
memory.give_back()
print(top - resident())
"""

ROOM = """
import resource
from vision import memory

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = peak()
held = memory.room(500_000_000)
held[:3] = b"one"
print(len(held), bytes(held[:4]), peak() - before < 50_000)
"""


def test_room_costs_what_is_written_to() -> None:
    done = subprocess.run([sys.executable, "-c", ROOM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "500000000 b'one\\x00' True\n"


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone keeps what is free")
def test_what_is_free_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 80_000  # kB
