"""The commands of an operator: doctor, dead letters, backup, restore, keys. bot/__main__.py reads their arguments."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from aiogram.exceptions import TelegramConflictError
from redis.asyncio import Redis

from bot.admin import dead_letters
from bot.admin.doctor import examine
from bot.app import client
from bot.settings import BotSettings
from bot.telegram.polling import KINDS, RawUpdates
from monitoring.plainly import why
from storage import canary
from storage.backup import BackupError, backup, backup_to, restore
from storage.redis import StorageError, connect
from storage.rotate import rotate, with_new_key
from storage.settings import StorageSettings

Say = Callable[[str], None]


async def doctor(
    settings: BotSettings,
    storage: StorageSettings,
    say: Say,
    wrong: Sequence[str] = (),
    away: StorageError | None = None,
) -> int:
    """Exit status 1 when something is BAD. ``wrong``: what is wrong with settings that have their default here;
    ``away``: why there is no store."""
    redis: Redis | StorageError
    try:
        redis = away or await connect(storage.url())
    except StorageError as error:
        redis = error
    bot = client(settings) if settings.token else None
    levels = Counter[str]()
    try:
        async for finding in examine(settings, storage, bot, redis, wrong):
            say(str(finding))
            levels[finding.level] += 1
    finally:
        if bot:
            await bot.session.close()
        if isinstance(redis, Redis):
            await redis.aclose()
    say(f"{levels['BAD']} BAD: to be mended. {levels['look']} to look at. {levels['ok']} ok.")
    return int(levels["BAD"] > 0)


async def groups(settings: BotSettings, say: Say) -> int:
    """Chat ids of the groups that the bot has heard of lately. Confirms nothing: the bot will read it all again."""
    bot = client(settings)
    try:
        updates: Any = await bot(RawUpdates(allowed_updates=KINDS))
    except TelegramConflictError:
        say("The bot is running, or a webhook is set: stop it first, or look into its log.")
        return 1
    finally:
        await bot.session.close()
    chats = [
        body["chat"] for update in updates for body in update.values() if isinstance(body, dict) and "chat" in body
    ]
    found = {chat["id"]: chat.get("title", "") for chat in chats if chat["id"] < 0}
    for number, title in found.items():
        say(f"BOT_AGENTS_GROUP={number}   “{title}”")
    if not found:
        say("None yet. Add the bot to the group, or write /help there, and run this again.")
    return int(not found)


async def given_up(storage: StorageSettings, what: str, which: list[str], say: Say) -> int:
    """``what``: list, replay or drop; ``which``: ids, or "all"."""
    redis = await connect(storage.url())
    try:
        found = [letter async for letter in dead_letters.listed(redis)]
        chosen = found if what == "list" or "all" in which else [one for one in found if one.id in which]
        for letter in chosen:
            if what == "replay":
                done = await dead_letters.replay(redis, letter)
                say(f"{'replayed' if done else 'cannot be replayed'}: {letter}")
            elif what == "drop":
                await dead_letters.drop(redis, letter)
                say(f"dropped: {letter}")
            else:
                say(str(letter))
    finally:
        await redis.aclose()
    if missing := set(which) - {"all"} - {letter.id for letter in found}:
        say(f"there is no dead letter {', '.join(sorted(missing))}")
    elif not chosen:
        say("no dead letters")
    return int(bool(missing))


async def save(storage: StorageSettings, file: Path, say: Say) -> int:
    redis = await connect(storage.url())
    try:
        count = await (backup(redis, sys.stdout.buffer) if str(file) == "-" else backup_to(redis, file))
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {why(error)}.") from error
    finally:
        await redis.aclose()
    say(f"{count} keys are in {file}. Without the seal keys nobody can read it, nor can you: keep them elsewhere.")
    return 0


async def load(storage: StorageSettings, file: Path, say: Say) -> int:
    redis = await connect(storage.url())
    try:
        if str(file) == "-":
            restored, late = await restore(redis, sys.stdin.buffer)
        else:
            with file.open("rb") as stream:
                restored, late = await restore(redis, stream)
        await canary.check(redis, storage.sealer(), write=False)
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {why(error)}.") from error
    finally:
        await redis.aclose()
    say(f"{restored} keys are back; {late} were left out because their time is over.")
    return 0


def another_key(storage: StorageSettings) -> str:
    """The seal keys that are in use, and a new one behind them."""
    if storage.seal_keys:
        return with_new_key(storage.seal_keys.get_secret_value())
    file = storage.data / "seal.keys"
    return with_new_key(file.read_text() if file.is_file() else "")


async def seal_anew(storage: StorageSettings, say: Say) -> int:
    """Exit status 1 when something is sealed with a key that is not here."""
    redis, sealer = await connect(storage.url()), storage.sealer()
    try:
        await canary.check(redis, sealer, write=False)
        counts = await rotate(redis, sealer)
    finally:
        await redis.aclose()
    say(f"key {sealer.current}: " + (", ".join(f"{n} {what}" for what, n in sorted(counts.items())) or "nothing kept"))
    if counts["unknown key"]:
        say("Put the missing key back into STORAGE_SEAL_KEYS and run this again; take no key out before.")
    return int(bool(counts["unknown key"]))
