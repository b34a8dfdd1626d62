from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models

from vision.model.tokens import CLS, PAD, SEP, SPECIAL, UNKNOWN, Tokens


def test_the_special_ones_come_first(tokens: Any) -> None:
    assert [tokens.id[word] for word in SPECIAL] == list(range(4))


def test_rows(tokens: Any) -> None:
    rows = tokens.texts(["a red square", ""], 8)
    assert [row[0] for row in rows] == [tokens.id[CLS]] * 2
    assert len({len(row) for row in rows}) == 1
    assert rows[1][1] == tokens.id[SEP]
    assert set(rows[1][2:]) <= {tokens.id[PAD]}
    assert tokens.decode(rows[0]) == "a red square"


def test_cut_at_the_length(tokens: Any) -> None:
    [row] = tokens.texts(["a red square in the sun " * 400], 8)
    assert len(row) == 8
    assert row[0] == tokens.id[CLS]
    assert row[-1] == tokens.id[SEP]


def test_nothing_at_all(tokens: Any) -> None:
    assert tokens.texts([], 8) == []


def test_a_customer_cannot_write_a_special_token(tokens: Any) -> None:
    """ "[SEP]" in a message is brackets and letters, or else it would end the text where the customer wants."""
    for word in SPECIAL:
        [row] = tokens.texts([f"a {word} b"], 24)
        assert row.count(tokens.id[SEP]) == 1, word
        assert row.count(tokens.id[CLS]) == 1, word
        assert tokens.id[PAD] not in row, word


def test_there_and_back(tokens: Any, tmp_path: Path) -> None:
    tokens.save(tmp_path / "t.json")
    again = Tokens.load(tmp_path / "t.json")
    assert len(again) == len(tokens)
    assert again.texts(["a red square"], 8) == tokens.texts(["a red square"], 8)


def test_whole_words_that_are_said_often_enough() -> None:
    words = Tokens.of_words(["A dog runs", "a dog's ball", "a dog sleeps"], 2)
    [row] = words.texts(["a cat and the dog's a dog"], 24)
    assert [word for word in words.vocabulary() if word not in SPECIAL] != []
    assert words.decode([at for at in row if at != words.id[UNKNOWN]]) == "a dog a dog"
    assert row.count(words.id[UNKNOWN]) == 5  # cat, and, the, ', s


def test_a_tokenizer_of_another_kind_is_refused(tmp_path: Path) -> None:
    for words in ({UNKNOWN: 0, PAD: 1}, {PAD: 0, UNKNOWN: 1}):
        Tokenizer(models.WordPiece(words, unk_token=UNKNOWN)).save(str(tmp_path / "t.json"))
        with pytest.raises(ValueError, match=r"Tokens\.train"):
            Tokens.load(tmp_path / "t.json")
