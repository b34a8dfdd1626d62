"""Over the shipped weights: some products are hidden from them and learnt again. What of the others is lost?

    PYTHONPATH=. python benchmarks/adapt_hidden.py DATA [--cache FILE] [--only-cached]

The photos, and the cache of what was seen in them, are those of benchmarks/adapt.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from adapt import DRAWS, MOST, Photos, arguments, averages, examples, looked, right, say

from vision.images import Sample
from vision.model.adapted import widened
from vision.settings import SHIPPED
from vision.training import adapt, heads
from vision.training.dataset import last_of_each
from vision.training.heads import Examples


def hidden(photos: Photos) -> None:
    """Over the shipped weights: some products are hidden from them and learnt again. What of the others is lost?"""
    card = json.loads((SHIPPED / "card.json").read_text())
    known, temperature = card["config"]["label_sets"]["product"], card["calibration"]["product"]["temperature"]
    inside = np.char.startswith(photos.names, "grocery/train")
    train, test = photos.rows(inside), photos.rows(np.char.startswith(photos.names, "grocery/validation"))
    train = train.rows(train.names.argsort())
    samples = [
        Sample(Path(name), {"product": str(label)}) for name, label in zip(train.names, train.labels, strict=True)
    ]
    apart = np.isin(np.arange(len(samples)), sorted(last_of_each(samples, 8)))  # training left these out
    away = photos.rows(photos.labels == "").rows(slice(0, None, 2))
    many = sorted(n for n in known if (train.labels == n).sum() >= MOST and n in test.labels)
    for each in (5, MOST):
        found = []
        for draw in range(DRAWS):
            chance = np.random.default_rng(draw)
            new = sorted(chance.permutation(many)[:11].tolist())
            old = [name for name in known if name not in new]
            names, columns = [*old, *new], [known.index(name) for name in old]

            def of(rows: Photos, names: list[str] = names, columns: list[int] = columns) -> Examples:
                bare = examples(rows, names)
                return replace(bare, base=widened(rows.logits[:, columns] / temperature, len(names)), gates=rows.gates)

            rows = [chance.permutation(np.flatnonzero(train.labels == name))[:each] for name in new]
            rehearsed = heads.joined(of(train.rows(apart & ~np.isin(train.labels, new))), of(away))
            own = of(train.rows(np.concatenate(rows)))
            weights = heads.fit(heads.joined(own, rehearsed))
            mine = np.isin(test.labels, new)
            asked, check = of(test.rows(mine)), of(test.rows(~mine))
            said = heads.said(weights, check)[0].argmax(1)
            calibration = adapt.calibrated(*adapt.left_out([own], rehearsed, len(old)))
            score, of_new = (
                adapt.scores(adapt.spoken(weights, rows), calibration) for rows in (heads.joined(asked, check), asked)
            )
            found.append({
                "new": float(right(weights, asked).mean()),
                "old": float(right(weights, check).mean()),
                "old_before": float((check.base[:, : len(old)].argmax(1) == check.target).mean()),
                "taken_for_new": float((said >= len(old)).mean()),
                "stated": score["stated"],
                "right_when_stated": score["right_when_stated"] or 0.0,
                "new_stated": of_new["stated"],
                "new_right_when_stated": of_new["right_when_stated"] or 0.0,
            })  # fmt: skip
        say(part="hidden", each=each, **averages(found))


if __name__ == "__main__":
    args = arguments(__doc__).parse_args()
    hidden(looked(args.data, args.cache, only_cached=args.only_cached))
