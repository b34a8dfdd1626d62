"""What python -m bot doctor finds at Telegram: the token, how updates come, the agents' group, the clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

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

from bot.admin.finding import Finding, Findings, composed
from bot.settings import BotSettings
from bot.telegram import raw

NO_GROUP = Finding(
    "look", "group", "there is none: nobody can take over, and customers are told so. Set BOT_AGENTS_GROUP."
)


def unreachable(settings: BotSettings, error: Exception, *, network: bool) -> Finding:
    do = "Is the machine online? Behind a proxy, set BOT_PROXY." if network else "See BOT_API_URL."
    return Finding("BAD", "Telegram", f"{settings.api_url} does not answer ({type(error).__name__}). {do}")


async def _me(settings: BotSettings, bot: Bot) -> raw.Me | Finding:
    """Who the token says we are, or why Telegram does not tell."""
    try:
        return await raw.me(bot)
    except TelegramUnauthorizedError:
        do = "Copy it again from @BotFather into BOT_TOKEN, and restart the bot."
        if composed():
            do = "`rm secrets/bot_token && sh deploy/secrets.sh` asks for @BotFather's anew; then recreate the bot."
        return Finding("BAD", "token", f"Telegram does not know it. {do}")
    except raw.UnreadableError as error:
        return Finding("BAD", "Telegram", f"{settings.api_url} is no Bot API server ({error}). Correct BOT_API_URL.")
    except AiogramError as error:
        return unreachable(settings, error, network=isinstance(error, TelegramNetworkError))


async def telegram(settings: BotSettings, bot: Bot | None) -> Findings:
    """Nothing of Telegram can be looked at without a token (``bot`` is None)."""
    if bot is None:
        do = "`sh deploy/secrets.sh` asks for it; then recreate the bot." if composed() else "Set BOT_TOKEN."
        yield Finding("BAD", "token", f"there is none to ask Telegram with. @BotFather gives you one. {do}")
        if settings.agents_group is None:
            yield NO_GROUP
        return
    me = await _me(settings, bot)
    if isinstance(me, Finding):
        yield me
        return
    yield Finding("ok", "token", f"it is @{me.username}'s")
    for said in of_bot(me):
        yield said
    for found in (version(settings, bot), updates(settings, bot), group(settings, bot, reads_all=me.reads_all)):
        async for finding in found:
            yield finding


def of_bot(me: raw.Me) -> Iterator[Finding]:
    if not me.may_join:
        yield Finding("BAD", "groups", "the bot may not join groups. @BotFather → /setjoingroups → Enable.")
    if me.threaded:
        text = "is on: each answer goes to the topic that it belongs to, and all topics of a customer are one talk"
        yield Finding("ok", "threaded mode", text)


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
        yield NO_GROUP
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
    except (KeyError, ValueError):
        return  # a server that does not say what time it is
    except (aiohttp.ClientError, TimeoutError) as error:
        if settings.token is None:  # else it is said above
            yield unreachable(settings, error, network=True)
        return
    off = abs(time.time() - there)
    if off > 30:
        yield Finding(
            "BAD", "clock", f"it is {off:.0f} s off. Switch on time synchronisation (systemd-timesyncd, chrony)."
        )
    else:
        yield Finding("ok", "clock", "is right")
