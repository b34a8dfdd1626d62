"""Bot API's first Markdown ("legacy"), with TDLib's rules and error text: no nesting, no underline, no quotation."""

import re

from playground.entities import Formatted, cannot_parse, utf16
from playground.telegram import Json

_KINDS = {"_": "italic", "*": "bold", "[": "text_link", "`": "code"}


def parse_old_markdown(text: str) -> Formatted:
    """Text and entities, or Telegram's "can't parse entities"."""
    out, at, entities = "", 0, list[Json]()
    while at < len(text):
        character = text[at]
        if character == "\\" and text[at + 1 : at + 2] in (*_KINDS,):
            out += text[at + 1]
            at += 2
        elif character in _KINDS:
            covered, entity, at = _entity(text, at)
            if covered and entity:
                entities.append({"offset": utf16(out), "length": utf16(covered)} | entity)
            out += covered
        else:
            out += character
            at += 1
    return Formatted(out, entities)


def _entity(text: str, begin: int) -> tuple[str, Json, int]:
    """What an entity covers, its kind, and where the text goes on."""
    character = text[begin]
    if text.startswith("```", begin):
        return _block(text, begin)
    end = text.find("]" if character == "[" else character, begin + 1)
    if end < 0:
        raise _no_end(text, begin)
    covered, after = text[begin + 1 : end], end + 1
    if character != "[":
        return covered, {"type": _KINDS[character]}, after
    url = covered  # [https://a.b] is a link to itself
    if text[after : after + 1] == "(":
        closing = text.find(")", after)
        closing = closing if closing >= 0 else len(text)
        url, after = text[after + 1 : closing], closing + 1
    mentioned = re.fullmatch(r"tg://user\?id=(\d+)", url)
    if mentioned:
        person = {"id": int(mentioned[1]), "is_bot": False, "first_name": covered}
        return covered, {"type": "text_mention", "user": person}, after
    return covered, {"type": "text_link", "url": url} if re.match(r"(https?|tg)://\S", url) else {}, after


def _block(text: str, begin: int) -> tuple[str, Json, int]:
    end = text.find("```", begin + 3)
    if end < 0:
        raise _no_end(text, begin)
    body = text[begin + 3 : end]
    language = re.match(r"[^\s`]+(?=\s)", body)
    body = body[language.end() :] if language else body
    entity = {"type": "pre"} | ({"language": language[0]} if language else {})
    return re.sub(r"\A(\r\n|\n\r|\n|\r)", "", body), entity, end + 3


def _no_end(text: str, begin: int) -> Exception:
    offset = len(text[:begin].encode("utf-8", "surrogatepass"))
    return cannot_parse(f"Can't find end of the entity starting at byte offset {offset}")
