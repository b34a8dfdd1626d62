from __future__ import annotations

import json
import logging

from monitoring.logs import Lines, turn_id

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def test_a_line_is_one_object_with_its_turn_and_without_the_token() -> None:
    record = logging.LogRecord("bot.telegram.inbox", logging.ERROR, "x", 1, "no %s\nfor you", (TOKEN,), None)
    before = turn_id.set("c:42:update:7")
    try:
        said = Lines("%(message)s").format(record)
    finally:
        turn_id.reset(before)
    assert "\n" not in said
    line = json.loads(said)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "error", "logger": "bot.telegram.inbox", "turn": "c:42:update:7", "message": "no <token>\nfor you",
    }  # fmt: skip


def test_an_error_is_in_the_same_line() -> None:
    error = ValueError("broken")
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "it", (), (ValueError, error, None))
    said = json.loads(Lines("%(message)s").format(record))
    assert "ValueError: broken" in said["message"]
    assert "turn" not in said
