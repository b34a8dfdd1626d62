"""What Telegram says of itself, of a chat and of a member, as far as we use it, and however it is worded; and updates.

aiogram refuses an answer that lacks one field of its own version: a Bot API server of one's own that is a version older
(no `can_send_welcome_messages`, no `accepted_gift_types`) stopped the whole bot. Here a missing field is a "no".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError
from aiogram.methods import GetChat, GetChatMember, GetMe, GetWebhookInfo
from aiogram.types import Update
from pydantic import ValidationError

from monitoring import plainly

FIELDS = 6  # that are named of an answer
ADMINISTRATORS = ("administrator", "creator")


class UnreadableError(Exception):
    """The server answers, and not as a Bot API does. The message names the call and what was wrong with its answer."""


@dataclass(frozen=True, slots=True)
class Me:
    username: str
    may_join: bool  # groups
    reads_all: bool  # of what is written there
    threaded: bool  # private chats have topics: Telegram's threaded mode


@dataclass(frozen=True, slots=True)
class Chat:
    title: str
    is_forum: bool
    username: str = ""  # it has one: anybody can find it and come in
    linked: bool = False  # to a channel, whose readers write there


@dataclass(frozen=True, slots=True)
class Member:
    status: str
    manages_topics: bool

    @property
    def is_admin(self) -> bool:
        return self.status in ADMINISTRATORS


@dataclass(frozen=True, slots=True)
class Delivery:
    url: str  # empty: Telegram waits to be asked
    waiting: int  # updates
    failed_at: int  # Unix seconds; 0: never
    failure: str


class _Me(GetMe):
    __returning__: ClassVar[Any] = dict[str, Any]


class _Chat(GetChat):
    __returning__: ClassVar[Any] = dict[str, Any]


class _Member(GetChatMember):
    __returning__: ClassVar[Any] = dict[str, Any]


class _Delivery(GetWebhookInfo):
    __returning__: ClassVar[Any] = dict[str, Any]


def update(bot: Bot, body: bytes) -> Update:
    """An update from its JSON. Yes-or-no fields that an older server leaves out are "no". Raises ValidationError."""
    try:
        return Update.model_validate_json(body, context={"bot": bot})
    except ValidationError as error:
        lacking = [found["loc"] for found in error.errors(include_input=False) if found["type"] == "missing"]
        said = json.loads(body)
        for place in lacking:
            _say_no(said, place)
        try:
            return Update.model_validate(said, context={"bot": bot})
        except ValidationError:
            raise error from None  # what was wrong with what came


def _say_no(said: Any, place: Sequence[int | str]) -> None:
    *parents, field = place
    for part in parents:  # of a union it names the alternative, too, which is no part of the JSON
        inside = isinstance(said, dict) and part in said
        inside |= isinstance(said, list) and isinstance(part, int) and part < len(said)
        said = said[part] if inside else said
    if isinstance(said, dict):
        said.setdefault(field, False)


# Each raises aiogram's errors, and UnreadableError.


async def me(bot: Bot) -> Me:
    answer = await _asked(bot, _Me())
    return Me(
        str(answer.get("username", "")),
        answer.get("can_join_groups") is not False,  # it is not said of a bot that may
        answer.get("can_read_all_group_messages") is True,
        answer.get("has_topics_enabled") is True,
    )


async def chat(bot: Bot, number: int) -> Chat:
    answer = await _asked(bot, _Chat(chat_id=number))
    username = str(answer.get("username") or next(iter(answer.get("active_usernames") or ()), ""))
    linked = answer.get("linked_chat_id") is not None
    return Chat(str(answer.get("title", "")), answer.get("is_forum") is True, username, linked)


async def member(bot: Bot, number: int, user: int) -> Member:
    answer = await _asked(bot, _Member(chat_id=number, user_id=user))
    status = str(answer.get("status", ""))
    return Member(status, status == "creator" or answer.get("can_manage_topics") is True)


async def delivery(bot: Bot) -> Delivery:
    answer = await _asked(bot, _Delivery())
    failed, waiting = answer.get("last_error_date"), answer.get("pending_update_count")
    return Delivery(
        str(answer.get("url", "")),
        waiting if isinstance(waiting, int) else 0,
        failed if isinstance(failed, int) else 0,
        str(answer.get("last_error_message", "")),
    )


async def _asked(bot: Bot, method: Any) -> Mapping[str, Any]:
    try:
        answer: Mapping[str, Any] = await bot(method)
    except ClientDecodeError as error:
        if passing(error):
            raise
        raise UnreadableError(f"{method.__api_method__}: {wrong(error)}") from None
    return answer


def passing(error: ClientDecodeError) -> bool:
    """A gateway's page in place of an answer, which may be another one soon; not an answer of another shape."""
    return not isinstance(error.data, dict)


def wrong(error: ClientDecodeError) -> str:
    """Which field of an answer could not be read, without its value: that may be somebody's words."""
    if not isinstance(error.original, ValidationError):
        return type(error.original).__name__
    errors = error.original.errors(include_input=False, include_url=False)
    # Of a union each alternative complains: the one that was meant lacks least.
    places = Counter(found["loc"][:-1] for found in errors)
    meant = min(places, key=lambda place: places[place])
    ours = [found for found in errors if found["loc"][:-1] == meant]
    fields = ", ".join(str(found["loc"][-1]) for found in ours[:FIELDS])
    return f"{'.'.join(str(part) for part in (*meant, ''))}{fields}: {plainly.wrong(ours[0])}"
