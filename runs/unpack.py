"""Lays the public sets out as imagefolders: `python runs/unpack.py ARCHIVES INTO`.

ARCHIVES holds <set>-<split>.tar files and objects64-train-*.npz (keys webp, offsets, label, names).
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path

import numpy as np


def objects(archives: list[Path], into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    number = 0
    with (into / "metadata.jsonl").open("w") as metadata:
        for archive in archives:
            with np.load(archive, allow_pickle=False) as data:
                webp, offsets, label, names = data["webp"], data["offsets"], data["label"], data["names"]
            for at, which in enumerate(label):
                name = f"{number:06d}.webp"
                (into / name).write_bytes(webp[offsets[at] : offsets[at + 1]].tobytes())
                metadata.write(json.dumps({"file_name": name, "labels": {"object": str(names[which])}}) + "\n")
                number += 1


CARS = ("convertible", "limousine", "sports car", "beach wagon")


def cars(objects: Path, into: Path) -> None:
    """Cars, nearly all intact: no damage to be seen."""
    into.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in (objects / "metadata.jsonl").read_text().splitlines()]
    mine = [row["file_name"] for at, row in enumerate(rows) if row["labels"]["object"] in CARS and at % 10 in (3, 5, 7)]
    for name in mine:
        (into / name).write_bytes((objects / name).read_bytes())
    (into / "metadata.jsonl").write_text("".join(json.dumps({"file_name": name}) + "\n" for name in mine))


def main(archives: Path, into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    for path in sorted(archives.glob("*.tar")):
        with tarfile.open(path) as tar:
            tar.extractall(into, filter="data")
    if found := sorted(archives.glob("objects64-train-*.npz")):  # nothing is trained on them: they measure
        objects(found, into / "objects64" / "train")
        cars(into / "objects64" / "train", into / "objects64" / "cars")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
