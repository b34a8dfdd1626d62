from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest
from patience import PATIENCE, SOON
from repository import ROOT

from monitoring import metrics
from monitoring.health import Heartbeat, StatusError, ask, serving, split


def free() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def found() -> list[str]:
    """What is wrong; a test fills it."""
    return []


@pytest.fixture
async def address(found: list[str]) -> AsyncIterator[str]:
    async def problems() -> list[str]:
        return found

    async with serving(at := free(), "BOT_STATUS", problems):
        yield at


async def get(address: str, path: str) -> tuple[int, str]:
    async with aiohttp.request("GET", f"http://{address}{path}") as answer:
        return answer.status, await answer.text()


async def test_health_readiness_and_numbers(address: str, found: list[str]) -> None:
    assert await get(address, "/healthz") == (200, "ok\n")
    assert json.loads((await get(address, "/readyz"))[1]) == {"ready": True, "problems": []}
    status, numbers = await get(address, "/metrics")
    assert status == 200
    assert metrics.TURNS  # whoever counts imports them; alone, this file had none to show
    assert "# TYPE photodesk_turns_total counter" in numbers and "photodesk_batch_photos_bucket" in numbers
    found.append("Redis does not answer")
    status, said = await get(address, "/readyz")
    assert (status, json.loads(said)) == (503, {"ready": False, "problems": ["Redis does not answer"]})
    assert (await get(address, "/healthz"))[0] == 200  # alive all the same
    assert (await get(address, "/other"))[0] == 404


async def test_a_check_exits_by_readiness(address: str, found: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(ask, address) == 0
    found.append("Redis does not answer")
    assert await asyncio.to_thread(ask, address) == 1
    assert capsys.readouterr().err == "Redis does not answer\n"
    assert await asyncio.to_thread(ask, free()) == 1
    assert "nobody answers" in capsys.readouterr().err


@pytest.mark.parametrize(
    "sent", [b"", b"\r\n\r\n", b"POST /metrics HTTP/1.1\r\n\r\n", b"x" * 20_000 + b"\r\n\r\n", b"\xff\r\n\r\n"]
)
async def test_nonsense_is_answered_or_dropped_and_does_no_harm(address: str, sent: bytes) -> None:
    host, port = split(address)
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(sent)
    writer.write_eof()
    said = b""
    with contextlib.suppress(ConnectionResetError):
        said = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    assert b"200" not in said
    assert (await get(address, "/healthz"))[0] == 200


async def test_a_taken_address_is_one_sentence(address: str) -> None:
    async def fine() -> list[str]:
        return []

    with pytest.raises(StatusError, match=r"BOT_STATUS=.* cannot be listened on"):
        async with serving(address, "BOT_STATUS", fine):
            pass


def test_both_command_lines_check_an_address_without_settings() -> None:
    nobody = free()
    for command in (["bot", "--check", nobody], ["vision", "worker", "--check", nobody]):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert f"nobody answers on {nobody}" in done.stderr


def test_addresses() -> None:
    assert split("0.0.0.0:9100") == ("0.0.0.0", 9100)
    assert split("[::1]:9100") == ("::1", 9100)


def test_silence_is_endless_before_the_first_beat() -> None:
    heart = Heartbeat()
    assert heart.silence == float("inf")
    heart.beat()
    assert heart.silence < SOON
    assert Heartbeat().silence == float("inf")  # another's
