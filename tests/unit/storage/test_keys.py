from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import keys


@given(st.integers(), st.sampled_from(sorted(keys.RETENTION)), st.one_of(st.just(""), st.text(), st.integers()))
def test_every_key_of_a_customer_begins_with_c_and_the_id(chat: int, what: str, name: str | int) -> None:
    key = keys.customer(chat, what, name)

    assert key.startswith(f"c:{chat}:")
    assert keys.customer_of(key) == chat


def test_the_scan_pattern_finds_one_customer_only() -> None:
    pattern = keys.everything_of(4)

    assert fnmatch.fnmatch(keys.customer(4, "photo", "x"), pattern)
    assert not fnmatch.fnmatch(keys.customer(42, "photo", "x"), pattern)


def test_a_kind_without_stated_retention_is_refused() -> None:
    with pytest.raises(KeyError):
        keys.customer(1, "diary")


@pytest.mark.parametrize("key", [keys.INBOX, keys.OUTBOX_DEAD, keys.VISION_JOBS, "c:x:photo"])
def test_other_keys_have_no_customer(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        keys.customer_of(key)


def test_an_operator_says_how_long_words_are_kept() -> None:
    """It was written into a module's table, for every test and thread of the process."""
    ours = keys.retention(7)
    assert ours["history"] == keys.seconds("pairs", ours) == 7 * keys.DAY
    assert keys.seconds("case", ours) + keys.lately(ours) == 7 * keys.DAY
    assert ours["owner"] is None and ours["photo"] == 15 * 60
    assert set(ours) == set(keys.RETENTION) and keys.RETENTION["history"] == 30 * keys.DAY


@pytest.mark.parametrize("table", [keys.RETENTION, keys.retention(7)])
def test_nobody_changes_how_long_a_kind_is_kept(table: keys.Retention) -> None:
    with pytest.raises(TypeError):
        table["history"] = 1  # type: ignore[index]


def test_what_is_plain_is_named_as_such() -> None:
    """Key rotation goes by PLAIN, people by the comments."""
    lines = Path(keys.__file__).read_text(encoding="utf-8").splitlines()
    said = {found[1] for line in lines if (found := re.match(r'    "(\w+)": .*# \w+: plain ', line))}
    assert said == keys.PLAIN
