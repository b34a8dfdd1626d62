"""The composition root: builds, wires, starts, stops. The only file that knows every concrete class."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from redis.asyncio import Redis

from bot.answering import Answering
from bot.customers import Customers
from bot.drafts import Drafts
from bot.handlers.agent import agent_router
from bot.handlers.buttons import buttons_router
from bot.handlers.commands import commands_router
from bot.handlers.corrections import corrections_router
from bot.handlers.customer import customer_router
from bot.handlers.files import fetcher
from bot.handlers.forms import forms_router
from bot.handlers.language import language_of
from bot.handlers.privacy import privacy_router
from bot.handlers.queue import queue_router
from bot.handlers.stats import stats_router
from bot.handlers.unhandled import GiveUp, Undelivered, ignore
from bot.handover.corrections import Corrections
from bot.handover.forum import Forum
from bot.handover.group import Group
from bot.handover.handover import Handover
from bot.handover.reminders import reminders
from bot.handover.timers import Timers, Waits
from bot.handover.topics import Topics
from bot.health import Health
from bot.intake.dossier import Dossiers
from bot.intake.forms import read as read_forms
from bot.intake.intake import Intake
from bot.moods import MoodKeeper
from bot.policy import Policy
from bot.privacy import CustomerData
from bot.records import Records
from bot.relaying import Relaying
from bot.settings import BotSettings
from bot.share import Share
from bot.signals import asked_to_stop
from bot.startup import announced, usable
from bot.stats import events
from bot.telegram import raw, webhook
from bot.telegram.inbox import Inbox
from bot.telegram.outbox import Outbox
from bot.telegram.outgoing import Outgoing
from bot.telegram.polling import poll
from bot.telegram.rate_limit import RateLimiter
from bot.telegram.stream import Entry
from bot.texts import Texts, speaking
from bot.translating import Translating
from bot.turn import Turns
from dialogue.articles import load
from dialogue.chain import Dialogue
from dialogue.chat_models import chat_model
from dialogue.encode import Encoders, encoders
from dialogue.find import CALIBRATION, Calibration, Library
from dialogue.history import History
from dialogue.mood import MoodReader
from dialogue.translate import Translator
from monitoring.health import serving
from storage import canary, lease, upkeep
from storage.keys import Retention
from storage.redis import cancelled, connect
from storage.seal import Sealer
from storage.settings import StorageSettings
from vision.client import PhotoClient

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

GRACE_S = 10.0  # for turns in hand when we are asked to stop


@dataclass
class App:
    bot: Bot
    inbox: Inbox
    outbox: Outbox
    timers: Timers
    handover: Handover
    health: Health
    group: Group | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)  # reader, sender, timers, and the lease of the store


def client(settings: BotSettings) -> Bot:
    """Telegram, or the Bot API server in its place, through the proxy if there is one. Close its session."""
    assert settings.token
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    session = AiohttpSession(proxy, api=TelegramAPIServer.from_base(settings.api_url))
    # A link in a photo is anybody's: Telegram would fetch it to show what is behind it.
    plain = DefaultBotProperties(link_preview_is_disabled=True)
    return Bot(settings.token.get_secret_value(), session=session, default=plain)


def answers(settings: BotSettings, history: History, made: Encoders | None, model: BaseChatModel | None) -> Dialogue:
    library = Library(settings.knowledge, made, Calibration.read(settings.calibration or CALIBRATION), settings.vectors)
    return Dialogue(library, history, model)


def checks(settings: BotSettings, storage: StorageSettings) -> dict[str, Callable[[], object]]:
    """What the settings name, by what it is: each raises the error that says what is wrong with it."""
    found: dict[str, Callable[[], object]] = {
        "language": lambda: Texts(settings.language),
        "policy": lambda: Policy.read(settings.policy),
        "calibration": lambda: Calibration.read(settings.calibration or CALIBRATION),
        "seal keys": storage.sealer,
    }
    if forms := settings.forms_folder():
        found["forms"] = lambda: read_forms(forms, [article.id for article in load(settings.knowledge).articles])
    if model := settings.chat_model:
        found["chat model"] = lambda: chat_model(model)
    return found


def check(settings: BotSettings, storage: StorageSettings) -> None:
    """Raises now what a wrong setting would raise later, when a page is already open."""
    for each in checks(settings, storage).values():
        each()


def build(settings: BotSettings, redis: Redis, sealer: Sealer, bot: Bot, retention: Retention) -> App:
    texts, outgoing, records = Texts(settings.language), Outgoing(sealer), Records(redis, sealer, retention)
    limiter, customers = RateLimiter(bot, redis), Customers(records)
    group = Group(redis, settings.agents_group) if settings.agents_group else None
    agents = Forum(outgoing, records, texts, group) if group else None
    model = chat_model(settings.chat_model) if settings.chat_model else None
    share = Share(redis, settings.chat_model_turns) if model else None
    translating = None
    if model and share and agents and settings.translation:
        translating = Translating(customers, Translator(model), share, texts)
    made = encoders(settings.encoder, settings.vectors)
    replies = answers(settings, History(redis, sealer, retention=retention), made, model)
    moods = MoodKeeper(records, MoodReader.load(made))
    hours = settings.business_hours()
    handover = Handover(
        redis,
        records,
        outgoing,
        answers=replies,
        agents=agents,
        texts=texts,
        hours=hours,
        waits=Waits(remind_s=settings.remind_minutes * 60, idle_s=settings.idle_hours * 3600),
        translating=translating,
    )
    policy, photos = Policy.read(settings.policy), PhotoClient(redis, sealer)
    intake = None
    if agents and (folder := settings.forms_folder()) and (forms := read_forms(folder)):
        fetch = partial(fetched, bot)
        dossiers = Dossiers(records, outgoing, forms, photos=photos, fetch=fetch, texts=texts, hours=hours)
        intake = Intake(records, dossiers, texts, made and made.beside(settings.vectors / "forms"))
    answering = Answering(
        redis,
        customers,
        handover,
        outgoing,
        answers=replies,
        agents=agents,
        texts=texts,
        policy=policy,
        share=share,
        intake=intake,
        moods=moods,
    )
    turns = Turns(
        redis,
        customers,
        outgoing,
        photos=photos,
        answering=answering,
        relaying=Relaying(customers, handover, outgoing, agents=agents, texts=texts, translating=translating)
        if agents
        else None,
        texts=texts,
        photo_seconds=settings.photo_seconds,
    )
    corrections = Corrections(records, settings.corrections)
    # Who needs a service names it in the signature. Without aiogram's states: we use none, and it would remember every
    # customer it ever saw.
    dispatcher = Dispatcher(
        disable_fsm=True,
        redis=redis,
        turns=turns,
        texts=texts,
        outgoing=outgoing,
        records=records,
        customers=customers,
        handover=handover,
        agents=agents,
        hours=hours,
        group=group,
        corrections=corrections,
        customer_data=CustomerData(records, corrections, agents),
        retention=retention,
        shop=settings.shop,
        chat_model=settings.chat_model or "none",  # as /privacy names it
        translating=translating,
        intake=intake,
        moods=moods,
    )
    dispatcher.include_routers(privacy_router(), forms_router(), commands_router(), customer_router())
    topics = None
    if group and agents:
        topics = Topics(records, limiter, group, texts=texts, hours=hours)
        dispatcher["drafts"] = Drafts(
            records, handover, outgoing, answers=replies, agents=agents, texts=texts, translating=translating
        )
        theirs = (
            stats_router(group),
            queue_router(group),
            corrections_router(group, texts),
            agent_router(group),
            buttons_router(group),
        )
        dispatcher.include_routers(*theirs)
    inbox = Inbox(redis, sealer, Handling(bot, dispatcher, turns, customers, group), GiveUp(handover))
    outbox = Outbox(redis, sealer, limiter, topics, Undelivered(agents, texts), retention=retention)
    return App(bot, inbox, outbox, Timers(redis, reminders(handover)), handover, Health(redis), group)


async def fetched(bot: Bot, file_id: str) -> bytes | None:
    return await fetcher(bot, file_id)()


@dataclass(frozen=True)
class Handling:
    """One update of the inbox: to whichever handler takes it."""

    bot: Bot
    dispatcher: Dispatcher
    turns: Turns
    customers: Customers
    group: Group | None

    async def __call__(self, entry: Entry, body: bytes) -> None:
        update = raw.update(self.bot, body)
        # A kind that aiogram does not know yet: it would warn with the whole update, a customer's words and all.
        parts = (raw.update(self.bot, part).message for part in entry.updates)
        others = tuple(part for part in parts if part)
        with speaking(await language_of(update, self.customers, self.group)):
            if (
                not known(update)
                or await self.dispatcher.feed_update(self.bot, update, entry=entry, others=others) is UNHANDLED
            ):
                await ignore(body, entry, self.turns)


def known(update: Update) -> bool:
    try:
        return bool(update.event_type)
    except UpdateTypeLookupError:
        return False


@asynccontextmanager
async def running(settings: BotSettings, storage: StorageSettings) -> AsyncIterator[App]:
    """The bot at work: reader and sender run until the block ends, then finish what they have in hand."""
    async with AsyncExitStack() as open_things:
        redis, sealer = await connect(storage.url()), storage.sealer()
        open_things.push_async_callback(redis.aclose)
        await canary.check(redis, sealer)
        bot = client(settings)
        open_things.push_async_callback(bot.session.close)
        await lease.claim(redis, bot.id)
        await events.sort_by_customer(redis)
        app = build(settings, redis, sealer, bot, storage.retention())
        await open_things.enter_async_context(serving(settings.status, "BOT_STATUS", app.health.problems))
        renewing = await open_things.enter_async_context(lease.Lease(redis).held())
        keeping = upkeep.keep(redis, sealer, storage.retention())
        beside = [asyncio.create_task(work) for work in (app.health.watch(), keeping)]
        open_things.push_async_callback(cancelled, *beside)
        if app.group:
            await app.group.load()
        loops = (app.inbox.reader.run(), app.outbox.reader.run(), app.timers.run())
        reading, sending, waiting = [asyncio.create_task(loop) for loop in loops]
        app.tasks = [reading, sending, waiting, renewing]
        try:
            yield app
        finally:
            await cancelled(reading, waiting)
            await app.inbox.reader.drain(GRACE_S)
            await app.outbox.reader.drain(GRACE_S, unread=True)  # also what the last turns said
            await cancelled(sending)


async def serve(
    settings: BotSettings,
    storage: StorageSettings,
    asked: asyncio.Event | None = None,
    listening: Callable[[], None] = lambda: None,
) -> None:
    """Poll until SIGTERM or Ctrl-C (or ``asked`` is set, by whoever listens to them). Raises what ends the reader, the
    sender or the polling: none may be missing. ``listening`` is called when the bot answers from now on.
    """
    if asked is None:
        with asked_to_stop() as heard:
            await serve(settings, storage, heard, listening)
        return
    async with running(settings, storage) as app:
        polling, stop = asyncio.create_task(work(app, settings, listening)), asyncio.create_task(asked.wait())
        try:
            done, _ = await asyncio.wait({stop, polling, *app.tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await cancelled(polling)
            stop.cancel()
            log.info("stopping: turns in hand are finished first")


async def work(app: App, settings: BotSettings, listening: Callable[[], None]) -> None:
    while not (await announced(app.bot, polling=settings.webhook_url is None) and await usable(app.bot, app.group)):
        await asyncio.sleep(5)
    app.health.telegram.beat()  # the first long poll may take 25 seconds to say so
    listening()
    if settings.webhook_url:
        await webhook.serve(app.bot, app.inbox, app.health.telegram, settings.webhook_url, settings.webhook_listen)
    await poll(app.bot, app.inbox, app.health.telegram)
