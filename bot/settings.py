"""Every knob of the bot, frozen; with storage/settings.py the only reader of the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from storage.settings import Settings

SHOP = Path(__file__).resolve().parent.parent / "shop"


class BotSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="BOT_")

    token: SecretStr | None = None
    """What @BotFather gave you: 123456:ABC…"""
    api_url: str = "https://api.telegram.org"
    """Another Bot API server: your own, or the playground."""
    agents_group: int | None = None
    """Chat id of the group where people answer. None: nobody can take over, and customers are told so."""
    knowledge: Path = SHOP / "articles"
    """The shop's articles: a folder of Markdown files."""
    shop: str = "Corner & Co."
    """The shop's name, as customers read it."""
    chat_model: str | None = None
    """A chat model as provider:name, such as ollama:llama3.2. None: the built-in responder quotes the articles."""
    photo_seconds: float = Field(20.0, gt=0)
    """How long a customer waits for a photo to be looked at."""
    language: str = "en"
    """The language of the bot's own sentences."""
