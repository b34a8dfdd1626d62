"""The composition root: builds, wires, starts, stops. The only file that knows every concrete class."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import BotCommand, Update
from aiogram.types.update import UpdateTypeLookupError
from redis.asyncio import Redis

from bot.agents import AgentsGroup
from bot.handlers.agent import agent_router
from bot.handlers.commands import commands_router
from bot.handlers.customer import customer_router
from bot.handlers.errors import GiveUp, ignore
from bot.inbox import Inbox
from bot.lanes import Entry
from bot.outbox import Outbox, Queue
from bot.polling import poll
from bot.settings import BotSettings
from bot.texts import Texts
from bot.turn import Turns
from dialogue.chain import Dialogue
from dialogue.chat_models import chat_model
from dialogue.history import History
from dialogue.knowledge import Knowledge
from storage.redis import connect
from storage.seal import Sealer
from storage.settings import StorageSettings
from vision.client import PhotoClient

log = logging.getLogger(__name__)

GRACE_S = 10.0  # for turns in hand when we are asked to stop


@dataclass(frozen=True)
class App:
    bot: Bot
    inbox: Inbox
    outbox: Outbox


def answers(settings: BotSettings, redis: Redis, sealer: Sealer) -> Dialogue:
    model = chat_model(settings.chat_model) if settings.chat_model else None
    return Dialogue(Knowledge.read(settings.knowledge), History(redis, sealer), model)


def build(settings: BotSettings, redis: Redis, sealer: Sealer, bot: Bot) -> App:
    texts, queue = Texts(settings.language), Queue(sealer)
    agents = AgentsGroup(queue, texts, settings.agents_group) if settings.agents_group else None
    turns = Turns(
        redis,
        queue,
        photos=PhotoClient(redis, sealer),
        answers=answers(settings, redis, sealer),
        people=agents,
        texts=texts,
        photo_seconds=settings.photo_seconds,
    )
    dispatcher = Dispatcher(turns=turns, texts=texts, queue=queue, agents=agents, shop=settings.shop)
    dispatcher.include_routers(commands_router(), customer_router())
    if settings.agents_group:
        dispatcher.include_router(agent_router(settings.agents_group))

    async def handle(entry: Entry, body: bytes) -> None:
        update = Update.model_validate_json(body, context={"bot": bot})
        # A kind that aiogram does not know yet: it would warn with the whole update, a customer's words and all.
        if not known(update) or await dispatcher.feed_update(bot, update, entry=entry) is UNHANDLED:
            await ignore(body, entry, turns)

    inbox = Inbox(redis, sealer, handle, GiveUp(queue, texts, agents))
    return App(bot, inbox, Outbox(redis, sealer, bot))


def known(update: Update) -> bool:
    try:
        return bool(update.event_type)
    except UpdateTypeLookupError:
        return False


@asynccontextmanager
async def running(settings: BotSettings, storage: StorageSettings) -> AsyncIterator[App]:
    """The bot at work: reader and sender run until the block ends, then finish what they have in hand."""
    assert settings.token
    redis = await connect(storage.url())
    api = TelegramAPIServer.from_base(settings.api_url)
    bot = Bot(settings.token.get_secret_value(), session=AiohttpSession(api=api))
    app = build(settings, redis, storage.sealer(), bot)
    tasks = [asyncio.create_task(app.inbox.lanes.run()), asyncio.create_task(app.outbox.lanes.run())]
    try:
        yield app
    finally:
        await app.inbox.lanes.drain(GRACE_S)
        await app.outbox.lanes.drain(GRACE_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await bot.session.close()
        await redis.aclose()


async def serve(settings: BotSettings, storage: StorageSettings) -> None:
    """Poll until SIGTERM or Ctrl-C."""
    async with running(settings, storage) as app:
        await announce(app.bot)
        polling = asyncio.create_task(poll(app.bot, app.inbox))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, polling.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await polling
        log.info("stopping: turns in hand are finished first")


async def announce(bot: Bot) -> None:
    """The menu of commands, and polling instead of a webhook, with nothing dropped."""
    await bot.delete_webhook(drop_pending_updates=False)
    await bot.set_my_commands(
        [
            BotCommand(command="help", description="What I can do"),
            BotCommand(command="reset", description="Forget our conversation"),
        ]
    )
    me = await bot.get_me()
    log.info("@%s is listening", me.username)
