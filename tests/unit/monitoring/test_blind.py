from __future__ import annotations

import logging

import pytest
from aiogram.exceptions import ClientDecodeError, TelegramBadRequest
from aiogram.methods import GetMe
from aiogram.types import Update
from pydantic import ValidationError

from monitoring.logs import Masking, blind

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def test_a_token_is_masked_also_in_an_error() -> None:
    error = ValueError(f"404, url='https://api.telegram.org/file/bot{TOKEN}/photos/1.jpg'")
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "%s", (TOKEN,), (ValueError, error, None))
    said = Masking("%(message)s").format(record)
    assert TOKEN not in said
    assert said.count("<token>") == 2
    assert "photos/1.jpg" in said


def test_an_error_is_said_without_the_customers_words() -> None:
    with pytest.raises(ValidationError, match="XYZZY") as error:
        Update.model_validate_json('{"update_id": 1, "message": "XYZZY"}')
    said = blind(error.value)
    assert "XYZZY" not in said
    assert said.startswith("ValidationError") and "test_blind.py" in said
    assert "XYZZY" not in blind(ClientDecodeError("Failed", ValueError("XYZZY"), "XYZZY"))


def test_what_telegram_says_is_said() -> None:
    assert "chat not found" in blind(TelegramBadRequest(GetMe(), "Bad Request: chat not found"))
