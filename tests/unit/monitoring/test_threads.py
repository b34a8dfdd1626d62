from __future__ import annotations

import os

import pytest

from monitoring import threads


def test_one_thread_unless_somebody_set_another_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    threads.one_for_blas()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    threads.one_for_blas()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"
