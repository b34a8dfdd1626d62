"""Who wants to know what happened: the page's event streams, waiting tests, the bot's long poll."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playground.telegram import Json

_BACKLOG = 2000


class Hub:
    """Sends every event to every subscriber."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Json | None]] = set()
        self.closed = False

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[Json | None]]:
        """A queue of events; None means: the stream ends, connect again."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        if self.closed:
            queue.put_nowait(None)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def publish(self, event: Json) -> None:
        """Tells everybody. A reader too slow to keep up is cut off: it catches up from the database."""
        for queue in list(self._queues):
            if queue.qsize() < _BACKLOG:
                queue.put_nowait(event)
            else:
                queue.put_nowait(None)
                self._queues.discard(queue)

    def close(self) -> None:
        """Ends every stream."""
        self.closed = True
        for queue in self._queues:
            queue.put_nowait(None)


@dataclass(eq=False)
class Poll:
    """One getUpdates that waits."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)
    replaced: bool = False


class Polls:
    """At most one waits: a newer getUpdates ends the older one, as on Telegram."""

    def __init__(self) -> None:
        self._current: Poll | None = None
        self.news = asyncio.Event()  # for who delivers to a webhook
        self.closed = False

    def begin(self) -> Poll:
        """A new poll takes over."""
        if self._current is not None:
            self._current.replaced = True
            self._current.woken.set()
        self._current = Poll()
        return self._current

    def end(self, poll: Poll) -> None:
        """This poll was answered."""
        if self._current is poll:
            self._current = None

    def wake(self) -> None:
        """There is an update."""
        self.news.set()
        if self._current is not None:
            self._current.woken.set()

    def close(self) -> None:
        """The server stops."""
        self.closed = True
        self.wake()
