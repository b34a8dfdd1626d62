"""Methods with which a bot changes or repeats what is there: edit, delete, copy, forward, answer a button."""

from playground.files import MOVING, SOUNDS
from playground.markup import read_inline
from playground.media import input_media
from playground.params import Params
from playground.polls import blank
from playground.state import StoredMessage
from playground.telegram import Json, bad_request
from playground.world import World, now
from playground.writing import post, read_caption, read_target, read_text

_FILES = ("photo", *MOVING, *SOUNDS, "document")
_WORDS = ("text", "entities", "caption", "caption_entities", "link_preview_options")
_COPIED = (*_WORDS, *_FILES, "venue", "location", "contact", "dice", "poll")
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


async def edit_message_text(world: World, params: Params) -> Json:
    """Another text, and another keyboard or none."""
    message = _own_message(world, params)
    if "text" not in message.body:
        raise bad_request("there is no text in the message to edit")
    return _edited(world, params, message, ("text", "entities"), read_text(params).under("text", "entities"))


async def edit_message_caption(world: World, params: Params) -> Json:
    """Another caption, and another keyboard or none."""
    message = _own_message(world, params)
    if "text" in message.body:
        raise bad_request("there is no caption in the message to edit")
    caption = read_caption(params.text("caption"), params.text("parse_mode"), params.text("caption_entities"))
    return _edited(world, params, message, ("caption", "caption_entities"), caption)


async def edit_message_media(world: World, params: Params) -> Json:
    """Another file with its caption, also in place of a text."""
    message = _own_message(world, params)
    if not any(name in message.body for name in ("text", *_FILES)):
        raise bad_request("message can't be edited")
    content = await input_media(world, params, params.json("media", "media"))
    return _edited(world, params, message, (*_WORDS, *_FILES), content)


async def edit_message_reply_markup(world: World, params: Params) -> Json:
    """Another keyboard, or none."""
    return _edited(world, params, _own_message(world, params), (), {})


def _own_message(world: World, params: Params) -> StoredMessage:
    chat = world.open_chat(params.chat_id())
    if not params.integer("message_id"):
        raise bad_request("message identifier is not specified")
    message = world.state.message(chat["id"], params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.body["from"]["id"] != world.bot["id"] or "forward_origin" in message.body:
        raise bad_request("message can't be edited")
    return message


def _edited(world: World, params: Params, message: StoredMessage, dropped: tuple[str, ...], content: Json) -> Json:
    markup = read_inline(params)
    rest = {name: value for name, value in message.body.items() if name not in (*dropped, "reply_markup")}
    body = rest | content | ({"reply_markup": markup} if markup else {})
    if body == message.body:
        raise bad_request(_NOT_MODIFIED)
    return world.replace(message, body | {"edit_date": now()}).body


async def delete_message(world: World, params: Params) -> bool:
    """One message; not one older than 48 hours."""
    chat = world.open_chat(params.chat_id())
    message = world.state.message(chat["id"], params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if message.body["date"] < now() - 48 * 3600:
        raise bad_request("message can't be deleted for everyone")
    world.delete(message)
    return True


async def delete_messages(world: World, params: Params) -> bool:
    """Several; those that are gone already are skipped."""
    chat = world.open_chat(params.chat_id())
    for message_id in params.message_ids():
        message = world.state.message(chat["id"], message_id)
        if message is not None:
            world.delete(message)
    return True


async def copy_message(world: World, params: Params) -> Json:
    """The same message again, without where it came from."""
    target = read_target(world, params)
    original = _original(world, params, "message to copy not found")
    content = _content(original.body)
    if "caption" in params and "text" not in content:
        content = {name: value for name, value in content.items() if not name.startswith("caption")}
        content |= read_caption(params.text("caption"), params.text("parse_mode"), params.text("caption_entities"))
    if not content:
        raise bad_request("message can't be copied")  # a service message
    return {"message_id": post(world, target, content)["message_id"]}


async def copy_messages(world: World, params: Params) -> list[Json]:
    """Several; those that are not there are skipped, albums stay albums."""
    target = read_target(world, params)
    drop_caption = params.yes("remove_caption")
    copies = []
    for body in _originals(world, params, "there are no messages to copy"):
        content = _content(body)
        if drop_caption:
            content = {name: value for name, value in content.items() if not name.startswith("caption")}
        copies.append(post(world, target, content, reply=False)["message_id"])
    return [{"message_id": message_id} for message_id in copies]


async def forward_message(world: World, params: Params) -> Json:
    """A message with where it came from."""
    target = read_target(world, params)
    original = _original(world, params, "message to forward not found")
    return post(world, target, _content(original.body) | _origin(original.body), reply=False)


async def forward_messages(world: World, params: Params) -> list[Json]:
    """Several; those that are not there are skipped."""
    target = read_target(world, params)
    posted = [
        post(world, target, _content(body) | _origin(body), reply=False)
        for body in _originals(world, params, "there are no messages to forward")
    ]
    return [{"message_id": body["message_id"]} for body in posted]


def _original(world: World, params: Params, missing: str) -> StoredMessage:
    source = params.chat_id("from_chat_id")
    if world.state.chat(source) is None:
        raise bad_request("chat not found")
    message = world.state.message(source, params.integer("message_id"))
    if message is None:
        raise bad_request(missing)
    return message


def _originals(world: World, params: Params, missing: str) -> list[Json]:
    """Messages to repeat; parts of an album get one new album between them."""
    source = params.chat_id("from_chat_id")
    if world.state.chat(source) is None:
        raise bad_request("chat not found")
    found = [world.state.message(source, message_id) for message_id in params.message_ids()]
    bodies = [message.body for message in found if message is not None]
    if not bodies:
        raise bad_request(missing)
    albums: dict[str, str] = {}
    for body in bodies:
        if "media_group_id" in body:
            body["album"] = albums.setdefault(body["media_group_id"], world.new_album())
    return bodies


def _content(body: Json) -> Json:
    content = {name: body[name] for name in _COPIED if name in body}
    if "poll" in content:  # a copy is a poll of its own, with nobody's votes
        content["poll"] = blank(content["poll"])
    return content | ({"media_group_id": body["album"]} if "album" in body else {})


def _origin(body: Json) -> Json:
    known = {"type": "user", "sender_user": body["from"], "date": body["date"]}
    return {"forward_origin": body.get("forward_origin", known)}


async def answer_callback_query(world: World, params: Params) -> bool:
    """Ends the button's spinner, with a note or without."""
    text = params.text("text")
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"text": text, "show_alert": params.yes("show_alert"), "url": params.text("url")}
    world.answer_press(params.text("callback_query_id"), answer)
    return True


METHODS = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
    "answerCallbackQuery": answer_callback_query,
}
