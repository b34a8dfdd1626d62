"""The whole thing as a newcomer starts it: one command, a page, a conversation, kill -9, and on it goes."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
CHECKPOINT = """
import sys
from pathlib import Path
import torch
from vision import checkpoint
from vision.model import FusedModel, ModelConfig
from vision.tokens import Tokens
tokens = Tokens.train(["a red square .", "a green apple .", "what is this ?"] * 3, 120)
config = ModelConfig(**eval(sys.argv[2]), vocabulary=len(tokens))
checkpoint.save(Path(sys.argv[1]), FusedModel(config).eval(), tokens, {"command": "a test"})
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
        threading.Thread(target=self._listen, daemon=True).start()
        assert self.opened.wait(60), "".join(self.log)
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

    def customer(self) -> int:
        return int(requests.get(f"{self.url}/playground/state", timeout=10).json()["customers"][0]["id"])

    def texts(self) -> list[str]:
        """What the bot has said."""
        query = {"chat": self.customer()}
        found = requests.get(f"{self.url}/playground/messages", query, timeout=10).json()["messages"]
        said = [entry["message"] for entry in found if entry["message"]["from"]["is_bot"]]
        return [message.get("text", "") for message in said]

    def ask(self, text: str, photo: bytes | None = None) -> str:
        before, somebody = len(self.texts()), self.customer()
        form: dict[str, Any] = {"user": somebody, "chat": somebody, "text": text}
        files = {"files": ("photo.jpg", photo, "image/jpeg")} if photo else {"none": ("", "")}
        requests.post(f"{self.url}/playground/send", form, files=files, timeout=30).raise_for_status()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if len(said := self.texts()) > before:
                return said[-1]
            time.sleep(0.1)
        raise AssertionError("no answer in a minute:\n" + "".join(self.log))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped checkpoint, or where there is none yet the smallest there can be."""
    shipped = ROOT / "weights" / "first"
    if (shipped / "card.json").is_file():
        return shipped
    sys.path.append(str(ROOT / "tests" / "vision"))
    from toys import SETS, TINY

    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    config = repr(TINY | {"sets": SETS})
    subprocess.run([sys.executable, "-c", CHECKPOINT, str(folder), config], cwd=ROOT, check=True, timeout=120)
    return folder


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.process.send_signal(signal.SIGINT)
    for demo in started:
        try:
            demo.process.wait(30)
        except subprocess.TimeoutExpired:
            demo.process.kill()
            demo.process.wait()
        assert demo.process.stdout
        demo.process.stdout.close()


def worker_is_ready(demo: Demo) -> None:
    until = time.monotonic() + 90
    while not any("is ready with model" in line for line in demo.log):
        assert time.monotonic() < until, "".join(demo.log)
        time.sleep(0.1)


def drawing() -> bytes:
    image = Image.new("RGB", (400, 300), "#e8e4da")
    ImageDraw.Draw(image).ellipse((120, 70, 280, 230), fill="#6fae3c")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


@pytest.mark.timeout(300)
def test_a_conversation_survives_kill_9_and_leaves_no_orphan(tmp_path: Path, model: Path, demos: list[Demo]) -> None:
    demos.append(first := Demo(tmp_path / "data", model))
    answer = first.ask("how do I return something?")
    assert "[1]" in answer
    worker_is_ready(first)
    seen = first.ask("how long does this keep?", drawing())
    assert seen
    assert "went wrong" not in seen and "can't look at photos right now" not in seen
    before = first.texts()

    family = first.everybody()
    names = " ".join(" ".join(process.cmdline()) for process in family)
    assert all(part in names for part in ("playground", "vision worker", "redis", "vision.children"))
    first.process.kill()
    assert not psutil.wait_procs(family, timeout=15)[1]

    demos.append(second := Demo(tmp_path / "data", model))
    assert second.texts() == before  # the page still shows it all
    assert "[1]" in second.ask("and when do I get my money back?")


@pytest.mark.timeout(120)
def test_ctrl_c_ends_it_all_without_a_traceback(tmp_path: Path, model: Path, demos: list[Demo]) -> None:
    demos.append(demo := Demo(tmp_path / "data", model))
    family = demo.everybody()
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(60) == 0
    assert not psutil.wait_procs(family, timeout=10)[1]
    assert "Traceback" not in "".join(demo.log)
