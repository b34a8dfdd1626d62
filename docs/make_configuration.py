"""docs/configuration.md, made of the settings and of .env.example's sentences: python docs/make_configuration.py."""

from __future__ import annotations

import re
import sys
import typing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pydantic import SecretStr  # noqa: E402 - our packages are found now
from pydantic.fields import FieldInfo  # noqa: E402

from bot.settings import BotSettings  # noqa: E402
from storage.settings import Settings, StorageSettings  # noqa: E402
from vision.settings import VisionSettings  # noqa: E402

KINDS: tuple[type[Settings], ...] = (BotSettings, VisionSettings, StorageSettings)
NAMED = {str: "text", int: "whole number", float: "number", Path: "path", SecretStr: "secret", bool: "yes or no"}
HEAD = """# Configuration

Made by `python docs/make_configuration.py` from the settings and `.env.example`; a test holds it to them.
Each is an environment variable, or a file in `/run/secrets` with its name in lower case. The environment wins.
What is empty has its default. An unknown name that begins with BOT_, VISION_ or STORAGE_ is refused at start.
The nearest known name is said.
"""


def kind(annotation: object) -> str:
    """In words: ``int | None`` → "whole number"."""
    if typing.get_origin(annotation) is typing.Annotated:
        return kind(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is typing.Literal:
        return " or ".join(map(str, typing.get_args(annotation)))
    options = [part for part in typing.get_args(annotation) if part is not type(None)] or [annotation]
    return NAMED[options[0]] if options[0] in NAMED else kind(options[0])


def bounds(field: FieldInfo) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = [(sign, getattr(rule, name, None)) for rule in field.metadata for name, sign in signs.items()]
    return "".join(f", {sign} {limit:g}" for sign, limit in found if limit is not None)


def default(field: FieldInfo) -> str:
    if field.default is None:
        return ""
    if isinstance(field.default, Path) and field.default.is_absolute():
        return f"`{field.default.relative_to(ROOT)}`"
    return f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"


def sentences() -> dict[str, tuple[str, str, str]]:
    """Name → section, sentence, example's value; in .env.example's order."""
    found, section, said = {}, "", ""
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if head := re.match(r"# -- (.*?) -+$", line):
            section = head[1]
        elif setting := re.match(r"#?([A-Z]+(?:_[A-Z]+)*)=(.*)", line):
            found[setting[1]] = (section, said, setting[2])
        else:
            said = line.removeprefix("# ")
    return found


def page() -> str:
    fields = {f"{k.model_config['env_prefix']}{name}".upper(): f for k in KINDS for name, f in k.model_fields.items()}
    lines, section = [HEAD], ""
    for name, (where, said, example) in sentences().items():
        if where != section:
            section = where
            lines.append(
                f"\n## {section[0].upper()}{section[1:]}\n\n| name | what | kind | default |\n|---|---|---|---|\n"
            )
        if field := fields.get(name):
            row = (said, kind(field.annotation) + bounds(field), default(field))
        else:  # of docker compose
            row = (said, "text", f"`{example}`" if example else "")
        lines.append(f"| `{name}` | " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n")
    return "".join(lines)


if __name__ == "__main__":
    (ROOT / "docs" / "configuration.md").write_text(page(), encoding="utf-8")
