"""Everything on one machine, in one process tree: an embedded store, a vision worker and, for the demo, a playground.

Children die with us, also when we are killed: Linux tells them (PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.settings import BotSettings
from bot.signals import asked_to_stop, unless
from storage.backup import used
from storage.jobs import JobStream
from storage.keys import TENANT, VISION_JOBS
from storage.lease import claim
from storage.redis import cancelled, connect
from storage.server import EmbeddedServer, die_with_parent
from storage.settings import StorageSettings, environment_for_child
from vision.settings import SCENES

log = logging.getLogger(__name__)

STOP_S = 10.0
START_S = 30.0
WORKER_S = 180.0  # torch loads in seconds, but a busy machine may need minutes
AGAIN_S = 10.0  # of waiting, then it is said again
STEADY_S = 60.0  # a child that lived so long is well
DEMO_TOKEN = "1000000:demo"  # noqa: S105 - opens the playground on this machine and nothing else
DEMO_GROUP = -1001000000001  # the playground's agents' group


class DemoError(Exception):
    """Something did not start. The message says what to do."""


@contextlib.contextmanager
def store(settings: StorageSettings) -> Iterator[StorageSettings]:
    """The settings, with a server of our own behind them where none is set. Call it from the main thread."""
    if settings.redis_url:
        yield settings
        return
    with EmbeddedServer(settings.data) as server:
        yield settings.model_copy(update={"redis_url": SecretStr(server.url)})


class Child:
    """A program of ours."""

    def __init__(
        self, name: str, command: Sequence[str], storage: StorageSettings | None = None, add_on: Path | None = None
    ) -> None:
        """With ``storage`` it finds the same store and keys as we do. A worker gets ``add_on`` (more labels and
        sentences) where nobody set another or another checkpoint.
        """
        self.name, self.command = name, [sys.executable, "-m", *command]
        more = {}
        if storage and storage.redis_url:
            more = {"STORAGE_REDIS_URL": storage.redis_url.get_secret_value(), "STORAGE_DATA": str(storage.data)}
        self.environment = environment_for_child(more, without="BOT_")  # a worker has no use for the bot's token
        if add_on and add_on.is_dir() and not self.environment.keys() & {"VISION_MODEL", "VISION_ADD_ON"}:
            self.environment["VISION_ADD_ON"] = str(add_on)
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        # Its own session: Ctrl-C in a terminal reaches us alone, and we stop the children in order.
        return subprocess.Popen(  # noqa: S603 - our own modules, no shell; the hook only calls prctl
            self.command,
            env=self.environment,
            stdout=subprocess.DEVNULL,  # they log on stderr; the one URL is ours to print
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - one system call, bound before the fork
        )

    async def keep(self) -> None:
        """For ever: start it again when it ends by itself; later and later when it keeps ending."""
        pause, started = 1.0, time.monotonic()
        while True:
            await asyncio.sleep(pause)
            if self.process.poll() is None:
                pause = 1.0 if time.monotonic() - started > STEADY_S else pause
                continue
            log.warning("the %s ended (status %s) and is started again", self.name, self.process.returncode)
            self.process, started, pause = self._start(), time.monotonic(), min(2 * pause, 30.0)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@asynccontextmanager
async def running_beside(*children: Child) -> AsyncIterator[None]:
    """Children that run until the block ends."""
    watching = [asyncio.create_task(child.keep()) for child in children]
    try:
        yield
    finally:
        for task in watching:
            task.cancel()
        for child in children:
            await asyncio.to_thread(child.stop)


@asynccontextmanager
async def telling(say: Callable[[str], None], doing: str) -> AsyncIterator[None]:
    """Say what is being waited for, and again while it lasts: silence looks like a fault."""
    began = time.monotonic()

    async def again() -> None:
        while True:
            await asyncio.sleep(AGAIN_S)
            say(f"  … {doing}: {time.monotonic() - began:.0f} s so far")

    say(f"  {doing} …")
    reminding = asyncio.create_task(again())
    try:
        yield
    finally:
        reminding.cancel()


async def demo(
    settings: BotSettings,
    storage: StorageSettings,
    port: int,
    *,
    say: Callable[[str], None],
    ready: Callable[[str, Path], None],
) -> None:
    """The real bot, a real worker, and a playground in Telegram's place, until Ctrl-C. ``say`` is told what is being
    done, ``ready`` the URL."""
    say("  Loading the bot …")
    from bot.app import check, serve

    check(settings, storage)
    port, data = free_port(port), storage.data / "playground"
    playground = Child("playground", ["playground", "--port", str(port), "--data", str(data), "--token", DEMO_TOKEN])
    await not_a_shops(storage)
    await no_worker(storage)
    # A demo may show what research sets taught; a shop that starts compose says so itself (weights/LICENSE.md).
    worker = Child("vision worker", ["vision", "worker"], storage, SCENES)
    url = f"http://127.0.0.1:{port}"

    async def up() -> None:
        async with telling(say, "Starting a Telegram of your own"):
            await answering(playground, f"{url}/bot{DEMO_TOKEN}/getMe")
        # A first photo that waits for torch to load would be a bad start.
        async with telling(say, "Loading the eyes; from a cold disk this takes a minute or two"):
            await working(worker, storage)

    async def opened(listening: asyncio.Event) -> None:
        # Whoever opens the page writes at once, and would wait for as long as this takes.
        async with telling(say, "Reading the shop's articles; the first time this takes half a minute"):
            await listening.wait()
        ready(url, storage.data)

    with asked_to_stop() as asked:
        async with running_beside(playground, worker):
            if not await unless(asked, up()):
                return
            listening = asyncio.Event()
            opening = asyncio.create_task(opened(listening))
            mine = {"token": SecretStr(DEMO_TOKEN), "api_url": url, "agents_group": DEMO_GROUP}
            try:
                await serve(settings.model_copy(update=mine), storage, asked, listening.set)
            finally:
                await cancelled(opening)


async def not_a_shops(storage: StorageSettings) -> None:
    """The demo would send what waits for a shop's customers to the playground, and lose it. Raises StorageError or
    DemoError."""
    redis = await connect(storage.url())
    try:
        if not (storage.data / "playground").is_dir() and await used(redis) and not await redis.exists(TENANT):
            raise DemoError(
                "This store holds conversations, and not the demo's: set STORAGE_DATA to a folder for the demo, and "
                "leave STORAGE_REDIS_URL empty."
            )
        await claim(redis, int(DEMO_TOKEN.partition(":")[0]))
    finally:
        await redis.aclose()


def free_port(wanted: int) -> int:
    """``wanted``, or any when it is 0. Raises DemoError when somebody has it: another playground, say, which would
    answer in place of ours."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the playground: one that just ended is gone
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError) as error:
            raise DemoError(f"Port {wanted} cannot be used ({error}). Choose another: make demo PORT=8090") from None
        return int(probe.getsockname()[1])


async def answering(child: Child, url: str) -> None:
    """Wait until ``url`` answers. Raises DemoError when the child ends first."""
    deadline = asyncio.get_running_loop().time() + START_S
    while asyncio.get_running_loop().time() < deadline:
        if child.process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, OSError):
            await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=2).close())  # noqa: S310 - loopback
            return
        await asyncio.sleep(0.1)
    raise DemoError(f"The {child.name} did not start; its reason is above.")


async def no_worker(storage: StorageSettings) -> None:
    """Forget the sign of life of a worker that was killed with the last run: it is not the new one's."""
    redis = await connect(storage.url())
    try:
        await redis.delete(JobStream(redis, VISION_JOBS).alive_name)
    finally:
        await redis.aclose()


async def working(worker: Child, storage: StorageSettings) -> None:
    """Wait until ``worker`` asks for photos. Raises DemoError when it ends first."""
    redis = await connect(storage.url())
    deadline = asyncio.get_running_loop().time() + WORKER_S
    try:
        jobs = JobStream(redis, VISION_JOBS)
        while not await jobs.alive():
            if worker.process.poll() is not None or asyncio.get_running_loop().time() > deadline:
                raise DemoError(f"The {worker.name} did not start; its reason is above.")
            await asyncio.sleep(0.1)
    finally:
        await redis.aclose()
