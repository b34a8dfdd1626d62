"""A playground, and a real aiogram bot that talks to it."""

import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from patience import PATIENCE
from PIL import Image

from playground import Playground


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Playground]:
    """A running playground."""
    async with Playground(tmp_path, patience=PATIENCE) as running:
        yield running


@pytest.fixture
async def bot(town: Playground) -> AsyncIterator[Bot]:
    """aiogram's client, pointed at it."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(town.url))
    async with Bot(town.token, session=session) as client:
        yield client


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """Draws a picture: picture(640, 480, "PNG")."""

    def draw(width: int = 640, height: int = 480, kind: str = "JPEG", **save: object) -> bytes:
        image = Image.new("RGB", (width, height), "#2f6f4f")
        image.paste("#f2c14e", (0, 0, width // 2, height // 4))
        out = io.BytesIO()
        image.save(out, kind, **save)
        return out.getvalue()

    return draw
