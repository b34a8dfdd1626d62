"""Bot API MarkdownV2, with TDLib's rules and error texts."""

import re

from playground.entities import Formatted, cannot_parse, utf16
from playground.telegram import Json

_RESERVED = "_*[]()~`>#+-=|{}.!"
# Longest first: "__" is underline, "_" italic.
_MARKS = {
    "__": "underline",
    "||": "spoiler",
    "*": "bold",
    "_": "italic",
    "~": "strikethrough",
}
_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
}


def parse_markdown(text: str) -> Formatted:
    """MarkdownV2 → text and entities, or Telegram's "can't parse entities"."""
    return _Parser(text).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out = ""
        self.open: list[tuple[str, int, int]] = []  # kind, UTF-16 offset, where it began in the source
        self.quote: int | None = None
        self.entities: list[Json] = []

    def run(self) -> Formatted:
        while self.at < len(self.source):
            if not (self._quotes() or self._escaped() or self._code() or self._link() or self._mark()):
                self._plain()
        if self.open:
            kind, _, begin = self.open[-1]
            raise self._no_end(kind, begin)
        self._end_quote()
        return Formatted(self.out, self.entities)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _no_end(self, kind: str, begin: int) -> Exception:
        return cannot_parse(f"Can't find end of {_NAMES[kind]} entity at byte offset {self._byte(begin)}")

    def _add(self, kind: str, offset: int, **more: str) -> None:
        length = utf16(self.out) - offset
        if length:
            self.entities.append({"type": kind, "offset": offset, "length": length} | more)

    def _quotes(self) -> bool:
        """A ">" that begins a line begins or continues a quotation; a line without one ends it."""
        if self.at and self.source[self.at - 1] != "\n":
            return False
        if self.source[self.at] != ">":
            self._end_quote()
            return False
        if self.quote is None:
            self.quote = utf16(self.out)
        self.at += 1
        return True

    def _end_quote(self) -> None:
        if self.quote is not None:
            before, self.out = self.out, self.out.rstrip("\n")
            self._add("blockquote", self.quote)
            self.out, self.quote = before, None

    def _escaped(self) -> bool:
        following = self.source[self.at + 1 : self.at + 2]
        if self.source[self.at] != "\\" or not following or ord(following) > 126:
            return False
        self.out += following
        self.at += 2
        return True

    def _code(self) -> bool:
        for fence, kind in (("```", "pre"), ("`", "code")):
            if self.source.startswith(fence, self.at):
                begin, offset = self.at, utf16(self.out)
                match = re.compile(rf"((?:\\.|[^\\])*?){fence}", re.DOTALL).match(self.source, begin + len(fence))
                if match is None:
                    raise self._no_end(kind, begin)
                self.at = match.end()
                self._add_code(kind, match[1], offset)
                return True
        return False

    def _add_code(self, kind: str, raw: str, offset: int) -> None:
        language = re.match(r"([^\s`]*)\n", raw) if kind == "pre" else None
        body = raw[language.end() :] if language else raw
        self.out += re.sub(r"\\([\x01-\x7e])", r"\1", body)
        self._add(kind, offset, **({"language": language[1]} if language and language[1] else {}))

    def _link(self) -> bool:
        character = self.source[self.at]
        if character == "[":
            self.open.append(("text_link", utf16(self.out), self.at))
            self.at += 1
            return True
        if character != "]" or not self.open or self.open[-1][0] != "text_link":
            return False
        kind, offset, begin = self.open.pop()
        match = re.compile(r"\]\(((?:\\.|[^)\\])*)\)").match(self.source, self.at)
        if match is None:
            raise self._no_end(kind, begin)
        self.at = match.end()
        self._add(kind, offset, url=re.sub(r"\\(.)", r"\1", match[1]))
        return True

    def _mark(self) -> bool:
        for mark, kind in _MARKS.items():
            if self.source.startswith(mark, self.at):
                self._toggle(kind)
                self.at += len(mark)
                return True
        return False

    def _toggle(self, kind: str) -> None:
        if any(opened == kind for opened, _, _ in self.open):
            opened, offset, begin = self.open.pop()
            if opened != kind:
                raise self._no_end(opened, begin)
            self._add(kind, offset)
        else:
            self.open.append((kind, utf16(self.out), self.at))

    def _plain(self) -> None:
        character = self.source[self.at]
        if character in _RESERVED:
            raise cannot_parse(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")
        self.out += character
        self.at += 1
