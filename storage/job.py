"""One piece of work for another process, as the stream carries it: ids and keys, never words or bytes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from storage.keys import customer_of

Fields = dict[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. The same ``id`` is the same work: a hash of its input and of the model that does it."""

    id: str
    input_key: str  # sealed input, deleted when the result is written
    result_key: str  # sealed result; the job's identity, together with ``id``
    reply_key: str  # wakes whoever waits
    expires: float  # unix seconds; later than this nobody waits
    # Written by take():
    entry: bytes = b""
    deliveries: int = 0  # how many consumers have been given it, this one included
    consumer: str = ""

    def age(self) -> float:
        """Seconds since it was put, for a job that was taken: a stream's ids begin with the store's clock."""
        return max(0.0, time.time() - int(self.entry.split(b"-")[0]) / 1000)

    def __post_init__(self) -> None:
        if len({customer_of(key) for key in (self.input_key, self.result_key, self.reply_key)}) != 1:
            raise ValueError(f"the keys of job {self.id} belong to several customers")

    @property
    def waited_for(self) -> bool:
        return self.expires >= time.time()

    def fields(self, size: int) -> dict[Any, Any]:  # XADD's own type is invariant
        """``size``: bytes of the sealed input."""
        return {
            "id": self.id,
            "input": self.input_key,
            "result": self.result_key,
            "reply": self.reply_key,
            "expires": self.expires,
            "size": size,
        }


@dataclass(frozen=True, slots=True)
class DeadLetter:
    id: str  # empty when the entry could not be read
    reason: str
    deliveries: int
    result_key: str


def job_of(fields: Fields) -> Job:
    """Raises KeyError or ValueError where the fields are no job's."""
    text = {name.decode(): value.decode() for name, value in fields.items()}
    return Job(text["id"], text["input"], text["result"], text["reply"], float(text["expires"]))


def bytes_of(fields: Fields) -> int:
    """Of the input that is kept for it: none any more once nobody waits."""
    try:
        return int(fields.get(b"size", 0)) if job_of(fields).waited_for else 0
    except (KeyError, ValueError):
        return 0
