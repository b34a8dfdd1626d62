"""playground/README.md says what is so: its test runs as it stands, and its list of methods is the server's."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import playground
from playground.api import METHODS

PACKAGE = Path(playground.__file__).parent
README = (PACKAGE / "README.md").read_text()
MARKED = """

import pytest

@pytest.mark.telegram(flood=True, bots=["777:second"])
async def test_the_marker_passes_arguments_on(telegram):
    assert telegram.flood.on
    assert telegram.beside("777:second").customer(7).user_id == 7
"""


@pytest.mark.timeout(180)  # a Python of its own imports aiogram, which takes long on a busy machine
def test_the_readmes_test_passes_in_a_folder_of_its_own(tmp_path: Path) -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    (tmp_path / "test_readme.py").write_text(code[1] + MARKED)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["playground.pytest_plugin"]\n')
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\naddopts = --strict-markers -p no:cacheprovider\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=150, check=False
    )
    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr


def test_every_method_is_named() -> None:
    listed = README[README.index("## What there is") : README.index("**A method that is not there")]
    assert set(re.findall(r"`(\w+)`", listed)) == set(METHODS)
