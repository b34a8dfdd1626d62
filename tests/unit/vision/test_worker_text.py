"""The worker and the readers: who waits for whom, what is kept how long. The readers are scripted, the rest is real."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Iterator

import pytest
from patience import PATIENCE
from PIL import Image
from redis.asyncio import Redis
from toys import FakeEyes, encoded, picture

from storage import keys
from storage.jobs import JobStream
from storage.seal import Sealer
from vision.client import PhotoClient
from vision.frame import Decoded, Frame
from vision.readers.layout import Piece
from vision.readers.ocr import Read
from vision.readers.read import Readers, Reading, finished
from vision.report import PhotoReport
from vision.worker import worker as module
from vision.worker.decode import Unreadable
from vision.worker.sandbox import Sandbox
from vision.worker.worker import Worker

CHAT = 42
BRIGHT = [encoded(picture((n, n, n), seed=n), quality=95) for n in (230, 232, 234, 236)]
GREY = encoded(picture((110, 110, 110), seed=1), quality=95)
GPS, TURNED = 0x8825, 0x0112  # of EXIF
IDLE_MS = 700  # after so long a silent worker's jobs go to another
CARD = Piece(text="4111 1111 1111 1111", confidence=0.99, box=(0.1, 0.1, 0.6, 0.2), height=20.0, row=0)


class Scripted(Readers):
    """Bright photos have text. Reading it takes ``takes`` seconds; None: until ``go`` is set."""

    def __init__(self, takes: float | None = 0.0, said: Read | None = None) -> None:
        self.catalogue = None
        self.takes, self.said, self.asked = takes, said or Read("none"), list[tuple[float, float]]()
        self.go = threading.Event()
        self.reading = self.most = 0

    def has_text(self, report: PhotoReport, child: Frame) -> bool:
        return bool(child.pixels.mean() > 180)

    def read(self, report: PhotoReport, child: Frame, seconds: float, within: float | None = None) -> Reading:
        self.asked.append((seconds, within or 0.0))
        self.reading += 1
        self.most = max(self.most, self.reading)
        self.go.wait(PATIENCE if self.takes is None else self.takes)
        self.reading -= 1
        return finished(report, child, self.said)

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(FakeEyes.size, seconds=PATIENCE, servers=2)
    made.warm()
    yield made
    made.close()


@pytest.fixture
def client(redis: Redis, sealer: Sealer) -> PhotoClient:
    return PhotoClient(redis, sealer)


class Working:
    def __init__(self, redis: Redis, sealer: Sealer, sandbox: Sandbox, readers: Readers, seconds: float = 8.0) -> None:
        self.worker = Worker(redis, sealer, FakeEyes(), sandbox, readers=readers, text_seconds=seconds)
        self.worker.jobs = JobStream(redis, keys.VISION_JOBS, idle_ms=IDLE_MS)

    async def __aenter__(self) -> Worker:
        self.task = asyncio.create_task(self.worker.run())
        return self.worker

    async def __aexit__(self, *_: object) -> None:
        self.worker.leaving.set()
        await asyncio.wait_for(self.task, PATIENCE)


async def test_a_photo_without_text_does_not_wait_for_those_with(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient
) -> None:
    readers = Scripted(takes=None)
    async with Working(redis, sealer, sandbox, readers):
        await client.describe(CHAT, GREY, "warm", PATIENCE)
        slow = [asyncio.create_task(client.describe(CHAT, photo, "", PATIENCE)) for photo in BRIGHT]
        while readers.reading < 4:
            await asyncio.sleep(0.01)
        assert (await client.describe(CHAT, GREY, "", PATIENCE)).text == "none"
        assert not any(task.done() for task in slow)
        readers.go.set()
        assert [report.error for report in await asyncio.gather(*slow)] == [None] * 4


async def test_what_is_being_read_stays_this_workers(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient
) -> None:
    """Reading outlasts the time after which a silent worker's jobs go to another."""
    first, second = Scripted(takes=2.5 * IDLE_MS / 1000), Scripted()
    async with Working(redis, sealer, sandbox, first):
        asked = asyncio.create_task(client.describe(CHAT, BRIGHT[0], "", PATIENCE))
        while not first.reading:
            await asyncio.sleep(0.01)
        async with Working(redis, sealer, sandbox, second):
            assert (await asked).error is None
    assert second.asked == []


async def test_no_more_are_taken_than_fit_in_memory(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_READING", 2)
    readers = Scripted(takes=0.2)
    photos = [encoded(picture((235, 235, 235), seed=n), quality=95) for n in range(7)]
    working = Working(redis, sealer, sandbox, readers)
    working.worker.batch = 1
    async with working:
        reports = await asyncio.gather(*(client.describe(CHAT, photo, "", PATIENCE) for photo in photos))
    assert [report.error for report in reports] == [None] * 7
    assert readers.most <= 2


async def test_reading_gets_what_is_left_of_the_customers_patience(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient
) -> None:
    readers = Scripted()
    async with Working(redis, sealer, sandbox, readers, seconds=8):
        await client.describe(CHAT, BRIGHT[0], "", PATIENCE)
        await client.describe(CHAT, BRIGHT[1], "", 4)
    assert [seconds for seconds, _ in readers.asked] == [8, 8]
    assert readers.asked[1][1] < 4 - module.FOR_THE_ANSWER_S + 0.01


async def test_of_a_picture_that_came_as_a_file_there_is_a_copy_without_its_place(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient
) -> None:
    """Agents got the file itself, with where it was taken."""
    exif = Image.Exif()
    exif[GPS], exif[TURNED] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}, 6
    taken = encoded(picture((110, 110, 110), (96, 72), seed=1), exif=exif)
    async with Working(redis, sealer, sandbox, Scripted()):
        photo = await client.describe(CHAT, taken, "", PATIENCE)
        file = await client.describe(CHAT, taken, "", PATIENCE, as_file=True)
    assert photo.safe_copy is None  # Telegram has encoded it anew: there is nothing in it
    assert file.safe_copy
    sealed = await redis.get(file.safe_copy)
    assert sealed
    with Image.open(io.BytesIO(taken)) as before, Image.open(io.BytesIO(sealer.open(file.safe_copy, sealed))) as copy:
        assert before.getexif().get_ifd(GPS)
        assert dict(copy.getexif()) == {} and copy.size == (72, 96)  # upright all the same


@pytest.mark.parametrize("state", ["late", "crashed"])
async def test_a_report_without_its_text_is_not_kept_for_long(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient, state: str
) -> None:
    async with Working(redis, sealer, sandbox, Scripted(said=Read(state))):  # type: ignore[arg-type]
        assert (await client.describe(CHAT, BRIGHT[0], "", PATIENCE)).text == state
    [key] = [key async for key in redis.scan_iter("c:42:report:*")]
    assert 0 < await redis.ttl(key) <= module.TRY_AGAIN_S


async def test_a_decoder_without_time_is_not_the_photos_fault(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The customer is asked to send it again. The same bytes had the same answer for a month."""

    def late(data: bytes) -> Decoded:
        raise Unreadable("unreadable", "decoding took longer than 2 s and was stopped")

    async with Working(redis, sealer, sandbox, Scripted()):
        with monkeypatch.context() as busy:
            busy.setattr(sandbox, "open", late)
            assert (await client.describe(CHAT, BRIGHT[0], "", PATIENCE)).error == "unreadable"
        [key] = [key async for key in redis.scan_iter("c:42:report:*")]
        assert 0 < await redis.ttl(key) <= module.TRY_AGAIN_S


async def test_a_reader_that_raises_costs_the_text_and_not_the_photo(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Scripted):
        def read(self, report: PhotoReport, child: Frame, seconds: float, within: float | None = None) -> Reading:
            raise ValueError("a bug")

    async with Working(redis, sealer, sandbox, Broken()):
        report = await client.describe(CHAT, BRIGHT[0], "", PATIENCE)
    assert (report.error, report.text) == (None, "crashed")
    assert "could not be looked for" in caplog.text


async def test_what_must_not_be_kept_is_kept_nowhere(
    redis: Redis, sealer: Sealer, sandbox: Sandbox, client: PhotoClient
) -> None:
    async with Working(redis, sealer, sandbox, Scripted(said=Read("read", (CARD,)))):
        report = await client.describe(CHAT, BRIGHT[0], "", PATIENCE)
    assert report.lines == ("•••• •••• •••• 1111",)
    assert report.safe_copy and report.safe_copy.startswith("c:42:safe:")
    sealed = await redis.get(report.safe_copy)
    assert sealed and sealer.open(report.safe_copy, sealed).startswith(b"\xff\xd8")
    assert 0 < await redis.ttl(report.safe_copy) <= (keys.RETENTION["safe"] or 0)
    [key] = [key async for key in redis.scan_iter("c:42:report:*")]
    assert 0 < await redis.ttl(key) <= (keys.RETENTION["safe"] or 0)  # not longer than the copy that it names
    left = {key.decode().split(":")[2] async for key in redis.scan_iter("c:42:*")}
    assert left <= {"report", "safe", "reply"}
