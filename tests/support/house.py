"""The whole house but for torch: real Telegram client, real Bot API (the playground), real Redis, real job stream and
worker; only the network's eyes are scripted, because what they see is not what these tests are about."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from patience import HALF, PATIENCE
from PIL import Image
from pydantic import SecretStr
from redis.asyncio import Redis
from repository import ROOT
from vectors import copied_vectors

from bot import app as bot_app
from bot.app import App
from bot.intake.forms import read as read_forms
from bot.intake.starting import Starter
from bot.settings import BotSettings
from bot.telegram.polling import poll
from dialogue.encode import encoders
from dialogue.find import Finder
from dialogue.intents import Phrases
from playground import Message, Person, Playground
from playground.group import Group, Topic
from playground.world import GROUP_ID
from storage.keys import CLOCK
from storage.server import EmbeddedServer
from storage.settings import StorageSettings
from vision.report import Label, LabelSet, PhotoReport
from vision.worker.sandbox import Sandbox
from vision.worker.worker import Worker

FORMS = ROOT / "shop" / "forms"
ENCODERS = cache(encoders)
GREEN, RED, GREY = (60, 170, 60), (200, 30, 30), (128, 128, 128)
ARTICLES = {
    "granny-smith": "# Granny Smith\n\nGranny Smith apples keep about four weeks in the fridge. "
    "Granny Smith is a green apple with a clear acidity. Freezing: slice the apples first.\n",
    "banana": "# Banana\n\nBananas keep four to six days at room temperature. Never put them in a fridge.\n",
    "delivery-times": "# Delivery times\n\nWe deliver within two working days. "
    "Orders placed before noon leave the same day.\n",
    "returns": "# Returns and refunds\n\nYou can return anything within 30 days and we refund your money.\n",
}


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (320, 240), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **more)
    return out.getvalue()


class ColourEyes:
    """Sees a Granny Smith in green, is torn in red, and knows nothing else."""

    size = 32
    identity = "colours"

    def __init__(self) -> None:
        self.looked = 0
        self.before: Callable[[], None] = lambda: None

    def describe(self, pixels: Any, texts: Sequence[str]) -> list[PhotoReport]:
        self.before()
        self.looked += len(texts)
        return [self._one(tuple(int(c) for c in photo.mean((0, 1)))) for photo in pixels]

    def _one(self, colour: tuple[int, ...]) -> PhotoReport:
        red, green, _ = colour
        if green > red + 40:
            found = LabelSet(applies=0.99, stated="Granny Smith", top=(Label(name="Granny Smith", probability=0.93),))
        elif red > green + 40:
            top = (Label(name="Granny Smith", probability=0.4), Label(name="Banana", probability=0.38))
            found = LabelSet(applies=0.95, top=top)
        else:
            found = LabelSet(applies=0.02, top=(Label(name="Banana", probability=0.3),))
        return PhotoReport(labels={"product": found}, model="colours", caption_source="none")


@dataclass
class House:
    playground: Playground
    settings: BotSettings
    storage: StorageSettings
    redis: Redis
    eyes: ColourEyes
    worker: Worker
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    app: App | None = None

    @property
    def ana(self) -> Person:
        return self.playground.customer(42, "Ana")

    @property
    def group(self) -> Group:
        return self.playground.group

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[App]:
        """The bot at work; may be started and stopped several times in a test."""
        async with bot_app.running(self.settings, self.storage) as app:
            polling = asyncio.create_task(poll(app.bot, app.inbox, app.health.telegram))
            try:
                yield app
            finally:
                polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)


async def ask(customer: Person, text: str) -> Message:
    await customer.say(text)
    return await customer.wait_for_message(lambda m: m.from_bot)


async def show(customer: Person, colour: tuple[int, int, int], text: str = "") -> Message:
    await customer.send_photo(picture(colour), text)
    return await customer.wait_for_message(lambda m: m.from_bot)


async def hand_over(
    house: House, customer: Person | None = None, text: str = "a human please"
) -> tuple[Topic, Message]:
    """The customer asks for a person → the topic, and the card in it."""
    customer = customer or house.ana
    await customer.say(text)
    await customer.wait_for_message("passing you on")
    topic = await house.group.wait_for_topic(customer.name)
    return topic, await topic.wait_for_message("Why:")


async def quiet(house: House) -> None:
    """Nothing is under way any more."""
    async with asyncio.timeout(PATIENCE):
        while await house.redis.xlen("inbox") or await house.redis.xlen("outbox"):
            await asyncio.sleep(0.02)


async def due(house: House, what: str, chat: int = 42) -> bool:
    """As if the time had come. False: nothing of the kind is set."""
    member = f"{what}:{chat}"
    if await house.redis.zscore(CLOCK, member) is None:
        return False
    await house.redis.zadd(CLOCK, {member: time.time() - 1})
    async with asyncio.timeout(PATIENCE):
        while (at := await house.redis.zscore(CLOCK, member)) is not None and at < time.time():
            await asyncio.sleep(0.05)
    return True


# -- fixtures: a conftest.py imports those that its tests need ---------------------------------------------------
def written(folder: Path) -> Path:
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    return written(tmp_path / "articles")


@pytest.fixture(scope="session")
def vectors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the vectors of the articles here and of the forms."""

    def fill(folder: Path) -> None:
        Finder.read(written(tmp_path_factory.mktemp("shop") / "articles"), encoders(folder=folder))
        Starter(read_forms(FORMS), encoders(folder=folder / "forms"), Phrases())

    return copied_vectors(request.config, tmp_path_factory, fill)


@pytest.fixture
async def house(
    redis: Redis,
    redis_server: EmbeddedServer,
    knowledge: Path,
    tmp_path: Path,
    *,
    vectors: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[House]:
    """Playground, store and worker run; the bot is started by the test."""
    # Nobody waits for a group's minute here: tests/unit/bot/test_outbox.py and benchmarks/handover.py are about that.
    monkeypatch.setattr("bot.telegram.rate_limit.BURST", 15)
    monkeypatch.setattr("bot.telegram.rate_limit.KEEP", 0)
    # Nor to hear whether somebody writes on: test_one_thought.py is about that.
    monkeypatch.setattr("bot.telegram.inbox.HOLD_S", 0.1)
    # Bots of one run remember what the others have heard: the same words are encoded once.
    monkeypatch.setattr("bot.app.encoders", ENCODERS)
    storage = StorageSettings(redis_url=SecretStr(redis_server.url), data=tmp_path / "data")
    async with Playground(patience=PATIENCE) as playground:
        settings = BotSettings(
            token=SecretStr(playground.token),
            api_url=playground.url,
            agents_group=GROUP_ID,
            knowledge=knowledge,
            forms=FORMS,
            photo_seconds=PATIENCE,
            vectors=vectors,
        )
        eyes = ColourEyes()
        children = Sandbox(eyes.size, seconds=PATIENCE)
        worker = Worker(
            redis, storage.sealer(), eyes, children, text_seconds=HALF
        )  # the reader of text starts cold here
        monkeypatch.setattr(worker.jobs, "take", partial(worker.jobs.take, block_ms=100))  # leaves as soon as it may
        working = asyncio.create_task(worker.run())
        try:
            yield House(playground, settings, storage, redis, eyes, worker)
        finally:
            worker.leaving.set()
            await working
            children.close()
            worker.readers.close()


@pytest.fixture
async def live(house: House) -> AsyncIterator[House]:
    """The house, live: with the bot running."""
    async with house.bot() as app:
        house.app = app
        yield house
