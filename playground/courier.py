"""Posts updates to the bot's webhook, one after the other, until it takes each with a 2xx."""

import asyncio
import time
from collections.abc import Callable

import aiohttp

from playground.state import State
from playground.telegram import Json

_PAUSE_S = 0.5  # after a failure; Telegram waits longer and longer
_PATIENCE_S = 10.0
_GONE = (aiohttp.ClientError, OSError, TimeoutError)


class Courier:
    """Delivers to one address. Like Telegram with max_connections=1: the next update waits for the one before it."""

    def __init__(self, state: State, news: asyncio.Event, confirm: Callable[[int], None]) -> None:
        """``news`` is set when there is an update; ``confirm`` is told the number behind the last that was taken."""
        self._state, self._news, self._confirm = state, news, confirm
        self.failure: Json = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the updates go; empty: nowhere, the bot asks for them."""
        return self._state.setting("webhook") or ""

    def start(self) -> None:
        """Goes on with the address that is kept."""
        if self.url and self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Delivers nothing more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
        async with aiohttp.ClientSession(timeout=timeout) as client:
            while True:
                self._news.clear()
                updates = self._state.updates(1)
                if not updates:
                    await self._news.wait()
                elif await self._delivered(client, updates[0]):
                    self._confirm(updates[0]["update_id"] + 1)
                else:
                    await asyncio.sleep(_PAUSE_S)

    async def _delivered(self, client: aiohttp.ClientSession, update: Json) -> bool:
        secret = self._state.setting("webhook_secret")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            async with client.post(self.url, json=update, headers=headers) as answer:
                if answer.ok:
                    return True
                said = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except _GONE as error:
            said = str(error) or type(error).__name__
        self.failure = {"last_error_date": int(time.time()), "last_error_message": said}
        return False
