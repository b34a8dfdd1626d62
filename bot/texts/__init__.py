"""Every word a customer or agent reads, in Fluent files, one a language (https://projectfluent.org)."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

from storage.settings import SettingsError

FOLDER = Path(__file__).parent
LONG = 1000


class Texts:
    """``texts("help", shop="Corner & Co.")``. A message that is missing is a programming error and raises KeyError."""

    def __init__(self, language: str = "en") -> None:
        path = FOLDER / f"{language}.ftl"
        if not path.is_file():
            known = ", ".join(sorted(found.stem for found in FOLDER.glob("*.ftl")))
            raise SettingsError(f"BOT_LANGUAGE={language}: there are no texts in that language, only in {known}")
        # use_isolating: the invisible marks around values would travel into messages and searches.
        self.bundle = FluentBundle([language], use_isolating=False)
        self.bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))

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
