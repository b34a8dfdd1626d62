"""What all methods that write have in common: where to, in answer to what, under which keyboard, in which words."""

from dataclasses import dataclass

from playground.entities import Formatted, utf16
from playground.markup import inline_of, read_markup
from playground.params import Params
from playground.parse_mode import parse
from playground.telegram import CAPTION_LIMIT, TEXT_LIMIT, Json, bad_request
from playground.world import World


@dataclass(frozen=True)
class Target:
    """Where a message goes and what hangs on it."""

    chat_id: int
    reply_to: int | None
    extra: Json
    thread: int = 0
    markup: Json | None = None


def read_target(world: World, params: Params) -> Target:
    """Chat, topic, reply and keyboard of a call, all checked before anything is sent."""
    chat = world.open_chat(params.chat_id())
    world.check_thread(chat, params.integer("message_thread_id"))
    markup = read_markup(params)
    extra: Json = inline_of(markup)
    if params.yes("protect_content"):
        extra["has_protected_content"] = True
    thread = params.integer("message_thread_id")
    return Target(chat["id"], _reply_to(world, params, chat["id"]), extra, thread, markup)


def post(world: World, target: Target, content: Json, *, reply: bool = True) -> Json:
    """The bot writes to where a call said."""
    reply_to = target.reply_to if reply else None
    sent = world.bot_posts(target.chat_id, content | target.extra, reply_to=reply_to, thread=target.thread)
    if target.markup and not inline_of(target.markup):
        world.show_keyboard(target.chat_id, target.markup | {"message_id": sent.message_id})
    return sent.body


def _reply_to(world: World, params: Params, chat_id: int) -> int | None:
    reply = params.object("reply_parameters", "reply parameters")
    wanted = reply.get("message_id", params.integer("reply_to_message_id"))
    if not wanted:
        return None
    if not isinstance(wanted, int):
        raise bad_request('field "message_id" must be of type Number')
    if world.state.message(chat_id, wanted):
        return wanted
    if reply.get("allow_sending_without_reply") or params.yes("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def read_text(params: Params) -> Formatted:
    """The text of a message, within its limits."""
    return checked_text(params.text("text"), params.text("parse_mode"), params.text("entities"))


def checked_text(text: str, parse_mode: str, entities: str) -> Formatted:
    """A text with its marks, within its limits."""
    if not text.strip():
        raise bad_request("message text is empty")
    formatted = parse(text, parse_mode, entities)
    if not formatted.text:
        raise bad_request("text must be non-empty")
    if utf16(formatted.text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return formatted


def read_caption(text: str, parse_mode: str, entities: str) -> Json:
    """Caption fields of a message, within their limits."""
    formatted = parse(text, parse_mode, entities)
    if utf16(formatted.text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return formatted.under("caption", "caption_entities")


def caption_of(params: Params) -> Json:
    """The caption of a call."""
    return read_caption(params.text("caption"), params.text("parse_mode"), params.text("caption_entities"))
