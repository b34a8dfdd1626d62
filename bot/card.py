"""What an agent sees about a customer. Plain text for now: the forum's card comes with the forum."""

from __future__ import annotations

import re

from bot.texts import Texts

LINES = 12  # of the conversation, the newest
WIDTH = 400  # characters of one line
TAG = re.compile(r"#c(\d+)\b")


def tag(customer: int) -> str:
    """``#c42``: how agents' messages name a customer. Telegram makes it a link to all messages about them."""
    return f"#c{customer}"


def tagged(text: str) -> int | None:
    """The customer that one of our messages to the agents is about: its first word is the tag."""
    found = TAG.match(text)
    return int(found[1]) if found else None


def card(texts: Texts, customer: int, name: str, reason: str, transcript: list[tuple[str, str]]) -> str:
    lines = [texts("card-line", who=who, text=_short(text)) for who, text in transcript[-LINES:]]
    return texts(
        "card",
        tag=tag(customer),
        name=name,
        reason=texts("reason", code=reason),
        transcript="\n".join(lines) or texts("card-empty"),
    )


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
