"""Article numbers as people write them, without the bars."""

from __future__ import annotations

import pytest

from storage import gtin


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("96385074", {"00000096385074"}),  # GTIN-8: as a UPC-E its check digit is wrong
        ("04252614", {"00042100005264"}),  # UPC-E: as a GTIN-8 its check digit is wrong
        ("01000009", {"00000001000009", "00010000000009"}),  # both are right
        ("042100005264", {"00042100005264"}),
        ("0 42100 00526 4", {"00042100005264"}),
        ("0 425261 4", {"00042100005264"}),
        ("EAN: 4006381333931, 500 g", {"04006381333931"}),
        ("(01)09506000134352", {"09506000134352"}),
        ("25252614", set()),  # no UPC-E begins with a 2
        ("4006381333932", set()),
        ("00000000", set()),
        ("the first 12345678901234567 of them", set()),
    ],
)
def test_what_is_named(written: str, numbers: set[str]) -> None:
    assert gtin.named(written) == numbers
