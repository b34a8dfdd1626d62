"""What is bold, hidden, quoted or a link in a text, as Telegram's entities: kept when a text is passed on in another.

Offsets and lengths are in UTF-16 units (https://core.telegram.org/bots/api#messageentity).
"""

from __future__ import annotations

from collections.abc import Sequence

Mark = dict[str, str | int]  # type, offset, length, and url or language where it has one


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def within(line: str, text: str, marks: Sequence[Mark]) -> list[Mark]:
    """The ``marks`` of ``text`` where it stands at the end of ``line``."""
    at = line.rfind(text)
    return moved(marks, units(line[:at])) if at >= 0 else []


def moved(marks: Sequence[Mark], by: int) -> list[Mark]:
    return [mark | {"offset": int(mark["offset"]) + by} for mark in marks]


def cut(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    """Those of the part from ``start`` to ``end``, counted from its start."""
    found: list[Mark] = []
    for mark in marks:
        first = max(start, int(mark["offset"]))
        last = min(end, int(mark["offset"]) + int(mark["length"]))
        if first < last:
            found.append(mark | {"offset": first - start, "length": last - first})
    return found
