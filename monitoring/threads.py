"""How many threads a library takes for itself."""

from __future__ import annotations

import os


def one_for_blas() -> None:
    """For numpy's BLAS, before numpy is imported; what an operator set stays.

    Its threads wait for one another at full load: where the cores are busy a sentence took 160 to 270 ms of CPU to
    encode instead of 10 (two cores, load 8), and a photo in the worker 400 instead of 270 on two idle ones.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
