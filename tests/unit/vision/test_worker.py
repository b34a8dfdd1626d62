"""The worker and the client, with a real stream between them and eyes that need no torch."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE, SOON
from redis.asyncio import Redis
from toys import FakeEyes, encoded, picture

from storage import keys
from storage.job import Job
from storage.jobs import JobStream
from storage.seal import Sealer
from vision.client import PhotoClient, pack, unpack
from vision.report import PhotoReport
from vision.worker import names
from vision.worker import worker as worker_module
from vision.worker.main import warm
from vision.worker.sandbox import Sandbox
from vision.worker.worker import Worker, reading_identity

CHAT = 42
WHITE, GREY, BLACK = (encoded(picture((n, n, n), seed=1), quality=95) for n in (235, 128, -20))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(FakeEyes.size, seconds=PATIENCE, servers=1)
    yield made
    made.close()


@pytest.fixture
def eyes() -> FakeEyes:
    return FakeEyes()


@pytest.fixture
def worker(redis: Redis, sealer: Sealer, eyes: FakeEyes, sandbox: Sandbox) -> Worker:
    made = Worker(redis, sealer, eyes, sandbox, batch=4)
    made.jobs = JobStream(redis, keys.VISION_JOBS, idle_ms=700)
    return made


@pytest.fixture
def client(redis: Redis, sealer: Sealer) -> PhotoClient:
    return PhotoClient(redis, sealer)


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.run())
    try:
        while not await worker.redis.exists(keys.VISION_MODEL):
            await asyncio.sleep(0.01)
        yield
    finally:
        worker.leaving.set()
        await asyncio.wait_for(task, PATIENCE)


async def put(worker: Worker, name: str, sealed: bytes | None, expires_in: float = 30) -> Job:
    job = Job(
        name,
        keys.customer(CHAT, "photo", name),
        keys.customer(CHAT, "report", name),
        keys.customer(CHAT, "reply", name),
        time.time() + expires_in,
    )
    await worker.jobs.put(job, sealed or b"", 60)
    if sealed is None:
        await worker.redis.delete(job.input_key)
    return job


async def everything(redis: Redis) -> bytes:
    """All that is kept, as whoever stole the disk would read it."""
    found = b""
    async for key in redis.scan_iter("*"):
        found += key
        kind = await redis.type(key)
        if kind == b"string":
            found += await redis.get(key)  # type: ignore[operator]
        elif kind == b"stream":
            found += repr(await redis.xrange(key)).encode()
    return found


class TestNames:
    def test_whose_process_has_ended(self) -> None:
        mine = names.new()
        assert not names.gone(mine)
        assert mine != names.new()
        host, pid, started, last = mine.rsplit("-", 3)
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        assert names.gone(f"{host}-{ended.pid}-{started}-{last}")
        # A container's next worker has the number of the last.
        assert names.gone(f"{host}-{pid}-{int(started) - 1}-{last}")
        assert not names.gone(f"other-{ended.pid}-{started}-{last}")
        assert not names.gone(f"{host}-{ended.pid}--{last}")  # a machine that does not say when it began
        assert not names.gone("nobody")

    async def test_what_a_killed_worker_of_this_machine_held_does_not_wait(
        self, client: PhotoClient, worker: Worker, redis: Redis
    ) -> None:
        """It waited six seconds, until nobody had said a word of it."""
        worker.jobs = JobStream(redis, keys.VISION_JOBS, idle_ms=int(1000 * PATIENCE))
        await worker.jobs.prepare()
        asked = asyncio.create_task(client.describe(CHAT, WHITE, "", PATIENCE))
        killed = f"{socket.gethostname()}-{os.getpid()}-1-a1b2c3"
        while not await worker.jobs.take(killed, 8, block_ms=10):
            pass
        assert await worker.jobs.holders() == [killed]
        async with working(worker):
            assert (await asked).error is None


class TestThereAndBack:
    async def test_a_photo(self, client: PhotoClient, worker: Worker, eyes: FakeEyes, redis: Redis) -> None:
        async with working(worker):
            report = await client.describe(CHAT, WHITE, "is this ripe? 🙂", PATIENCE)
        assert report.error is None
        assert report.labels["light"].top[0].probability == pytest.approx(0.92, abs=0.03)
        assert report.model == "fake-1"
        assert {"model", "decode", "worker"} <= set(report.milliseconds)
        assert eyes.told == ["is this ripe? 🙂"]
        assert await redis.xlen(keys.VISION_JOBS) == 0
        left = [key async for key in redis.scan_iter(f"c:{CHAT}:photo:*")]
        assert left == []  # deleted with the report's writing
        assert "ripe" not in (await everything(redis)).decode("latin-1")

    async def test_the_same_photo_twice_is_looked_at_once(
        self, client: PhotoClient, worker: Worker, eyes: FakeEyes
    ) -> None:
        async with working(worker):
            first = await client.describe(CHAT, WHITE, "", PATIENCE)
            assert await client.describe(CHAT, WHITE, "", PATIENCE) == first
            assert eyes.batches == [1]
            assert await client.describe(CHAT, WHITE, "and now?", PATIENCE) != first  # other words, another question
            await client.describe(CHAT + 1, WHITE, "", PATIENCE)  # nobody gets what another customer's photo said
        assert sum(eyes.batches) == 3

    async def test_a_new_checkpoint_looks_again(
        self, client: PhotoClient, worker: Worker, redis: Redis, sandbox: Sandbox
    ) -> None:
        """Reports of the old model were reused for 30 days."""
        async with working(worker):
            assert (await client.describe(CHAT, WHITE, "", PATIENCE)).model == "fake-1"
        newer = FakeEyes()
        newer.identity = "fake-2"
        second = Worker(redis, worker.sealer, newer, sandbox)
        task = asyncio.create_task(second.run())
        while not (await redis.get(keys.VISION_MODEL) or b"").startswith(b"fake-2"):
            await asyncio.sleep(0.01)
        assert (await client.describe(CHAT, WHITE, "", PATIENCE)).model == "fake-2"
        second.leaving.set()
        await task

    @pytest.mark.parametrize(
        "changed", ["readers/picture_kind.py", "readers/patterns.yaml", "worker/timeline.py", "images.py"]
    )
    def test_a_rule_that_changes_is_another_reader(self, tmp_path: Path, changed: str) -> None:
        """Its number was to be raised by hand. Nobody did, and reports by the old rules were reused."""
        vision = Path(worker_module.__file__).parent.parent
        shutil.copytree(vision, tmp_path, dirs_exist_ok=True)
        before = reading_identity(tmp_path)
        assert reading_identity(tmp_path) == before
        with (tmp_path / changed).open("a") as file:
            file.write("# another rule\n")
        assert reading_identity(tmp_path) != before

    async def test_the_readers_are_part_of_what_looks(self, worker: Worker, redis: Redis) -> None:
        async with working(worker):
            assert await redis.get(keys.VISION_MODEL) == f"fake-1+{reading_identity()}".encode()

    async def test_many_at_once(self, client: PhotoClient, worker: Worker, eyes: FakeEyes) -> None:
        photos = [encoded(picture((n * 20, n * 20, n * 20), seed=n)) for n in range(2, 12)]
        async with working(worker):
            reports = await asyncio.gather(
                *(client.describe(CHAT, photo, str(n), PATIENCE) for n, photo in enumerate(photos))
            )
        seen = [r.labels["light"].top[0].probability for r in reports]
        assert seen == sorted(seen)  # each its own
        assert sum(eyes.batches) == 10
        assert max(eyes.batches) > 1
        assert max(eyes.batches) <= 4

    async def test_a_photo_that_waited_for_the_first_worker(self, client: PhotoClient, worker: Worker) -> None:
        asked = asyncio.create_task(client.describe(CHAT, WHITE, "", PATIENCE))
        await asyncio.sleep(0.2)
        async with working(worker):
            assert (await asked).error is None

    async def test_half_an_emoji(self, client: PhotoClient, worker: Worker, eyes: FakeEyes) -> None:
        async with working(worker):
            assert (await client.describe(CHAT, WHITE, "a\ud83d", PATIENCE)).error is None
        assert eyes.told == ["a?"]


class TestBadPhotos:
    async def test_one_among_good_ones(self, client: PhotoClient, worker: Worker, eyes: FakeEyes, redis: Redis) -> None:
        bad = {"truncated": WHITE[: len(WHITE) // 2], "empty": b"", "not_an_image": b"hello" * 99}
        asked = [
            asyncio.create_task(client.describe(CHAT, photo, "", PATIENCE)) for photo in (WHITE, *bad.values(), GREY)
        ]
        while await redis.xlen(keys.VISION_JOBS) < 5:
            await asyncio.sleep(0.01)
        async with working(worker):
            good, *refused, grey = await asyncio.gather(*asked)
        assert good.error is grey.error is None
        assert [report.error for report in refused] == list(bad)
        assert all(report.reason and not report.labels for report in refused)
        assert await worker.jobs.dead() == []  # a bad photo is answered, not a failure of ours

    async def test_a_batch_that_fails_is_tried_one_by_one(
        self, client: PhotoClient, worker: Worker, eyes: FakeEyes, redis: Redis
    ) -> None:
        eyes.fails_together = True
        asked = [asyncio.create_task(client.describe(CHAT, photo, "", PATIENCE)) for photo in (WHITE, GREY)]
        while await redis.xlen(keys.VISION_JOBS) < 2:
            await asyncio.sleep(0.01)
        async with working(worker):
            assert [r.error for r in await asyncio.gather(*asked)] == [None, None]
        assert sorted(eyes.batches) == [1, 1, 2]

    async def test_a_photo_that_the_model_fails_on(
        self, client: PhotoClient, worker: Worker, eyes: FakeEyes, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with working(worker):
            black, white = await asyncio.gather(
                client.describe(CHAT, BLACK, "", PATIENCE), client.describe(CHAT, WHITE, "", PATIENCE)
            )
            assert white.error is None
            assert (black.error, black.reason) == ("unreadable", "the model failed on it")
            [letter] = await worker.jobs.dead()
            assert letter.deliveries == 3
            assert (await client.describe(CHAT, GREY, "", PATIENCE)).error is None  # the worker lives
        assert "the model failed on one photo" in caplog.text


class TestBadJobs:
    async def test_the_input_is_gone(self, worker: Worker) -> None:
        job = await put(worker, "ab", None)
        async with working(worker):
            with pytest.raises(Exception, match="no longer kept"):
                await worker.jobs.wait(job, PATIENCE)
        assert [letter.reason for letter in await worker.jobs.dead()] == ["its photo is no longer kept"]

    async def test_another_has_done_it_meanwhile(self, worker: Worker, redis: Redis) -> None:
        """The same photo put twice: the first entry's report stands, and nobody is told that something was lost."""
        job = await put(worker, "ab", None)
        await worker.jobs.prepare()
        [taken] = await worker.jobs.take("somebody", 1)
        await redis.set(job.result_key, b"sealed")
        assert await worker._unpacked(taken) is None
        assert await worker.jobs.dead() == [] and await redis.xlen(keys.VISION_JOBS) == 0

    async def test_nothing_is_kept_of_a_customer_who_was_forgotten_meanwhile(
        self, worker: Worker, redis: Redis, sealer: Sealer
    ) -> None:
        job = await put(worker, "ab", sealer.seal(keys.customer(CHAT, "photo", "ab"), pack(WHITE, "")))
        await worker.jobs.prepare()
        [taken] = await worker.jobs.take("somebody", 1)
        await redis.delete(job.input_key)  # /forget
        await worker._finish(taken, PhotoReport(), b"a copy")
        assert [key async for key in redis.scan_iter(f"c:{CHAT}:*")] == []
        assert await redis.xlen(keys.VISION_JOBS) == 0

    async def test_sealed_elsewhere(self, worker: Worker, sealer: Sealer, client: PhotoClient) -> None:
        other = Sealer({1: bytes(32)}, 1)
        moved = await put(worker, "ab", sealer.seal(keys.customer(CHAT + 1, "photo", "ab"), pack(WHITE, "")))
        foreign = await put(worker, "cd", other.seal(keys.customer(CHAT, "photo", "cd"), pack(WHITE, "")))
        async with working(worker):
            for job in (moved, foreign):
                with pytest.raises(Exception, match="its photo does not open"):
                    await worker.jobs.wait(job, PATIENCE)
            assert (await client.describe(CHAT, WHITE, "", PATIENCE)).error is None
        assert len(await worker.jobs.dead()) == 2

    async def test_the_client_says_so(self, client: PhotoClient, worker: Worker, redis: Redis) -> None:
        stranger = PhotoClient(redis, Sealer({1: bytes(32)}, 1))
        async with working(worker):
            report = await stranger.describe(CHAT, WHITE, "", PATIENCE)
        assert report.error == "unreadable"
        assert "does not open" in (report.reason or "")


class TestClientAlone:
    async def test_no_worker(self, client: PhotoClient) -> None:
        start = time.monotonic()
        report = await client.describe(CHAT, WHITE, "", 0.3)
        assert report.error == "unavailable"
        assert 0.25 < time.monotonic() - start < SOON

    async def test_nobody_works_for_who_has_left(self, client: PhotoClient, worker: Worker, eyes: FakeEyes) -> None:
        await client.describe(CHAT, WHITE, "", 0.1)
        async with working(worker):
            assert (await client.describe(CHAT, GREY, "", PATIENCE)).error is None
        assert sum(eyes.batches) == 1

    async def test_the_bytes_go_when_nobody_waits_any_more(self, client: PhotoClient, redis: Redis) -> None:
        await client.describe(CHAT, WHITE, "", 0.1)
        assert not await redis.keys("c:*")
        assert not await redis.xlen(keys.VISION_JOBS)

    async def test_a_killed_bot_leaves_bytes_for_seconds(self, client: PhotoClient, redis: Redis) -> None:
        asking = asyncio.create_task(client.describe(CHAT, WHITE, "", 20))
        while not await redis.xlen(keys.VISION_JOBS):
            await asyncio.sleep(0.01)
        asking.cancel()
        [photo] = await redis.keys("c:*:photo:*")
        assert 0 < await redis.ttl(photo) <= 30

    async def test_too_many_wait(self, redis: Redis, sealer: Sealer) -> None:
        client = PhotoClient(redis, sealer, JobStream(redis, keys.VISION_JOBS, max_length=1))
        first = asyncio.create_task(client.describe(CHAT, WHITE, "", 1))
        while not await redis.xlen(keys.VISION_JOBS):
            await asyncio.sleep(0.01)
        start = time.monotonic()
        report = await client.describe(CHAT, GREY, "", PATIENCE)
        assert (report.error, report.reason) == ("unavailable", "too many photos are waiting")
        assert time.monotonic() - start < SOON
        await first

    async def test_no_store(self, client: PhotoClient, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
        from redis.exceptions import ConnectionError as Lost

        async def lost(*_: Any, **__: Any) -> None:
            raise Lost

        monkeypatch.setattr(client.redis, "get", lost)
        assert (await client.describe(CHAT, WHITE, "", 1)).reason == "the store does not answer"

    @pytest.mark.parametrize("written", [b'{"caption_of_next_year": 1}', b"not JSON"])
    async def test_a_report_of_another_version(
        self, client: PhotoClient, redis: Redis, sealer: Sealer, written: bytes
    ) -> None:
        """The customer's whole turn failed on it."""
        job = await client._job(CHAT, [pack(WHITE, "")], 5)
        await redis.set(job.result_key, sealer.seal(job.result_key, written))
        assert (await client.describe(CHAT, WHITE, "", 1)).error == "unavailable"

    async def test_a_report_under_other_keys(self, client: PhotoClient, redis: Redis) -> None:
        job = await client._job(CHAT, [pack(WHITE, "")], 5)
        await redis.set(job.result_key, Sealer({1: bytes(32)}, 1).seal(job.result_key, b"{}"))
        assert (await client.describe(CHAT, WHITE, "", 1)).error == "unavailable"

    @pytest.mark.parametrize("hint", ["", "x", "ßé🙂\0"])
    @pytest.mark.parametrize("as_file", [False, True])
    def test_pack(self, hint: str, as_file: bool) -> None:
        assert unpack(pack(WHITE, hint, as_file=as_file)) == (WHITE, hint, as_file)


class TestLeaving:
    async def test_the_batch_in_hand_is_finished(
        self, client: PhotoClient, worker: Worker, eyes: FakeEyes, redis: Redis
    ) -> None:
        taken = asyncio.Event()
        loop, see = asyncio.get_running_loop(), eyes.describe

        def slowly(pixels: Any, texts: Any) -> list[PhotoReport]:
            loop.call_soon_threadsafe(taken.set)
            time.sleep(0.4)
            return see(pixels, texts)

        eyes.describe = slowly  # type: ignore[method-assign]
        asked = asyncio.create_task(client.describe(CHAT, WHITE, "", PATIENCE))
        task = asyncio.create_task(worker.run())
        await asyncio.wait_for(taken.wait(), PATIENCE)
        worker.leaving.set()
        await asyncio.wait_for(task, PATIENCE)
        assert (await asked).error is None
        consumers: Any = await redis.xinfo_consumers(keys.VISION_JOBS, "workers")
        assert worker.name.encode() not in [consumer["name"] for consumer in consumers]

    async def test_two_workers_never_share_a_name(
        self, redis: Redis, sealer: Sealer, eyes: FakeEyes, sandbox: Sandbox
    ) -> None:
        assert len({Worker(redis, sealer, eyes, sandbox).name for _ in range(20)}) == 20


def test_warm(eyes: FakeEyes, sandbox: Sandbox) -> None:
    blank = FakeEyes()
    blank.describe = lambda pixels, texts: [PhotoReport()]  # type: ignore[method-assign]
    warm(blank, sandbox)
