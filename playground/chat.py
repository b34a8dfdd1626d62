"""A chat as a test reads it: wait for what the bot says."""

import asyncio
from collections.abc import Callable

from playground.reading import Message
from playground.telegram import Json
from playground.town import Town

Wanted = str | Callable[[Message], bool] | None


class Chat:
    """A chat with a reading position: every wait goes on where the last one ended, and without a ``timeout`` of its own
    takes at most the playground's ``patience``."""

    def __init__(self, town: Town, chat_id: int, thread: int | None = None) -> None:
        """``thread``: only what stands in that topic; None: everything."""
        self.id = chat_id
        self.thread = thread
        self._town = town
        self._world = town.world
        self._read = town.world.state.revision()
        self._seen: set[int] = set()

    def messages(self) -> list[Message]:
        """Everything in the chat, oldest first."""
        everything = (Message(stored.body, self._world) for stored in self._world.state.history(self.id, 10_000))
        return [message for message in everything if self.thread in (None, message.thread)]

    @property
    def typing(self) -> bool:
        """Whether the bot is shown as typing."""
        return self._world.is_typing(self.id)

    @property
    def keyboard(self) -> list[list[Json]]:
        """The keys that stand in place of the letters, row by row: [] when there are none."""
        rows = (self._world.keyboard(self.id) or {}).get("keyboard", [])
        return [list(row) for row in rows]

    def reactions(self, message: Message) -> dict[int, list[str]]:
        """Who put which emoji under a message: id of a person or a bot → emoji."""
        return self._world.state.opinions.reactions(self.id, message.id)

    async def wait_for_message(self, wanted: Wanted = None, *, timeout: float | None = None) -> Message:  # noqa: ASYNC109
        """The bot's next new message: any, one that contains a text, or one that a function accepts. Those before it
        count as read."""
        return await self._wait(lambda m: m.id not in self._seen and _matches(m, wanted), wanted, timeout)

    async def wait_for_edit(self, message: Message, wanted: Wanted = None, *, timeout: float | None = None) -> Message:  # noqa: ASYNC109
        """The message after the bot changed it; at once when it has changed already."""
        stored = self._world.state.message(self.id, message.id)
        changed = Message(stored.body, self._world) if stored else message
        if changed.raw != message.raw and changed.edited and _matches(changed, wanted):
            return changed
        return await self._wait(lambda m: m.id == message.id and m.edited and _matches(m, wanted), wanted, timeout)

    async def expect_silence(self, seconds: float = 0.3) -> None:
        """Fails when the bot says something new."""
        try:
            message = await self.wait_for_message(timeout=seconds)
        except TimeoutError:
            return
        raise AssertionError(f"the bot should have been silent and said: {message.text!r}")

    async def _wait(self, accept: Callable[[Message], bool], wanted: Wanted, timeout: float | None) -> Message:  # noqa: ASYNC109
        passed: list[str] = []
        patience = self._town.patience if timeout is None else timeout
        with self._world.hub.subscribe() as queue:
            try:
                async with asyncio.timeout(patience):
                    while True:
                        found = self._next(accept, passed)
                        if found is not None:
                            return found
                        if await queue.get() is None:
                            raise ConnectionResetError("the playground was stopped")
            except TimeoutError:
                what = f"matching {wanted!r} " if isinstance(wanted, str) else ""
                raise TimeoutError(f"no message {what}from the bot in {patience} s; it said {passed}") from None

    def _next(self, accept: Callable[[Message], bool], passed: list[str]) -> Message | None:
        while changes := self._world.state.changed_since(self._read):
            for stored in changes:
                self._read = stored.revision
                message = Message(stored.body, self._world)
                if stored.chat_id != self.id or not message.from_bot or stored.deleted or message.service:
                    continue
                if self.thread not in (None, message.thread):
                    continue
                accepted = accept(message)
                self._seen.add(message.id)
                if accepted:
                    return message
                passed.append(message.text)
        return None


def _matches(message: Message, wanted: Wanted) -> bool:
    if wanted is None:
        return True
    return wanted in message.text if isinstance(wanted, str) else wanted(message)
