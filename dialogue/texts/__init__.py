"""Every word that a person reads stands in Fluent files, one a language (https://projectfluent.org).

Here: what the dialogue answers with. What the bot says besides is in bot/texts, read by the same class.
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

from storage.settings import SettingsError

FOLDER = Path(__file__).parent
LONG = 1000


class Texts:
    """``texts("off-topic")``. A message that is missing is a programming error and raises KeyError."""

    def __init__(self, language: str = "en", folder: Path = FOLDER) -> None:
        """Raises SettingsError for a language without a file."""
        path = folder / f"{language}.ftl"
        if not path.is_file():
            known = ", ".join(sorted(found.stem for found in folder.glob("*.ftl")))
            raise SettingsError(f"BOT_LANGUAGE={language}: there are no texts in that language, only in {known}")
        self.language = language
        # use_isolating: the invisible marks around values would travel into messages and searches.
        self.bundle = FluentBundle([language], use_isolating=False)
        self.bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))

    def has(self, name: str) -> bool:
        return bool(self.bundle.has_message(name))

    def __call__(self, name: str, /, **values: object) -> str:
        pattern = self.bundle.get_message(name).value
        if pattern is None:
            raise KeyError(name)
        # Fluent refuses values over 2500 characters and a customer's message may have 4096: they are put in afterwards.
        long = {secrets.token_hex(8): v for v in values.values() if isinstance(v, str) and len(v) > LONG}
        stand_in: dict[object, str] = {v: mark for mark, v in long.items()}
        text, errors = self.bundle.format_pattern(pattern, {n: stand_in.get(v, v) for n, v in values.items()})
        if errors:
            raise errors[0]
        return re.sub("|".join(long) or "(?!)", lambda found: long[found[0]], str(text))


@cache
def texts_in(language: str, folder: Path = FOLDER) -> Texts:
    """Of that language, or English where there are none."""
    return Texts(language if (folder / f"{language}.ftl").is_file() else "en", folder)
