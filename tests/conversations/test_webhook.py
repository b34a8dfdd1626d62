from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from house import GREEN, House, ask, show
from patience import PATIENCE
from redis.exceptions import ConnectionError as Gone

from bot import app as bot_app
from bot.app import App, work
from bot.telegram import webhook
from monitoring.health import StatusError
from playground.faults import Fault
from storage.keys import INBOX
from storage.redis import cancelled


@asynccontextmanager
async def hooked(house: House) -> AsyncIterator[tuple[App, str]]:
    """The bot with a webhook, which the playground calls as Telegram would."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{probe.getsockname()[1]}"
    settings = house.settings.model_copy(update={"webhook_url": f"http://{at}", "webhook_listen": at})
    async with bot_app.running(settings, house.storage) as app:
        working = asyncio.create_task(work(app, settings, lambda: None))
        try:
            yield app, f"http://{at}{webhook.PATH}"
        finally:
            await cancelled(working)


async def post(url: str, body: str, **headers: str) -> int:
    async with aiohttp.request("POST", url, data=body, headers=headers) as answer:
        return answer.status


async def test_a_conversation_over_the_webhook(house: House) -> None:
    async with hooked(house):
        assert "[1]" in (await ask(house.ana, "when do you deliver?")).text
        assert "Granny Smith" in (await show(house.ana, GREEN, "how long does this keep?")).text


async def test_what_came_while_the_bot_was_away_comes_later_and_in_order(house: House) -> None:
    async with hooked(house):
        await ask(house.ana, "when do you deliver?")
    for text in ("/start", "/help", "/nonsense"):
        await house.ana.say(text)
    async with hooked(house):
        said = [(await house.ana.wait_for_message(lambda m: m.from_bot)).text for _ in range(3)]
    assert "Ana" in said[0] and "/nonsense" in said[2]


async def test_the_update_is_written_before_it_is_confirmed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hooked(house) as (app, url):
        await ask(house.ana, "when do you deliver?")
        secret = webhook.secret(house.playground.token)
        app.inbox.reader.leaving = True  # nothing is worked any more
        before = await house.redis.xlen(INBOX)
        update = json.dumps({"update_id": 10**9, "message": {"chat": {"id": 7, "type": "private"}}})
        assert await post(url, update, **{webhook.HEADER: secret}) == 200
        assert await house.redis.xlen(INBOX) == before + 1
        assert await post(url, update, **{webhook.HEADER: secret}) == 200  # sent again, because our 200 was lost
        assert await house.redis.xlen(INBOX) == before + 1

        async def gone(*_: object) -> int:
            raise Gone("no store")

        monkeypatch.setattr(app.inbox, "write", gone)
        assert await post(url, update, **{webhook.HEADER: secret}) == 503  # Telegram keeps it


@pytest.mark.parametrize(
    ("secret", "body", "status"),
    [
        ("wrong", "{}", 401),
        ("", "{}", 401),
        ("ß", "{}", 401),
        (None, "{}", 400),
        (None, "[1]", 400),
        (None, "\xff", 400),
        (None, '{"update_id": Infinity}', 400),
        (None, '{"update_id": 1, "message": NaN}', 400),
        (None, "[" * 100_000, 400),
    ],
)
async def test_strangers_and_nonsense_are_refused(house: House, secret: str | None, body: str, status: int) -> None:
    async with hooked(house) as (_, url):
        await ask(house.ana, "when do you deliver?")
        right = webhook.secret(house.playground.token)
        assert await post(url, body, **{webhook.HEADER: right if secret is None else secret}) == status
        assert await post(url.removesuffix(webhook.PATH) + "/other", "{}") == 404


async def test_a_secret_that_is_no_utf8_is_a_wrong_one(house: House) -> None:
    """Anybody could make it answer 500, with a traceback in the log."""
    async with hooked(house) as (_, url):
        await ask(house.ana, "when do you deliver?")
        host, port = url.removeprefix("http://").removesuffix(webhook.PATH).split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST {webhook.PATH} HTTP/1.1\r\nHost: x\r\n{webhook.HEADER}: ".encode()
        writer.write(head + b"\xff\xfe\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        assert b" 401 " in await asyncio.wait_for(reader.readline(), PATIENCE)
        writer.close()


async def test_a_webhook_that_was_taken_away_is_set_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "LOOK_S", 0.1)
    async with hooked(house) as (app, url):
        await ask(house.ana, "when do you deliver?")
        await app.bot.delete_webhook()
        async with asyncio.timeout(PATIENCE):
            while (await app.bot.get_webhook_info()).url != url:
                await asyncio.sleep(0.05)
        assert "[1]" in (await ask(house.ana, "when do you deliver?")).text
        house.playground.fail(Fault("getWebhookInfo", error_code=500))
        await asyncio.sleep(0.3)
        assert "[1]" in (await ask(house.ana, "when do you deliver?")).text


async def test_polling_takes_the_webhook_away_and_loses_nothing(house: House) -> None:
    async with hooked(house):
        await ask(house.ana, "when do you deliver?")
    await house.ana.say("when do you deliver?")
    async with bot_app.running(house.settings, house.storage) as app:
        working = asyncio.create_task(work(app, house.settings, lambda: None))
        assert "[1]" in (await house.ana.wait_for_message(lambda m: m.from_bot)).text
        await cancelled(working)


async def test_a_taken_address_is_one_sentence(house: House) -> None:
    taken = web.AppRunner(web.Application())
    await taken.setup()
    await web.TCPSite(taken, "127.0.0.1", 0).start()
    at = f"127.0.0.1:{taken.addresses[0][1]}"
    async with bot_app.running(house.settings, house.storage) as app:
        with pytest.raises(StatusError, match="BOT_WEBHOOK_LISTEN"):
            await webhook.serve(app.bot, app.inbox, app.health.telegram, "http://127.0.0.1", at)
    await taken.cleanup()


def test_the_secret_is_one_that_telegram_takes_and_not_the_token() -> None:
    made = webhook.secret("123456:ABC")
    assert len(made) == 64 and made.isalnum()
    assert made != webhook.secret("123456:ABD")
