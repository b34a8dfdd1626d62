from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def run(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "STORAGE_", "VISION_"))}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env=clean | {"STORAGE_DATA": str(tmp_path / "data")} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr + done.stdout
    said = [line for line in done.stderr.splitlines() if not line[:4].isdigit()]  # but for the log
    assert len(said) == 1


def test_no_token_is_one_sentence(tmp_path: Path) -> None:
    refused(run(tmp_path), "BOT_TOKEN is not set. @BotFather")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BOT_TOKEN", "hello", "BOT_TOKEN: Value error, a token looks like 123456:ABC"),
        ("BOT_API_URL", "localhost:8081", "BOT_API_URL: String should match"),
        ("BOT_TOKKEN", TOKEN, "Did you mean BOT_TOKEN?"),
        ("BOT_AGENTS_GROUP", "agents", "BOT_AGENTS_GROUP: Input should be a valid integer"),
    ],
)
def test_a_wrong_setting_is_one_sentence(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    refused(run(tmp_path, **{"BOT_TOKEN": TOKEN, name: value}), sentence)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BOT_KNOWLEDGE", "/nowhere", "nowhere"),
        ("BOT_LANGUAGE", "xx", "BOT_LANGUAGE=xx"),
        ("BOT_CHAT_MODEL", "nonsense", "provider:name"),
        ("STORAGE_REDIS_URL", "unix:///nowhere.sock", "cannot be used"),
    ],
)
def test_what_only_the_start_finds_out_is_one_sentence_too(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    refused(run(tmp_path, **{"BOT_TOKEN": TOKEN, name: value}), sentence)


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(run(tmp_path, "playground", "--port", str(port)), f"Port {port} cannot be used")


def test_bad_cases_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text("{}\n")
    done = run(tmp_path, "evaluate", str(tmp_path / "cases.jsonl"), "--knowledge", str(tmp_path))
    refused(done, "line 1")


async def test_a_token_that_telegram_does_not_know_is_one_sentence(tmp_path: Path) -> None:
    import asyncio

    from playground import Playground

    async with Playground() as playground:
        done = await asyncio.to_thread(run, tmp_path, BOT_TOKEN=TOKEN, BOT_API_URL=playground.url)
    refused(done, "Telegram does not know this BOT_TOKEN")
