"""Never gender, age, ethnicity or looks; and no sentence from a decoder that one constant sentence beats."""

from __future__ import annotations

import pytest

from vision.model.captions import without_looks
from vision.model.predictor import Predictor


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("A man in a red shirt is standing .", "A person in a red shirt is standing ."),
        ("a young asian woman and her dog", "A person and their dog"),
        ("Two little girls play with a black dog", "Two people play with a black dog"),
        ("The old man and the woman", "Two people"),
        ("A white dog runs", "A white dog runs"),
        ("A young male kneeling", "A person kneeling"),
        ("Two female tennis players", "Two tennis players"),
        ("An African american teenager and his mother", "A person and their person"),
        ("A small curly headed boy", "A small curly headed person"),  # it was "headedperson"
        ("An old building and a young dog", "An old building and a young dog"),
        ("two young people while he looks", "Two people while that person looks"),
        ("A young couple in a boat", "Two people in a boat"),
        ("A bearded man and a pregnant woman", "Two people"),
        ("a man and a woman are sitting on a boat .", "Two people are sitting on a boat ."),
        ("Muslim women at a market", "People at a market"),
        ("A bride and groom", ""),
        ("A policewoman on a horse", ""),
        ("A young skateboarder", "A skateboarder"),
        ("A bearded person", ""),
        ("A snowman near a fire", ""),  # rather too quiet
    ],
)
def test_people_are_people(said: str, kept: str) -> None:
    assert without_looks(said) == kept


def test_the_shipped_decoder_is_not_listened_to_before_it_beats_a_constant_sentence() -> None:
    assert not Predictor.load().says_scenes
