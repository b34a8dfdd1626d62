from __future__ import annotations

import os
import subprocess
import sys

import pytest

from monitoring import threads


def test_one_thread_unless_somebody_set_another_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    threads.one_for_blas()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    threads.one_for_blas()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"


@pytest.mark.parametrize("program", ["bot", "vision"])
def test_both_programs_begin_with_it(program: str) -> None:
    """The worker did not: two threads of numpy span while the network and the reader of codes wanted the cores."""
    code = (
        f"import os, sys; from {program}.__main__ import main; assert 'numpy' not in sys.modules\n"
        "try: main(['--help'])\nexcept SystemExit: print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-1] == "1"
