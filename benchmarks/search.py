"""A search in a large shop: how long it takes, what the index costs, how soon a changed article is live.

    PYTHONPATH=. python benchmarks/search.py [--passages 10000] [--encode 200]

The articles are put together from the sentences of shop/articles, two passages each, with a number of their own.
``--encode`` of them are encoded, and that time is scaled up; what is searched are vectors drawn at random, which are
searched, kept and read no faster and no slower. Questions are encoded as always.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from dialogue.articles import load, sentences
from dialogue.encode import Encoders, Floats, RememberingEncoder, encoders
from dialogue.find import Finder, Library

SHOP = Path(__file__).resolve().parent.parent / "shop" / "articles"
QUESTIONS = (
    "wheres my order",
    "can you tell me when you deliver to my street",
    "my avocado is hard as a rock, how does it get soft quickly",
    "I don't like the frying pan, how do I send it back and get my money",
    "do you have gluten-free bread at the moment",
    "wie lange dauert die Lieferung?",
    "¿dónde pongo el código de descuento?",
    "what is the capital of France",
    "the number on the box says 4006381333931, what is it",
    "shiping costs for a big ordr",
)


class Drawn:
    """Articles get vectors at random, questions real ones."""

    def __init__(self, real: RememberingEncoder, width: int) -> None:
        self.name, self.languages, self._real, self._width = f"drawn-{real.name}", real.languages, real, width
        self._random = np.random.default_rng(0)

    def encode(self, texts: Sequence[str]) -> Floats:
        if len(texts) < 20:
            return self._real.encode(texts)
        drawn = self._random.standard_normal((len(texts), self._width), np.float32)
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def write_shop(folder: Path, passages: int) -> None:
    chance = random.Random(0)
    pieces = [s for a in load(SHOP).own for p in a.passages for s in sentences(p.text)]
    titles = [article.title for article in load(SHOP).own]
    for number in range(passages // 2):
        parts = [" ".join(chance.choice(pieces) for _ in range(6)) for _ in range(2)]
        title = f"{chance.choice(titles)} {chance.choice(titles).lower()} {number}"
        text = f"# {title}\n\n{parts[0]}\n\n## {chance.choice(titles)}\n\n{parts[1]}\n"
        (folder / f"article-{number}.md").write_text(text, encoding="utf-8")


def seconds(name: str, what: Callable[[], object]) -> dict[str, float]:
    """By the clock, and of CPU: on a busy machine the two differ."""
    clock, cpu = time.perf_counter(), time.process_time()
    what()
    return {f"{name}, s": time.perf_counter() - clock, f"{name}, s of CPU": time.process_time() - cpu}


def searches(finder: Finder, encoders_: Encoders) -> dict[str, float]:
    """Milliseconds of CPU a search, each question said as if for the first time; the encoder apart and with it."""
    assert encoders_.english
    times, encoded = [], []
    for round_ in range(20):
        for question in QUESTIONS:
            asked = f"{question} {'please ' * (round_ % 4)}{round_}"
            language = "de" if "Lieferung" in question else "es" if "código" in question else "en"
            started = time.process_time()
            encoders_.wide.encode([asked]), encoders_.english.encode([asked])
            between = time.process_time()
            finder.find(asked, language)
            times.append(time.process_time() - between)
            encoded.append(between - started)
    median, p95 = np.percentile(np.array(times) * 1000, (50, 95))
    return {"search ms p50": median, "search ms p95": p95, "encode ms p50": float(np.median(encoded)) * 1000}


def wait_for(title: str, library: Library) -> None:
    while not asyncio.run(library.fresh()).knowledge.named(title):
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--encode", type=int, default=200)
    args = parser.parse_args()
    real = encoders()
    assert real and real.english, "the built-in encoders are not installed"
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        shop, kept = Path(name) / "shop", Path(name) / "vectors"
        shop.mkdir()
        write_shop(shop, args.passages)
        texts = [p.text for a in load(shop).articles[: args.encode] for p in a.passages][: args.encode]
        started = time.process_time()
        real.wide.encode(texts), real.english.encode(texts)
        found["encode a passage, ms of CPU"] = (time.process_time() - started) / len(texts) * 1000
        found["encode all once, minutes of CPU"] = found["encode a passage, ms of CPU"] * args.passages / 60_000
        drawn = Encoders(
            RememberingEncoder(Drawn(real.wide, 512), kept),
            RememberingEncoder(Drawn(real.english, 384), kept),
            real.bridge,
        )
        found |= seconds("index without encoding", lambda: Library(shop, drawn, kept=kept))
        again = Encoders(
            RememberingEncoder(Drawn(real.wide, 512), kept),
            RememberingEncoder(Drawn(real.english, 384), kept),
            real.bridge,
        )
        library: list[Library] = []
        found |= seconds("started again from the cache", lambda: library.append(Library(shop, again, kept=kept)))
        found |= searches(library[0].finder, again)
        (shop / "article-0.md").write_text("# Quite another thing\n\nIt has changed.\n", encoding="utf-8")
        found |= seconds("changed article is live", lambda: wait_for("Quite another thing", library[0]))
    found["memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({name: round(value, 2) for name, value in found.items()}, indent=1))


if __name__ == "__main__":
    main()
