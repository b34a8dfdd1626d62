"""One call to Telegram: within its limits, and tried until it is answered.

Whoever waits for the same chat is served first come, first served; a flood wait pauses that chat and nobody else. What
a group was sent is kept in the store, so that a bot that was killed goes on counting where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiohttp import ClientConnectorError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from monitoring import metrics
from storage.keys import GROUP_SENT

log = logging.getLogger(__name__)

# A topic that is no more, in Telegram's words.
GONE = ("message thread not found", "TOPIC_DELETED", "TOPIC_ID_INVALID")

PATIENCE_S = 3600.0  # how long a call is tried against errors that may pass
# The last: a gateway's page instead of JSON. Unauthorized: the token was changed, the next one sends what is waiting.
PASSING = (TelegramNetworkError, TelegramServerError, TelegramUnauthorizedError, ClientDecodeError)
CHATS = 10_000  # whose sending is remembered; more are swept of those with nothing to send
# A group's messages a minute; how many of them at once; how many are left free by those that can wait. Measured
# by docs/research/pacing.py. Edits count, and what Telegram says about a new topic:
# https://github.com/tdlib/td/issues/2592
GROUP, BURST, KEEP = 20, 10, 4
# A second more than the minute: what we send is counted when it arrives.
MINUTE_S = 61.0
LATER_S = 60.0  # then what can wait has waited: it leaves nothing free, but still lets the others go first
SOON_S = 0.05  # how often one that can wait looks whether it may


class Refused(Exception):
    """Telegram will never do it. The message is the reason; ``error`` is Telegram's own, if it said no."""

    def __init__(self, reason: str, error: TelegramAPIError | None = None) -> None:
        super().__init__(reason)
        self.error = error

    def says(self, *words: str) -> bool:
        return self.error is not None and any(word in self.error.message for word in words)


class Moved(Exception):
    """The group goes on under another id."""

    def __init__(self, to: int) -> None:
        super().__init__(str(to))
        self.to = to


class Bucket:
    """At most ``count`` in any ``seconds``; a flood wait closes it until it is over."""

    def __init__(self, count: int, seconds: float, *, burst: int = 0, keep: int = 0) -> None:
        """With ``burst``, so many at once; then what is left is spread over the time until the first one counts no
        more. So the count is never used up in one go, and nobody waits for most of a minute. ``keep`` of the count are
        left free by what can wait."""
        self.count, self.seconds, self.burst, self.keep = count, seconds, burst, keep
        self.sent: deque[float] = deque()
        self.closed_until = 0.0
        self.line = asyncio.Lock()  # first come, first served
        self.urgent = 0  # who waits for that and would rather not

    def wait(self, now: float, weight: int = 1, *, spare: bool = False) -> float:
        """Seconds until ``weight`` more may go; with ``spare``, until they would leave free what others may need."""
        while self.sent and self.sent[0] <= now - self.seconds:
            self.sent.popleft()
        most = self.count - self.keep * spare
        over = len(self.sent) + min(weight, most) - most
        full = self.sent[over - 1] + self.seconds - now if over > 0 else 0.0
        spaced = 0.0
        if self.burst and len(self.sent) >= self.burst:
            gap = (self.sent[0] + self.seconds - now) / max(1, self.count - len(self.sent) + 1)
            spaced = gap - (now - self.sent[-1])
        return max(full, spaced, self.closed_until - now, 0.0)

    def take(self, now: float, weight: int = 1) -> None:
        self.sent.extend([now] * weight)

    def refused(self, now: float, wait: float) -> None:
        """Telegram has counted more than we have (somebody else's, or ours of before a restart): closed for ``wait``,
        and then it is full, as if it had been used evenly."""
        self.closed_until = now + wait
        missing = max(0, self.count - len(self.sent)) if self.burst else 0
        evenly = (now - self.seconds * (at + 1) / (missing + 1) for at in range(missing))
        self.sent = deque(sorted([*self.sent, *evenly]))


class RateLimiter:
    def __init__(self, bot: Bot, redis: Redis | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """With ``redis``, what groups were sent is kept there for as long as it counts."""
        self.bot, self.clock = bot, clock
        self.redis: Any = redis
        # 30 a second, 1 a chat, 20 a minute a group: https://core.telegram.org/bots/faq
        self.everyone = Bucket(30, 1.0)
        self.chats: dict[int, Bucket] = {}
        self.doubtful = 0  # calls whose answer was lost and that were made again

    def bucket(self, to: int) -> Bucket:
        if len(self.chats) > CHATS and to not in self.chats:
            now = self.clock()
            self.chats = {chat: b for chat, b in self.chats.items() if b.line.locked() or b.wait(now) > 0}
        # A private chat may burst a little; Telegram asks for one a second in the long run. Groups have negative ids.
        new = Bucket(GROUP, MINUTE_S, burst=BURST, keep=KEEP) if to < 0 else Bucket(3, 3.0)
        return self.chats.setdefault(to, new)

    async def turn(self, to: int, weight: int = 1, *, later: bool = False) -> None:
        """Wait until ``to`` and the whole bot may get ``weight`` more messages, then count them.

        ``later``: everybody else goes first, and finds room (a card that is brought up to date, a pin).
        """
        if to < 0 and to not in self.chats:
            await self._recall(to)
        bucket, patience = self.bucket(to), self.clock() + LATER_S
        while not await self._taken(bucket, weight, later=later, spare=later and self.clock() < patience):
            await asyncio.sleep(SOON_S)
        if to < 0:
            await self._remember(to, weight)

    async def _taken(self, bucket: Bucket, weight: int, *, later: bool, spare: bool) -> bool:
        """False: somebody who cannot wait has come, or it has waited a moment and should look again."""
        if later and bucket.urgent:
            return False
        bucket.urgent += not later
        try:
            async with bucket.line:
                while (wait := self._wait(bucket, weight, spare=spare)) > 0:
                    if later:
                        return False
                    await asyncio.sleep(wait)
                bucket.take(self.clock(), weight)
                self.everyone.take(self.clock(), weight)
                return True
        finally:
            bucket.urgent -= not later

    def _wait(self, bucket: Bucket, weight: int, *, spare: bool) -> float:
        now = self.clock()
        return max(bucket.wait(now, weight, spare=spare), self.everyone.wait(now, weight))

    async def _remember(self, to: int, weight: int) -> None:
        if not self.redis:
            return
        with contextlib.suppress(RedisError):  # then Telegram says that it was too much
            async with self.redis.pipeline(transaction=True) as pipe:
                pipe.lpush(GROUP_SENT.format(to), *[f"{time.time():.3f}"] * weight)
                pipe.ltrim(GROUP_SENT.format(to), 0, GROUP - 1)
                pipe.expire(GROUP_SENT.format(to), int(MINUTE_S) + 1)
                await pipe.execute()

    async def _recall(self, to: int) -> None:
        """What this group was sent before we started."""
        times = list[bytes]()
        if self.redis:
            with contextlib.suppress(RedisError):
                times = await self.redis.lrange(GROUP_SENT.format(to), 0, -1)
        if to not in self.chats:  # nobody else has asked meanwhile
            ages = sorted((max(0.0, time.time() - float(at)) for at in times), reverse=True)  # clocks are put back
            self.bucket(to).sent.extend(self.clock() - age for age in ages)

    async def make(
        self, to: int, method: TelegramMethod[Any], *, about: str, weight: int = 1, later: bool = False
    ) -> Any:
        """Telegram's answer to ``method``; raw when only aiogram could not read it. Call ``turn`` before.

        Raises Refused when it never will be done, Moved when ``to`` is a group that is now another.
        """
        give_up, pause = self.clock() + PATIENCE_S, 1.0
        while self.clock() < give_up:
            try:
                return await self.bot(method)
            except TelegramRetryAfter as error:
                log.warning("flood wait of %d s for chat %d", error.retry_after, to)
                metrics.FLOOD_WAITS.inc()
                self.bucket(to).refused(self.clock(), error.retry_after)
                give_up += error.retry_after  # Telegram says when; only errors use up our patience
            except TelegramMigrateToChat as error:
                raise Moved(error.migrate_to_chat_id) from None
            except PASSING as error:
                if (raw := done(error)) is not None:
                    return raw
                log.warning("%s is tried again in %.0f s: %s", about, pause, type(error).__name__)
                self.doubtful += may_have_arrived(error)
                metrics.DOUBTFUL.inc(may_have_arrived(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60)
            except TelegramAPIError as error:
                raise Refused(f"Telegram refused it: {error.message}", error) from None
            await self.turn(to, weight, later=later)
        raise Refused(f"not done within {PATIENCE_S:.0f} s")


def done(error: Exception) -> Any:
    """Telegram took it; only its description of what it made is one that aiogram cannot read. None: it did not."""
    if isinstance(error, ClientDecodeError) and isinstance(error.data, dict) and error.data.get("ok") is True:
        return error.data.get("result", True)
    return None


def may_have_arrived(error: Exception) -> bool:
    return not isinstance(error, TelegramUnauthorizedError) and not isinstance(error.__cause__, ClientConnectorError)


def number_of(answer: Any, name: str) -> int:
    """A number in Telegram's answer, which is raw where aiogram could not read it."""
    return int(answer[name] if isinstance(answer, dict) else getattr(answer, name))
