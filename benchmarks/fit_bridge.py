"""Fits dialogue/sentences/bridge.npz: from the multilingual encoder's space into MiniLM's, on English sentences alone.

    PYTHONPATH=. python benchmarks/fit_bridge.py SENTENCES.txt … [--twice ARTICLES.txt …] [--out FILE]

One sentence a line. A ridge regression: no labels, no other language. The multilingual encoder holds translations near
one another, so that a map learnt on English serves for all of them. 11,000 sentences take a few minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dialogue.encode import BRIDGE, Universal
from dialogue.minilm import MiniLM

RIDGE = 1.0
HELD = 500  # sentences that the fit is judged by

Doubles = NDArray[np.float64]


def fitted(wide: Doubles, narrow: Doubles, weight: Doubles) -> dict[str, Doubles]:
    """[N, 512], [N, 384], [N] → the means of both and the matrix between them."""
    first, second = (np.asarray(np.average(each, axis=0, weights=weight), np.float64) for each in (wide, narrow))
    x, y = wide - first, narrow - second
    gram = (x * weight[:, None]).T @ x + RIDGE * np.eye(x.shape[1])
    return {
        "from": first,
        "weights": np.asarray(np.linalg.solve(gram, (x * weight[:, None]).T @ y), np.float64),
        "to": second,
    }


def lines(paths: list[Path]) -> list[str]:
    return [line.strip() for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--twice", type=Path, nargs="*", default=[], help="likewise; each sentence counts twice")
    parser.add_argument("--out", type=Path, default=BRIDGE)
    args = parser.parse_args()
    once, twice = lines(args.files), lines(args.twice)
    texts = [*once, *twice]
    wide, narrow = (np.asarray(e.encode(texts), np.float64) for e in (Universal(), MiniLM()))
    weight = np.r_[np.ones(len(once)), np.full(len(twice), 2.0)]
    held = np.random.default_rng(0).permutation(len(texts))[:HELD]
    fit = np.setdiff1d(np.arange(len(texts)), held)
    judged = fitted(wide[fit], narrow[fit], weight[fit])
    mapped = (wide[held] - judged["from"]) @ judged["weights"] + judged["to"]
    cosine = (mapped * narrow[held]).sum(1) / np.linalg.norm(mapped, axis=1)
    print(f"{len(texts)} sentences; cosine with MiniLM's own on {HELD} left out: {cosine.mean():.3f}")
    whole = fitted(wide, narrow, weight)
    np.savez(args.out, allow_pickle=False, **{name: values.astype(np.float16) for name, values in whole.items()})


if __name__ == "__main__":
    main()
