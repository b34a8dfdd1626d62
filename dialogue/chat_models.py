"""``provider:name`` → chat model. The one place where providers are imported, and only when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitoring.attempt import Failure, attempt_now

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class ChatModelError(Exception):
    """The chat model cannot be made; the message says what to write or install."""


def chat_model(name: str, **options: Any) -> BaseChatModel:
    """``chat_model("openai:gpt-4.1-mini", temperature=0)``. ``options`` go to the provider's class.

    Raises ChatModelError for a name without a provider, an unknown provider, a missing package or missing credentials.
    """
    provider, colon, model = name.partition(":")
    if not (provider and colon and model):
        raise ChatModelError(f"{name!r} is no chat model. Write provider:name, for example openai:gpt-4.1-mini.")
    from langchain.chat_models import init_chat_model  # noqa: PLC0415  (0.5 s: only where a model is configured)

    made = attempt_now(lambda: init_chat_model(model, model_provider=provider, **options))
    if isinstance(made, Failure):  # each provider raises its own kind for missing keys and wrong options
        what = "the provider's package is missing" if isinstance(made.error, ImportError) else "the provider refused"
        raise ChatModelError(f"{name}: {what}: {made.error}") from made.error
    chat: BaseChatModel = made  # configurable models come only without a name
    return chat
