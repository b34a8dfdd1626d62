"""What a log may say: never a customer's words, never the token."""

from __future__ import annotations

import logging
import re
import traceback

TOKEN = re.compile(r"\d{5,}:[\w-]{20,}")


class Masking(logging.Formatter):
    """Tokens are masked wherever they come from: aiohttp's errors quote the URL, and Telegram's URLs hold the token."""

    def format(self, record: logging.LogRecord) -> str:
        return TOKEN.sub("<token>", super().format(record))


def set_up() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Masking("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for chatty in ("aiogram.event", "httpx"):  # a line an update says nothing; httpx quotes URLs with keys in them
        logging.getLogger(chatty).setLevel(logging.WARNING)


def blind(error: BaseException) -> str:
    """Kind and place of an error. Its message only when it is Telegram's: pydantic's quote the update they refuse."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
    said = getattr(error, "message", "") if type(error).__module__ == "aiogram.exceptions" else ""
    return f"{type(error).__name__}: {said} in {place}"
