from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.seal import Sealer, SealError, mark_of

KEY = "c:42:photo:ab"
FIRST, SECOND = bytes(range(32)), bytes(range(1, 33))


def text(**keys: bytes) -> str:
    return ",".join(f"{name[1:]}:{base64.b64encode(key).decode()}" for name, key in keys.items())


def test_what_is_sealed_opens_under_its_own_key() -> None:
    sealer = Sealer({1: FIRST}, 1)

    sealed = sealer.seal(KEY, b"a red cup")

    assert sealer.open(KEY, sealed) == b"a red cup"
    assert len(sealed) == len(b"a red cup") + 29
    assert sealed != sealer.seal(KEY, b"a red cup")


@pytest.mark.parametrize("sizes", [(), (0,), (1,), (4, 2**20), (7, 2 * 2**20 + 3)])
def test_pieces_are_what_seal_would_make_a_megabyte_at_a_time(sizes: tuple[int, ...]) -> None:
    """A file of 20 MB was in the bot's memory twice, and four times with an album beside it."""
    sealer, plain = Sealer({1: FIRST}, 1), [bytes([number]) * size for number, size in enumerate(sizes, 1)]
    size, pieces = sealer.pieces(KEY, plain)
    made = list(pieces)
    assert sealer.open(KEY, b"".join(made)) == b"".join(plain)
    assert sum(map(len, made)) == size and max(map(len, made)) <= 2**20 + 16
    assert len(made) <= 2 + size // 2**20 and (size > 2**20 or len(made) == 1)
    with pytest.raises(SealError):
        sealer.open("c:42:report:ab", b"".join(made))


@pytest.mark.parametrize("other", ["c:42:photo:cd", "c:42:report:ab", "c:43:photo:ab"])
def test_a_value_moved_under_another_key_does_not_open(other: str) -> None:
    sealer = Sealer({1: FIRST}, 1)

    with pytest.raises(SealError, match="does not open"):
        sealer.open(other, sealer.seal(KEY, b"x"))


def test_each_customer_has_a_key_of_its_own() -> None:
    sealer = Sealer({1: FIRST}, 1)
    assert sealer._derive(1, 42).encrypt(bytes(12), b"x", None) != sealer._derive(1, 43).encrypt(bytes(12), b"x", None)


@pytest.mark.parametrize("cut", [0, 1, 5, 12, 13, 20])
def test_a_value_cut_short_does_not_open(cut: int) -> None:
    sealer = Sealer({1: FIRST}, 1)

    with pytest.raises(SealError):
        sealer.open(KEY, sealer.seal(KEY, b"words")[:cut])


def test_a_flipped_bit_does_not_open() -> None:
    sealer = Sealer({1: FIRST}, 1)
    sealed = bytearray(sealer.seal(KEY, b"words"))
    sealed[-1] ^= 1

    with pytest.raises(SealError):
        sealer.open(KEY, bytes(sealed))


def test_a_key_is_rotated_by_adding_one() -> None:
    old = Sealer.from_text(text(_1=FIRST)).seal(KEY, b"old")
    both = Sealer.from_text(text(_1=FIRST, _2=SECOND))
    new = both.seal(KEY, b"new")

    assert both.open(KEY, old) == b"old"
    assert (old[0], new[0]) == (mark_of(FIRST), mark_of(SECOND))
    assert Sealer.from_text(text(_2=SECOND)).open(KEY, new) == b"new"
    with pytest.raises(SealError, match="not here"):
        Sealer.from_text(text(_2=SECOND)).open(KEY, old)


def test_only_customers_keys_are_sealed() -> None:
    with pytest.raises(ValueError, match="not a customer's key"):
        Sealer({1: FIRST}, 1).seal("jobs:vision", b"x")


@pytest.mark.parametrize(
    "wrong", ["", "1", "1:", "x:AAAA", "1:no base64!", "1:AAAA", "0:" + "A" * 43 + "=", text(_1=FIRST) * 2]
)
def test_unreadable_keys_are_refused_without_showing_them(wrong: str) -> None:
    with pytest.raises(SealError) as error:
        Sealer.from_text(wrong)
    assert "AAAA" not in str(error.value)


def test_a_key_id_is_given_once() -> None:
    with pytest.raises(SealError, match="key id 1 is there twice"):
        Sealer.from_text(f"{text(_1=FIRST)},{text(_1=SECOND)}")


def test_the_key_file_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "seal.keys"

    sealed = Sealer.load_or_create(path).seal(KEY, b"x")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Sealer.load_or_create(path).open(KEY, sealed) == b"x"
    assert [entry.name for entry in path.parent.iterdir()] == ["seal.keys"]


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        sealers = list(pool.map(lambda _: Sealer.load_or_create(tmp_path / "seal.keys"), range(4)))

    sealed = sealers[0].seal(KEY, b"x")
    assert [sealer.open(KEY, sealed) for sealer in sealers] == [b"x"] * 4


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seal.keys"
    Sealer.load_or_create(path)
    path.chmod(0o644)

    with pytest.raises(SealError, match="chmod 600"):
        Sealer.load_or_create(path)
