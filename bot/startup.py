"""What Telegram is asked before the first update: to show the menu of commands; whether the group can be used."""

from __future__ import annotations

import logging

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import BotCommand

from bot.handover.group import Group
from bot.telegram import raw

log = logging.getLogger(__name__)

TRANSIENT = (TelegramNetworkError, TelegramServerError, TelegramRetryAfter, ClientDecodeError)


def reason_of(error: Exception) -> str:
    """What went wrong, without a gateway's whole page: that is what aiogram quotes when it cannot read an answer."""
    if isinstance(error, ClientDecodeError):
        return f"an answer that is none of Telegram's ({raw.wrong(error)})"
    return str(getattr(error, "message", error))


class NoForumError(Exception):
    """The agents' group cannot be used as it is. The message says what to change."""


async def usable(bot: Bot, group: Group | None) -> bool:
    """Whether people can be reached as configured. False: try again later. Raises NoForumError."""
    if group is None:
        return True
    try:
        chat = await raw.chat(bot, group.id)
        me = await raw.member(bot, group.id, bot.id)
    except TelegramMigrateToChat as error:
        await group.moved(error.migrate_to_chat_id)
        return False
    except TelegramBadRequest as error:
        raise NoForumError(f"BOT_AGENTS_GROUP={group.id}: {error.message}. Is the bot a member there?") from None
    except TRANSIENT as error:
        log.warning("the agents' group cannot be looked at, trying again in 5 s: %s", reason_of(error))
        return False
    if not chat.is_forum:
        raise NoForumError(
            f"BOT_AGENTS_GROUP={group.id} has no topics. Turn on “Topics” in that group's settings on Telegram, "
            "and make the bot an administrator who may manage topics and pin messages; or leave BOT_AGENTS_GROUP empty."
        )
    if not me.manages_topics:
        raise NoForumError(
            f"BOT_AGENTS_GROUP={group.id}: make the bot an administrator who may manage topics and pin messages."
        )
    return True


async def announced(bot: Bot, *, polling: bool) -> bool:
    """The menu of commands; to poll, no webhook, with nothing dropped. False: try again later."""
    commands = {
        "help": "What I can do",
        "form": "Return, damage and the like, step by step",
        "person": "Talk to a person",
        "reset": "Start anew",
        "privacy": "What is kept about you",
        "export": "Get all that is kept about you",
        "forget": "Delete all that is kept about you",
    }
    try:
        if polling:
            await bot.delete_webhook(drop_pending_updates=False)
        await bot.set_my_commands([BotCommand(command=name, description=text) for name, text in commands.items()])
        me = await raw.me(bot)
    except TRANSIENT as error:
        log.warning("Telegram cannot be reached, trying again in 5 s: %s", reason_of(error))
        return False
    log.info("@%s is listening", me.username)
    return True
