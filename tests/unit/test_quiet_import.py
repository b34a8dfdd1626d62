"""Importing a package does nothing: no environment read, no socket, no torch; and nobody imports what is not theirs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from repository import ROOT

PACKAGES = ("bot", "vision", "dialogue", "storage", "monitoring", "playground")
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if path.name != "__main__.py"
)
QUIET = """
import importlib, socket, sys
def refuse(*_, **__):
    raise AssertionError("a socket was opened at import")
socket.socket.connect = refuse
for name in sys.argv[1].split():
    importlib.import_module(name)
print(" ".join(sorted({m.split(".")[0] for m in sys.modules})))
"""


def imported(module: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", QUIET, module], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("bot.app", {"torch", "transformers", "torchvision", "PIL"}),
        ("bot.turn", {"torch", "langchain_core"}),
        ("bot.ports", {"torch", "aiogram", "langchain_core"}),
        ("vision.report", {"torch", "PIL", "numpy", "redis", "aiogram"}),
        ("vision.client", {"torch", "PIL", "numpy", "aiogram"}),
        ("vision.worker.worker", {"torch", "aiogram", "langchain_core"}),
        ("vision.model.predictor", {"aiogram", "langchain_core"}),
        ("dialogue.turn", {"langchain_core", "redis", "torch", "pydantic"}),
        ("dialogue.chain", {"torch", "aiogram", "PIL", "openai"}),
        ("storage.jobs", {"torch", "aiogram", "pydantic_settings"}),
        ("bot.__main__", {"aiogram", "redis", "pydantic", "prometheus_client"}),  # a health check imports it
        ("vision.__main__", {"torch", "redis", "pydantic", "prometheus_client"}),
        ("playground.server", {"bot", "vision", "dialogue", "storage", "monitoring", "aiogram", "torch"}),
    ],
)
def test_what_an_import_never_brings(module: str, never: set[str]) -> None:
    assert not imported(module) & never


def test_the_environment_is_read_in_settings_alone() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "os.environ" in (text := path.read_text()) or "getenv(" in text
    ]
    assert readers == ["storage/settings.py"]


def test_importing_everything_opens_no_socket() -> None:
    assert set(PACKAGES) <= imported(" ".join(MODULES))
