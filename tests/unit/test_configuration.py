"""docs/configuration.md says what the settings are."""

from __future__ import annotations

import runpy

from repository import ROOT

DOCS = ROOT / "docs"


def test_the_reference_is_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "make_configuration.py"))["page"]()
    assert (DOCS / "configuration.md").read_text(encoding="utf-8") == made, "python docs/make_configuration.py"
    assert "| `VISION_BATCH` | Photos in one forward pass, at most. | whole number, ≥ 1, ≤ 256 | `4` |" in made
