"""Telegram's HTML back to plain text, for when Telegram cannot parse it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def unmarked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What sendMessage and the like are given, without its markup."""
    left = {key: value for key, value in arguments.items() if key != "parse_mode"}
    return left | {key: plain(left[key]) for key in ("text", "caption") if key in left}
