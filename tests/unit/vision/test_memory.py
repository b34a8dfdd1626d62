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


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone keeps what is free")
def test_what_is_free_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 80_000  # kB
