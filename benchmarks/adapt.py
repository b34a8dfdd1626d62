"""A shop's own weights: held-back products, differential privacy, an attacker, five shops that learn together.

    PYTHONPATH=. python benchmarks/adapt.py DATA [--cache FILE] [--only PART] [--only-cached]

The base here is not the shipped one, whose tuned branch has seen every product: it is a linear head over the world
branch, which is as ImageNet made it, fitted on the old products alone. Groceries; one line of JSON a row.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from vision.images import Sample, load_pixels, read_folder
from vision.model.adapted import widened
from vision.model.predictor import Predictor
from vision.training import adapt, federated, heads
from vision.training.budget import Budget, PrivacyError
from vision.training.heads import NONE, Examples, Weights

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
MOST = 20  # photos of a new product that are learnt from; of products that have as many, every seventh is held back
SHOPS = 5
DRAWS = 3  # of photos, of shops
DIRECTIONS = 192  # of the looks, that shops learn over here: a tenth of the time, and nearly as good


@dataclass(frozen=True)
class Photos:
    looks: Array  # [N, C]
    light: Array  # [N] mean brightness
    labels: npt.NDArray[np.str_]
    names: npt.NDArray[np.str_]  # of the files, with their split
    logits: Array  # [N, products] what the shipped checkpoint says
    gates: Array  # [N] and whether it is a product at all

    def rows(self, keep: Any) -> Photos:
        return Photos(*(value[keep] for value in vars(self).values()))


def looked(data: Path, cache: Path, *, only_cached: bool) -> Photos:
    """All grocery photos and, as what is no grocery, clothes. Saved after each hundred."""
    found = Photos(*np.load(cache).values()) if cache.is_file() else None
    folders = ("grocery/train", "grocery/validation", "clothing/validation")
    samples = {f"{each}/{s.path.name}": s for each in folders for s in read_folder(data / each)}
    missing = [name for name in samples if found is None or name not in set(found.names.tolist())]
    missing = np.random.default_rng(0).permutation(missing).tolist()  # a part of them is of all products
    predictor = Predictor.load() if missing and not only_cached else None
    for at in range(0, len(missing) if predictor else 0, 100):
        part = _look(predictor, {name: samples[name] for name in missing[at : at + 100]})
        found = (
            part
            if found is None
            else Photos(*map(np.concatenate, zip(vars(found).values(), vars(part).values(), strict=True)))
        )
        np.savez(cache, **vars(found))
    assert found is not None, "nothing is cached"
    return found


def _look(predictor: Any, samples: dict[str, Sample]) -> Photos:
    pixels = load_pixels(list(samples.values()), predictor.size).transpose(0, 2, 3, 1)
    seen = [predictor.see(part, [""] * len(part)) for part in np.array_split(pixels, -(-len(pixels) // 20))]
    labels = [s.labels.get("product", "") for s in samples.values()]
    return Photos(
        np.concatenate([each.looks for each in seen]),
        pixels.mean((1, 2, 3)),
        np.array(labels),
        np.array(list(samples)),
        np.concatenate([each.logits["product"] for each in seen]),
        np.concatenate([each.gates[:, list(predictor.sets).index("product")] for each in seen]),
    )


def examples(photos: Photos, names: list[str], base: Weights | None = None) -> Examples:
    """``base``: the head of what the checkpoint knows, of the first of ``names``."""
    index = {name: at for at, name in enumerate(names)}
    target = np.array([index.get(label, NONE) for label in photos.labels], np.int64)
    bare = Examples(photos.looks, np.zeros((len(target), len(names))), np.zeros(len(target)), target)
    if base is None:
        return bare
    known = Examples(photos.looks, np.zeros((len(target), len(base.labels))), bare.gates, target)
    logits, gates = heads.said(base, known)
    return Examples(photos.looks, widened(logits, len(names)), gates, target)


def right(weights: Weights, rows: Examples) -> npt.NDArray[np.bool_]:
    return np.asarray(heads.said(weights, rows)[0].argmax(1) == rows.target)


def say(**row: Any) -> None:
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}), flush=True)


@dataclass(frozen=True)
class Setting:
    """A checkpoint that knows the old products, and a shop that has new ones."""

    names: list[str]  # old, then new
    new: list[str]
    train: Photos  # of all products
    base: Weights  # of the old
    rehearsed: Examples
    check: Examples  # photos of old products
    asked: Examples  # photos of new products
    clothes: Examples  # not seen by anything

    @classmethod
    def of(cls, photos: Photos) -> Setting:
        groceries = photos.labels != ""
        train = photos.rows(groceries & np.char.startswith(photos.names, "grocery/train"))
        test = photos.rows(groceries & np.char.startswith(photos.names, "grocery/validation"))
        away = photos.rows(~groceries)
        count = {name: int((train.labels == name).sum()) for name in sorted(set(train.labels.tolist()))}
        new = [name for name in count if count[name] >= MOST and name in test.labels][::7]
        old = [name for name in count if name not in new]
        names = [*old, *new]
        rest = np.flatnonzero(~np.isin(train.labels, new))
        memory = np.random.default_rng(0).permutation(rest)[: len(rest) // 4]  # the base has not learnt from these
        learnt = train.rows(np.setdiff1d(rest, memory))
        half, other = away.rows(slice(0, None, 2)), away.rows(slice(1, None, 2))
        base = heads.fit(heads.joined(examples(learnt, old), examples(half, old)))
        rehearsed = heads.joined(examples(train.rows(memory), names, base), examples(half, names, base))
        mine = np.isin(test.labels, new)
        check, asked = (examples(test.rows(rows), names, base) for rows in (~mine, mine))
        return cls(names, new, train, base, rehearsed, check, asked, examples(other, names, base))

    def drawn(self, each: int, draw: int) -> Examples:
        """``each`` photos of every new product."""
        chance = np.random.default_rng(draw)
        rows = [chance.permutation(np.flatnonzero(self.train.labels == name))[:each] for name in self.new]
        return examples(self.train.rows(np.concatenate(rows)), self.names, self.base)

    def scores(self, weights: Weights) -> dict[str, float]:
        parts = {"new": self.asked, "old": self.check, "both": heads.joined(self.asked, self.check)}
        return {name: float(right(weights, rows).mean()) for name, rows in parts.items()}


def held(photos: Photos) -> None:
    """What is known of old and new products after 5, 10 and 20 photos of each new one."""
    setting = Setting.of(photos)
    knew = setting.check.base[:, : len(setting.names) - len(setting.new)]  # without the new ones
    before = float((knew.argmax(1) == setting.check.target).mean())
    sizes = {"old": len(setting.check.target), "new": len(setting.asked.target)}
    say(part="held", products=len(setting.names), new=len(setting.new), tested=sizes, old_before=before)
    for each in (5, 10, MOST):
        _held(setting, each)


def _held(setting: Setting, each: int) -> None:
    found, nearest = [], []
    for draw in range(DRAWS):
        own = setting.drawn(each, draw)
        weights = heads.fit(heads.joined(own, setting.rehearsed))
        found.append(setting.scores(weights))
        looks = heads.joined(own, setting.rehearsed)
        nearest.append(_nearest(looks, setting.asked))
    own = setting.drawn(each, 0)
    weights = heads.fit(heads.joined(own, setting.rehearsed))
    knew = len(setting.names) - len(setting.new)
    calibration = adapt.calibrated(*adapt.left_out([own], setting.rehearsed, knew))
    score = adapt.scores(adapt.spoken(weights, heads.joined(setting.asked, setting.check)), calibration)
    best, _, opened = adapt.answers(adapt.spoken(weights, setting.clothes), calibration)
    said = {key: score[key] for key in ("stated", "right_when_stated")}
    said["clothes_stated"] = float((opened & (best >= calibration.floor)).mean())
    say(part="held", each=each, **averages(found), prototypes_new=float(np.mean(nearest)), **said)


def _nearest(known: Examples, asked: Examples) -> float:
    """Accuracy of the nearest mean, over all products of which there are photos: a catalogue."""
    labels = np.unique(known.target[known.target >= 0])
    means = np.stack([known.looks[known.target == label].mean(0) for label in labels])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return float((labels[(asked.looks @ means.T).argmax(1)] == asked.target).mean())


def averages(found: list[dict[str, float]]) -> dict[str, float]:
    means = {key: float(np.mean([each[key] for each in found])) for key in found[0]}
    return means | {"spread_of_new": float(np.std([each["new"] for each in found]))}


def private(photos: Photos) -> None:
    """Every epsilon against accuracy: the new products with 20 photos each; what is rehearsed is public."""
    from vision.training.private import fit_private  # noqa: PLC0415 - torch, for this alone

    setting = Setting.of(photos)
    for epsilon in (1.0, 3.0, 8.0, None):
        found: list[dict[str, float]] = []
        cost: dict[str, Any] = {}
        try:
            for draw in range(DRAWS):
                own = setting.drawn(MOST, draw)
                if epsilon is None:
                    weights = heads.fit(heads.joined(own, setting.rehearsed))
                else:
                    weights, cost = fit_private(own, setting.rehearsed, Budget(epsilon), seed=draw)
                found.append(setting.scores(weights))
        except PrivacyError as error:
            say(part="private", asked=epsilon, refused=str(error))
            continue
        kept = {key: cost.get(key) for key in ("epsilon", "delta", "noise")}
        say(part="private", asked=epsilon, **averages(found), **kept)


def divided(photos: Photos) -> tuple[Examples, Examples, list[str]]:
    """What heads learn from, what they are asked, all products."""
    groceries = photos.rows(photos.labels != "")
    names = sorted(set(groceries.labels.tolist()))
    inside = np.char.startswith(groceries.names, "grocery/train")
    return examples(groceries.rows(inside), names), examples(groceries.rows(~inside), names), names


def attack(photos: Photos, shadows: int = 8) -> None:
    """Who was learnt from? By the loss (Yeom et al. 2018), and by how far it is from what heads with and without this
    photo say (LiRA, Carlini et al. 2022, with few shadows). The area under the ROC curve: 0.5 is chance. ``most``: what
    any attacker may have at the most, by the noise alone (Gaussian mechanisms, Dong et al. 2022).
    """
    import vision.training.private as dp  # noqa: PLC0415 - it changes what others import

    pool, _, names = divided(photos)
    public = examples(photos.rows(photos.labels == ""), names)
    dp.enough = lambda *_: None  # the attack wants half the photos, however few they are
    for epsilon in (1.0, 3.0, 8.0, None):
        chance = np.random.default_rng(1)
        inside = chance.random((shadows + 1, len(pool.target))) < 0.5
        lost: list[Array] = []
        cost: dict[str, Any] = {}
        for at, keep in enumerate(inside):
            half = pool.rows(keep)
            if epsilon is None:
                weights = heads.fit(heads.joined(half, public), decay=1e-5, steps=200)
            else:
                weights, cost = dp.fit_private(half, public, Budget(epsilon), seed=at)
            lost.append(_losses(weights, pool))
        target, member, others, was = lost[0], inside[0], np.array(lost[1:]), inside[1:]
        mean = [np.where(was == side, others, 0).sum(0) / np.maximum((was == side).sum(0), 1) for side in (True, False)]
        width = others.std(0) + 1e-6
        likely = ((target - mean[1]) ** 2 - (target - mean[0]) ** 2) / width**2
        say(
            part="attack",
            epsilon=epsilon,
            photos=len(member),
            most=NormalDist().cdf(cost["steps"] ** 0.5 / cost["noise"] / 2**0.5) if epsilon else 1.0,
            by_loss=_area(-target, member),
            lira=_area(likely, member),
        )


def _losses(weights: Weights, rows: Examples) -> Array:
    logits = heads.said(weights, rows)[0]
    logits = logits - logits.max(1, keepdims=True)
    return np.asarray(np.log(np.exp(logits).sum(1)) - logits[np.arange(len(logits)), rows.target])


def _area(score: Array, member: npt.NDArray[np.bool_]) -> float:
    rank = score.argsort().argsort() + 1
    inside, outside = member.sum(), (~member).sum()
    return float((rank[member].sum() - inside * (inside + 1) / 2) / inside / outside)


def together(photos: Photos) -> None:
    """Five shops: each product's photos ordered by light and cut where a Dirichlet draw (1.0) says. Pooled: with as
    many steps as a shop alone has, and with as many as all rounds together.
    """
    pool, asked, names = divided(photos)
    _, _, ways = np.linalg.svd(pool.looks[::3], full_matrices=False)
    pool, asked = (replace(rows, looks=rows.looks @ ways[:DIRECTIONS].T) for rows in (pool, asked))
    light = photos.light[(photos.labels != "") & np.char.startswith(photos.names, "grocery/train")]
    nothing = pool.rows(np.zeros(len(pool.target), bool))
    pooled = [heads.fit(pool, steps=steps) for steps in (heads.STEPS, federated.ROUNDS * federated.STEPS)]
    for draw in range(DRAWS):
        chance = np.random.default_rng(draw)
        shops: list[list[int]] = [[] for _ in range(SHOPS)]
        for label in range(len(names)):
            rows = np.flatnonzero(pool.target == label)
            rows = rows[light[rows].argsort()]
            cuts = np.round(chance.dirichlet([1.0] * SHOPS).cumsum() * len(rows)).astype(int)[:-1]
            for shop, part in zip(shops, np.split(rows, cuts), strict=True):
                shop.extend(part.tolist())
        own = [pool.rows(np.isin(np.arange(len(pool.target)), shop)) for shop in shops]
        weights = Weights.zeros(len(names), pool.looks.shape[1])
        for _ in range(federated.ROUNDS):
            updates = {str(at): federated.local(each, nothing, weights) for at, each in enumerate(own)}
            weights, _ = federated.averaged(weights, updates)
        alone = [float(right(heads.fit(each), asked).mean()) for each in own]
        scores = [float(right(each, asked).mean()) for each in (weights, *pooled)]
        sizes = [len(each.target) for each in own]
        say(part="federated", draw=draw, photos=sizes, alone=alone, federated=scores[0], pooled=scores[1:])


PARTS = {"held": held, "private": private, "attack": attack, "federated": together}


def arguments(said: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=said)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(".runs/adapt.npz"))
    parser.add_argument("--only-cached", action="store_true", help="of the photos, those that were looked at before")
    return parser


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--only", choices=list(PARTS))
    args = parser.parse_args()
    photos = looked(args.data, args.cache, only_cached=args.only_cached)
    for name, part in PARTS.items():
        if args.only in (None, name):
            part(photos)


if __name__ == "__main__":
    main()
