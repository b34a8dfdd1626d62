"""Text with entities: offsets in UTF-16 units, as Telegram counts them."""

import json
import re
from dataclasses import dataclass, field

from playground.telegram import Json, bad_request

KINDS = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
    ]
)
# In this order: an address contains what looks like a mention, and a link what looks like a command.
_FOUND_BY_TELEGRAM = (
    ("url", re.compile(r"\bhttps?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]")),
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}\b")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
)


@dataclass(frozen=True)
class Formatted:
    """A text and its entities."""

    text: str
    entities: list[Json] = field(default_factory=list)

    def under(self, name: str, entities_name: str) -> Json:
        """As fields of a message: text/entities or caption/caption_entities."""
        if not self.text:
            return {}
        return {name: self.text} | ({entities_name: self.entities} if self.entities else {})


def utf16(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def slice_utf16(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


def cannot_parse(what: str) -> Exception:
    """Telegram's answer to broken mark-up."""
    return bad_request(f"can't parse entities: {what}")


def trimmed(formatted: Formatted) -> Formatted:
    """Telegram drops white space at both ends."""
    head = utf16(formatted.text) - utf16(formatted.text.lstrip())
    text = formatted.text.strip()
    end = utf16(text)
    moved = []
    for entity in formatted.entities:
        first = max(entity["offset"] - head, 0)
        last = min(entity["offset"] - head + entity["length"], end)
        if last > first:
            moved.append(entity | {"offset": first, "length": last - first})
    return Formatted(text, sorted(moved, key=lambda e: (e["offset"], -e["length"])))


def with_found(formatted: Formatted) -> Formatted:
    """Adds what Telegram finds by itself: links, commands, mentions."""
    entities = list(formatted.entities)
    taken = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in ("code", "pre", "text_link")]
    for kind, pattern in _FOUND_BY_TELEGRAM:
        for match in pattern.finditer(formatted.text):
            first = utf16(formatted.text[: match.start()])
            last = first + utf16(match.group())
            if not any(first < b and a < last for a, b in taken):
                taken.append((first, last))
                entities.append({"type": kind, "offset": first, "length": last - first})
    return Formatted(formatted.text, sorted(entities, key=lambda e: (e["offset"], -e["length"])))


def given_entities(text: str, given: str) -> list[Json]:
    """The `entities` parameter, checked against its text."""
    if not given:
        return []
    try:
        entities = json.loads(given)
    except ValueError:
        raise bad_request("can't parse entities JSON object") from None
    if not isinstance(entities, list):
        raise bad_request("expected an Array of entities")
    return [_checked(entity, utf16(text)) for entity in entities]


def _checked(entity: object, end: int) -> Json:
    if not isinstance(entity, dict):
        raise bad_request("expected an Object as MessageEntity")
    kind, offset, length = entity.get("type"), entity.get("offset"), entity.get("length")
    if not isinstance(offset, int) or not isinstance(length, int):
        raise bad_request('can\'t parse MessageEntity: field "offset" must be of type Number')
    if kind not in KINDS:
        raise bad_request("can't parse MessageEntity: unsupported type specified")
    if offset < 0 or length < 0 or offset + length > end:
        raise bad_request(
            f"entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {end}"
        )
    return {name: value for name, value in entity.items() if value is not None}
