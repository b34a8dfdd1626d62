"""A reader of text that hangs on its first question and answers the next: played in a process of its own."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from vision.subprocesses import listen

PIECE = {"text": "HELLO", "confidence": 0.99, "box": [0.1, 0.1, 0.5, 0.2], "height": 20.0, "row": 0}

SILENT = {"deaf": b"", "half": (1000).to_bytes(4, "big") + b"half", "boast": b"\xff\xff\xff\xff"}


def serve(how: str) -> None:
    """``how``: "hang:FILE" or "crash:FILE", once until FILE is there; "always-crash", "nonsense", "late", "echo".

    "deaf" never reads, "half" never ends what it says, "boast" says that 4 GB will come.
    """
    what, _, file = how.partition(":")
    if what in SILENT:
        _fall_silent(SILENT[what])

    def answer(question: bytes) -> bytes:
        if what == "echo":
            return question
        if what == "nonsense":
            return b'{"pieces": [{"text": 3}]}'
        first = not file or not Path(file).exists()
        if file:
            Path(file).touch()
        if first and what == "hang":
            time.sleep(60)
        if first and what in ("crash", "always-crash"):
            os._exit(11)
        late = what == "late"
        return json.dumps({"pieces": [PIECE], "left": 7 * late, "late": late}).encode()

    listen(answer)


def _fall_silent(said: bytes) -> None:
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()
    time.sleep(60)
