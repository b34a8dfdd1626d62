"""Two stages' averaged weights as one calibrated checkpoint: `python runs/average.py FIRST.toml SECOND.toml SHARE OUT`.

SHARE is the second's. Stages of one line of training lie in one basin, and between them is often better than either
(model soups, Wortsman et al. 2022); docs/log.md has the shares that were tried.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from vision import checkpoint
from vision.batches import RunConfig
from vision.calibrate import calibrate
from vision.train import commit


def main(first: Path, second: Path, share: float, out: Path) -> None:
    run = RunConfig.load(second)
    states = [
        torch.load(Path(RunConfig.load(each).out) / "state.pt", map_location="cpu", weights_only=True)["average"]
        for each in (first, second)
    ]
    mixed = {
        name: value.lerp(states[1][name], share) if value.dtype.is_floating_point else states[1][name]
        for name, value in states[0].items()
    }
    last = checkpoint.load(Path(run.out) / "model")
    last.model.load_state_dict(mixed)
    command = " ".join(["python", "runs/average.py", *map(str, (first, second, share, out))])
    made = last.card["made"] | {"command": command, "commit": commit(), "licence": run.licence}
    checkpoint.save(out, last.model, last.tokens, made)
    calibrate(out, {Path(run.data) / entry.validation: entry.unknown for entry in run.sets if entry.validation})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
