from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy import Policy, PolicyError
from bot.settings import SHOP
from dialogue.promises import promises_a_person
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


@pytest.mark.parametrize("text", [
    "I'm transferring you to a colleague.",
    "One moment. I will connect you with a human agent now.",
    "I have forwarded this to our support team and you will hear back.",
    "A team member will contact you shortly.",
    "Transferring you now…",
    "I'll check with the warehouse and get back to you.",
    "Let me pass you on to someone who can help.",
])  # fmt: skip
def test_a_promise_is_seen(text: str) -> None:
    assert promises_a_person(text)


@pytest.mark.parametrize("text", [
    "Shall I get a person from our team for you?",
    "Would you like me to connect you with an agent?",
    "Bananas keep four to six days [1].",
    "You can transfer the balance to your account.",
    "I can help you find the person in charge of the orchard in this photo.",
    "We connect the freezer on delivery.",
])  # fmt: skip
def test_an_offer_or_an_answer_is_none(text: str) -> None:
    assert not promises_a_person(text)


def test_the_shops_own_sentence_is_none() -> None:
    article = "Write to us. Our team will contact you within a day."
    assert promises_a_person(article) and not promises_a_person(f"Of course. {article} [1]", article)
