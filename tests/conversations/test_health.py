"""What a conversation leaves in the numbers and in the log."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
from house import GREEN, House, ask, show
from patience import comes
from prometheus_client import REGISTRY
from redis.exceptions import ConnectionError as Gone

from bot import health
from bot.health import Health
from monitoring.logs import Lines
from playground.faults import Fault
from storage.keys import INBOX, OUTBOX_DEAD, customer


def number(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"photodesk_{name}", labels) or 0.0


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Every log line, as it is written in JSON."""
    records: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(self.format(record))

    handler = Keeping()
    handler.setFormatter(Lines("%(message)s"))
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    yield records
    root.removeHandler(handler)
    root.setLevel(level)


async def test_turns_stages_photos_and_handovers_are_counted(live: House) -> None:
    names = ["waiting", "photos", "answer", "commit", "whole"]
    before = {name: number("turn_seconds_count", stage=name) for name in names}
    answered, asked = number("turns_total", outcome="answer"), number("handovers_total", reason="asked")
    described = number("photos_total", outcome="described")
    sent, relayed, looked = (
        number("messages_sent_total"),
        number("turns_total", outcome="relayed"),
        number("batch_photos_sum"),
    )
    await show(live.ana, GREEN, "how long does this keep?")
    await ask(live.ana, "I want to talk to a person")
    await live.ana.say("hello?")
    await live.group.wait_for_message("hello?")
    await comes(lambda: number("messages_sent_total") >= sent + 4)  # the outbox counts after Telegram's answer
    assert {name: number("turn_seconds_count", stage=name) - before[name] for name in names} == {
        "waiting": 3, "photos": 1, "answer": 2, "commit": 3, "whole": 3,
    }  # fmt: skip
    assert number("turns_total", outcome="answer") == answered + 1
    assert number("turns_total", outcome="relayed") == relayed + 1
    assert number("photos_total", outcome="described") == described + 1
    assert number("batch_photos_sum") == looked + 1
    assert number("handovers_total", reason="asked") == asked + 1
    assert number("messages_sent_total") >= sent + 4


async def test_flood_waits_and_dead_letters_are_counted(live: House) -> None:
    floods, dead = number("flood_waits_total"), number("dead_letters_total", queue="outbox")
    live.playground.fail(Fault("sendMessage", error_code=429, retry_after=1))
    await ask(live.ana, "when do you deliver?")
    assert number("flood_waits_total") == floods + 1
    live.playground.fail(Fault("sendMessage", error_code=400, description="Bad Request: no"))
    await live.ana.say("when do you deliver?")
    while not await live.redis.xlen(OUTBOX_DEAD):
        await asyncio.sleep(0.02)
    await comes(lambda: number("dead_letters_total", queue="outbox") > dead)
    assert number("dead_letters_total", queue="outbox") == dead + 1
    await health.measure(live.redis)
    assert number("dead_letters_kept", queue="outbox") == 1


async def test_queues_are_measured_by_length_and_age(house: House) -> None:
    await health.measure(house.redis)
    assert number("queue_entries", queue="inbox") == 0 and number("queue_age_seconds", queue="inbox") < 1
    await house.redis.xadd(INBOX, {"key": customer(42, "update", 1), "chat": 42}, id="1000-0")
    await health.measure(house.redis)
    assert number("queue_entries", queue="inbox") == 1
    assert number("queue_age_seconds", queue="inbox") > 1e6
    assert number("worker_alive") == 1


async def test_readiness_says_what_is_away(live: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = Health(live.redis)
    ready.store.beat()
    assert "no updates" in (await ready.problems())[0]
    ready.telegram.beat()
    assert await ready.problems() == []
    monkeypatch.setattr(health, "EVERY_S", 0.01)

    async def gone(_: object) -> None:
        raise Gone("no store")

    monkeypatch.setattr(health, "measure", gone)
    ready = Health(live.redis)
    ready.telegram.beat()
    task = asyncio.create_task(ready.watch())
    await asyncio.sleep(0.1)
    assert not task.done()  # it goes on looking
    task.cancel()
    assert "Redis does not answer" in (await ready.problems())[0]


async def test_the_log_has_turns_and_no_words(live: House, lines: list[str]) -> None:
    live.playground.fail(Fault("sendMessage", error_code=500, times=1))
    await ask(live.ana, "XYZZY when do you deliver?")
    await ask(live.ana, "XYZZY I want to talk to a person")
    said = [json.loads(line) for line in lines]
    assert any(line.get("turn", "").startswith("c:42:update:") for line in said)
    assert any(line.get("turn", "").startswith("c:42:out:") for line in said)
    assert "XYZZY" not in "\n".join(lines)
