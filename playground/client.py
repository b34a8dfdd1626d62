"""A playground inside a test or a program: start it, be its customers and its agents."""

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from playground.faults import Fault, Flood
from playground.group import Group
from playground.person import Person
from playground.server import DEFAULT_TOKEN, Options, Server
from playground.town import Town


class Place(ABC):
    """Where one bot is: its customers, its group, and what is to go wrong for it."""

    @property
    @abstractmethod
    def town(self) -> Town:
        """What runs behind it."""

    def customer(self, user_id: int = 42, name: str = "", *, username: str = "", language: str = "en") -> Person:
        """A customer, made on first use. The bot cannot write to them before they wrote."""
        known = self.town.world.state.user(user_id)
        if known is not None and not (name or username):
            return Person(self.town, known, user_id)
        name = name or self.town.people.free_name()
        user = self.town.world.add_customer(user_id, name, username=username, language=language)
        return Person(self.town, user, user_id)

    @property
    def group(self) -> Group:
        """The agents' group, read from now on: keep it to wait for several messages."""
        return Group(self.town, self.town.world.group_id)

    def migrate(self) -> int:
        """An administrator upgrades the group: it goes on under another id, without its topics. Returns that id."""
        return self.town.world.migrate(self.town.world.add_agent("Kim"))

    def fail(self, fault: Fault) -> None:
        """The next matching call of the bot fails."""
        self.town.faults.add(fault)

    @property
    def flood(self) -> Flood:
        """Telegram's sending limits; `.on` switches them."""
        return self.town.flood


class _Beside(Place):
    def __init__(self, town: Town) -> None:
        self._town = town

    @property
    def town(self) -> Town:
        return self._town


class Playground(Place):
    """`async with Playground() as p:` a local Telegram on a free port; `p.url` is its address.

    With `data` it keeps everything there and another Playground goes on with it; without, all is forgotten.
    `patience`: seconds that a wait for the bot takes at most, where it is not told otherwise."""

    def __init__(
        self,
        data: Path | None = None,
        *,
        token: str = DEFAULT_TOKEN,
        port: int = 0,
        group_title: str = "Agents",
        flood: bool = False,
        forum: bool = True,
        patience: float = 5.0,
        bots: Sequence[str] = (),
    ) -> None:
        """``bots``: tokens beside the first; `p.beside(token)` is where such a bot is."""
        self.token = token
        self.url = ""
        self._data = data
        more = tuple((other, f"Bot {other.partition(':')[0]}") for other in bots)
        self._options = Options(
            Path(), token, port, group_title, flood=flood, forum=forum, patience=patience, more_bots=more
        )
        self._folder = ExitStack()  # where it is a temporary one, closing this removes it
        self._running: Server | None = None

    async def __aenter__(self) -> Self:
        with ExitStack() as start:  # one that fails or is cancelled leaves no folder behind
            data = self._data or Path(start.enter_context(tempfile.TemporaryDirectory(prefix="playground-")))
            self._running = Server(replace(self._options, data=data))
            self.url = await self._running.start()
            self._folder = start.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.server.stop()
        self._running = None
        self._folder.close()

    def beside(self, token: str) -> Place:
        """Another bot's customers and group."""
        return _Beside(self.server.town(token))

    @property
    def town(self) -> Town:
        """The first bot's."""
        return self.server.towns[0]

    @property
    def server(self) -> Server:
        """The running parts."""
        if self._running is None:
            raise RuntimeError("use it as: async with Playground() as p")
        return self._running
