from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from py3langid.langid import LanguageIdentifier

from dialogue import language


def test_threads_that_ask_at_once_load_its_model_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a start six threads read the moods of what had waited. Each loaded the model: the bot took 789 MB."""
    loaded: list[str] = []
    load = LanguageIdentifier.from_model_file

    def slowly(*names: Any, **more: Any) -> LanguageIdentifier:
        loaded.append(names[0])
        time.sleep(0.2)
        return load(*names, **more)

    monkeypatch.setattr(LanguageIdentifier, "from_model_file", slowly)
    language._identifier.cache_clear()
    language._chances.cache_clear()
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(language.language_of, ["wie lange halten sich Bananen im Kühlschrank?"] * 6))
    assert found == ["de"] * 6
    assert len(loaded) == 1


def test_a_full_disk_costs_a_language_and_no_turn(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The bot of docker compose had 64 MB for its temporary files, and each turn failed with "no space left"."""

    def full(*_: Any, **__: Any) -> LanguageIdentifier:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LanguageIdentifier, "from_model_file", full)
    language._identifier.cache_clear()
    try:
        assert language.language_of("how long do bananas keep in the fridge?", "en") in ("", "en")
        assert "No space left" in caplog.text
    finally:
        language._identifier.cache_clear()
