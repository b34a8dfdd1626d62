"""Several stages' averaged weights as one calibrated checkpoint: `python runs/average.py OUT STAGE.toml ...`.

A stage that is named twice counts twice. Stages of one line of training lie in one basin, and between them is often
better than any (model soups, Wortsman et al. 2022); docs/log.md has the shares that were tried. What only the last
has (a head with a new label) is taken from it alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from vision.model import checkpoint
from vision.training.calibrate import calibrate
from vision.training.dataset import RunConfig
from vision.training.train import commit


def main(out: Path, stages: list[Path]) -> None:
    run = RunConfig.load(stages[-1])
    states = [
        torch.load(Path(RunConfig.load(each).out) / "state.pt", map_location="cpu", weights_only=True)["average"]
        for each in stages
    ]
    last = states[-1]
    for name, value in last.items():
        if value.dtype.is_floating_point:
            last[name] = torch.stack([s[name] for s in states if name in s and s[name].shape == value.shape]).mean(0)
    mixed = checkpoint.load(Path(run.out) / "model")
    mixed.model.load_state_dict(last)
    command = " ".join(["python", "runs/average.py", str(out), *map(str, stages)])
    made = mixed.card["made"] | {"command": command, "commit": commit(), "licence": run.licence}
    checkpoint.save(out, mixed.model, mixed.tokens, made)
    calibrate(out, {Path(run.data) / entry.validation: entry.unknown for entry in run.sets if entry.validation})


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
