"""Telegram's HTML back to plain text, for when Telegram cannot parse it."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))
