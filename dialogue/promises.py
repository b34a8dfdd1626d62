"""A chat model that says "I'm transferring you" has handed nobody over. Such words are made true, or not sent."""

from __future__ import annotations

import re

_WHO = (
    r"(?:person|human|agent|colleague|representative|specialist|team|someone|somebody|support|operator|supervisor|"
    r"manager)"
)
_MOVES = (
    r"(?:transfer+|connect|pass|hand|put|forward|escalat|redirect|refer)"
    r"(?:ing|ed|e|ring|red|s)?\b"
)
_PROMISE = re.compile(
    r"\b(?:i am|i'm|i’m|i will|i'll|i’ll|i have|i've|let me|we are|we're|we will|we'll|now)\s+(?:now\s+|just\s+)?"
    rf"{_MOVES}"
    rf"[^.?!\n]{{0,60}}\b(?:you|this|your)\b[^.?!\n]{{0,60}}\b{_WHO}"
    rf"|\b(?:transferring|connecting)\s+you\b"
    rf"|\b{_WHO}(?:\s+member)?\s+(?:will|is going to)\s+"
    r"(?:contact|call|reach|get back|be with|take over|help|assist|join)"
    rf"|\bi(?:'ll|’ll| will)\s+(?:check|look into|find out)[^.?!\n]{{0,40}}\b(?:get back to you|let you know)",
    re.IGNORECASE,
)


def promises_a_person(text: str, quoted: str = "") -> bool:
    """Whether the words say that somebody takes over: a statement, not the offer "shall I get a person?", and not one
    of ``quoted``, the shop's own articles."""
    said = (sentence.strip() for sentence in re.findall(r"[^.!?\n]+[.!?\n]?", text))
    return any(_PROMISE.search(one) for one in said if "?" not in one and one not in quoted)
