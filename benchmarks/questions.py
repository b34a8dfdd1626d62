"""The table "Words, without a photo" of docs/figures.md: right, wrong and reach of the built-in answers.

    PYTHONPATH=. python benchmarks/questions.py [--data DIR] [--fit halves|sets|shipped]

``--data`` holds ``support/`` and ``dialogue/`` (questions.jsonl and knowledge/ each). ``halves``: each set is cut in
two by a fixed hash, and each half is judged with coefficients fitted on the other half of all sets. ``sets``: each set
is judged with coefficients fitted on all the others, as a shop that was never seen. ``shipped``: as the bot has them.
The workshop is never fitted on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dialogue.articles import load
from dialogue.calibrate import Sample, samples, write
from dialogue.chain import Dialogue
from dialogue.encode import Encoders, encoders
from dialogue.evaluate import Case, NoHistory, answered, figures, read_cases
from dialogue.find import CALIBRATION, Calibration, Finder
from dialogue.turn import Reply

Pairs = list[tuple[Case, Reply]]
ROOT = Path(__file__).resolve().parent.parent
NAMES = ("in_scope_accuracy", "wrong", "reach", "asked", "false_refusals", "false_handovers", "person_recall")
OUTSIDE = ("far_refused", "far_answered", "near_answered")
SHOPS, LANGUAGES = ("bicycle", "electronics", "workshop"), ("languages/shop", "languages/support")


def sets_of(data: Path) -> dict[str, tuple[Path, Path]]:
    """name → questions and articles."""
    talk, support = data / "dialogue", data / "support"
    own = {name: talk / name for name in ("public/webapps", "public/banking", "shops/bicycle", "shops/electronics")}
    found = {"support": (support / "questions.jsonl", support / "knowledge")}
    found |= {folder.name: (folder / "questions.jsonl", folder / "knowledge") for folder in own.values()}
    found["workshop"] = data.parent / "cases" / "bikes.jsonl", data.parent / "cases" / "bikes"
    found["languages/shop"] = talk / "languages/shop/questions.jsonl", ROOT / "shop" / "articles"
    found["languages/support"] = talk / "languages/support/questions.jsonl", support / "knowledge"
    return {name: pair for name, pair in found.items() if pair[0].is_file()}


class Bench:
    def __init__(self, data: Path, made: Encoders | None) -> None:
        self.sets, self._made = sets_of(data), made
        self._articles = {name: load(folder).articles for name, (_, folder) in self.sets.items()}
        self._seen: dict[tuple[str, str], dict[str, Sample]] = {}

    def cases(self, name: str, half: str = "all") -> list[Case]:
        file, _ = self.sets[name]
        return read_cases(file, {article.id for article in self._articles[name]}, half)  # type: ignore[arg-type]

    def fitted(self, parts: Sequence[tuple[str, str]]) -> Calibration:
        """On the halves ``parts`` of (set, half), but for the workshop."""
        for name, half in parts:
            if (name, half) not in self._seen:
                self._seen[name, half] = samples(self.cases(name, half), self.sets[name][1], self._made)
        some = [self._seen[part] for part in parts if part[0] != "workshop"]
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "fit.json", some, CALIBRATION, [])
            return Calibration.read(Path(folder) / "fit.json")

    def judged(self, name: str, calibration: Calibration, half: str = "all") -> Pairs:
        finder = Finder.read(self.sets[name][1], self._made, calibration)
        return asyncio.run(answered(Dialogue(finder, NoHistory()), self.cases(name, half)))

    def halves(self) -> dict[str, Pairs]:
        pairs: dict[str, Pairs] = {name: [] for name in self.sets}
        for half, other in (("dev", "held"), ("held", "dev")):
            calibration = self.fitted([(name, other) for name in self.sets])
            for name in self.sets:
                pairs[name] += self.judged(name, calibration, half)
        return pairs

    def left_out(self) -> dict[str, Pairs]:
        return {name: self.judged(name, self.fitted(self._others(name))) for name in self.sets}

    def _others(self, name: str) -> list[tuple[str, str]]:
        """Both language sets go together, and the support articles with theirs: they are asked the same things."""
        kin = {"support", *LANGUAGES} if name in {"support", *LANGUAGES} else {name}
        return [(other, "all") for other in self.sets if other not in kin]

    def shipped(self) -> dict[str, Pairs]:
        return {name: self.judged(name, Calibration.read()) for name in self.sets}


def table(pairs: dict[str, Pairs]) -> dict[str, dict[str, float]]:
    shops = [pair for name in SHOPS for pair in pairs.get(name, [])]
    foreign = {name: [p for p in pairs.get(name, []) if p[0].language != "en"] for name in LANGUAGES}
    rows = {name: some for name, some in pairs.items() if name not in LANGUAGES}
    rows |= {"three shops": shops, **{f"{n}, ten": some for n, some in foreign.items()}}
    rows["both, ten"] = [pair for some in foreign.values() for pair in some]
    rows["everything"] = [pair for some in pairs.values() for pair in some]
    rows["everything in English"] = [pair for pair in rows["everything"] if pair[0].language == "en"]
    return {name: _row(some) for name, some in rows.items()}


def _row(pairs: Pairs) -> dict[str, float]:
    found = figures(pairs)
    in_scope = sum(not case.expected.startswith("@") for case, _ in pairs)
    return {"n": in_scope, **{name: found[name] for name in (*NAMES, *OUTSIDE)}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--fit", choices=("halves", "sets", "shipped"), default="halves")
    parser.add_argument("--encoder", default="built-in", help="built-in or none")
    parser.add_argument("--vectors", type=Path, help="folder that keeps the articles' vectors")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if not sets_of(args.data.resolve()):
        parser.error(f"{args.data} holds neither support/ nor dialogue/: name the folder with --data")
    bench = Bench(args.data.resolve(), encoders(args.encoder, args.vectors))
    ways = {"halves": bench.halves, "sets": bench.left_out, "shipped": bench.shipped}
    found = table(ways[args.fit]())
    if args.json:
        print(json.dumps(found))
        return
    heads = ("n", "right", "wrong", "reach", "asked", "refused", "handed", "person", "far ref", "far ans", "near ans")
    print(f"{'':22}" + "".join(f"{head:>9}" for head in heads))
    for name, row in found.items():
        print(
            f"{name:22}"
            + "".join(f"{value:9.3f}" if value != int(value) else f"{value:9.0f}" for value in row.values())
        )


if __name__ == "__main__":
    main()
