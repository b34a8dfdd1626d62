"""Methods with which a bot learns: who it is, what happened, who is there, what is in a file."""

import asyncio
import time
from typing import Any

from playground.params import Params
from playground.state import StoredUser
from playground.telegram import DOWNLOAD_LIMIT, BotApiError, Json, bad_request, conflict
from playground.world import AGENT, World

_LONGEST_POLL = 50
_HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_RIGHTS = [
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
]
_GIFTS = ["unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"]


async def get_me(world: World, _: Params) -> Json:
    """The bot itself."""
    abilities = {"can_join_groups": True, "can_read_all_group_messages": True, "supports_inline_queries": True}
    return world.bot | abilities


async def get_updates(world: World, params: Params) -> list[Json]:
    """Long poll. The offset confirms everything before it; a newer poll ends an older one with 409."""
    if world.courier.url:
        raise BotApiError(409, _HOOKED)
    allowed = params.json("allowed_updates", "allowed_updates")
    if isinstance(allowed, list):
        world.state.set("allowed_updates", " ".join(str(kind) for kind in allowed))
    limit = min(max(params.integer("limit", 100), 1), 100)
    deadline = time.monotonic() + min(max(params.integer("timeout"), 0), _LONGEST_POLL)
    poll = world.polls.begin()
    world.confirm(params.integer("offset"))
    try:
        while not (updates := world.state.updates(limit)) and not world.polls.closed:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                await asyncio.wait_for(poll.woken.wait(), left)
            except TimeoutError:
                break
            if poll.replaced:
                raise conflict()
            poll.woken.clear()
        return updates
    finally:
        world.polls.end(poll)


async def accept(_world: World, _params: Params) -> bool:
    """What ends nothing here: the playground is its own server."""
    return True


async def get_file(world: World, params: Params) -> Json:
    """Where a file can be downloaded, if it is not too big for a bot."""
    file = world.shelf.file(file_id=params.text("file_id"))
    if not params.text("file_id"):
        raise bad_request("file_id not specified")
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    ids = {"file_id": file.file_id, "file_unique_id": file.file_unique_id}
    return ids | {"file_size": file.size, "file_path": file.path}


async def get_chat(world: World, params: Params) -> Json:
    """A chat in full."""
    chat = _known_chat(world, params)
    gifts = dict.fromkeys(_GIFTS, False)
    return chat | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


async def get_chat_member(world: World, params: Params) -> Json:
    """What somebody is in a chat."""
    chat = _known_chat(world, params)
    user_id = params.integer("user_id")
    if user_id == world.bot["id"]:
        return _bot_as_administrator(world) if chat["id"] == world.group_id else {"status": "member", "user": world.bot}
    user = world.state.user(user_id)
    if user is None:
        raise bad_request("user not found" if not user_id else "PARTICIPANT_ID_INVALID")
    return {"status": "member" if _belongs(world, user, chat) else "left", "user": user.body}


async def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """The group's administrators: the bot."""
    if _known_chat(world, params)["id"] != world.group_id:
        raise bad_request("there are no administrators in the private chat")
    return [_bot_as_administrator(world)]


async def get_chat_member_count(world: World, params: Params) -> int:
    """How many are in a chat, the bot among them."""
    chat = _known_chat(world, params)
    return len(world.state.users(AGENT)) + 1 if chat["id"] == world.group_id else 2


def _known_chat(world: World, params: Params) -> Json:
    chat = world.state.chat(params.chat_id())
    if chat is None:
        raise bad_request("chat not found")
    return chat


def _belongs(world: World, user: StoredUser, chat: Json) -> bool:
    return user.role == AGENT if chat["id"] == world.group_id else user.id == chat["id"]


def _bot_as_administrator(world: World) -> Json:
    flags: dict[str, Any] = {"can_be_edited": False, "is_anonymous": False}
    return {"status": "administrator", "user": world.bot} | flags | dict.fromkeys(_RIGHTS, True)


METHODS = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "logOut": accept,
    "close": accept,
    "getFile": get_file,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
}
