"""Bot API HTML, with TDLib's rules and error texts (td/telegram/MessageEntity.cpp, parse_html)."""

import re
from dataclasses import dataclass

from playground.entities import Formatted, cannot_parse, utf16
from playground.telegram import Json

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_BARE_VALUE = re.compile(r"[A-Za-z0-9.-]*")


@dataclass(frozen=True)
class _Open:
    tag: str
    argument: str
    offset: int
    begins: int  # where its text begins in the output, in characters


def parse_html(text: str) -> Formatted:
    """HTML → text and entities, or Telegram's "can't parse entities"."""
    return _Parser(text).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out = ""
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def run(self) -> Formatted:
        while self.at < len(self.source):
            if self._peek() != "<":
                self.out += self._character()
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return Formatted(self.out, self.entities)

    def _peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _character(self) -> str:
        match = _REFERENCE.match(self.source, self.at)
        if match:
            decimal, hexadecimal, name = match.groups()
            code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 0
            if name or (0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF):
                self.at = match.end()
                return _NAMED[name] if name else chr(code)
        self.at += 1
        return self.source[self.at - 1]

    def _until(self, stops: str) -> str:
        begin = self.at
        while self._peek() and self._peek() not in stops and not self._peek().isspace():
            self.at += 1
        return self.source[begin : self.at]

    def _spaces(self) -> None:
        while self._peek().isspace():
            self.at += 1

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._until(">").lower()
        if not self._peek():
            raise cannot_parse(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if tag not in _TAGS:
            raise cannot_parse(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        argument = ""
        self._spaces()
        while self._peek() != ">":
            argument = self._attribute(tag, begin) or argument
            self._spaces()
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open.append(_Open(tag, argument, utf16(self.out), len(self.out)))

    def _attribute(self, tag: str, begin: int) -> str:
        """Reads one attribute; returns what matters of it for this tag."""
        name = self._until("=>")
        if not name and self._peek():
            raise cannot_parse(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}')
        self._spaces()
        value = ""
        if self._peek() == "=":
            self.at += 1
            self._spaces()
            value = self._value()
        if not self._peek():
            raise cannot_parse(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
        return _argument(tag, name, value)

    def _value(self) -> str:
        quote = self._peek()
        if quote not in ("'", '"') or not quote:
            begin = self.at
            match = _BARE_VALUE.match(self.source, self.at)
            self.at = match.end() if match else self.at
            if self._peek() and self._peek() != ">" and not self._peek().isspace():
                raise cannot_parse(f"Unexpected end of name token at byte offset {self._byte(begin)}")
            return self.source[begin : self.at].lower()
        self.at += 1
        value = ""
        while self._peek() and self._peek() != quote:
            value += self._character()
        self.at += 1
        return value

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise cannot_parse(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self.at += 2
        tag = self._until(">").lower()
        self._spaces()
        if self._peek() != ">":
            raise cannot_parse(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self.at += 1
        opened = self.open.pop()
        if tag and tag != opened.tag:
            raise cannot_parse(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        length = utf16(self.out) - opened.offset
        if length:
            self._close(opened, length)

    def _close(self, opened: _Open, length: int) -> None:
        entity: Json = {"type": _TAGS[opened.tag], "offset": opened.offset, "length": length}
        match opened.tag:
            case "a":
                url = opened.argument or self.out[opened.begins :]
                if not re.match(r"(?:[a-z][a-z0-9+.-]*:|[\w-]+(?:\.[\w-]+)+)", url, re.IGNORECASE):
                    return  # Telegram drops what is no address and keeps its words
                entity["url"] = url
            case "tg-emoji":
                entity["custom_emoji_id"] = opened.argument
            case "blockquote" if opened.argument:
                entity["type"] = "expandable_blockquote"
            case "pre" | "code" if self._merged_into_pre(opened, length):
                return
            case "code" if opened.argument:
                entity["language"] = opened.argument
            case _:
                pass
        self.entities.append(entity)

    def _merged_into_pre(self, opened: _Open, length: int) -> bool:
        """<pre><code class="language-python">: one entity."""
        last = self.entities[-1] if self.entities else {}
        if opened.tag != "pre" or last.get("type") != "code":
            return False
        if (last["offset"], last["length"]) != (opened.offset, length):
            return False
        last["type"] = "pre"
        return True


def _argument(tag: str, name: str, value: str) -> str:
    match (tag, name):
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            return value
        case ("code", "class") if value.startswith("language-"):
            return value.removeprefix("language-")
        case ("span", "class") if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case ("blockquote", "expandable"):
            return "1"
        case _:
            return ""
