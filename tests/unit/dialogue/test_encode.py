"""What the encoders keep in files and what they keep in memory."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from dialogue.encode import Bridge, Encoders, Floats, RememberingEncoder, Rows, Universal
from dialogue.meaning import Examples

SAID = ["Wo ist mein Paket geblieben?", "hello there", "怎么退货"]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def universal() -> Universal:
    return Universal()


def test_a_table_in_a_file_says_the_same(universal: Universal, tmp_path: Path) -> None:
    before, table = universal.encode(SAID), universal._model.table
    universal.keep_in(tmp_path / "vectors")
    assert isinstance(universal._model.table, Rows)
    assert np.array_equal(universal.encode(SAID), before)
    universal.keep_in(tmp_path / "another")  # it is out already
    assert [path.suffix for path in (tmp_path / "vectors").iterdir()] == [".rows"]
    assert not (tmp_path / "another").exists()
    universal._model.table = table


def test_without_room_it_stays_in_memory(universal: Universal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(64_000_000, 0, 64_000_000))
    universal.keep_in(tmp_path)
    assert isinstance(universal._model.table, np.ndarray)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_costs_a_line(
    universal: Universal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    universal.keep_in(tmp_path / "file")
    assert isinstance(universal._model.table, np.ndarray)
    assert "stay in memory" in caplog.text


def test_the_bridge_brings_a_translation_near_the_english(meaning: Encoders) -> None:
    bridge = meaning.bridge
    assert isinstance(bridge, Bridge) and meaning.english
    german = bridge(meaning.wide.encode(["Ich habe mein Passwort vergessen"]))[0]
    near, far = meaning.english.encode(["I forgot my password", "When do you deliver?"]) @ german
    assert np.linalg.norm(german) == pytest.approx(1, abs=1e-4)
    assert near > far + 0.2


def test_a_wish_in_another_language_is_compared_in_both_spaces(meaning: Encoders) -> None:
    alike = Examples(meaning, {"password": ["I forgot my password"], "delivery": ["when do you deliver"]})
    found = alike.alike("olvidé mi contraseña", "es")
    assert found["password"] > found["delivery"] + 0.2


def test_what_another_thread_throws_out_meanwhile_is_still_answered() -> None:
    class Throwing:
        name, languages = "throwing", None

        def encode(self, texts: Sequence[str]) -> Floats:
            remembering._memory.clear()
            return np.ones((len(texts), 2), np.float32)

    remembering = RememberingEncoder(Throwing())
    remembering.encode(["a"])
    assert remembering.encode(["a", "b"]).shape == (2, 2)


def test_two_that_index_different_texts_encode_a_message_once(tmp_path: Path) -> None:
    asked: list[str] = []

    class Counts:
        name, languages = "counts", None

        def encode(self, texts: Sequence[str]) -> Floats:
            asked.extend(texts)
            return np.ones((len(texts), 2), np.float32)

    articles = Encoders(RememberingEncoder(Counts(), tmp_path / "articles"))
    forms = articles.beside(tmp_path / "forms")
    forms.wide.encode_articles(["I want my money back"])
    articles.wide.encode(["where is my pan?"])
    forms.wide.encode(["where is my pan?"])
    assert asked == ["I want my money back", "where is my pan?"]
    assert [path.name for path in tmp_path.iterdir()] == ["forms"]
