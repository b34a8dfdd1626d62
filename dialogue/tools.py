"""What a chat model may do besides answering. Each is a schema: its docstring is what the model reads."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field

Why = Literal["asked", "policy", "sensitive", "low_confidence", "other"]


def _known(reason: Any) -> Any:
    return reason if reason in get_args(Why) else "other"


def _numbers(between: Any) -> list[int]:
    """Models write [1, 3], ["1.2"], "1, 3", 1 or nothing."""
    return [int(number) for number, _ in re.findall(r"(\d{1,3})(\.\d+)?", str(between))]


class HandOver(BaseModel):
    """Pass the conversation to a person of the shop's team. The customer is told by the shop, not by you."""

    reason: Annotated[Why, BeforeValidator(_known)] = Field(
        "other",
        description="asked: the customer wants a person; policy: only a person may decide it; "
        "sensitive: distress, health, legal matters; low_confidence: the passages do not settle it; other.",
    )


class AskBack(BaseModel):
    """Ask the customer what is meant. The shop puts it in words, with the titles of the passages to choose from."""

    between: Annotated[list[int], BeforeValidator(_numbers)] = Field(
        default_factory=list, description="Numbers of the passages that it may be about, like [1, 3]."
    )


class Refuse(BaseModel):
    """Turn down a request that has nothing to do with the shop."""


class Search(BaseModel):
    """Look for other passages, where those you were given do not answer the question."""

    query: str = Field(description="What to look for, in a few words.", max_length=300)


# Snake case is what chat-model vendors expect of a tool's name.
TOOLS: dict[str, type[BaseModel]] = {
    "hand_over": HandOver,
    "ask_back": AskBack,
    "refuse": Refuse,
    "search": Search,
}


def schemas() -> list[dict[str, object]]:
    """The tools in OpenAI's form, which every LangChain provider takes."""
    return [
        {
            "type": "function",
            "function": {"name": name, "description": tool.__doc__, "parameters": tool.model_json_schema()},
        }
        for name, tool in TOOLS.items()
    ]
