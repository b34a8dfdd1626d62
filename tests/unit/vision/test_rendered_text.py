from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from vision.model import rendered_text
from vision.model.captions import template
from vision.report import Label, LabelSet
from vision.training.dataset import RunConfig

# Photodesk says what a photo shows, never who: "a person".
NEVER = set(
    re.findall(
        r"\S+",
        """man men woman women boy boys girl girls male female gender sex lady ladies gentleman guy guys he she his her
        him age aged old older young younger elderly teen teenager baby child children kid kids adult ethnicity ethnic
        race asian african european american white-skinned black-skinned skin caucasian latino hispanic beautiful pretty
        handsome attractive ugly fat thin slim overweight sexy cute""",
    )
)
SAID = [s for skeletons in rendered_text.SKELETONS.values() for s in skeletons]
TOLD = [*rendered_text.CONTENTLESS, *rendered_text.COARSE, *rendered_text.COARSE_WORDS.values()]


@pytest.mark.parametrize("sentence", [*SAID, *TOLD])
def test_nothing_about_anybodys_looks(sentence: str) -> None:
    assert not set(re.findall(r"[a-z-]+", sentence.lower())) & NEVER


def test_no_slot_is_about_people() -> None:
    slots = set(re.findall(r"\{(\w+)\}", " ".join(SAID)))
    assert slots == {"product", "category", "item", "article", "colour", "damage", "object", "kind"}
    default = RunConfig(data="", out="", steps=1, sets=()).label_sets
    assert "department" not in default  # the fashion set has it: men, women, boys, girls
    assert slots == set(default)


def test_a_template_has_only_slots() -> None:
    sure = LabelSet(applies=1, stated="thing", top=(Label(name="thing", probability=1),))
    for name in rendered_text.SKELETONS:
        assert not set(re.findall(r"[a-z-]+", (template({name: sure}) or "").lower())) & NEVER


LABELS = {"product": "Granny Smith", "category": "Apple"}


def test_the_most_exact_slot_is_said() -> None:
    """Every studio shot has a category, too: and nothing but "a photo of topwear" was said of them."""
    labels = {"article": "Kurtas", "colour": "Green", "category": "Topwear"}
    said = {rendered_text.sentence(labels, random.Random(n)) or "" for n in range(50)}
    assert all("kurtas" in each for each in said) and "green kurtas ." in said


def test_a_sentence_says_only_what_the_labels_say() -> None:
    chance = random.Random(0)
    said = {rendered_text.sentence(LABELS, chance) for _ in range(200)}
    assert "a photo of granny smith ." in said
    assert "some apple ." in said
    assert len(said) == len(rendered_text.SKELETONS["product"])
    assert rendered_text.sentence({"product": "Milk"}, chance) in {"milk .", "a photo of milk .", "milk in a shop ."}
    assert rendered_text.sentence({}, chance) is None
    assert rendered_text.sentence({"department": "x"}, chance) is None


def test_a_label_with_braces_is_a_label() -> None:
    assert "{0.__class__}" in (rendered_text.sentence({"object": "{0.__class__}"}, random.Random(0)) or "")


def test_the_answer_is_never_told() -> None:
    chance = random.Random(0)
    told = [rendered_text.customer_text(LABELS, ["pear", "shoes"], chance) for _ in range(2000)]
    assert not any("granny" in text for text in told)
    counts = Counter(
        "empty" if not t else "contentless" if t in rendered_text.CONTENTLESS else "coarse" if "apple" in t else "wrong"
        for t in told
    )
    for kind, share in {"empty": 0.5, "contentless": 0.2, "coarse": 0.2, "wrong": 0.1}.items():
        assert counts[kind] / 2000 == pytest.approx(share, abs=0.04), kind
