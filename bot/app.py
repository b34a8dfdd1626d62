"""The composition root: builds, wires, starts, stops. The only file that knows every concrete class."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.types import BotCommand, Update
from aiogram.types.update import UpdateTypeLookupError
from redis.asyncio import Redis

from bot import webhook
from bot.agents import AgentsGroup
from bot.gauges import gauge, problems
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
from storage.redis import cancelled, connect
from storage.seal import Sealer
from storage.settings import StorageSettings
from vision.client import PhotoClient
from watch.status import serving

log = logging.getLogger(__name__)

GRACE_S = 10.0  # for turns in hand when we are asked to stop


@dataclass
class App:
    bot: Bot
    inbox: Inbox
    outbox: Outbox
    tasks: list[asyncio.Task[None]] = field(default_factory=list)  # reader and sender


def client(settings: BotSettings) -> Bot:
    """Telegram, or the Bot API server in its place, through the proxy if there is one. Close its session."""
    assert settings.token
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    session = AiohttpSession(proxy, api=TelegramAPIServer.from_base(settings.api_url))
    return Bot(settings.token.get_secret_value(), session=session)


def answers(settings: BotSettings, redis: Redis, sealer: Sealer) -> Dialogue:
    model = chat_model(settings.chat_model) if settings.chat_model else None
    return Dialogue(Knowledge.read(settings.knowledge), History(redis, sealer), model)


def check(settings: BotSettings, storage: StorageSettings) -> None:
    """Raises now what a wrong setting would raise later, when a page is already open."""
    Texts(settings.language)
    Knowledge.read(settings.knowledge)
    if settings.chat_model:
        chat_model(settings.chat_model)
    storage.sealer()


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
    # Without aiogram's states: we use none, and it would remember every customer it ever saw.
    dispatcher = Dispatcher(disable_fsm=True, turns=turns, texts=texts, queue=queue, agents=agents, shop=settings.shop)
    dispatcher.include_routers(commands_router(), customer_router())
    if settings.agents_group:
        dispatcher.include_router(agent_router(settings.agents_group, bot.id))

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
    async with AsyncExitStack() as open_things:
        redis = await connect(storage.url())
        open_things.push_async_callback(redis.aclose)
        bot = client(settings)
        open_things.push_async_callback(bot.session.close)
        app = build(settings, redis, storage.sealer(), bot)
        await open_things.enter_async_context(serving(settings.status, "BOT_STATUS", problems))
        measuring = asyncio.create_task(gauge(redis))
        open_things.push_async_callback(cancelled, measuring)
        reading, sending = app.tasks = [asyncio.create_task(each.lanes.run()) for each in (app.inbox, app.outbox)]
        try:
            yield app
        finally:
            await cancelled(reading)
            await app.inbox.lanes.drain(GRACE_S)
            await app.outbox.lanes.drain(GRACE_S, unread=True)  # also what the last turns said
            await cancelled(sending)


async def serve(settings: BotSettings, storage: StorageSettings) -> None:
    """Poll until SIGTERM or Ctrl-C. Raises what ends the reader, the sender or the polling: none may be missing."""
    async with running(settings, storage) as app:
        polling, asked = asyncio.create_task(work(app, settings)), asyncio.Event()
        told = asyncio.create_task(asked.wait())
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, asked.set)
        try:
            done, _ = await asyncio.wait({told, polling, *app.tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await cancelled(polling)
            told.cancel()
            log.info("stopping: turns in hand are finished first")


async def work(app: App, settings: BotSettings) -> None:
    while not await announced(app.bot, polling=settings.webhook_url is None):
        await asyncio.sleep(5)
    if settings.webhook_url:
        await webhook.serve(app.bot, app.inbox, settings.webhook_url, settings.webhook_listen)
    await poll(app.bot, app.inbox)


async def announced(bot: Bot, *, polling: bool) -> bool:
    """The menu of commands; to poll, no webhook, with nothing dropped. False: try again later."""
    commands = {"help": "What I can do", "reset": "Forget our conversation"}
    try:
        if polling:
            await bot.delete_webhook(drop_pending_updates=False)
        await bot.set_my_commands([BotCommand(command=name, description=said) for name, said in commands.items()])
        me = await bot.get_me()
    except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter, ClientDecodeError) as error:
        log.warning("Telegram cannot be reached, trying again in 5 s: %s", error.message)
        return False
    log.info("@%s is listening", me.username)
    return True
