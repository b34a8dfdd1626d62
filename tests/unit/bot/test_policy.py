from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy import Policy, PolicyError
from bot.settings import SHOP
from vision.report import Finding, Label, LabelSet, PhotoReport

RULES = """
- {reason: policy, words: [lawyer, "data protection"]}
- {reason: sensitive, words: [suicide]}
- {reason: policy, labels: {damage: [severe]}}
- {reason: sensitive, findings: [card]}
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    (tmp_path / "policy.yml").write_text(RULES, encoding="utf-8")
    return Policy.read(tmp_path / "policy.yml")


def test_words_are_whole_words_in_any_case(policy: Policy) -> None:
    assert policy.by_words("I'll call my Lawyer.") == "policy"
    assert policy.by_words("DATA PROTECTION, please") == "policy"
    assert policy.by_words("suicide") == "sensitive"
    assert policy.by_words("do you sell lawyers' wigs?") is None
    assert policy.by_words("") is None


def test_labels_count_when_they_are_stated(policy: Policy) -> None:
    top = (Label(name="severe", probability=0.9),)
    assert (
        policy.by_photos([PhotoReport(labels={"damage": LabelSet(applies=0.9, stated="severe", top=top)})]) == "policy"
    )
    assert policy.by_photos([PhotoReport(labels={"damage": LabelSet(applies=0.9, top=top)})]) is None


def test_findings(policy: Policy) -> None:
    report = PhotoReport(sensitive=(Finding(type="card", box=(0.1, 0.1, 0.9, 0.9)),))
    assert policy.by_photos([report]) == "sensitive"
    assert policy.by_photos([PhotoReport()]) is None


def test_the_shops_own_rules_can_be_read() -> None:
    policy = Policy.read(SHOP / "policy.yml")
    assert policy.by_words("I got food poisoning from it") == "policy"
    assert policy.by_words("how long do bananas keep?") is None


WRONG = (
    "reason: policy",
    "- words: [x]",
    "- {reason: nope}",
    "- {reason: policy, wrods: [x]}",
    "- {reason: policy, words: x}",
    "- {reason: policy, labels: [x]}",
    "- {reason: sensitive, findings: [passport]}",
    "- [",
)


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_file_says_where(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"BOT_POLICY: .*policy\.yml"):
        Policy.read(file)
