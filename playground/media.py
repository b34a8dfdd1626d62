"""Methods with which a bot sends a file: uploaded, or known by its file_id."""

import json
from collections.abc import Awaitable, Callable

from playground.files import MOVING, SOUNDS, Upload, document, moving, sound
from playground.params import Params
from playground.pictures import NotAPhotoError
from playground.state import StoredFile
from playground.telegram import PHOTO_UPLOAD_LIMIT, BotApiError, Json, bad_request
from playground.world import World
from playground.writing import caption_of, post, read_caption, read_target

_SHAPE = {  # what the bot may say about a file, and for which kinds
    "duration": ("voice", "audio", "video", "animation", "video_note"),
    "width": ("video", "animation"),
    "height": ("video", "animation"),
    "length": ("video_note",),
    "title": ("audio",),
    "performer": ("audio",),
    "emoji": ("sticker",),
}
_IN_ALBUMS = ("photo", "video", "document", "audio")
_TO_EDIT = (*_IN_ALBUMS, "animation")


def sender(kind: str) -> Callable[[World, Params], Awaitable[Json]]:
    """The method that sends one file of a kind."""

    async def send(world: World, params: Params) -> Json:
        target = read_target(world, params)
        caption = {} if kind in ("sticker", "video_note") else caption_of(params)
        content = await held(world, params, kind, params.text(kind) or f"attach://{kind}")
        shape = {name: params.text(name) for name in _SHAPE if params.text(name)}
        return post(world, target, described(content, kind, shape) | caption)

    return send


async def send_media_group(world: World, params: Params) -> list[Json]:
    """Two to ten photos and videos, or documents, or music, as one album."""
    target = read_target(world, params)
    media = params.json("media", "media")
    if not isinstance(media, list):
        raise bad_request("expected an Array of InputMedia")
    if not 2 <= len(media) <= 10:
        raise bad_request("group send failed" if not media else "wrong number of media: must be from 2 to 10")
    kinds = {item.get("type") for item in media if isinstance(item, dict)}
    if kinds & {"document", "audio"} and len(kinds) > 1:
        raise bad_request("can't mix documents and photos in one album")
    contents = [await input_media(world, params, item, _IN_ALBUMS) for item in media]
    group = {"media_group_id": world.new_album()}
    return [post(world, target, content | group) for content in contents]


async def input_media(world: World, params: Params, item: object, kinds: tuple[str, ...] = _TO_EDIT) -> Json:
    """An InputMedia of a call: file and caption."""
    if not isinstance(item, dict) or item.get("type") not in kinds:
        raise bad_request(f"can't parse InputMedia: media type must be {', '.join(kinds[:-1])} or {kinds[-1]}")
    content = await held(world, params, item["type"], str(item.get("media") or ""))
    entities = json.dumps(item["caption_entities"]) if item.get("caption_entities") else ""
    caption = read_caption(str(item.get("caption") or ""), str(item.get("parse_mode") or ""), entities)
    return described(content, item["type"], item) | caption


async def held(world: World, params: Params, kind: str, source: str) -> Json:
    """The fields of a message that holds this file. ``source``: attach://name or a file_id."""
    upload = _upload(params, source)
    if kind == "photo":
        return await _photo(world, source, upload)
    if upload is not None:
        return _added(world, upload, kind)
    file = world.shelf.file(file_id=source)
    if file is None or file.kind != kind:
        raise _wrong_file(file, kind)
    return _known(file)


def described(content: Json, kind: str, shape: Json) -> Json:
    """With what the bot says about the file."""
    said: Json = {}
    for name, kinds in _SHAPE.items():
        if kind in kinds and shape.get(name):
            text = str(shape[name])
            said[name] = int(text) if text.isdigit() and name not in ("title", "performer") else text
    return content | ({kind: content[kind] | said} if said else {})


def _added(world: World, upload: Upload, kind: str) -> Json:
    if kind in MOVING:
        return world.shelf.add_video(upload, kind)
    if kind in SOUNDS:
        return world.shelf.add_sound(upload, kind)
    return {"document": world.shelf.add_document(upload)}


def _known(file: StoredFile) -> Json:
    if file.kind in MOVING:
        return moving(file)
    return sound(file) if file.kind in SOUNDS else {"document": document(file)}


async def _photo(world: World, source: str, upload: Upload | None) -> Json:
    if upload is None:
        sizes = world.shelf.photo(source)
        if sizes is None:
            raise _wrong_file(world.shelf.file(file_id=source), "photo")
        return {"photo": sizes}
    if len(upload.data) > PHOTO_UPLOAD_LIMIT:
        raise BotApiError(413, "Request Entity Too Large")
    try:
        return {"photo": await world.shelf.add_photo(upload.data)}
    except NotAPhotoError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None


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


def _wrong_file(file: StoredFile | None, wanted: str) -> BotApiError:
    if file is not None:
        return bad_request(f"can't use file of type {_title(file.kind)} as {_title(wanted)}")
    return bad_request("wrong remote file identifier specified: Wrong character in the string")


def _title(kind: str) -> str:
    return {"voice": "VoiceNote", "video_note": "VideoNote"}.get(kind, kind.title())


METHODS = {
    "sendPhoto": sender("photo"),
    "sendVideo": sender("video"),
    "sendAnimation": sender("animation"),
    "sendVideoNote": sender("video_note"),
    "sendVoice": sender("voice"),
    "sendAudio": sender("audio"),
    "sendSticker": sender("sticker"),
    "sendDocument": sender("document"),
    "sendMediaGroup": send_media_group,
}
