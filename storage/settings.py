"""What an operator can set, read once. The base class is for every package's settings: BOT_, VISION_, STORAGE_."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from storage.keys import Retention, retention
from storage.redis import StorageError
from storage.seal import Sealer
from storage.server import running

SECRETS = Path("/run/secrets")  # where Docker, Podman and Kubernetes put a secret: a file named like the setting
ADDRESS = r"^(\[[0-9a-fA-F:]+\]|[^:\s/]+):\d{1,5}$"  # host:port


class SettingsError(Exception):
    """An environment variable is wrong. One sentence for the operator; it never holds the variable's value."""


class Settings(BaseSettings):
    """Frozen settings from the environment that refuse a misspelt name instead of ignoring it.

    Subclass with ``model_config = SettingsConfigDict(env_prefix="BOT_")``; the rest of the configuration is inherited.
    """

    # hide_input_in_errors: pydantic would print the value, which may be a token.
    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, env_ignore_empty=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic passes it by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then files such as /run/secrets/bot_token (lower case)."""
        files = (SecretsSettingsSource(settings_cls, SECRETS),) if SECRETS.is_dir() else ()
        return init_settings, env_settings, *files

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, values: Any) -> Any:
        # pydantic-settings forbids unknown arguments, but does not look at unknown environment variables.
        prefix = cls.model_config["env_prefix"]
        known = [f"{prefix}{name}".upper() for name in cls.model_fields]
        for name in sorted(os.environ):
            if prefix and name.upper().startswith(prefix.upper()) and name.upper() not in known:
                near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)
                raise SettingsError(f"{name} is not a setting. Did you mean {near[0]}? Known: {', '.join(known)}.")
        return values


class StorageSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="STORAGE_")

    redis_url: SecretStr | None = None
    """redis://, rediss:// or unix:// of a Redis 6.2 or newer. None: a server of our own in ``data``."""
    data: Path = Path(".photodesk")
    """The folder (mode 700) of the embedded server and, without ``seal_keys``, of the key file."""
    seal_keys: SecretStr | None = None
    """``1:base64key,2:base64key``, the last one seals. None: a file in ``data``, made at the first start."""

    keep_days: int = Field(30, gt=0)
    """How long what customers wrote and showed is kept: history, reports, cards, photos' ids."""

    def sealer(self) -> Sealer:
        if self.seal_keys:
            return Sealer.from_text(self.seal_keys.get_secret_value())
        return Sealer.load_or_create(self.data / "seal.keys")

    def retention(self) -> Retention:
        return retention(self.keep_days)

    def url(self) -> str:
        """Of the store: the one that is set, or the embedded server that runs in ``data`` (the bot starts it)."""
        if self.redis_url:
            return self.redis_url.get_secret_value()
        if found := running(self.data):
            return found
        raise StorageError(
            f"No store: STORAGE_REDIS_URL is not set and no embedded server runs in {self.data}. Start the bot first, "
            "in the same folder, or set STORAGE_REDIS_URL."
        )


def switched_on(names: Iterable[str]) -> list[str]:
    """Those of ``names``, variables that other programs read, that are set to anything but no."""
    return [name for name in names if os.environ.get(name, "").lower() not in ("", "0", "false", "no")]


def environment_for_child(more: Mapping[str, str], without: str) -> dict[str, str]:
    """Our environment for a child process, without what begins with ``without``, and with ``more``."""
    return {name: value for name, value in os.environ.items() if not name.startswith(without)} | dict(more)
