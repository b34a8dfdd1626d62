"""Every word a customer or agent reads from the bot, in Fluent files, one a language (https://projectfluent.org).

``en.ftl`` has everything. The other languages have what customers read: agents read the shop's language, or English.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from dialogue.texts import Texts as Fluent
from dialogue.texts import texts_in

FOLDER = Path(__file__).parent
FALLBACK = "en"

# The language of the customer whose turn it is, "" for the shop's: one place says it, whoever finds the words uses it.
_SPEAKING: ContextVar[str] = ContextVar("speaking", default="")


class Texts(Fluent):
    """``texts("help", shop="Corner & Co.")``. A message that is missing is a programming error and raises KeyError."""

    def __init__(self, language: str = FALLBACK, folder: Path = FOLDER) -> None:
        super().__init__(language, folder)
        self._folder = folder

    def __call__(self, name: str, /, **values: object) -> str:
        """In the language that is spoken, else the shop's, else English: whichever has the message first."""
        spoken = _SPEAKING.get()
        if spoken and spoken != self.language and (other := texts_in(spoken, self._folder)).has(name):
            return other(name, **values)
        if not self.has(name) and self.language != FALLBACK:
            return texts_in(FALLBACK, self._folder)(name, **values)
        return super().__call__(name, **values)

    @property
    def spoken(self) -> str:
        """The language of the customer whose turn it is, else the shop's."""
        return _SPEAKING.get() or self.language


def every_language() -> Iterator[Fluent]:
    """The sentences of each language that customers may write."""
    return (texts_in(file.stem, FOLDER) for file in sorted(FOLDER.glob("*.ftl")))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside, customers' sentences are in ``language`` ("" leaves it as it is)."""
    token = _SPEAKING.set(language or _SPEAKING.get())
    try:
        yield
    finally:
        _SPEAKING.reset(token)
