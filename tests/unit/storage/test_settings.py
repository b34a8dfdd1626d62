from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from storage.settings import Settings, SettingsError, StorageSettings, read, sound


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STORAGE_REDIS_URL", "STORAGE_DATA", "STORAGE_SEAL_KEYS"):
        monkeypatch.delenv(name, raising=False)


def test_nothing_set_means_embedded() -> None:
    settings = StorageSettings()
    assert (settings.redis_url, settings.data, settings.seal_keys) == (None, Path(".photodesk"), None)


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_REDIS_URL", "")
    assert StorageSettings().redis_url is None


def test_secrets_are_read_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_REDIS_URL", "redis://:hunter2@db/0")
    settings = StorageSettings()

    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "redis://:hunter2@db/0"
    assert "hunter2" not in repr(settings)


def test_a_misspelt_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_REDISURL", "redis://:hunter2@db/0")

    with pytest.raises(SettingsError, match=r"STORAGE_REDISURL is not a setting.+STORAGE_REDIS_URL") as error:
        read(StorageSettings)
    assert "hunter2" not in str(error.value)


def test_an_unknown_argument_is_refused_without_showing_it() -> None:
    with pytest.raises(ValidationError) as error:
        StorageSettings(password="hunter2")
    assert "hunter2" not in str(error.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        StorageSettings().data = Path("elsewhere")


def test_a_subclass_looks_at_its_own_prefix_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class ShopSettings(Settings):
        model_config = SettingsConfigDict(env_prefix="SHOP_")
        name: str = "shop"

    monkeypatch.setenv("STORAGE_REDISURL", "x")
    monkeypatch.setenv("SHOP_NAME", "Ada's")
    assert read(ShopSettings).name == "Ada's"

    monkeypatch.setenv("SHOP_NAMES", "x")
    with pytest.raises(SettingsError, match="SHOP_NAME"):
        read(ShopSettings)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STORAGE_KEEP_DAYS", "a month", "STORAGE_KEEP_DAYS must be a whole number, such as 30."),
        ("STORAGE_KEEP_DAYS", "0", "STORAGE_KEEP_DAYS must be 1 or more, such as 30."),
        ("STORAGE_KEEP_DAYS", "1000000000000", "STORAGE_KEEP_DAYS must be 36500 or less, such as 30."),
        ("STORAGE_REDIS_URL", "hunter2:6379", "STORAGE_REDIS_URL: the address of a store is redis://host:6379"),
        ("STORAGE_REDIS_URL", "redis://db:hunter2/0", "STORAGE_REDIS_URL: the address of a store is redis://host:6379"),
        ("STORAGE_SEAL_KEYS", "hunter2", "STORAGE_SEAL_KEYS: Seal keys are written as `1:base64key"),
    ],
)
def test_a_wrong_value_is_said_in_plain_words(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """“Input should be a valid integer, unable to parse string as an integer” was all that an operator read."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        read(StorageSettings)
    assert str(error.value).startswith(said) and "\n" not in str(error.value)
    assert "hunter2" not in str(error.value)


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"STORAGE_KEEP_DAYS": "x", "STORAGE_REDIS_URL": "x", "STORAGE_DATTA": "x"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("STORAGE_DATA", "/kept")
    settings, problems = sound(StorageSettings)
    assert [said.split()[0].strip(":") for said in problems] == [
        "STORAGE_DATTA",
        "STORAGE_REDIS_URL",
        "STORAGE_KEEP_DAYS",
    ]
    assert (settings.keep_days, settings.redis_url, settings.data) == (30, None, Path("/kept"))
