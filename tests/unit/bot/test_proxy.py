"""BOT_PROXY: everything to Telegram goes through it, photos too."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from house import GREEN, picture
from pydantic import SecretStr

from bot.app import client
from bot.settings import BotSettings
from playground import Playground


class Proxy:
    """An HTTP proxy that tunnels (CONNECT), with a password."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tunnels: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head)
        host, port = head.split()[1].split(":")
        there, here = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(self.pour(reader, here), self.pour(there, writer))

    async def pour(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
        target.close()


@pytest.fixture
async def proxy() -> AsyncIterator[tuple[Proxy, int]]:
    proxy = Proxy()
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
        yield proxy, server.sockets[0].getsockname()[1]


async def test_calls_and_downloads_go_through_the_proxy(proxy: tuple[Proxy, int]) -> None:
    through, port = proxy
    async with Playground() as playground:
        settings = BotSettings(
            token=SecretStr(playground.token),
            api_url=playground.url,
            proxy=SecretStr(f"http://shop:secret@127.0.0.1:{port}"),
        )
        bot = client(settings)
        assert (await bot.get_me()).username == "photodesk_bot"
        await playground.customer(42, "Ana").send_photo(picture(GREEN))
        photo = (await bot.get_updates())[0].message.photo[-1]  # type: ignore[union-attr, index]
        await bot.download(photo.file_id, buffer := io.BytesIO())
        assert buffer.getvalue().startswith(b"\xff\xd8")
        await bot.session.close()
    assert through.asked
    assert all(
        asked.startswith("CONNECT 127.0.0.1:") and "Proxy-Authorization: Basic" in asked for asked in through.asked
    )
    assert "secret" not in repr(settings)
