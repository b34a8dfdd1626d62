"""A call's parameters: query, form, multipart and JSON are the same to the Bot API, and all values are text."""

import json
import urllib.parse
from typing import Any

from aiohttp import web

from playground.files import Upload
from playground.telegram import Json, bad_request


class Params:
    """Typed access with Telegram's own answer to a wrong type."""

    def __init__(self, values: dict[str, str], files: dict[str, Upload]) -> None:
        self._values = values
        self.files = files

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """A text; nothing is the empty text, as for Telegram."""
        return self._values.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        """A number; Telegram takes the default for what is none."""
        try:
            number = int(self._values.get(name, ""))
        except ValueError:
            return default
        return number if abs(number) < 2**63 else default

    def yes(self, name: str) -> bool:
        """A boolean."""
        return self._values.get(name, "").lower() in ("true", "yes", "1")

    def json(self, name: str, what: str) -> Any:
        """A JSON value, or None when there is none. `what` names it in the error."""
        raw = self._values.get(name, "").strip()
        if not raw:
            return None
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise bad_request(f"can't parse {what} JSON object") from None

    def object(self, name: str, what: str) -> Json:
        """A JSON object; {} when there is none."""
        value = self.json(name, what)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"object expected as {what}")
        return value or {}

    def chat_id(self, name: str = "chat_id") -> int:
        """A chat's number."""
        if not self._values.get(name):
            raise bad_request(f"{name} is empty")
        chat_id = self.integer(name)
        if not chat_id:
            raise bad_request("chat not found")  # also for @names: the playground has no public chats
        return chat_id

    def message_ids(self) -> list[int]:
        """Several messages' numbers, in strictly increasing order."""
        ids = self.json("message_ids", "message_ids")
        if ids is None or ids == []:
            raise bad_request("message identifiers are not specified")
        if not isinstance(ids, list):
            raise bad_request("expected an Array of message identifiers")
        if len(ids) > 100:
            raise bad_request("too many message identifiers specified")
        if not all(isinstance(one, int) for one in ids):
            raise bad_request("message identifier must be a Number")
        if ids != sorted(set(ids)):
            raise bad_request("message identifiers must be in a strictly increasing order")
        return ids


async def read_params(request: web.Request) -> Params:
    """Reads the parameters of a request, whichever way they came: pyTelegramBotAPI sends a form with GET."""
    values = dict(request.query)
    files: dict[str, Upload] = {}
    if request.content_type == "application/json" and request.can_read_body:
        values |= await _json_body(request)
    elif request.method == "GET":
        values |= dict(urllib.parse.parse_qsl(await request.text()))
    else:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = Upload(value.file.read(), value.filename, value.content_type)
            elif isinstance(value, str):
                values[name] = value
    return Params(values, files)


async def _json_body(request: web.Request) -> dict[str, str]:
    try:
        body = json.loads(await request.text() or "{}")
    except (ValueError, RecursionError):
        raise bad_request("can't parse JSON object") from None
    if not isinstance(body, dict):
        raise bad_request("object expected")
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in body.items() if v is not None}
