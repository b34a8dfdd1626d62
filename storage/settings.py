"""What an operator can set, read once. The base class is for every package's settings: BOT_, VISION_, STORAGE_."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from monitoring.plainly import must, wrong
from storage.keys import Retention, retention
from storage.redis import StorageError
from storage.seal import Sealer, SealError
from storage.server import running

SECRETS = Path("/run/secrets")  # where Docker, Podman and Kubernetes put a secret: a file named like the setting
LONGEST_DAYS = 36500  # a hundred years; Redis' own clock ends some time after


class SettingsError(ValueError):
    """An environment variable is wrong. A sentence each for the operator; it never holds a secret."""


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    plain = host.strip("[]") if host.startswith("[") else host
    if not plain or (":" in plain) != host.startswith("[") or not port.isdecimal() or int(port) > 65535:
        raise ValueError("an address is host:port, such as 127.0.0.1:9100")
    return value


Address = Annotated[str, AfterValidator(_address)]


class Settings(BaseSettings):
    """Frozen settings from the environment. ``read`` makes them, and refuses a misspelt name instead of ignoring it.

    Subclass with ``model_config = SettingsConfigDict(env_prefix="BOT_")``; the rest of the configuration is inherited.
    A field without a default that helps has ``examples``: what a right value looks like.
    """

    # hide_input_in_errors: pydantic would print the value, which may be a token.
    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, env_ignore_empty=True, allow_inf_nan=False
    )

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

    @classmethod
    def variable(cls, field: str) -> str:
        return f"{cls.model_config['env_prefix']}{field}".upper()


S = TypeVar("S", bound=Settings)
Other = TypeVar("Other", bound=Settings)


def read(kind: type[S]) -> S:
    """The settings. Raises SettingsError that says of each wrong variable what a right value looks like."""
    settings, problems = sound(kind)
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def read_both(one: type[S], other: type[Other]) -> tuple[S, Other]:
    """Likewise of two, with all that is wrong in either."""
    (first, problems), (second, more) = sound(one), sound(other)
    if problems or more:
        raise SettingsError("\n".join([*problems, *more]))
    return first, second


def sound(kind: type[S]) -> tuple[S, list[str]]:
    """The settings as far as they are right, with the default in place of what is wrong, and a sentence for each."""
    problems, given = _misspelt(kind), dict[str, Any]()
    while True:  # what a default takes the place of may be wrong only together with another
        try:
            return kind(**given), problems
        except ValidationError as error:
            for found in error.errors(include_input=False, include_url=False):
                name = str(found["loc"][0])
                assert name not in given, f"the default of {name} is wrong"
                given[name] = kind.model_fields[name].default
                problems.append(_sentence(kind, name, found))


def _misspelt(kind: type[Settings]) -> list[str]:
    # pydantic-settings forbids unknown arguments, but does not look at unknown environment variables.
    prefix, known = kind.model_config["env_prefix"], [kind.variable(name) for name in kind.model_fields]
    said = []
    for name in sorted(os.environ):
        if name.upper().startswith(prefix.upper()) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)
            said.append(f"{name} is not a setting. Did you mean {near[0]}? All of them are in docs/configuration.md.")
    return said


def _sentence(kind: type[Settings], name: str, found: Mapping[str, Any]) -> str:
    field = kind.model_fields[name]
    if not (said := must(found)):
        return f"{kind.variable(name)}: {wrong(found).rstrip('.')}."
    example = (field.examples or [field.default])[0]
    named = found["type"] in ("literal_error", "bool_parsing")  # all right values are in the sentence already
    shown = f"{example:g}" if isinstance(example, float) else example
    return f"{kind.variable(name)} {said}{'' if named else f', such as {shown}'}."


def _redis_url(value: SecretStr) -> SecretStr:
    address = urlsplit(value.get_secret_value())
    try:
        known = address.scheme in ("redis", "rediss", "unix") and address.port != 0
    except ValueError:  # a port that is none
        known = False
    if not known:
        raise ValueError(
            "the address of a store is redis://host:6379, rediss://host:6380 or unix:///path/to/redis.sock"
        )
    return value


def _seal_keys(value: SecretStr) -> SecretStr:
    try:
        Sealer.from_text(value.get_secret_value())
    except SealError as error:
        raise ValueError(str(error)) from None
    return value


class StorageSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="STORAGE_")

    redis_url: Annotated[SecretStr, AfterValidator(_redis_url)] | None = None
    """redis://, rediss:// or unix:// of a Redis 6.2 or newer. None: a server of our own in ``data``."""
    data: Path = Path(".photodesk")
    """The folder (mode 700) of the embedded server and, without ``seal_keys``, of the key file."""
    seal_keys: Annotated[SecretStr, AfterValidator(_seal_keys)] | None = None
    """``1:base64key,2:base64key``, the last one seals. None: a file in ``data``, made at the first start."""

    keep_days: int = Field(30, ge=1, le=LONGEST_DAYS)
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
