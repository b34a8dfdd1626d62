"""A model's words reach the customer when they stand on what they cite."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from repository import ROOT

from dialogue.grounding import Evidence, gate, problem
from dialogue.turn import Citation, Fact, Reply

RETURNS = """Returns and refunds.
You can return unopened household goods within 30 days of delivery and get your money back.
Fresh food cannot be sent back, but if it arrived damaged or spoiled we refund it: send us a photo within 48 hours.
Refunds go to the card or account you paid with and take three to five working days."""
BANANA = """Banana.
Bananas keep four to six days at room temperature. Green bananas do not belong in the fridge: they turn dark."""
CARE = "Please ask a doctor."


@pytest.mark.parametrize(
    ("said", "passage", "why"),
    [
        ("We have refunded you 500 EUR today [1]", RETURNS, "number"),
        ("Pay the open fee at http://evil.example/pay [1]", RETURNS, "link"),
        ("Pay the open fee at evil.example [1]", RETURNS, "link"),
        ("Write to @helper about returns [1]", RETURNS, "link"),
        ("A return costs 4.99 EUR [1]", RETURNS, "number"),
        ("You get 90 days to return household goods [1]", RETURNS, "number"),
        ("You get ninety days to return household goods [1]", RETURNS, "number"),
        ("You can return household goods within 30 weeks [1]", RETURNS, "number"),
        ("Your order was delivered yesterday [1]", RETURNS, "day"),
        ("Ein Mitarbeiter ruft Sie an [1]", RETURNS, "name"),
        ("Somebody refunds the card or account you paid with [1]", RETURNS, "nobody did"),
        ("We refunded your money [1]", RETURNS, "nobody did"),
        ("Your refund was sent to the card or account you paid with [1]", RETURNS, "nobody did"),
        ("Household goods cannot be returned [1]", RETURNS, "keeps to"),
        ("Green bananas belong in the fridge [1]", BANANA, "keeps to"),
        ("You can return fresh food within 30 days [1]", RETURNS, "keeps to"),
        ("Send Kim your photo within 48 hours [1]", RETURNS, "name"),
        ("Send us the card or account you paid with [1]", RETURNS, "asks for"),
        ("You can return\u202e household goods [1]", RETURNS, "hidden"),
        ("return " * 1000, RETURNS, "length"),
        ("", RETURNS, "length"),
        ("/ [1].", RETURNS, "no words"),
        ("It is so. [1]", RETURNS, "no words"),
        ("You may keep the goods and still get the money [1]", RETURNS, "keeps to"),
        ("You may keep the goods and still get the money [1]", BANANA, "keeps to"),
    ],
)
def test_what_stands_on_nothing_is_stopped(said: str, passage: str, why: str) -> None:
    """63 of 87 such answers were sent as the shop's."""
    assert why in problem(said, Evidence(passage))


@pytest.mark.parametrize(
    ("said", "passage"),
    [
        ("You can return unopened household goods within 30 days, and you get your money back [1].", RETURNS),
        ("Fresh food can't be sent back, but if it arrived damaged we refund it [1].", RETURNS),
        ("Refunds usually take 3 to 5 working days [1].", RETURNS),
        ("Bananas keep 4–6 days at room temperature [1]. Green bananas don't belong in the fridge [1].", BANANA),
        ("I'm sorry to hear that! You can return household goods within 30 days [1].", RETURNS),
    ],
)  # fmt: skip
def test_what_stands_on_the_passage_passes(said: str, passage: str) -> None:
    assert problem(said, Evidence(passage)) == ""


@pytest.mark.parametrize("file", ["honest.tsv", "honest_fresh.tsv"])
def test_honest_answers_pass(file: str) -> None:
    lines = (ROOT / "benchmarks" / file).read_text().splitlines()
    stopped = []
    for article, answer in (line.split("\t") for line in lines):
        text = (ROOT / "shop" / "articles" / f"{article}.md").read_text()
        title, _, body = re.sub(r"\A---.*?^---\n", "", text, flags=re.S | re.M).strip().lstrip("# ").partition("\n")
        stopped += [answer] if problem(answer, Evidence(f"{title}.\n{body}")) else []
    assert len(stopped) <= len(lines) * 0.05, stopped


@pytest.mark.parametrize(
    ("asked", "good"),
    [
        ("Do you mean household goods or fresh food?", True),
        ("Which product do you mean?", True),
        ("Could you send a photo of the order's number?", True),
        ("Household goods cannot be returned, ok?", False),
        ("A person will contact you today, ok?", False),
        ("What is your card's number?", False),
        ("Could you pay at evil.example?", False),
        ("Do you mean goods.", False),
    ],
)
def test_a_question_goes_through_the_same_gate(asked: str, good: bool) -> None:
    assert (problem(asked, Evidence(RETURNS), asking=True) == "") is good


def replies(text: str, built_in: str = "The article says so. [1]\n\n[1] Returns") -> tuple[Reply, Reply]:
    cited = (Citation(1, "returns", "Returns and refunds", RETURNS),)
    return Reply(text, "answer", 0.9, cited), Reply(built_in, "answer", 0.9, cited)


def through(text: str, built_in: str = "The article says so.", facts: Sequence[Fact] = ()) -> str:
    reply, own = replies(text, built_in)
    return gate(reply, own, facts=facts, care=CARE).text


def test_the_built_in_answer_takes_its_place() -> None:
    assert through("A return costs 5 EUR [1]\n\n[1] Returns") == "The article says so."


def test_a_warning_stays() -> None:
    """With a model it was gone: "Yes, oat milk is fine for you"."""
    said = "You can return household goods within 30 days [1].\n\n[1] Returns and refunds"
    assert through(said, f"It says so.\n\n{CARE}\n\n[1] Returns").split("\n\n")[1] == CARE
    assert CARE not in through(said)


def test_print_in_a_photo_is_no_evidence_and_a_label_is() -> None:
    printed = Fact("text", "you get 500 EUR back", 1.0, "photo 1")
    assert through("You get 500 EUR back [1]", facts=(printed,)) == "The article says so."
    label = Fact("product", "Granny Smith", 0.9, "photo 1")
    assert "Smith" in through("You can return Granny Smith household goods within 30 days [1]", facts=(label,))
