from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest
from patience import PATIENCE
from repository import ROOT

from bot.__main__ import main
from playground import Playground
from playground.world import GROUP_ID

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("BOT_", "STORAGE_", "VISION_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STORAGE_DATA", str(tmp_path / "data"))
    (tmp_path / "articles").mkdir()  # not the demo shop's: what they say would be encoded for half a minute
    (tmp_path / "articles" / "returns.md").write_text("# Returns\n\nWithin 30 days.\n")
    monkeypatch.setenv("BOT_KNOWLEDGE", str(tmp_path / "articles"))


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def refused(status: int, err: str, sentence: str) -> None:
    assert status == 2
    assert sentence in err
    assert "Traceback" not in err
    assert TOKEN not in err
    said = [line for line in err.splitlines() if not line[:4].isdigit()]  # but for the log
    assert len(said) == 1


def test_no_token_is_one_sentence() -> None:
    done = run()
    refused(done.returncode, done.stderr, "BOT_TOKEN is not set. @BotFather")
    assert not done.stdout


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BOT_TOKEN", "hello", "BOT_TOKEN: a token looks like 123456:ABC"),
        ("BOT_API_URL", "localhost:8081", "BOT_API_URL: a server's address begins with http://"),
        ("BOT_TOKKEN", TOKEN, "Did you mean BOT_TOKEN?"),
        ("BOT_AGENTS_GROUP", "agents", "BOT_AGENTS_GROUP must be a whole number, such as -100"),
        # What only the start finds out:
        ("BOT_KNOWLEDGE", "/nowhere", "nowhere"),
        ("BOT_LANGUAGE", "xx", "BOT_LANGUAGE=xx"),
        ("BOT_POLICY", "/nowhere", "BOT_POLICY: /nowhere cannot be read: there is no such file"),
        ("BOT_CALIBRATION", "/nowhere", "there is no such file or folder); make it with"),
        ("BOT_ENCODER", "nonsense", "provider:name"),
        ("BOT_FORMS", "/nowhere", "BOT_FORMS: /nowhere is no folder"),
        ("BOT_CHAT_MODEL", "nonsense", "provider:name"),
        ("STORAGE_REDIS_URL", "unix:///nowhere.sock", "cannot be used"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("BOT_AGENTS_GROUP", "-100")  # forms are for agents
    monkeypatch.setenv(name, value)
    refused(main([]), capsys.readouterr().err, sentence)


def test_a_taken_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(main(["playground", "--port", str(port)]), capsys.readouterr().err, f"Port {port} cannot be used")


@pytest.mark.parametrize(
    ("more", "store"),
    [
        ({}, "ok   persistence"),
        (
            {"STORAGE_DATA": "/proc/nowhere"},
            "BAD  Redis: /proc/nowhere cannot be used: there is no such file or folder",
        ),
        ({"STORAGE_KEEP_DAYS": "x", "BOT_LOGS": "xml", "VISION_BATCH": "0"}, "ok   persistence"),
    ],
)
def test_doctor_says_all_that_is_missing_or_wrong(
    more: dict[str, str], store: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without settings it said that there was no token, and stopped; with a wrong one it said that one alone."""
    for name, value in {"BOT_API_URL": "http://127.0.0.1:1", **more}.items():
        monkeypatch.setenv(name, value)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    for line in ("BAD  token: ", "look group: ", "BAD  Telegram: ", "ok   knowledge: 1 articles", store):
        assert line in said
    wrong = [line.split()[2] for line in said.splitlines() if line.startswith("BAD  settings: ")]
    assert wrong == [name for name in ("BOT_LOGS", "STORAGE_KEEP_DAYS", "VISION_BATCH") if name in more]
    assert said.splitlines()[-1].endswith(" ok.")


def test_dead_letters_wants_to_know_which(capsys: pytest.CaptureFixture[str]) -> None:
    """It said that there were none, whatever there was."""
    refused(
        main(["dead-letters", "replay"]), capsys.readouterr().err, "Say which: python -m bot dead-letters replay all"
    )


@pytest.mark.parametrize("call", [["--check", "nonsense"], ["playground", "--port", "99999"]])
def test_a_wrong_argument_is_one_sentence(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(call)
    assert ended.value.code == 2
    assert "such as" in capsys.readouterr().err.splitlines()[-1]


def test_bad_cases_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cases.jsonl").write_text("{}\n")
    status = main(["evaluate", str(tmp_path / "cases.jsonl"), "--knowledge", str(tmp_path)])
    refused(status, capsys.readouterr().err, "line 1")


@contextmanager
def playground(*, forum: bool = True) -> Iterator[str]:
    """The address of one in a thread of its own: the bot's command line needs the main one."""
    addresses: Queue[str] = Queue()
    over = threading.Event()

    async def serve() -> None:
        async with Playground(token=TOKEN, forum=forum) as town:
            addresses.put(town.url)
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield addresses.get(timeout=PATIENCE)
    finally:
        over.set()
        thread.join()


def test_a_token_that_telegram_does_not_know_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with playground() as url:
        monkeypatch.setenv("BOT_TOKEN", TOKEN[:-1] + "x")
        monkeypatch.setenv("BOT_API_URL", url)
        refused(main([]), capsys.readouterr().err, "Telegram does not know this BOT_TOKEN")


def test_a_group_without_topics_is_refused_with_what_to_change(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with playground(forum=False) as url:
        for name, value in {"BOT_TOKEN": TOKEN, "BOT_API_URL": url, "BOT_AGENTS_GROUP": str(GROUP_ID)}.items():
            monkeypatch.setenv(name, value)
        refused(main([]), capsys.readouterr().err, "has no topics. Turn on “Topics”")
