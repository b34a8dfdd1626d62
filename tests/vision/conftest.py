from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))  # for toys.py: with importlib's mode a test cannot import its neighbour

from toys import WORDS, tiny_config

from storage.seal import Sealer


@pytest.fixture
def sealer() -> Sealer:
    return Sealer({1: bytes(range(32))}, 1)


@pytest.fixture(scope="session")
def tokens() -> Any:
    """With the same numbers in every session: the library breaks ties by chance."""
    from tokenizers import Tokenizer

    from vision.model.tokens import SPECIAL, Tokens

    trained = Tokens.train([*WORDS, "what is this ?", "my fruit", "apple milk pear"] * 3, 120)
    entry = json.loads(trained.tokenizer.to_str())
    words = [*SPECIAL, *sorted(set(entry["model"]["vocab"]) - set(SPECIAL))]
    entry["model"]["vocab"] = {word: at for at, word in enumerate(words)}
    return Tokens(Tokenizer.from_str(json.dumps(entry)))


@pytest.fixture
def tiny(tokens: Any) -> Any:
    """An untrained model, the smallest there is; always the same weights."""
    import torch

    from vision.model.network import FusedModel

    torch.manual_seed(0)
    return FusedModel(tiny_config(tokens)).eval()


@pytest.fixture(scope="session")
def shipped(tokens: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint folder of an untrained model. Tests that change it copy it first."""
    import torch

    from vision.model import checkpoint
    from vision.model.network import FusedModel

    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    torch.manual_seed(0)
    checkpoint.save(folder, FusedModel(tiny_config(tokens)).eval(), tokens, {"command": "a test"})
    return folder


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """The same numbers on every machine, and no fight for its cores."""
    if (torch := sys.modules.get("torch")) is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
