"""The whole thing as a newcomer starts it: one command, a page, a conversation, kill -9, and on it goes."""

from __future__ import annotations

import asyncio
import io
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import psutil
import pytest
from patience import PATIENCE
from PIL import Image, ImageDraw
from repository import ROOT

sys.path.append(str(ROOT / "benchmarks"))  # for rendered.py: labels of our own drawing

from rendered import SHEETS, Sheet, draw, encoded

from vision.settings import SHIPPED

T = TypeVar("T")
CHECKPOINT = """
import sys
from pathlib import Path
sys.path.append("tests/support")
from toys import WORDS, tiny_config
from vision.model import checkpoint
from vision.model.network import FusedModel
from vision.model.tokens import Tokens
tokens = Tokens.train([*WORDS] * 3, 120)
checkpoint.save(Path(sys.argv[1]), FusedModel(tiny_config(tokens)).eval(), tokens, {"command": "a test"})
"""


class Demo:
    """``python -m bot playground``, and what its page does."""

    def __init__(self, data: Path, model: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("BOT_", "STORAGE_", "VISION_"))}
        environment = clean | {"STORAGE_DATA": str(data), "VISION_MODEL": str(model), "VISION_THREADS": "1"}
        command = [sys.executable, "-m", "bot", "playground", "--port", str(port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.log: list[str] = []
        self.opened = threading.Event()
        self.listening = threading.Thread(target=self._listen, daemon=True)
        self.listening.start()
        assert self.opened.wait(2 * PATIENCE), "".join(self.log)
        self.url = f"http://127.0.0.1:{port}"

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.log.append(line)
            if re.search(r"Open http://127\.0\.0\.1:\d+/", line):
                self.opened.set()

    def everybody(self) -> list[psutil.Process]:
        us = psutil.Process(self.process.pid)
        return [us, *us.children(recursive=True)]

    async def said(self) -> str:
        return "".join(self.log)

    async def get(self, path: str, **query: int) -> Any:
        async with aiohttp.request("GET", f"{self.url}/playground/{path}", params=query) as answer:
            return await answer.json()

    async def customer(self) -> int:
        return int((await self.get("state"))["customers"][0]["id"])

    async def texts(self) -> list[str]:
        """What the bot has said."""
        found = await self.get("messages", chat=await self.customer())
        said = [entry["message"] for entry in found["messages"]]
        return [message.get("text", "") for message in said if message["from"]["is_bot"]]

    async def ask(self, text: str, photo: bytes | None = None) -> str:
        before, somebody = len(await self.texts()), str(await self.customer())
        form = aiohttp.FormData({"user": somebody, "chat": somebody, "text": text})
        if photo:
            form.add_field("files", photo, filename="photo.jpg", content_type="image/jpeg")
        async with aiohttp.request("POST", f"{self.url}/playground/send", data=form, raise_for_status=True):
            pass
        return (await self.until(self.texts, lambda said: len(said) > before))[-1]

    async def until(self, look: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> T:
        """What is found as soon as it is good."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if good(found := await look()):
                return found
            await asyncio.sleep(0.1)
        raise AssertionError(f"not within {PATIENCE:g} s:\n" + "".join(self.log))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped checkpoint, or where there is none yet the smallest there can be."""
    if (SHIPPED / "card.json").is_file():
        return SHIPPED
    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    subprocess.run([sys.executable, "-c", CHECKPOINT, str(folder)], cwd=ROOT, check=True, timeout=PATIENCE)
    return folder


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.process.send_signal(signal.SIGINT)
    for demo in started:
        try:
            demo.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            demo.process.kill()
            demo.process.wait()
        demo.listening.join(PATIENCE)
        assert demo.process.stdout
        demo.process.stdout.close()


def drawing() -> bytes:
    image = Image.new("RGB", (400, 300), "#e8e4da")
    ImageDraw.Draw(image).ellipse((120, 70, 280, 230), fill="#6fae3c")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


async def test_what_is_printed_is_in_the_answers(tmp_path: Path, model: Path, demos: list[Demo]) -> None:
    demos.append(demo := Demo(tmp_path / "data", model))
    await demo.until(demo.said, lambda log: "is ready with model" in log)
    chance = random.Random(4)
    receipt, parcel = SHEETS["receipt"](chance), SHEETS["parcel"](chance)
    screen = Sheet(["The machine has stopped", "Error code: E-204", "Please try again or contact us"])

    async def ask(text: str, sheet: Sheet) -> tuple[str, dict[str, str]]:
        """The answer, and what is to be found on the sheet."""
        return await demo.ask(text, encoded(draw(sheet, chance, 30))), dict(sheet.references)

    said, printed = await ask("what is this?", receipt)
    year, _, day = printed["date"].split("-")
    assert f"€{printed['total']}" in said and f", {int(day)} " in said and year in said
    said, printed = await ask("where is my parcel?", parcel)
    assert printed["tracking"] in said
    said, _ = await ask("what does this mean?", screen)
    assert "error code E-204" in said and "drip tray" in said


async def test_a_conversation_survives_kill_9_and_leaves_no_orphan(
    tmp_path: Path, model: Path, demos: list[Demo]
) -> None:
    demos.append(first := Demo(tmp_path / "data", model))
    answer = await first.ask("how do I return something?")
    assert "[1]" in answer
    await first.until(first.said, lambda log: "is ready with model" in log)
    seen = await first.ask("how long does this keep?", drawing())
    assert seen
    assert "went wrong" not in seen and "can't look at photos right now" not in seen
    before = await first.texts()

    family = first.everybody()
    names = " ".join(" ".join(process.cmdline()) for process in family)
    assert all(part in names for part in ("playground", "vision worker", "redis", "vision.worker.sandbox"))
    usual = psutil.Process(first.process.pid).nice()
    assert all(one.nice() > usual for one in family if "vision" in one.cmdline()), "words are answered before photos"
    first.process.kill()
    assert not (await asyncio.to_thread(psutil.wait_procs, family, PATIENCE))[1]

    demos.append(second := Demo(tmp_path / "data", model))
    assert await second.texts() == before  # the page still shows it all
    assert "[1]" in await second.ask("and when do I get my money back?")


async def test_ctrl_c_ends_it_all_without_a_traceback(tmp_path: Path, model: Path, demos: list[Demo]) -> None:
    demos.append(demo := Demo(tmp_path / "data", model))
    family = demo.everybody()
    demo.process.send_signal(signal.SIGINT)
    # 130: it was still starting.
    assert await asyncio.to_thread(demo.process.wait, PATIENCE) in (0, 130)
    assert not (await asyncio.to_thread(psutil.wait_procs, family, PATIENCE))[1]
    assert "Traceback" not in "".join(demo.log)
