"""What a number or a place on the command line must be: argparse says the message beside the option's name."""

from __future__ import annotations

from argparse import ArgumentTypeError


def box(words: str) -> tuple[float, float, float, float]:
    """Raises ArgumentTypeError for what is no part of a picture, as all of these."""
    try:
        left, top, right, bottom = (float(each) for each in words.split(","))
    except ValueError:
        left = top = right = bottom = 0.0
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ArgumentTypeError(f"{words!r} is not LEFT,TOP,RIGHT,BOTTOM from 0 to 1, such as 0.5,0,1,0.5")
    return left, top, right, bottom


def positive(words: str) -> int:
    if not words.isdecimal() or not int(words):
        raise ArgumentTypeError(f"{words!r} is no number from 1 on")
    return int(words)


def port(words: str) -> int:
    """0 is any that is free."""
    if not words.isdecimal() or int(words) > 65535:
        raise ArgumentTypeError(f"{words!r} is no port: a number up to 65535, such as 8090")
    return int(words)


def share(words: str) -> float:
    found = _number(words)
    if not 0 <= found <= 1:
        raise ArgumentTypeError(f"{words!r} is no share from 0 to 1, such as 0.02")
    return found


def epsilon(words: str) -> float:
    found = _number(words)
    if not 0 < found < 100:
        raise ArgumentTypeError(f"{words!r} is no number above 0 and below 100, such as 3")
    return found


def address(words: str) -> str:
    host, _, port = words.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ArgumentTypeError(f"{words!r} is not host:port, such as 127.0.0.1:9093")
    return words


def _number(words: str) -> float:
    try:
        return float(words)
    except ValueError:
        return float("nan")  # in no range
