"""What can go wrong with Telegram, on demand: errors, lost answers, slow answers, flood limits."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from playground.telegram import BotApiError, Json, too_many_requests

_KINDS: dict[str, type] = {
    "method": str,
    "error_code": int,
    "description": str,
    "retry_after": int,
    "times": int,
    "chat_id": int,
    "delay": float,
    "drop": bool,
    "when": str,
    "without": list,
}


@dataclass
class Fault:
    """The next `times` calls of `method` ("*": any) fail. Without an error code and `drop` they are only slow.

    `when="after"` lets the call happen and loses its answer: the bot cannot know that the message was sent. `without`
    lets it happen and leaves fields out of its answer, as an older Bot API server does."""

    method: str = "*"
    error_code: int = 0
    description: str = ""
    retry_after: int | None = None
    times: int = 1
    chat_id: int | None = None
    delay: float = 0.0
    drop: bool = False
    when: Literal["before", "after"] = "before"
    without: Sequence[str] = ()

    @classmethod
    def read(cls, body: Any) -> "Fault":
        """From the body of POST /playground/faults. Raises ValueError with what is wrong."""
        if not isinstance(body, dict):
            raise ValueError("expected an object")  # noqa: TRY004 (a wrong type in a request is a wrong value)
        for name, value in body.items():
            kind = _KINDS.get(name)
            if kind is None:
                raise ValueError(f"unknown field {name}; known are {', '.join(_KINDS)}")
            if not isinstance(value, (int, float) if kind is float else kind):
                raise ValueError(f"{name} must be {kind.__name__}")  # noqa: TRY004
        if body.get("when", "before") not in ("before", "after"):
            raise ValueError("when must be before or after")
        return cls(**body)

    def error(self) -> BotApiError | None:
        """What the bot is answered."""
        if self.error_code == 429:
            return too_many_requests(self.retry_after or 1)
        return BotApiError(self.error_code, self.description or "Internal Server Error") if self.error_code else None


class DroppedConnectionError(Exception):
    """The bot gets no answer at all."""


class Faults:
    """The faults that were asked for, first come, first served."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Asks for a fault."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """From now on all is well."""
        self._waiting.clear()

    def waiting(self) -> list[Json]:
        """What is still to go wrong."""
        return [asdict(fault) for fault in self._waiting]

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault for this call, used up by one."""
        for fault in self._waiting:
            if fault.method.lower() not in ("*", method.lower()) or fault.chat_id not in (None, chat_id):
                continue
            fault.times -= 1
            if fault.times <= 0:
                self._waiting.remove(fault)
            return fault
        return None


def lacking(answer: object, fields: Sequence[str]) -> object:
    """An answer without these fields, wherever they stand in it."""
    if isinstance(answer, list):
        return [lacking(one, fields) for one in answer]
    if isinstance(answer, dict):
        return {name: lacking(value, fields) for name, value in answer.items() if name not in fields}
    return answer


async def suffer(fault: Fault) -> None:
    """Lets the fault happen."""
    await asyncio.sleep(fault.delay)
    if fault.drop:
        raise DroppedConnectionError
    error = fault.error()
    if error:
        raise error


class Flood:
    """Telegram's limits as its documentation gives them: about 30 messages a second, one a second in a chat with short
    bursts, 20 a minute in a group. Off unless asked for."""

    def __init__(self, *, on: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.on = on
        self._clock = clock
        self._sent: defaultdict[int, deque[float]] = defaultdict(deque)

    def count(self, chat_id: int, messages: int = 1) -> None:
        """Counts messages to a chat, or refuses them with the seconds to wait."""
        if not self.on:
            return
        now = self._clock()
        chat_limit = (20, 60.0) if chat_id < 0 else (3, 3.0)
        limits = ((chat_id, *chat_limit), (0, 30, 1.0))  # 0: no chat has this id, so it stands for all of them
        wait = max(self._wait(key, most - messages, seconds, now) for key, most, seconds in limits)
        if wait > 0:
            raise too_many_requests(int(wait) + 1)
        for key, _, _ in limits:
            self._sent[key].extend([now] * messages)

    def _wait(self, key: int, room: int, seconds: float, now: float) -> float:
        sent = self._sent[key]
        while sent and sent[0] <= now - seconds:
            sent.popleft()
        return sent[len(sent) - 1 - room] + seconds - now if len(sent) > room >= 0 else 0.0
