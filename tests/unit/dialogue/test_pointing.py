"""Which sentences a chat model points at, however it writes that."""

from __future__ import annotations

import pytest

from dialogue.pointing import sayings, without_sources


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("[1.2]", [(0, 1)]),
        ("[1.2] [2.1]", [(0, 1), (1, 0)]),
        ("[1.1, 1.3]", [(0, 0), (0, 2)]),
        ("[1.1 and 1.3]", [(0, 0), (0, 2)]),
        ("[1.1-1.3]", [(0, 0), (0, 1), (0, 2)]),
        ("[1.1–3]", [(0, 0), (0, 1), (0, 2)]),
        ("[1.1] to [1.3]", [(0, 0), (0, 1), (0, 2)]),
        ("[1.1]-[1.3]", [(0, 0), (0, 1), (0, 2)]),
        ("1.1 1.3", [(0, 0), (0, 2)]),
        ("1.1, 2.2.", [(0, 0), (1, 1)]),
        ("(1.1)", [(0, 0)]),
        ("\\[1.3\\]", [(0, 2)]),
        ("［1.3］", [(0, 2)]),
        ("【1.3】", [(0, 2)]),
        ("[1.1、1.3]", [(0, 0), (0, 2)]),
        ("[sentence 1.3]", [(0, 2)]),
        ("[#1.3]", [(0, 2)]),
        ('["1.3"]', [(0, 2)]),
        ("[2]", [(1, None)]),
        ("[1,3]", [(0, None), (2, None)]),
        ("- [1.1]\n- [1.2]", [(0, 0), (0, 1)]),
        ("**[1.1]**", [(0, 0)]),
        ("<think>[1.1] no, [1.2] no</think> [1.3]", [(0, 2)]),
        ("<think>[1.1] and it never ends", []),
        ("[1.3]\n\n[1] Delivery costs", [(0, 2)]),  # as our own answers end
        ("[1.2.3]", []),
        ("[1234]", []),
        ("(2) It costs €3.90 (about $4.20).", []),
        ("Yes (2) times.", []),
        ("no numbers", []),
        ("[]", []),
        ("[" + "1" * 4_000, []),  # took 1.4 s of the bot's loop
        ("", []),
    ],
)
def test_places(text: str, places: list[tuple[int, int | None]]) -> None:
    assert [place for saying in sayings(text) for place in saying.places] == places


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("According to [1], they keep for weeks.", ["According to , they keep for weeks."]),
        ("Hello! They keep for weeks [1]. Bye!", ["They keep for weeks ."]),
        ("They keep for weeks. [1.1]", ["They keep for weeks."]),
        ("[1.1]", [""]),
        ("**[1.1]**", [""]),
    ],
)
def test_the_words_that_belong_to_them(text: str, words: list[str]) -> None:
    assert [saying.words for saying in sayings(text)] == words


def test_a_long_answer_is_read_in_a_moment() -> None:
    assert len(list(sayings("Bananas keep for weeks [1]. " * 10_000))) < 200


def test_an_answer_without_its_sources() -> None:
    assert without_sources("It costs €3.90. [1]\n\n[1] Delivery costs") == "It costs €3.90."
