from __future__ import annotations

from typing import get_args

from dialogue.tools import HandOver, schemas
from dialogue.turn import Reason


def test_every_tool_explains_itself() -> None:
    functions = [schema["function"] for schema in schemas()]
    assert [f["name"] for f in functions if isinstance(f, dict) and f["description"]] == [
        "hand_over",
        "ask_back",
        "refuse",
        "search",
    ]


def test_a_model_may_only_give_reasons_that_the_bot_knows() -> None:
    assert set(get_args(HandOver.model_fields["reason"].annotation)) < set(get_args(Reason))
