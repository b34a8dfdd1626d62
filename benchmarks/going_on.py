"""Questions after a photo that name nothing of their own, and others that do, in eleven languages.

    PYTHONPATH=. python benchmarks/going_on.py [--data DIR]

``going_on.tsv`` holds them. "tuned" was looked at while the rule was made; "fresh" was written before it was first
asked, for another thing. Of the pairs that the rule is fitted on (dialogue/lexicon/going_on.txt), each line is left out
in turn. ``--data`` as of questions.py: each of its questions after an answer about some article, and alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from pathlib import Path

import numpy as np
from questions import Bench

from dialogue.chain import Dialogue
from dialogue.context import Memory, resolve
from dialogue.decide import Judge
from dialogue.encode import Encoders, encoders
from dialogue.find import Finder
from dialogue.going_on import PAIRS, RIDGE
from dialogue.history import InMemory
from dialogue.intents import Intents, Phrases
from dialogue.text import lines_of
from dialogue.turn import Fact, Turn
from storage.commit import Commit

ROOT = Path(__file__).resolve().parent.parent
SHOWN = {"tuned": ("Granny Smith", "apple"), "fresh": ("Carrots", "carrots")}


async def goes_on(finder: Finder, shown: tuple[str, str], language: str, question: str) -> bool:
    """Whether the second answer quotes the article of what the first message's photo showed."""
    name, article = shown
    dialogue = Dialogue(finder, InMemory())
    for turn in (
        Turn(1, "", (Fact("product", name, 0.95, "photo 1"),), 1, language=language),
        Turn(1, question, language=language),
    ):
        reply = await dialogue.reply(turn)
        dialogue.remember(Commit(), turn, reply)
    return article in [citation.article for citation in reply.citations]


def left_out(made: Encoders) -> dict[str, float]:
    """Of each half of the pairs, the share on the wrong side of the line that is fitted on all other lines."""
    halves = [line.partition("|") for line in lines_of(PAIRS)]
    texts = {one.strip(): 1.0 for one, _, _ in halves if one.strip()} | {own.strip(): -1.0 for _, _, own in halves}
    sides = np.array(list(texts.values()))
    known = np.c_[made.wide.encode(list(texts)), np.ones(len(texts))]
    kernel = known @ known.T
    hat = kernel @ np.linalg.inv(kernel + RIDGE * np.eye(len(kernel)))
    values = sides - (sides - hat @ sides) / (1 - np.diag(hat))
    heard, other = float((values[sides > 0] > 0).mean()), float((values[sides < 0] > 0).mean())
    return {"lines": len(sides), "names nothing, heard": round(heard, 3), "names something, heard too": round(other, 3)}


def of_sets(data: Path, made: Encoders) -> str:
    """How many questions of sets, none of which was asked after another, are answered otherwise after an answer."""
    bench, phrases, chance = Bench(data, made), Phrases(), random.Random(1)
    asked = otherwise = 0
    for name, (_, articles) in bench.sets.items():
        finder = Finder.read(articles, made)
        judge, ids = Judge(finder, Intents(phrases, finder.examples)), sorted(finder.knowledge.articles)
        for case in bench.cases(name):
            memories = (Memory(), Memory("x", cited=(chance.choice(ids),), action="answer"))
            alone, after = (resolve(Turn(1, case.question), memory, finder.knowledge, phrases) for memory in memories)
            if after.earlier:  # else it says "it", and is no news
                # The same memory for both: what else it changes is not what is measured.
                quoted = [judge.judge(one, Memory()).passages[:1] for one in (alone, after)]
                asked, otherwise = asked + 1, otherwise + (quoted[0] != quoted[1])
    return f"{otherwise} of {asked}"


async def measure(data: Path | None) -> dict[str, object]:
    made = encoders()
    assert made
    finder = Finder.read(ROOT / "shop" / "articles", made)
    counts: dict[str, list[bool]] = {}
    for row in lines_of(Path(__file__).with_suffix(".tsv")):
        name, yes, language, question = row.split("\t")
        right = await goes_on(finder, SHOWN[name], language, question) == (yes == "yes")
        counts.setdefault(f"{name}, {'names nothing' if yes == 'yes' else 'names its own'}", []).append(right)
    found: dict[str, object] = {name: f"{sum(rights)} of {len(rights)}" for name, rights in counts.items()}
    found["pairs"] = left_out(made)
    if data:
        found["sets, answered otherwise after an answer"] = of_sets(data, made)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    print(json.dumps(asyncio.run(measure(parser.parse_args().data)), indent=2))
