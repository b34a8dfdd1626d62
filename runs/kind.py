"""Fits the heads of `kind` anew to a checkpoint whose rest stays as it is: `python runs/kind.py MODEL RUN.toml`.

After weights were averaged (runs/average.py) the head of a set with a new label fits no stage's features. Linear on
what the network sees of a photo in two views; the training photos of all sets of RUN, as they are and once changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch.nn import functional

from vision.images import load_pixels, read_folder
from vision.model import checkpoint
from vision.model.predictor import Predictor
from vision.training import augment
from vision.training.dataset import RunConfig
from vision.training.train import commit

MOST = 500  # pictures of a set
BATCH = 50
STEPS = 400


def features(eyes: Predictor, images: torch.Tensor) -> torch.Tensor:
    """uint8 or float [N, 3, S, S] → [N, channels + width], the mean of the two views: as a linear head sees them."""
    words = torch.tensor(eyes.tokens.texts([""] * len(images), eyes.model.config.text_length))
    views = eyes._views(images.to(eyes.device))  # noqa: SLF001 - the very views that are served
    seen = eyes.model(views, words.to(eyes.device).repeat(2, 1))
    both = torch.cat([seen.pooled, seen.fused[:, 0]], 1)
    return ((both[: len(images)] + both[len(images) :]) / 2).cpu()


@torch.inference_mode()
def examples(eyes: Predictor, run: RunConfig) -> tuple[torch.Tensor, torch.Tensor]:
    chance = torch.Generator().manual_seed(run.seed)
    names = eyes.model.config.label_sets["kind"]
    seen, meant = [], []
    for entry in run.sets:
        samples = read_folder(Path(run.data) / entry.path)
        if len({s.labels.get("kind") for s in samples}) == 1:  # of a set of several kinds all are needed
            samples = samples[:: max(1, len(samples) // MOST)]
        pixels = torch.from_numpy(load_pixels(samples, run.stored))
        labels = torch.tensor([names.index(s.labels.get("kind", entry.kind)) for s in samples])
        for part, label in zip(pixels.split(BATCH), labels.split(BATCH), strict=True):
            changed = augment.blurred(augment.augment(part, run.stored, chance, 0.6), 0.2, chance)
            for images in (part, changed):
                seen.append(features(eyes, images))
                meant.append(label)
    return torch.cat(seen), torch.cat(meant)


def main(folder: Path, config: Path) -> None:
    run = RunConfig.load(config)
    torch.manual_seed(run.seed)
    card = checkpoint.load(folder).card
    eyes = Predictor.load(folder, half=False)
    seen, meant = examples(eyes, run)
    seen, meant = seen.clone(), meant.clone()
    count = torch.bincount(meant, minlength=len(eyes.model.config.label_sets["kind"])).float()
    middle, spread = seen.mean(0), seen.std(0).clamp(min=1e-3)
    head = torch.nn.Linear(seen.shape[1], len(count))
    optimizer = torch.optim.AdamW(head.parameters(), lr=0.02, weight_decay=0.02)
    weight = (count.sum() / count).sqrt()
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = 0.02 * (1 - step / STEPS)
        rows = torch.randint(len(seen), (512,))
        functional.cross_entropy(
            head((seen[rows] - middle) / spread), meant[rows], weight, label_smoothing=0.02
        ).backward()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        right = head((seen - middle) / spread).argmax(1) == meant
        print({"examples": len(seen), "right": round(float(right.float().mean()), 4)})
        matrix = head.weight / spread
        channels = eyes.model.image_heads["kind"].in_features
        eyes.model.image_heads["kind"].weight.copy_(matrix[:, :channels])
        eyes.model.fused_heads["kind"].weight.copy_(matrix[:, channels:])
        eyes.model.image_heads["kind"].bias.copy_(head.bias - matrix @ middle)
        eyes.model.fused_heads["kind"].bias.zero_()
    command = f"{card['made']['command']}; python runs/kind.py {folder} {config}"
    made = card["made"] | {"command": command, "commit": commit()}
    checkpoint.save(folder, eyes.model, eyes.tokens, made)
    checkpoint.write_card(folder, card | {"made": made})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
