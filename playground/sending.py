"""Methods with which a bot writes words, and what is no file: a place, a contact, a die."""

import random

from playground.params import Params
from playground.telegram import Json, bad_request
from playground.world import World
from playground.writing import post, read_target, read_text

_CHAT_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)
DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "⚽️": 5, "🎰": 64}


async def send_message(world: World, params: Params) -> Json:
    """A text."""
    target = read_target(world, params)
    content = read_text(params).under("text", "entities")
    preview = params.object("link_preview_options", "link preview options")
    content |= {"link_preview_options": preview} if preview else {}
    return post(world, target, content)


async def send_location(world: World, params: Params) -> Json:
    """A place. One that moves (live_period) stays where it was sent."""
    return post(world, read_target(world, params), {"location": _place(params)})


async def send_venue(world: World, params: Params) -> Json:
    """A place with a name and an address."""
    target, place = read_target(world, params), _place(params)
    for name in ("title", "address"):
        if not params.text(name):
            raise bad_request(f"{name} must be non-empty")
    venue = {"location": place, "title": params.text("title"), "address": params.text("address")}
    return post(world, target, {"venue": venue, "location": place})


def _place(params: Params) -> Json:
    try:
        latitude, longitude = float(params.text("latitude")), float(params.text("longitude"))
    except ValueError:
        raise bad_request("location is invalid") from None
    return place(latitude, longitude)


def place(latitude: float, longitude: float) -> Json:
    """A Bot API Location, somewhere on this earth."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise bad_request("wrong coordinates specified")
    return {"latitude": latitude, "longitude": longitude}


async def send_contact(world: World, params: Params) -> Json:
    """Somebody's name and number."""
    target = read_target(world, params)
    if not params.text("phone_number"):
        raise bad_request("phone number is empty")
    if not params.text("first_name"):
        raise bad_request("first name is empty")
    names = ("phone_number", "first_name", "last_name", "vcard")
    return post(world, target, {"contact": {name: params.text(name) for name in names if params.text(name)}})


async def send_dice(world: World, params: Params) -> Json:
    """A die, or another thing whose value chance decides."""
    target, emoji = read_target(world, params), params.text("emoji") or "🎲"
    if emoji not in DICE:
        raise bad_request("wrong dice emoji specified")
    return post(world, target, {"dice": {"emoji": emoji, "value": random.randint(1, DICE[emoji])}})


async def send_chat_action(world: World, params: Params) -> bool:
    """Shows "typing…" for five seconds."""
    chat = world.open_chat(params.chat_id())
    world.check_thread(chat, params.integer("message_thread_id"))
    if params.text("action") not in _CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.act(chat["id"], params.text("action"))
    return True


METHODS = {
    "sendMessage": send_message,
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendContact": send_contact,
    "sendDice": send_dice,
    "sendChatAction": send_chat_action,
}
