"""Methods for a forum: its topics, and what is pinned in them."""

from playground.params import Params
from playground.state import StoredMessage, StoredTopic
from playground.telegram import Json, bad_request
from playground.world import World

# https://core.telegram.org/bots/api#createforumtopic: the only colours there are
COLOURS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)
_NAME = 128


async def create_forum_topic(world: World, params: Params) -> Json:
    """A new topic, always: Telegram does not know that there is one of that name."""
    chat = _forum(world, params)
    name, colour = _name(params), params.integer("icon_color") or COLOURS[world.state.revision() % len(COLOURS)]
    if colour not in COLOURS:
        raise bad_request("TOPIC_ICON_COLOR_INVALID")
    topic = world.create_topic(world.bot, name, colour)
    assert topic.chat_id == chat["id"]
    return {"message_thread_id": topic.thread_id, "name": name, "icon_color": colour}


async def edit_forum_topic(world: World, params: Params) -> bool:
    """Another name."""
    topic = _topic(world, params)
    name = _name(params) if params.text("name") else topic.name
    if name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    world.change_topic(world.bot, topic, name=name)
    return True


async def close_forum_topic(world: World, params: Params) -> bool:
    """Nobody but administrators can write there any more."""
    return _closed(world, params, closed=True)


async def reopen_forum_topic(world: World, params: Params) -> bool:
    """Everybody can write there again."""
    return _closed(world, params, closed=False)


def _closed(world: World, params: Params, *, closed: bool) -> bool:
    topic = _topic(world, params)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    world.change_topic(world.bot, topic, closed=closed)
    return True


async def delete_forum_topic(world: World, params: Params) -> bool:
    """It is gone with all its messages."""
    world.delete_topic(_topic(world, params))
    return True


async def pin_chat_message(world: World, params: Params) -> bool:
    """Pins a message; the chat is told by a message of its own."""
    world.pin(_message(world, params, "message to pin not found"), pinned=True)
    return True


async def unpin_chat_message(world: World, params: Params) -> bool:
    """Takes one message down, or the newest pinned one."""
    if not params.integer("message_id"):
        pins = world.state.pins(world.open_chat(params.chat_id())["id"])
        newest = world.state.message(params.chat_id(), pins[-1][1]) if pins else None
        if newest is None:
            raise bad_request("message to unpin not found")
        world.pin(newest, pinned=False)
        return True
    world.pin(_message(world, params, "message to unpin not found"), pinned=False)
    return True


def _forum(world: World, params: Params) -> Json:
    chat = world.open_chat(params.chat_id())
    if not chat.get("is_forum"):
        raise bad_request("the chat is not a forum")
    return chat


def _name(params: Params) -> str:
    name = params.text("name").strip()
    if not name:
        raise bad_request("TOPIC_TITLE_EMPTY")
    return name[:_NAME]


def _topic(world: World, params: Params) -> StoredTopic:
    topic = world.state.topic(_forum(world, params)["id"], params.integer("message_thread_id"))
    if topic is None:
        raise bad_request("message thread not found" if params.integer("message_thread_id") else "TOPIC_ID_INVALID")
    return topic


def _message(world: World, params: Params, missing: str) -> StoredMessage:
    message = world.state.message(world.open_chat(params.chat_id())["id"], params.integer("message_id"))
    if message is None:
        raise bad_request(missing)
    return message


METHODS = {
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
}
