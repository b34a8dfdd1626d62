"""Every word a customer or agent reads, in Fluent files, one a language (https://projectfluent.org)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle, FluentResource

from storage.settings import SettingsError

FOLDER = Path(__file__).parent


class Texts:
    """``texts("hello", shop="Corner & Co.")``. A message that is missing is a programming error and raises KeyError."""

    def __init__(self, language: str = "en") -> None:
        path = FOLDER / f"{language}.ftl"
        if not path.is_file():
            known = ", ".join(sorted(found.stem for found in FOLDER.glob("*.ftl")))
            raise SettingsError(f"BOT_LANGUAGE={language}: there are no texts in that language, only in {known}")
        # use_isolating: the invisible marks around values would travel into messages and searches.
        self.bundle = FluentBundle([language], use_isolating=False)
        self.bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))

    def __call__(self, name: str, /, **values: Any) -> str:
        pattern = self.bundle.get_message(name).value
        if pattern is None:
            raise KeyError(name)
        text, errors = self.bundle.format_pattern(pattern, values)
        if errors:
            raise errors[0]
        return str(text)
