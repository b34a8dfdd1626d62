"""`.env.example` names every setting and every variable of the compose files, and nothing else."""

from __future__ import annotations

import re

from repository import ROOT

from bot.settings import BotSettings
from storage.settings import StorageSettings
from vision.settings import VisionSettings

EXAMPLE = ROOT / ".env.example"


def test_every_setting_has_its_line_and_its_sentence() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    named = {found[1] for line in lines if (found := re.match(r"#?([A-Z]+(?:_[A-Z]+)*)=", line))}
    known = {
        f"{settings.model_config['env_prefix']}{name}".upper()
        for settings in (BotSettings, VisionSettings, StorageSettings)
        for name in settings.model_fields
    }
    files = (EXAMPLE.parent / "docker-compose.yml", EXAMPLE.parent / "deploy" / "tls.yml")
    compose = set(re.findall(r"\$\{([A-Z_]+)", "".join(f.read_text() for f in files)))
    assert named == known | compose
    for at, line in enumerate(lines):
        if re.match(r"#?[A-Z]+(?:_[A-Z]+)*=", line):
            assert re.match(r"# .*[.…]", lines[at - 1]), f"{line} has no sentence above it"
