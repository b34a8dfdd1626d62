"""What a log line may say, and in which form: never a customer's words, never the token."""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

turn_id: ContextVar[str] = ContextVar("turn_id", default="")  # the update or message in hand; every line says it
TOKEN = re.compile(r"\d{5,}:[\w-]{20,}")


class Masking(logging.Formatter):
    """Tokens are masked wherever they come from: aiohttp's errors quote the URL, and Telegram's URLs hold the token."""

    def format(self, record: logging.LogRecord) -> str:
        return TOKEN.sub("<token>", super().format(record))


class Lines(Masking):
    """A JSON object a line: time, level, logger, message, and the turn it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "turn": turn_id.get(),
            "message": super().format(record),
        }
        return json.dumps({name: value for name, value in line.items() if value}, ensure_ascii=False)


def set_up(form: str = "text") -> None:
    """Log to stderr as ``text`` or ``json``; called again, it changes the form."""
    logging.basicConfig(level=logging.INFO, handlers=[logging.StreamHandler()])  # nothing when there is one already
    formatter = Lines("%(message)s") if form == "json" else Masking("%(asctime)s %(levelname)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)
    for chatty in ("aiogram.event", "httpx"):  # a line an update says nothing; httpx quotes URLs with keys in them
        logging.getLogger(chatty).setLevel(logging.WARNING)


def blind(error: BaseException) -> str:
    """Kind and place of an error. Its message only when it is Telegram's: pydantic's quote the update they refuse."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
    said = getattr(error, "message", "") if type(error).__module__ == "aiogram.exceptions" else ""
    return f"{type(error).__name__}: {said} in {place}"
