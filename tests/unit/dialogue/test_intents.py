from __future__ import annotations

import time

import pytest

from dialogue.intents import Phrases


@pytest.mark.parametrize(
    "text",
    [
        "human please",
        "Agent!",
        "can I talk to a real person?",
        "I need to speak with your supervisor",
        "get me an operator",
        "want to chat with somebody",
        "how do I contact customer service",
        "what's the customer support phone number",
        "i don't want to talk to a bot",
        "no more robots, a human",
        "is there a live person here",
        "i have to talk to an asistant",
        "connect me to a represenative",
        "please transfer me to someone who can help",
    ],
)
def test_asks_for_a_person(phrases: Phrases, text: str) -> None:
    assert phrases.asks_for_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "someone used my card",
        "how many people does this feed?",
        "can I pick it up in person",
        "I need a travel agent",
        "what is the price per person",
        "are you a bot?",
        "can someone help me with my order",
        "how do I call off my order",
        "I want a refund",
    ],
)
def test_does_not_ask_for_a_person(phrases: Phrases, text: str) -> None:
    assert not phrases.asks_for_person(text)


@pytest.mark.parametrize(
    "text", ["yes", "Yes, please!", "ok", "sure, go ahead", "yeah that would be great", "I'd like that"]
)
def test_accepts(phrases: Phrases, text: str) -> None:
    assert phrases.accepts(text)


@pytest.mark.parametrize(
    "text", ["thanks", "thank you", "yes but where is my order", "no", "", "please cancel my order"]
)
def test_does_not_accept(phrases: Phrases, text: str) -> None:
    assert not phrases.accepts(text)


@pytest.mark.parametrize("text", ["No thanks", "nope", "never mind", "it's ok"])
def test_declines(phrases: Phrases, text: str) -> None:
    assert phrases.declines(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No, that's not it!",
        "wrong",
        "neither",
        "that didn't help",
        "this is not what I asked",
        "none of these",
        "still not",
    ],
)
def test_is_dissatisfied(phrases: Phrases, text: str) -> None:
    assert phrases.is_dissatisfied(text)


@pytest.mark.parametrize(
    "text", ["no delivery on sunday?", "my order is not here", "I have no account", "is it not too late"]
)
def test_a_no_inside_a_question_is_none(phrases: Phrases, text: str) -> None:
    assert not phrases.is_dissatisfied(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hello there!", "greeting"),
        ("good morning", "greeting"),
        ("Thanks a lot, great", "thanks"),
        ("bye bye", "bye"),
        ("How are you today?", "how_are_you"),
        ("are you a robot?", "who_are_you"),
        ("hi, where is my order", None),
        ("", None),
    ],
)
def test_small_talk(phrases: Phrases, text: str, kind: str | None) -> None:
    assert phrases.small_talk(text) == kind


def test_a_polite_flood_costs_no_time(phrases: Phrases) -> None:
    text = "thank you " * 1_000 + "x"
    started = time.process_time()
    phrases.small_talk(text), phrases.accepts(text), phrases.is_dissatisfied(text), phrases.asks_for_person(text)
    phrases.small_talk("thank you " * 7 + "x")
    assert time.process_time() - started < 0.5
