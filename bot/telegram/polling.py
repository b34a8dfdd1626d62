"""getUpdates → inbox. The offset that confirms an update is sent only after the update is written."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any, ClassVar

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetUpdates
from redis.exceptions import RedisError

from bot.telegram import raw
from bot.telegram.inbox import Inbox
from monitoring import metrics
from monitoring.health import Heartbeat
from storage.redis import reason

log = logging.getLogger(__name__)

WAIT_S = 25  # of one long poll
KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]


class RawUpdates(GetUpdates):
    """Updates as they came: one that aiogram cannot read is a dead letter later, not the end of polling."""

    __returning__: ClassVar[Any] = list[dict[str, Any]]


async def poll(bot: Bot, inbox: Inbox, heartbeat: Heartbeat) -> None:
    """For ever. Raises TelegramUnauthorizedError when the token is not (or no longer) one."""
    offset: int | None = None
    while True:
        try:
            method = RawUpdates(offset=offset, timeout=WAIT_S, allowed_updates=KINDS)
            updates: Any = await bot(method, request_timeout=WAIT_S + 10)
            written = await inbox.write([(u["update_id"], chat_of(u), json.dumps(u).encode()) for u in updates])
            metrics.UPDATES.labels("polling").inc(written)
            heartbeat.beat()
            # An empty answer to our offset means that all is confirmed. After a quiet week Telegram numbers anew, from
            # anywhere: an old offset would hide what is below it (https://core.telegram.org/bots/api#update).
            offset = updates[-1]["update_id"] + 1 if updates else None
        except TelegramUnauthorizedError:
            raise
        except TelegramConflictError:
            log.error("another process polls with this token, or a webhook is set: stop it, I try again in 5 s")  # noqa: TRY400
            await asyncio.sleep(5)
        except (TelegramAPIError, ClientDecodeError, OSError) as error:
            pause = error.retry_after if isinstance(error, TelegramRetryAfter) else 2
            # A decoding error's own words are a gateway's page, or updates: not for the log.
            said = raw.wrong(error) if isinstance(error, ClientDecodeError) else type(error).__name__
            said = error.message if isinstance(error, TelegramAPIError) else said
            log.warning("no updates, trying again in %d s: %s", pause, said)
            await asyncio.sleep(pause)
        except RedisError as error:
            log.warning("updates stay with Telegram until the store answers: %s", reason(error))
            await asyncio.sleep(1)


def chat_of(update: dict[str, Any]) -> int:
    """Whose turn an update belongs to: the chat's id; 0 for kinds without one."""
    for kind, body in update.items():
        if kind == "update_id" or not isinstance(body, dict):
            continue
        for place in (body, body.get("message")):
            chat = place.get("chat") if isinstance(place, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
        sender = body.get("from")
        if isinstance(sender, dict) and isinstance(sender.get("id"), int):
            return int(sender["id"])
    return 0
