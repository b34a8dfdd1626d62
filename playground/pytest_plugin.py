"""A pytest fixture: a local Telegram for each test. Needs pytest-asyncio.

In a test module, or in the topmost conftest.py:

    pytest_plugins = ["playground.pytest_plugin"]
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from playground.client import Playground


@pytest_asyncio.fixture
async def telegram(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Playground]:
    """A running playground on a free port, forgotten after the test. ``@pytest.mark.telegram(flood=True)`` passes its
    arguments on to `Playground`."""
    marker = request.node.get_closest_marker("telegram")
    async with Playground(tmp_path / "telegram", **(marker.kwargs if marker else {})) as running:
        yield running


def pytest_configure(config: pytest.Config) -> None:
    """So that --strict-markers knows it."""
    config.addinivalue_line("markers", "telegram(**options): how the playground of this test is started")
