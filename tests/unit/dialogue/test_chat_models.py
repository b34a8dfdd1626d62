from __future__ import annotations

import pytest

from dialogue.chat_models import ChatModelError, chat_model


@pytest.mark.parametrize("name", ["gpt-4", ":x", "openai:", ""])
def test_a_name_without_a_provider_is_refused(name: str) -> None:
    with pytest.raises(ChatModelError, match="provider:name"):
        chat_model(name)


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ChatModelError, match="langchain-fireworks"):
        chat_model("fireworks:some-model")


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(ChatModelError, match="nobody:x"):
        chat_model("nobody:x")
