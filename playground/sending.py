"""Methods with which a bot writes."""

import json
from dataclasses import dataclass

from playground.entities import Formatted, utf16
from playground.files import Upload, document, video
from playground.markup import read_markup
from playground.params import Params
from playground.parse_mode import parse
from playground.pictures import NotAPhotoError
from playground.telegram import CAPTION_LIMIT, PHOTO_UPLOAD_LIMIT, TEXT_LIMIT, BotApiError, Json, bad_request
from playground.world import World

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


@dataclass(frozen=True)
class Target:
    """Where a message goes and what hangs on it."""

    chat_id: int
    reply_to: int | None
    extra: Json
    thread: int = 0


def read_target(world: World, params: Params) -> Target:
    """Chat, topic, reply and keyboard of a call, all checked before anything is sent."""
    chat = world.open_chat(params.chat_id())
    world.check_thread(chat, params.integer("message_thread_id"))
    markup = read_markup(params)
    extra: Json = {"reply_markup": markup} if markup else {}
    if params.yes("protect_content"):
        extra["has_protected_content"] = True
    return Target(chat["id"], _reply_to(world, params, chat["id"]), extra, params.integer("message_thread_id"))


def post(world: World, target: Target, content: Json, *, reply: bool = True) -> Json:
    """The bot writes to where a call said."""
    reply_to = target.reply_to if reply else None
    return world.bot_posts(target.chat_id, content | target.extra, reply_to=reply_to, thread=target.thread).body


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
    if not params.text("text").strip():
        raise bad_request("message text is empty")
    formatted = parse(params.text("text"), params.text("parse_mode"), params.text("entities"))
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


def _caption(params: Params) -> Json:
    return read_caption(params.text("caption"), params.text("parse_mode"), params.text("caption_entities"))


async def send_message(world: World, params: Params) -> Json:
    """A text."""
    target = read_target(world, params)
    content = read_text(params).under("text", "entities")
    preview = params.object("link_preview_options", "link preview options")
    content |= {"link_preview_options": preview} if preview else {}
    return post(world, target, content)


async def send_photo(world: World, params: Params) -> Json:
    """A picture, uploaded or known by its file_id."""
    target = read_target(world, params)
    caption = _caption(params)
    content = await _photo(world, params, params.text("photo") or "attach://photo")
    return post(world, target, content | caption)


async def send_video(world: World, params: Params) -> Json:
    """A video, uploaded or known by its file_id."""
    target = read_target(world, params)
    caption = _caption(params)
    return post(world, target, _video(world, params, params.text("video") or "attach://video") | caption)


async def send_document(world: World, params: Params) -> Json:
    """A file, uploaded or known by its file_id."""
    target = read_target(world, params)
    caption = _caption(params)
    content = _document(world, params, params.text("document") or "attach://document")
    return post(world, target, content | caption)


async def send_media_group(world: World, params: Params) -> list[Json]:
    """Two to ten photos and videos, or documents, as one album."""
    target = read_target(world, params)
    media = params.json("media", "media")
    if not isinstance(media, list):
        raise bad_request("expected an Array of InputMedia")
    if not 2 <= len(media) <= 10:
        raise bad_request("group send failed" if not media else "wrong number of media: must be from 2 to 10")
    kinds = {item.get("type") for item in media if isinstance(item, dict)}
    if "document" in kinds and len(kinds) > 1:
        raise bad_request("can't mix documents and photos in one album")
    contents = [await _input_media(world, params, item) for item in media]
    group = {"media_group_id": world.new_album()}
    return [post(world, target, content | group) for content in contents]


async def _input_media(world: World, params: Params, item: object) -> Json:
    if not isinstance(item, dict) or item.get("type") not in ("photo", "video", "document"):
        raise bad_request("can't parse InputMedia: media type must be photo, video or document")
    source = str(item.get("media") or "")
    if item["type"] == "photo":
        kind = await _photo(world, params, source)
    else:
        kind = (_video if item["type"] == "video" else _document)(world, params, source)
    entities = json.dumps(item["caption_entities"]) if item.get("caption_entities") else ""
    return kind | read_caption(str(item.get("caption") or ""), str(item.get("parse_mode") or ""), entities)


async def _photo(world: World, params: Params, source: str) -> Json:
    upload = _upload(params, source)
    if upload is None:
        sizes = world.shelf.photo(source)
        if sizes is None:
            raise _wrong_file(world, source, "Photo")
        return {"photo": sizes}
    if len(upload.data) > PHOTO_UPLOAD_LIMIT:
        raise BotApiError(413, "Request Entity Too Large")
    try:
        return {"photo": await world.shelf.add_photo(upload.data)}
    except NotAPhotoError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None


def _document(world: World, params: Params, source: str) -> Json:
    upload = _upload(params, source)
    if upload is not None:
        return {"document": world.shelf.add_document(upload)}
    file = world.shelf.file(file_id=source)
    if file is None or file.kind != "document":
        raise _wrong_file(world, source, "Document")
    return {"document": document(file)}


def _video(world: World, params: Params, source: str) -> Json:
    upload = _upload(params, source)
    if upload is not None:
        return world.shelf.add_video(upload)
    file = world.shelf.file(file_id=source)
    if file is None or file.kind != "video":
        raise _wrong_file(world, source, "Video")
    return {"video": video(file)}


def _upload(params: Params, source: str) -> Upload | None:
    """The uploaded file that a parameter names, or None when it is a file_id."""
    if source.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the playground reaches no network
    if not source.startswith("attach://"):
        return None
    upload = params.files.get(source.removeprefix("attach://"))
    if upload is None:
        raise bad_request("there is no file in the request")
    if not upload.data:
        raise bad_request("file must be non-empty")
    return upload


def _wrong_file(world: World, file_id: str, wanted: str) -> BotApiError:
    file = world.shelf.file(file_id=file_id)
    if file is not None:
        return bad_request(f"can't use file of type {file.kind.title()} as {wanted}")
    return bad_request("wrong remote file identifier specified: Wrong character in the string")


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
    "sendPhoto": send_photo,
    "sendVideo": send_video,
    "sendDocument": send_document,
    "sendMediaGroup": send_media_group,
    "sendChatAction": send_chat_action,
}
