"""A video through stream, child, eyes and readers: what comes back, who waits for it, what is kept of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from films import only_sound, plain, video
from patience import PATIENCE
from redis.asyncio import Redis
from toys import FakeEyes, encoded, picture

from storage import keys
from storage.jobs import JobStream
from storage.seal import Sealer
from vision.client import PhotoClient
from vision.frame import Frame
from vision.readers.layout import Piece
from vision.readers.ocr import Read
from vision.readers.read import Readers, Reading, finished
from vision.report import PhotoReport
from vision.worker import worker as worker_module
from vision.worker.fair import Fair
from vision.worker.sandbox import Sandbox
from vision.worker.worker import FRAMES, Worker

CHAT = 42
GREYS = (60, 120, 180, 240)
FILM = video([plain((grey,) * 3) for grey in GREYS for _ in range(10)])
GREY = encoded(picture((110, 110, 110), seed=1), quality=95)
CARD = Piece(text="4539 1488 0343 6467", confidence=0.99, box=(0.1, 0.1, 0.6, 0.2), height=20.0, row=0)


class Scripted(Readers):
    """The brightest frame has a card's number on it."""

    def __init__(self) -> None:
        self.read_at: list[float] = []

    def has_text(self, report: PhotoReport, child: Frame) -> bool:
        return bool(child.readable.mean() > 220)

    def read(self, report: PhotoReport, child: Frame, seconds: float, within: float | None = None) -> Reading:
        self.read_at.append(child.at)
        return finished(report, child, Read("read", (CARD,)))

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(FakeEyes.size, seconds=PATIENCE, servers=1)
    made.warm()
    yield made
    made.close()


@pytest.fixture
def client(redis: Redis, sealer: Sealer) -> PhotoClient:
    return PhotoClient(redis, sealer)


class Working:
    def __init__(self, redis: Redis, sealer: Sealer, sandbox: Sandbox, eyes: FakeEyes | None = None) -> None:
        self.eyes = eyes or FakeEyes()
        self.worker = Worker(redis, sealer, self.eyes, sandbox, readers=Scripted())
        self.worker.jobs = JobStream(redis, keys.VISION_JOBS, idle_ms=700)

    async def __aenter__(self) -> Worker:
        self.task = asyncio.create_task(self.worker.run())
        return self.worker

    async def __aexit__(self, *_: object) -> None:
        self.worker.leaving.set()
        await asyncio.wait_for(self.task, PATIENCE)


async def test_one_report_about_all_of_it(redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient) -> None:
    working = Working(redis, sealer, sandbox)
    async with working:
        report = await client.describe(CHAT, FILM, "what is this?", PATIENCE)
    assert report.error is None and report.film and report.film.whole
    assert [round(moment.at) for moment in report.film.timeline] == [0, 1, 2, 3]
    bright = [moment.labels["light"].probability for moment in report.film.timeline]
    assert bright == pytest.approx([grey / 255 for grey in GREYS], abs=0.02)
    assert report.labels["light"].top[0].probability == pytest.approx(sum(GREYS) / 4 / 255, abs=0.02)
    assert working.eyes.told == ["what is this?"] * 4
    assert max(working.eyes.batches) <= FRAMES


async def test_what_must_not_be_kept_is_kept_nowhere(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient
) -> None:
    async with Working(redis, sealer, sandbox):
        report = await client.describe(CHAT, FILM, "", PATIENCE)
    assert report.lines == ("•••• •••• •••• 6467",)
    assert report.safe_copy and report.safe_copy.startswith("c:42:safe:")
    sealed = await redis.get(report.safe_copy)
    assert sealed and sealer.open(report.safe_copy, sealed).startswith(b"\xff\xd8")
    left = {key.decode().split(":")[2] async for key in redis.scan_iter("c:42:*")}
    assert left <= {"report", "safe", "reply"}  # the video is gone, and no frame of it is there


async def test_a_photo_does_not_wait_for_a_video(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when both are taken in one batch: the video's decoding takes seconds. And an album of them, all waiting,
    took every slot of the readers: no photo was looked at until the first one was done.
    """
    monkeypatch.setattr(worker_module, "MOST_READING", 2)
    whole, go = sandbox.films.ask, threading.Event()

    def slowly(*arguments: Any) -> bytes:
        go.wait(PATIENCE)
        return whole(*arguments)

    monkeypatch.setattr(sandbox.films, "ask", slowly)
    films = [asyncio.create_task(client.describe(CHAT + n, FILM, "", PATIENCE)) for n in range(3)]
    photo = asyncio.create_task(client.describe(CHAT, GREY, "", PATIENCE))
    await asyncio.sleep(0.3)
    async with Working(redis, sealer, sandbox):
        assert (await photo).error is None
        assert not any(film.done() for film in films)
        later = await client.describe(CHAT, encoded(picture((30, 90, 200), seed=2), quality=95), "", PATIENCE)
        assert later.error is None
        assert not films[-1].done()
        go.set()
        assert [report.error for report in await asyncio.gather(*films)] == [None] * 3


async def test_only_frames_with_print_are_read(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient
) -> None:
    working = Working(redis, sealer, sandbox)
    async with working:
        await client.describe(CHAT, FILM, "", PATIENCE)
    readers = working.worker.readers
    assert isinstance(readers, Scripted) and [round(at) for at in readers.read_at] == [3]


async def test_no_picture_in_it_is_said_of_a_video(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient
) -> None:
    async with Working(redis, sealer, sandbox):
        report = await client.describe(CHAT, only_sound(), "", PATIENCE)
    assert (report.error, report.film is not None) == ("not_an_image", True)


async def test_a_frame_that_the_model_fails_on(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient
) -> None:
    """Tried again as a photo is, and given up like one: half a video is not a video that was seen."""
    black = video([plain("black")] * 5 + [plain("white")] * 5)
    async with Working(redis, sealer, sandbox):
        report = await client.describe(CHAT, black, "", PATIENCE)
    assert report.error == "unreadable" and report.reason == "the model failed on it"


async def test_a_video_that_nobody_waits_for_any_more(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient, caplog: pytest.LogCaptureFixture
) -> None:
    working = Working(redis, sealer, sandbox)
    async with working as worker:
        async with worker.filming.turn(0):  # another one is being looked at
            assert (await client.describe(CHAT, FILM, "", 1)).error == "unavailable"
        while await redis.xlen(keys.VISION_JOBS):
            await asyncio.sleep(0.05)
    assert working.eyes.batches == [] and "nobody waits for it any more" in caplog.text


async def test_the_customers_take_turns() -> None:
    """One customer's ten videos took 40 seconds of everybody's."""
    fair, order = Fair(), list[int]()

    async def watched(customer: int) -> None:
        async with fair.turn(customer):
            order.append(customer)
            await asyncio.sleep(0)

    await asyncio.gather(*(watched(customer) for customer in (1, 1, 1, 1, 2, 2, 3)))
    assert order == [1, 2, 3, 1, 2, 1, 1]
    left = asyncio.create_task(watched(4))
    async with fair.turn(5):
        gone = asyncio.create_task(watched(6))
        await asyncio.sleep(0)
        gone.cancel()
    await left
    async with asyncio.timeout(1):
        await watched(7)
    assert order[-2:] == [4, 7] and 6 not in order
