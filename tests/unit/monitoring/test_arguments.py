from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable

import pytest

from monitoring.arguments import address, epsilon, port, positive, share


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        (port, "0", 0),
        (share, "0.02", 0.02),
        (epsilon, "3", 3.0),
        (address, "[::1]:9100", "[::1]:9100"),
        (positive, "1", 1),
    ],
)
def test_what_is_right_is_taken(kind: Callable[[str], object], words: str, value: object) -> None:
    assert kind(words) == value


@pytest.mark.parametrize(
    ("kind", "words", "right"),
    [
        (port, "99999", "8090"),
        (port, "-1", "8090"),
        (share, "7", "0.02"),
        (share, "nan", "0.02"),
        (epsilon, "0", "such as 3"),
        (epsilon, "many", "such as 3"),
        (address, "9100", "127.0.0.1:9093"),
        (address, "127.0.0.1:99999", "127.0.0.1:9093"),
        (address, "127.0.0.1:", "127.0.0.1:9093"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_right(kind: Callable[[str], object], words: str, right: str) -> None:
    with pytest.raises(ArgumentTypeError, match=right) as error:
        kind(words)
    assert repr(words) in str(error.value)
