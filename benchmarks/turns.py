"""Latency and CPU of whole turns, one run: our bot and worker, and a bare aiogram echo bot beside them.

    PYTHONPATH=. python benchmarks/turns.py [--turns 100] [--photos 40] [--read 12] [--stages] [--pictures FOLDER]

Everything is real but Telegram, which is the playground in this process. Latency is from the moment the customer's
message is in the playground until the bot's answer is: long poll, inbox, turn, outbox and sendMessage. A text turn
asks one of four questions in turn; "words never said before" asks another one each time, as one customer does: the
encoders have not seen it. Photos are
1280 × 960 noise over a gradient, re-encoded as Telegram does. CPU is the bot process's user + system time.
Photos with text are parcel labels, error screens and receipts by rendered.py. "Fifth photo": one without text, alone,
0.1 s after four without text, 0.1 s after four with text, and while those are being read. What reading costs it is the
difference of the two bursts. "Worker": jobs without a bot, one after another, from the start of its process on; CPU is
counted when the reader of text has started, too. ``--pictures``: the same with photos of that folder, enlarged to
1280 × 960, with a camera's grain; those in which the worker finds no text. Noise is the dearest case for codes.
``--stages``: where the milliseconds of a photo turn go, by what bot and worker tell of themselves (/metrics): means.
The worker's "whole" lies in the bot's "photos", and the bot's "whole" ends where "send" begins.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import itertools
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import rendered
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from dialogue.articles import load
from playground import Person, Playground
from playground.world import GROUP_ID
from storage.redis import connect
from storage.server import EmbeddedServer
from storage.settings import StorageSettings
from vision.client import PhotoClient

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ("how long do bananas keep?", "when do you deliver?", "can I freeze milk?", "what does delivery cost?")


ASKS = ("how do I store {}?", "what can I cook with {} tonight?", "I would like to know more about {}, please")


def questions(turns: int) -> list[str]:
    """``turns`` questions about what our own articles are about; no two are alike."""
    titles = [article.title for article in load(ROOT / "shop" / "articles").articles if article.language == "en"]
    asked = [ask.format(title.lower()) for ask in ASKS for title in titles]
    assert len(asked) >= turns, f"no more than {len(asked)} turns"
    return asked[:turns]


def photo(seed: int) -> bytes:
    base = Image.linear_gradient("L").resize((1280, 960)).convert("RGB")
    noise = Image.effect_noise((1280, 960), 20 + seed % 40).convert("RGB")
    out = io.BytesIO()
    Image.blend(base, noise, 0.3).save(out, "JPEG", quality=85)
    return out.getvalue()


async def timed(customer: Person, send: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await send()
    await customer.wait_for_message(lambda m: m.from_bot, timeout=60)
    return (time.perf_counter() - start) * 1000


def shown(times: list[float]) -> dict[str, float]:
    times = sorted(times)
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95) - 1], 1),
        "max_ms": round(times[-1], 1),
    }


def cpu_ms(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system) * 1000


async def text_turns(
    playground: Playground, process: subprocess.Popen[bytes], asked: Sequence[str], first: int
) -> dict[str, float]:
    bot = psutil.Process(process.pid)
    # A chat may get one message a second: many customers, so that the limit is not what is measured.
    people = [playground.customer(first + n, f"C{n}") for n in range(len(asked))]
    await timed(people[0], lambda: people[0].say(asked[0]))
    before, times = cpu_ms(bot), []
    for customer, words in zip(people[1:], asked[1:], strict=True):
        times.append(await timed(customer, partial(customer.say, words)))
        await asyncio.sleep(0.04)  # thirty messages a second is Telegram's limit for a bot
    return {**shown(times), "cpu_ms_per_turn": round((cpu_ms(bot) - before) / len(times), 2)}


async def photo_turns(playground: Playground, photos: int, first: int) -> dict[str, float]:
    return shown([await turn(playground, first + n, photo(n)) for n in range(photos)])


def printed(seed: int) -> bytes:
    chance = random.Random(seed)
    sheet = rendered.SHEETS[("parcel", "error screen", "receipt")[seed % 3]](chance)
    return rendered.encoded(rendered.photographed(rendered.draw(sheet, chance), chance))


async def turn(playground: Playground, number: int, picture: bytes) -> float:
    customer = playground.customer(number, f"P{number}")
    return await timed(customer, lambda: customer.send_photo(picture, "what is this?"))


async def read_turns(playground: Playground, photos: int, first: int) -> dict[str, float]:
    times = [await turn(playground, first + n, printed(n)) for n in range(photos + 1)]
    return shown(times[1:])  # the first one starts the process that reads


async def fifth_photo(playground: Playground, rounds: int, first: int) -> dict[str, float]:
    # Four more pictures, and how much later the fifth comes. A turn with text takes a second, four take two and more.
    cases: dict[str, tuple[Callable[[int], bytes] | None, float]] = {
        "alone": (None, 0),
        "after four without text": (lambda n: photo(500 + n), 0.1),
        "after four with text": (lambda n: printed(100 + n), 0.1),
        "while four are read": (lambda n: printed(100 + n), 0.9),
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    number = 0
    for _ in range(rounds):
        for name, (picture, later) in cases.items():
            start, number = first + 10 * number, number + 1
            others = [turn(playground, start + n, picture(4 * number + n)) for n in range(1, 5)] if picture else []
            four = [asyncio.create_task(other) for other in others]
            await asyncio.sleep(later)
            times[name].append(await turn(playground, start + 5, photo(number)))
            await asyncio.gather(*four)
    return {f"{name}, p50 ms": round(statistics.median(each), 1) for name, each in times.items()} | {"rounds": rounds}


def enlarged(folder: Path) -> Iterator[bytes]:
    """A folder's photos, as a phone sends them."""
    for number, file in enumerate(sorted(folder.glob("*.webp"))):
        with Image.open(file) as image:
            large = np.asarray(image.convert("RGB").resize((1280, 960), Image.Resampling.BICUBIC))
        grain = np.random.default_rng(number).normal(0, 3, large.shape)
        out = io.BytesIO()
        Image.fromarray((large + grain).clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=85)
        yield out.getvalue()


async def settled(process: subprocess.Popen[bytes]) -> None:
    """Until it is idle: its reader of text takes a second of CPU to start."""
    used = -1000.0
    while (now := cpu_of_all(process)) - used > 20:
        used = now
        await asyncio.sleep(1)


async def worker_alone(
    pictures: Iterator[bytes], photos: int, url: str, data: Path, store: dict[str, str]
) -> dict[str, object]:
    """From the start of the process to its first answer, then photos without text: time in the worker, and CPU."""
    redis = await connect(url)
    client = PhotoClient(redis, StorageSettings(data=data).sealer())
    first = next(pictures)
    begun, worker = time.perf_counter(), start([sys.executable, "-m", "vision", "worker"], store)
    try:
        report = await client.describe(1, first, "", 60)
        assert report.error is None, report
        answered, chosen, times = time.perf_counter() - begun, list[bytes](), list[float]()
        while len(chosen) < photos:  # looked at for the first time: it has to be known which ones have no text
            picture = next(pictures)
            if (await client.describe(2, picture, "", 60)).text == "none":
                chosen.append(picture)
        await settled(worker)
        before = cpu_of_all(worker)
        for n, picture in enumerate(chosen, 3):
            report = await client.describe(n, picture, "", 60)
            times.append(report.milliseconds["worker"])
        used = (cpu_of_all(worker) - before) / photos
    finally:
        stop(worker)
        await redis.aclose()
    return {"first_answer_s": round(answered, 1), **shown(times), "core_ms_per_photo": round(used, 1)}


def cpu_of_all(process: subprocess.Popen[bytes]) -> float:
    """Of a worker and the processes that it keeps; a decoder's children are counted with it when they have ended."""
    times = [
        each.cpu_times()
        for each in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    ]
    return float(sum(t.user + t.system + t.children_user + t.children_system for t in times)) * 1000


def peaks_mb(process: subprocess.Popen[bytes]) -> dict[str, int]:
    """Most memory so far of a worker and of each process that it keeps, by what the process runs."""
    peaks = {}
    for each in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
        status = Path(f"/proc/{each.pid}/status").read_text()
        peak = next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))
        peaks[f"{each.cmdline()[-1].rsplit('/', 1)[-1]} {each.pid}"] = peak
    return peaks


class Stages:
    """Sums and counts of the two histograms of stages, read off the processes' status ports."""

    HISTOGRAMS = ("photodesk_turn_seconds", "photodesk_job_seconds")

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.before = addresses, dict[tuple[str, str], tuple[float, float]]()

    def _now(self) -> dict[tuple[str, str], tuple[float, float]]:
        found: dict[tuple[str, str], dict[str, float]] = {}
        for address in self.addresses:
            with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
                for family in text_string_to_metric_families(answer.read().decode()):
                    for sample in family.samples if family.name in self.HISTOGRAMS else ():
                        if (kind := sample.name.removeprefix(family.name)) in ("_sum", "_count"):
                            found.setdefault((family.name, sample.labels["stage"]), {})[kind] = sample.value
        return {stage: (values["_sum"], values["_count"]) for stage, values in found.items()}

    def begin(self) -> None:
        self.before = self._now()

    def means_ms(self) -> dict[str, float]:
        """Of each stage since ``begin``: "bot photos", "worker decode"…"""
        shown = {}
        for (name, stage), (seconds, count) in sorted(self._now().items(), reverse=True):
            earlier = self.before.get((name, stage), (0.0, 0.0))
            if count > earlier[1]:
                who = "bot" if "turn" in name else "worker"
                shown[f"{who} {stage}"] = round(1000 * (seconds - earlier[0]) / (count - earlier[1]), 1)
        return shown


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Together:
    """Most memory at one moment of a worker and all its processes, what they share counted once (PSS)."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process, self.most_mb = psutil.Process(process.pid), 0

    async def watch(self) -> None:
        while True:
            pages = 0
            for each in (self.process, *self.process.children(recursive=True)):
                with suppress(psutil.Error, OSError):  # it ended just now
                    pages += each.memory_full_info().pss
            self.most_mb = max(self.most_mb, pages >> 20)
            await asyncio.sleep(0.5)


async def measure(args: argparse.Namespace, url: str, data: Path) -> dict[str, object]:
    turns, photos, read = args.turns, args.photos, args.read
    again = [QUESTIONS[n % 4] for n in range(turns)]
    store = {"STORAGE_REDIS_URL": url, "STORAGE_DATA": str(data)}
    report: dict[str, object] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    noise = (photo(n) for n in itertools.count())
    report["worker, photo without text"] = await worker_alone(noise, photos, url, data, store)
    if args.pictures:
        pictures = enlarged(args.pictures)
        report["worker, picture without text"] = await worker_alone(pictures, photos, url, data, store)
    async with Playground() as playground:
        telegram = {"BOT_API_URL": playground.url, "BOT_TOKEN": playground.token, "BOT_AGENTS_GROUP": str(GROUP_ID)}
        ports = {"BOT_STATUS": free_address(), "VISION_STATUS": free_address()}
        told = Stages(*ports.values())
        worker = start([sys.executable, "-m", "vision", "worker"], store | ports)
        bot = start([sys.executable, "-m", "bot"], store | telegram | ports)
        try:
            await text_turns(playground, bot, again[:8], 900)  # the first ones load what is loaded when it is used
            report["text turn"] = await text_turns(playground, bot, again, 1000)
            report["text turn, words never said before"] = await text_turns(playground, bot, questions(turns), 2000)
            await turn(playground, 4999, photo(4999))  # the first one waits for the worker to start
            told.begin()
            report["photo turn"] = await photo_turns(playground, photos, 5000)
            if args.stages:
                report["stages of a photo turn, mean ms"] = told.means_ms()
            report["bot_rss_mb"] = psutil.Process(bot.pid).memory_info().rss // 2**20
            if read:
                together = Together(worker)
                watching = asyncio.create_task(together.watch())
                report["photo with text"] = await read_turns(playground, read, 6000)
                report["fifth photo"] = await fifth_photo(playground, max(3, read // 2), 7000)
                watching.cancel()
                report["worker_peaks_mb"], report["worker_together_mb"] = peaks_mb(worker), together.most_mb
            report["worker_rss_mb"] = psutil.Process(worker.pid).memory_info().rss // 2**20
        finally:
            stop(bot, worker)
    async with Playground() as playground:
        echo = start([sys.executable, "benchmarks/echo_bot.py", playground.url, playground.token], {})
        try:
            report["aiogram echo, text"] = await text_turns(playground, echo, again, 1000)
        finally:
            stop(echo)
    return report


def start(command: list[str], more: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | more, stderr=subprocess.DEVNULL)


def stop(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        process.terminate()
        process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--read", type=int, default=12, help="photos with text; 0: none")
    parser.add_argument("--pictures", type=Path, help="a folder of .webp, as .runs/data/grocery/validation")
    parser.add_argument("--stages", action="store_true", help="also what each stage of a photo turn takes")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder)) as server:
        report = asyncio.run(measure(args, server.url, Path(folder)))
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
