"""The shelf of files: bytes on disk under names of ours, everything a sender said about them in the database."""

import asyncio
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from playground.pictures import Rendition, renditions
from playground.state import State, StoredFile
from playground.telegram import Json, bad_request

_TGS = "application/x-tgsticker"
_SAFE_MIME = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", re.IGNORECASE)


MOVING = ("video", "animation", "video_note", "sticker")  # kinds of message that hold a video
SOUNDS = ("voice", "audio")
_MARKS = {
    "photo": "AgACAgIAAxkB",
    "video": "BAACAgIAAxkB",
    "animation": "CgACAgIAAxkB",
    "video_note": "DQACAgIAAxkB",
    "sticker": "CAACAgIAAxkB",
    "voice": "AwACAgIAAxkB",
    "audio": "CQACAgIAAxkB",
}
MOST = 8 * 2**30  # bytes of all files together
_MIMES = {"voice": "audio/ogg", "audio": "audio/mpeg", "sticker": "image/webp"}


@dataclass(frozen=True)
class Upload:
    """A file as somebody sent it. Name and type are the sender's claim."""

    data: bytes
    name: str = ""
    mime: str = ""


class Shelf:
    """Adds files and finds them again."""

    def __init__(self, state: State, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._state = state
        self._folder = folder
        self._size = sum(file.stat().st_size for file in folder.iterdir())

    async def add_photo(self, data: bytes) -> list[Json]:
        """Re-encodes a picture as Telegram does; returns its PhotoSizes. Raises NotAPhotoError."""
        return self._add_sizes(await asyncio.to_thread(renditions, data), own_jpeg=True)

    def add_raw_photo(self, data: bytes, width: int = 1280, height: int = 960) -> list[Json]:
        """Bytes that claim to be a photo, as they are: for testing what a bot does with a broken one."""
        return self._add_sizes([Rendition(width, height, data)], own_jpeg=False)

    def add_document(self, upload: Upload) -> Json:
        """Keeps a file as it is; returns a Document."""
        name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", upload.name)[:255]
        mime = upload.mime if _SAFE_MIME.fullmatch(upload.mime) else "application/octet-stream"
        file = self._add(upload.data, "document", name=name, mime=mime)
        return document(file)

    def add_video(self, upload: Upload, kind: str = "video") -> Json:
        """Keeps a video as it is; returns what a message of that kind (one of MOVING) holds.

        Its size and length are not looked up: a bot must not trust them. Telegram makes MP4 of GIF; here it stays one.
        """
        mime = upload.mime if _SAFE_MIME.fullmatch(upload.mime) else "video/mp4"
        mime = _sticker_mime(upload.data) or mime if kind == "sticker" else mime
        return moving(self._add(upload.data, kind, name=upload.name[:255], mime=mime, size=(1280, 720)))

    def add_sound(self, upload: Upload, kind: str = "voice") -> Json:
        """Keeps a recording as it is; returns what a message of that kind (one of SOUNDS) holds. Its length is not
        looked up: who sends it says it."""
        given = upload.mime if _SAFE_MIME.fullmatch(upload.mime) and upload.mime.startswith("audio/") else ""
        name = upload.name[:255] if kind == "audio" else ""
        return sound(self._add(upload.data, kind, name=name, mime=given or _MIMES[kind]))

    def photo(self, file_id: str) -> list[Json] | None:
        """All sizes of the photo that a file_id belongs to."""
        file = self._state.file(file_id=file_id)
        return [photo_size(one) for one in self._state.album(file.album)] if file and file.kind == "photo" else None

    def file(self, *, file_id: str = "", path: str = "") -> StoredFile | None:
        """What is known about a file."""
        return self._state.file(file_id=file_id, path=path)

    def where(self, file: StoredFile) -> Path:
        """Its bytes on disk; the name is made of our own id only."""
        return self._folder / file.file_unique_id

    def _add_sizes(self, sizes: list[Rendition], *, own_jpeg: bool) -> list[Json]:
        album = secrets.token_hex(8)
        files = [
            self._add(one.data, "photo", album=album, size=(one.width, one.height), own_jpeg=own_jpeg) for one in sizes
        ]
        return [photo_size(file) for file in files]

    def _add(
        self,
        data: bytes,
        kind: str,
        *,
        name: str = "",
        mime: str = "image/jpeg",
        album: str = "",
        size: tuple[int, int] = (0, 0),
        own_jpeg: bool = False,
    ) -> StoredFile:
        if self._size + len(data) > MOST:
            raise bad_request(f"the playground keeps {MOST >> 30} GB of files and has no room for more")
        self._size += len(data)
        ending = {"photo": "jpg", "voice": "oga"}.get(kind) or _ending(name)
        file = StoredFile(
            file_id=_MARKS.get(kind, "BQACAgIAAxkB") + secrets.token_urlsafe(32),
            file_unique_id=("AQAD" if kind == "photo" else "AgAD") + secrets.token_urlsafe(9),
            album=album or secrets.token_hex(8),
            kind=kind,
            name=name,
            mime=mime,
            size=len(data),
            width=size[0],
            height=size[1],
            path=f"{kind}s/file_{self._state.next('file')}" + (f".{ending}" if ending else ""),
            own_jpeg=own_jpeg,
        )
        self.where(file).write_bytes(data)
        self._state.save_file(file)
        return file


def photo_size(file: StoredFile) -> Json:
    """A Bot API PhotoSize."""
    size = {"width": file.width, "height": file.height, "file_size": file.size}
    return {"file_id": file.file_id, "file_unique_id": file.file_unique_id} | size


def document(file: StoredFile) -> Json:
    """A Bot API Document."""
    ids = {"file_id": file.file_id, "file_unique_id": file.file_unique_id}
    named = {"file_name": file.name} if file.name else {}
    return ids | named | {"mime_type": file.mime, "file_size": file.size}


def video(file: StoredFile) -> Json:
    """A Bot API Video."""
    shape = {"width": file.width, "height": file.height, "duration": 1}
    return document(file) | shape


def moving(file: StoredFile) -> Json:
    """The fields of a message that holds a video of any kind, as the Bot API words them."""
    ids = {"file_id": file.file_id, "file_unique_id": file.file_unique_id, "file_size": file.size}
    if file.kind == "video_note":
        return {"video_note": ids | {"length": 384, "duration": 1}}
    if file.kind == "sticker":
        drawn = {"is_animated": file.mime == _TGS, "is_video": file.mime.startswith("video/")}
        return {"sticker": ids | {"type": "regular", "width": 512, "height": 512} | drawn}
    if file.kind == "animation":  # "for backward compatibility, the document field will also be set"
        return {"animation": video(file), "document": document(file)}
    return {"video": video(file)}


def sound(file: StoredFile) -> Json:
    """The fields of a message that holds a recording."""
    named = {"file_name": file.name} if file.name else {}
    ids = {"file_id": file.file_id, "file_unique_id": file.file_unique_id, "file_size": file.size}
    return {file.kind: ids | named | {"duration": 1, "mime_type": file.mime}}


def _sticker_mime(data: bytes) -> str:
    """A sticker's kind by its first bytes: a picture, a drawing that moves (gzipped Lottie), or a video ("")."""
    if data[:4] == b"RIFF" or data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/webp"
    return _TGS if data[:2] == b"\x1f\x8b" else ""


def _ending(name: str) -> str:
    match = re.search(r"\.([A-Za-z0-9]{1,8})$", name)
    return match[1].lower() if match else ""
