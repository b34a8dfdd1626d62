"""An error as a log may say it: watch/logs.py has the rest."""

from __future__ import annotations

import traceback


def blind(error: BaseException) -> str:
    """Kind and place of an error. Its message only when it is Telegram's: pydantic's quote the update they refuse."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
    said = getattr(error, "message", "") if type(error).__module__ == "aiogram.exceptions" else ""
    return f"{type(error).__name__}: {said} in {place}"
