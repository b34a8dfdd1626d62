"""Puts the playground together and serves it on loopback."""

import logging
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from playground.api import BotApi
from playground.faults import Faults, Flood
from playground.files import Shelf
from playground.guard import add_headers, only_this_machine
from playground.page import Page
from playground.people import People
from playground.state import State
from playground.telegram import Json
from playground.world import World

HOST = "127.0.0.1"
DEFAULT_TOKEN = "123456:demo"  # noqa: S105 (opens nothing but this playground)
_LARGEST_REQUEST = 64 * 1024 * 1024  # more than getFile gives out, so that "file is too big" can be tried

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What a playground is started with."""

    data: Path
    token: str = DEFAULT_TOKEN
    port: int = 0
    group_title: str = "Agents"
    bot_name: str = "Photodesk"
    bot_username: str = "photodesk_bot"
    flood: bool = False
    forum: bool = True
    patience: float = 5.0  # seconds that the client beside it waits for the bot


class Server:
    """One running playground."""

    def __init__(self, options: Options) -> None:
        options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = State(options.data / "playground.sqlite")
        self.world = World(
            state, Shelf(state, options.data / "files"), _bot(options), options.group_title, forum=options.forum
        )
        self.people = People(self.world)
        self.faults = Faults()
        self.flood = Flood(on=options.flood)
        self._options = options
        self.patience = options.patience
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Begins to answer; returns the address."""
        app = web.Application(middlewares=[only_this_machine], client_max_size=_LARGEST_REQUEST)
        app.on_response_prepare.append(add_headers)
        app.add_routes(BotApi(self.world, self._options.token, self.faults, self.flood).routes())
        app.add_routes(Page(self.world, self.people, self.faults, self.flood).routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._options.port)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        self.world.courier.start()
        port = self._runner.addresses[0][1]
        log.info("playground on http://%s:%d/", HOST, port)
        return f"http://{HOST}:{port}"

    async def stop(self) -> None:
        """Ends waiting polls and streams, then the server, then the database."""
        await self.world.courier.stop()
        self.world.hub.close()
        self.world.polls.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.world.close()


def _bot(options: Options) -> Json:
    return {
        "id": int(options.token.partition(":")[0]),
        "is_bot": True,
        "first_name": options.bot_name,
        "username": options.bot_username,
    }
