"""Puts the playground together and serves it on loopback."""

import logging
import secrets
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from playground.actions import Actions
from playground.api import BotApi
from playground.faults import Faults, Flood
from playground.files import Shelf
from playground.guard import add_headers, only_this_machine
from playground.page import Page
from playground.people import People
from playground.state import State
from playground.town import Town
from playground.world import World

HOST = "127.0.0.1"
DEFAULT_TOKEN = "123456:demo"  # noqa: S105 (opens nothing but this playground)
_LARGEST_REQUEST = 64 * 1024 * 1024  # more than getFile gives out, so that "file is too big" can be tried

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What a playground is started with. ``more_bots``: (token, name) of each bot beside the first."""

    data: Path
    token: str = DEFAULT_TOKEN
    port: int = 0
    group_title: str = "Agents"
    bot_name: str = "Photodesk"
    bot_username: str = "photodesk_bot"
    flood: bool = False
    forum: bool = True
    patience: float = 5.0  # seconds that the client beside it waits for the bot
    more_bots: tuple[tuple[str, str], ...] = ()


class Server:
    """One running playground. Raises ValueError when two bots have the same number."""

    def __init__(self, options: Options) -> None:
        first = (options.token, options.bot_name, options.bot_username, options.data)
        others = [
            (token, name, f"{_word(name)}_bot", options.data / "bots" / token.partition(":")[0])
            for token, name in options.more_bots
        ]
        if len({token.partition(":")[0] for token, *_ in (first, *others)}) <= len(others):
            raise ValueError("each bot needs a number of its own before the colon of its token")
        self.towns = [_town(options, *bot) for bot in (first, *others)]
        self._options = options
        self._runner: web.AppRunner | None = None

    @property
    def world(self) -> World:
        """The first bot's world."""
        return self.towns[0].world

    @property
    def people(self) -> People:
        """The first bot's people."""
        return self.towns[0].people

    @property
    def faults(self) -> Faults:
        """What is to go wrong for the first bot."""
        return self.towns[0].faults

    @property
    def flood(self) -> Flood:
        """The first bot's sending limits."""
        return self.towns[0].flood

    def town(self, token: str) -> Town:
        """The bot with this token."""
        found = next((town for town in self.towns if town.token == token), None)
        if found is None:
            raise LookupError(f"no bot here has the token {token}")
        return found

    async def start(self) -> str:
        """Begins to answer; returns the address."""
        app = web.Application(middlewares=[only_this_machine], client_max_size=_LARGEST_REQUEST)
        app.on_response_prepare.append(add_headers)
        app.add_routes(BotApi(self.towns).routes())
        app.add_routes(Page(self.towns).routes())
        app.add_routes(Actions(self.towns).routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._options.port)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        for town in self.towns:
            town.world.courier.start()
        port = self._runner.addresses[0][1]
        log.info("playground on http://%s:%d/", HOST, port)
        return f"http://{HOST}:{port}"

    async def stop(self) -> None:
        """Ends waiting polls and streams, then the server, then the databases."""
        for town in self.towns:
            await town.world.courier.stop()
            town.world.hub.close()
            town.world.polls.close()
        if self._runner is not None:
            await self._runner.cleanup()
        for town in self.towns:
            town.world.close()


def _town(options: Options, token: str, name: str, username: str, data: Path) -> Town:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = State(data / "playground.sqlite")
    if state.setting("born") is None:  # the page forgets what it kept of another playground on the same port
        state.set("born", secrets.token_hex(8))
    bot = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": name, "username": username}
    world = World(state, Shelf(state, data / "files"), bot, options.group_title, forum=options.forum)
    return Town(token, world, People(world), Flood(on=options.flood), patience=options.patience)


def _word(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower())[:27]
