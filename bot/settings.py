"""Every knob of the bot, frozen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo
from pydantic_settings import SettingsConfigDict

from bot.handover.hours import Hours
from storage.settings import Address, Settings, switched_on

SHOP = Path(__file__).resolve().parent.parent / "shop"
PROXY = r"(http|socks4|socks5)://([^/\s]*@)?(\[[\da-fA-F:]+\]|[^:@/\s]+):\d{1,5}/?"


def _token(token: SecretStr) -> SecretStr:
    number, _, secret = token.get_secret_value().partition(":")
    if not number.isdecimal() or not re.fullmatch(r"[\w-]+", secret):
        raise ValueError("a token looks like 123456:ABC…; @BotFather gives you one")
    return token


def _server(url: str) -> str:
    if not re.match(r"https?://[^/\s]", url):
        raise ValueError("a server's address begins with http:// or https://, such as https://api.telegram.org")
    return url


def _public(url: str) -> str:
    if not re.match(r"https://[^/\s]", url):
        raise ValueError("Telegram delivers to https:// alone, such as https://bot.example.com")
    return url


def _proxy(url: SecretStr) -> SecretStr:
    if not re.fullmatch(PROXY, url.get_secret_value()):
        raise ValueError("a proxy is http://host:port, socks5://host:port or socks4://host:port, with name:password@")
    return url


def _hours(text: str) -> str:
    Hours.read(text, "", "UTC")
    return text


def _holidays(text: str) -> str:
    Hours.read("", text, "UTC")
    return text


def _timezone(name: str) -> str:
    Hours.read("", "", name)
    return name


# Of LangSmith, which comes along with LangChain and listens when one of these is set.
TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING")


def _nobody_listens(model: str, others: ValidationInfo) -> str:
    on = switched_on(TRACING)
    if on and not others.data.get("tracing"):
        raise ValueError(
            f"{on[0]} is set, so LangSmith would get every word that customers write. Unset it, or set "
            "BOT_TRACING=true and say so in your privacy notice"
        )
    return model


class BotSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="BOT_")

    token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    """What @BotFather gave you: 123456:ABC…"""
    api_url: Annotated[str, AfterValidator(_server)] = "https://api.telegram.org"
    """Another Bot API server: your own, or the playground."""
    agents_group: int | None = Field(None, lt=0, examples=[-1001234567890])
    """Chat id (negative) of the group with topics where people answer. None: nobody can take over, and customers are
    told so."""
    hours: Annotated[str, AfterValidator(_hours)] = ""
    """When somebody answers there: "Mon-Fri 9:00-18:00, Sat 10-14". Empty: always."""
    holidays: Annotated[str, AfterValidator(_holidays)] = ""
    """Days when nobody does: "2026-12-25, 2027-01-01"."""
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    """Of the hours, such as Europe/Berlin."""
    remind_minutes: float = Field(5.0, gt=0)
    """A customer who waited so long is brought to the agents' mind again."""
    idle_hours: float = Field(12.0, gt=0)
    """When nobody has written for so long, the bot takes a conversation back."""
    corrections: Path = Path(".photodesk/corrections")
    """Folder of the photos that customers let you keep, with what agents said they show: `python -m vision train` reads
    it."""
    policy: Path = SHOP / "policy.yml"
    """What only a person may decide: a YAML file of words, labels and findings."""
    forms: Path | None = None
    """What cases need that the bot takes in, such as a return: a folder of YAML files, one a form. Unset: the folder
    `forms` beside the articles' folder, if there is one."""
    knowledge: Path = SHOP / "articles"
    """The shop's articles: a folder of Markdown files."""
    encoder: str = "built-in"
    """What finds articles by meaning: built-in (16 languages), none (words alone), or one of LangChain's as
    provider:name, such as ollama:bge-m3; then run `python -m dialogue calibrate`."""
    vectors: Path = Path(".photodesk/vectors")
    """Folder that keeps what the encoder made of the articles, so that a restart takes seconds."""
    calibration: Path | None = None
    """A file of coefficients and thresholds by which an answer is sure enough, as `python -m dialogue calibrate` writes
    it for your own articles. None: the built-in one."""
    shop: str = "Corner & Co."
    """The shop's name, as customers read it."""
    tracing: bool = False
    """Let LangSmith have every word that a chat model gets, where its own variables (LANGSMITH_TRACING …) say so. They
    are refused otherwise: /privacy says that nobody else gets them."""
    chat_model: Annotated[str, AfterValidator(_nobody_listens)] | None = None  # below `tracing`, which it looks at
    """A chat model as provider:name, such as ollama:llama3.2. It chooses what is quoted; None: a search does."""
    chat_model_turns: int = Field(60, gt=0)
    """Turns of one customer within an hour for which the chat model is asked; then the search chooses."""
    translation: bool = True
    """With a chat model: what customers and agents write to each other in different languages is translated by it,
    below the original. Agents read `language`."""
    photo_seconds: float = Field(20.0, gt=0)
    """How long a customer waits for a photo to be looked at; for a video twice that."""
    language: str = "en"
    """The language of the bot's own sentences."""
    proxy: Annotated[SecretStr, AfterValidator(_proxy)] | None = None
    """Proxy to Telegram: http://, socks5:// or socks4://, with name:password@ if it asks for them."""
    webhook_url: Annotated[str, AfterValidator(_public)] | None = None
    """Public https:// address at which Telegram delivers updates, through a proxy of yours that holds the certificate.
    None: the bot fetches them itself (polling), which needs no open port."""
    webhook_listen: Address = "127.0.0.1:8443"
    """host:port where the webhook is served, in plain HTTP, for that proxy alone."""
    status: Address | None = None
    """host:port of /metrics, /healthz and /readyz. None: nowhere. For the operator's network alone."""
    logs: Literal["text", "json"] = "text"
    """Form of the log lines: text for people, json for machines (with the turn each line belongs to)."""

    def forms_folder(self) -> Path | None:
        """The one that is named, or the one beside the articles, if there is one."""
        beside = self.knowledge.parent / "forms"
        return self.forms or (beside if beside.is_dir() else None)

    def business_hours(self) -> Hours:
        return Hours.read(self.hours, self.holidays, self.timezone)
