"""A federation of toys, one process a part: ``serve ADDRESS TLS`` or ``join ADDRESS CA NAME [vanish]``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from vision.training import flower
from vision.training.federated import Update
from vision.training.heads import Weights

TERMS = flower.Terms(("apple", "soap", "candle"), 4, "toy", rounds=3, shops=3, seconds=30)


def serve(address: str, tls: str) -> None:
    over = flower.serve(address, Path(tls), TERMS)
    sys.stdout.write(json.dumps({"said": over.said, "learnt": float(over.weights.labels.mean())}))


def join(address: str, ca: str, name: str, vanishes: str = "") -> None:
    """Each round moves the head by one; who vanishes does so in the middle of the second."""
    rounds: list[int] = []

    def learn(_: dict[str, Any], start: Weights) -> Update:
        rounds.append(1)
        if vanishes and len(rounds) == 2:
            os._exit(3)
        return Update(Weights(start.labels + 1, start.gate + np.ones_like(start.gate)), 5)

    flower.join(address, Path(ca), flower.Shop(name, learn, lambda _, head: float(head.labels.mean() > 0)))


if __name__ == "__main__":
    {"serve": serve, "join": join}[sys.argv[1]](*sys.argv[2:])
