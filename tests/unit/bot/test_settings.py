from __future__ import annotations

import os

import pytest
from pydantic import SecretStr, ValidationError

from bot.settings import SHOP, BotSettings
from storage.settings import SettingsError, read

TOKEN = "123456:AAH_secret-secret-secret-secret-secre"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BOT_")]:
        monkeypatch.delenv(name)


def test_defaults_are_a_demo_shop_without_token_model_or_people() -> None:
    settings = BotSettings()
    assert (settings.token, settings.chat_model, settings.agents_group) == (None, None, None)
    assert settings.knowledge == SHOP / "articles"
    assert settings.knowledge.is_dir()


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("BOT_AGENTS_GROUP", "-1001234")
    monkeypatch.setenv("BOT_SHOP", "")
    settings = BotSettings()
    assert settings.token == SecretStr(TOKEN)
    assert settings.agents_group == -1001234
    assert settings.shop == "Corner & Co."  # empty is not set


def test_an_unknown_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKKEN", TOKEN)
    with pytest.raises(SettingsError, match=r"BOT_TOKKEN is not a setting. Did you mean BOT_TOKEN\?") as error:
        read(BotSettings)
    assert "secret" not in str(error.value)


def test_the_token_is_not_shown() -> None:
    settings = BotSettings(token=SecretStr(TOKEN))
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "secret-secret" not in shown


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        BotSettings().shop = "Another"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "no token"),
        ("BOT_TOKEN", "123456:"),
        ("BOT_TOKEN", ":abc"),
        ("BOT_TOKEN", "123456:a b"),
        ("BOT_API_URL", "localhost:8081"),  # aiohttp's complaint about it would quote the URL with the token
        ("BOT_API_URL", "ftp://localhost"),
        ("BOT_AGENTS_GROUP", "42"),  # a private chat: its owner would be an agent
        ("BOT_AGENTS_GROUP", "@agents"),
        ("BOT_PHOTO_SECONDS", "0"),
        ("BOT_PHOTO_SECONDS", "inf"),
        ("BOT_PROXY", "no token"),
        ("BOT_PROXY", "http://proxy"),  # without a port
        ("BOT_STATUS", "127.0.0.1:99999"),
        ("BOT_STATUS", "::1:9100"),
        ("BOT_WEBHOOK_URL", "http://bot.example.com"),
        # These three ended with a traceback:
        ("BOT_HOURS", "no idea"),
        ("BOT_HOLIDAYS", "3/4/2026"),
        ("BOT_TIMEZONE", "Mars"),
    ],
)
def test_what_cannot_be_right_is_refused_without_showing_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as error:
        BotSettings()
    assert name.removeprefix("BOT_").lower() in str(error.value)
    assert "no token" not in str(error.value)


def test_langsmith_listens_to_nobody_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The customers' words were posted to its address, against /privacy."""
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    assert BotSettings().chat_model is None  # nothing is asked, so nothing is told
    with pytest.raises(ValidationError, match="LANGSMITH_TRACING is set"):
        BotSettings(chat_model="openai:gpt-5")
    assert BotSettings(chat_model="openai:gpt-5", tracing=True).tracing
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    assert BotSettings(chat_model="openai:gpt-5")


def test_each_wrong_value_is_named_with_a_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "BOT_AGENTS_GROUP": "42",
        "BOT_HOURS": "late",
        "BOT_TRANSLATION": "perhaps",
        "BOT_LOGS": "xml",
        "BOT_STATUS": "9100",
        "BOT_CHAT_MODEL": "openai:gpt-5",
        "BOT_TRACING": "perhaps",
        "LANGSMITH_TRACING": "true",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read(BotSettings)
    assert str(error.value).splitlines() == [
        "BOT_AGENTS_GROUP must be less than 0, such as -1001234567890.",
        "BOT_HOURS: 'late' is not like “Mon-Fri 9:00-18:00”.",
        "BOT_TRACING must be true or false.",
        "BOT_CHAT_MODEL: LANGSMITH_TRACING is set, so LangSmith would get every word that customers write. Unset it, "
        "or set BOT_TRACING=true and say so in your privacy notice.",
        "BOT_TRANSLATION must be true or false.",
        "BOT_STATUS: an address is host:port, such as 127.0.0.1:9100.",
        "BOT_LOGS must be 'text' or 'json'.",
    ]
