"""Do thresholds travel? Floors fitted on one source of photos, judged on another; and on the very rows.

    PYTHONPATH=. python benchmarks/sources.py [--model weights/shipped] [--stage runs/shipped/heads.toml]

Sources are a set's validation folder (other shops) and what training left out of it (the last photos of each label).
One line of JSON a label set and source: what is stated, how much of it is right, with the floors of the other source,
of both, and of this one alone, which flatters.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from vision.model import labels
from vision.model.predictor import Predictor
from vision.settings import SHIPPED
from vision.training.calibrate import PRECISION, Rows, parts_of, rows_of
from vision.training.stage import StageConfig


def fitted(rows: Rows, sources: Sequence[int]) -> labels.Calibration:
    mine, gates = np.isin(rows.source, sources), np.isin(rows.gate_source, sources)
    return labels.fit(
        rows.logits[mine],
        rows.target[mine],
        rows.gates[gates],
        rows.applies[gates],
        PRECISION,
        source=rows.source[mine],
        gate_source=rows.gate_source[gates],
    )


def said(rows: Rows, source: int, found: labels.Calibration) -> dict[str, float | None]:
    mine = rows.source == source
    chances = labels.softmax(rows.logits[mine], found.temperature)
    opened = labels.sigmoid(rows.gate[mine], found.gate_temperature) >= found.gate_floor
    stated, right = opened & (chances.max(1) >= found.floor), chances.argmax(1) == rows.target[mine]
    of_stated = round(float(right[stated].mean()), 4) if stated.any() else None
    return {"floor": round(found.floor, 3), "stated": round(float(stated.mean()), 4), "right": of_stated}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--stage", type=Path, default=Path("runs/shipped/heads.toml"))
    parser.add_argument("--set", default="grocery")
    args = parser.parse_args()
    stage = StageConfig.load(args.stage)
    eyes = Predictor.load(args.model)
    parts = parts_of(eyes, replace(stage, sets=tuple(entry for entry in stage.sets if entry.name == args.set)))
    for name in eyes.sets:
        rows = rows_of(eyes, parts, name)
        if rows is None or name == "kind":
            continue
        for source in np.unique(rows.source).tolist():
            others = [n for n in range(len(parts)) if n != source]
            ways = {"others' floors": others, "floors of both": range(len(parts)), "its own": [source]}
            found = {way: said(rows, source, fitted(rows, list(which))) for way, which in ways.items()}
            photos = int((rows.source == source).sum())
            print(json.dumps({"set": name, "photos of": list(parts)[source], "photos": photos} | found), flush=True)


if __name__ == "__main__":
    main()
