"""What a run trains on: its TOML file, its picture sets in memory, and the batches drawn from them."""

from __future__ import annotations

import json
import logging
import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from monitoring.plainly import problem, why
from vision.images import DataError, Sample, load_pixels, read_folder
from vision.model import rendered_text
from vision.model.config import ModelConfig
from vision.model.tokens import Tokens
from vision.training import augment

log = logging.getLogger(__name__)
T = TypeVar("T")

LAST = 2 / 3  # of the cycle: from here on `last_size`


@dataclass(frozen=True)
class SetConfig:
    """One picture set of a run."""

    name: str
    path: str  # imagefolder, relative to the run's data root
    weight: float  # share of the batch (all weights are divided by their sum)
    kind: str = "photo"  # what kind of picture, where the metadata does not say
    unknown: tuple[str, ...] = ()  # label sets that may or may not apply here: no gate is trained on them
    every: int = 1  # take every n-th picture
    validation: str = ""  # imagefolder that calibrates and scores the finished model


@dataclass(frozen=True)
class RunConfig:
    """A run is a file in the repository. Everything that decides the result is in it."""

    data: str
    out: str
    steps: int
    sets: tuple[SetConfig, ...]
    batch: int = 96
    size: int = 112  # pixels the network sees in training
    last_size: int = 0  # and in the last third of the cycle; 0: the same (progressive resizing, Howard 2018)
    test_size: int = 128  # pixels it is served with: larger than in training (FixRes, Touvron et al. 2019)
    stored: int = 144  # pixels kept in memory, before augmentation
    rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    smoothing: float = 0.1
    precision: str = "float32"  # or "bfloat16": ten times slower with depthwise convolutions, faster with others
    average: float = 0.99  # of the averaged weights, what stays each fourth step
    head_rate: float = 1.0  # times `rate`, for heads that begin from nothing beside pretrained layers
    robust: float = 0.0  # q of generalised cross-entropy instead of smoothing, for labels that are partly wrong; 0: off
    adversarial: float = 0.0  # share of batches whose photos are changed against the model first (FGSM)
    cutmix: float = 0.0  # share of batches whose photos without a sentence are mixed
    mixup: float = 0.0  # share of batches in which those shine through one another instead
    blur: float = 0.0  # share of photos put out of focus, and the share that gets noise, after the crop
    trivial: float = 0.0  # share of photos changed by TrivialAugment before they are cropped
    rendered: float = 1.0  # share of photos without a written sentence that bring one rendered from their labels
    samples: int = 5  # sentences drawn of each photo for the "scst" loss
    sentences: int = 1  # written sentences taken of each photo that has them: the encoder's pass is shared
    minutes: float = 0.0  # end the learning-rate cycle after so long, if `steps` are not done by then; 0: never
    smallest_crop: float = 0.3
    losses: dict[str, float] = field(default_factory=lambda: {"labels": 1.0, "gate": 0.5, "caption": 1.0, "pairs": 0.3})
    held_back: dict[str, list[str]] = field(default_factory=dict)  # label set → labels whose pictures are left out
    start: str = ""  # "package" or "hub" (pretrained.py), or a checkpoint folder whose fitting weights are taken
    objects: bool = False  # ImageNet's thousand everyday things are the set `object`, named as people say
    everyday: dict[str, str] = field(default_factory=dict)  # product → the everyday thing it is, to calibrate `object`
    leave_out: dict[str, int] = field(default_factory=dict)  # set → share: its labels' last 1/n photos calibrate
    licence: str = ""  # what the weights may be used for, said in their card: the sets decide it
    trains: tuple[str, ...] = ()  # parts of the model that learn, as network.py names them; none: all of it
    seed: int = 1
    save_minutes: float = 5.0
    patience: int = 0  # end after so many checks on validation without a better one, and keep the best; 0: no checks
    check_minutes: float = 10.0
    label_sets: tuple[str, ...] = ("product", "category", "item", "article", "colour", "damage", "kind", "object")
    model: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> RunConfig:
        run = read_config(cls, path)
        if unknown := set(run.losses) - {"labels", "gate", "told", "caption", "pairs", "scst"}:
            raise DataError(f"{path}: unknown loss {', '.join(sorted(unknown))}")
        if run.precision not in ("float32", "bfloat16"):
            raise DataError(f"{path}: precision is float32 or bfloat16, not {run.precision}")
        return run


def read_config(kind: type[T], path: Path) -> T:
    """The TOML file of a run or a stage; each [[set]] is one of its sets. Raises DataError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {why(error)}") from error
    if not table.get("set"):
        raise DataError(f"{path}: a run needs at least one [[set]]")
    table["sets"] = table.pop("set")
    config = _checked(kind, table, path)
    _checked(ModelConfig, table.get("model", {}), path, "model, ")
    return config


def _checked(kind: type[T], table: dict[str, Any], path: Path, part: str = "") -> T:
    try:
        # As JSON, where a list may be a tuple and nothing else may be what it is not.
        return TypeAdapter(kind).validate_json(json.dumps(table, default=str), strict=True, extra="forbid")
    except ValidationError as error:
        raise DataError(f"{path}: {part}{problem(error)}") from None


class Pictures:
    """Every set of a run in memory, with its labels as numbers: −1 is "does not apply", −2 "not known"."""

    def __init__(self, run: RunConfig) -> None:
        root = Path(run.data)
        self.samples: list[Sample] = []
        owner: list[int] = []
        pixels = []
        for number, entry in enumerate(run.sets):
            samples = [with_kind(s, entry.kind) for s in read_folder(root / entry.path)]
            samples = samples[:: entry.every]
            cache = root / ".pixels" / f"{entry.path.replace('/', '-')}-{run.stored}-{entry.every}.npy"
            seen = load_pixels(samples, run.stored, cache)
            apart = last_of_each(samples, run.leave_out.get(entry.name, 0))
            kept = [n for n, s in enumerate(samples) if n not in apart and not _held_back(s, run.held_back)]
            samples = [samples[n] for n in kept]
            pixels.append(seen if len(kept) == len(seen) else seen[kept])
            self.samples += samples
            owner += [number] * len(samples)
            log.info("%s: %d pictures", entry.name, len(samples))
        self.pixels = torch.from_numpy(np.concatenate(pixels))
        self.owner = torch.tensor(owner)
        self.label_sets = {
            name: names
            for name in run.label_sets
            if (names := sorted({s.labels[name] for s in self.samples if name in s.labels}))
        }
        if run.objects:
            self.label_sets["object"] = everyday_names()
        self.targets = targets_of(self.samples, self.owner, run.sets, self.label_sets)
        self.coarse = sorted({w for s in self.samples if (w := rendered_text.coarse_word(s.labels))})

    def sentences(self) -> list[str]:
        """All text a tokenizer should know."""
        chance = random.Random(0)
        rendered = [rendered_text.sentence(s.labels, chance) or "" for s in self.samples]
        told = [rendered_text.customer_text(s.labels, self.coarse, chance) for s in self.samples]
        return [c for s in self.samples for c in (*s.captions, s.text)] + rendered + told


def targets_of(
    samples: Sequence[Sample], owner: Tensor, sets: Sequence[SetConfig], label_sets: dict[str, list[str]]
) -> dict[str, Tensor]:
    """Set → [N], the label's number; −1 is "does not apply", −2 "not known". ``owner`` [N]: rows' place in ``sets``."""
    targets = {}
    for name, names in label_sets.items():
        index = {label: n for n, label in enumerate(names)}
        unknown = [name in entry.unknown for entry in sets]
        targets[name] = torch.tensor([
            index.get(s.labels[name], -2) if name in s.labels else -2 if unknown[of] else -1
            for s, of in zip(samples, owner.tolist(), strict=True)
        ])  # fmt: skip
    return targets


def everyday_names() -> list[str]:
    """Of ImageNet's classes in its order, as people would say them ("remote control", not "remote control, remote")."""
    return (Path(__file__).parent / "objects.txt").read_text(encoding="utf-8").split("\n")[:-1]


def exact_label(sample: Sample) -> str:
    """Of the most exact question that the set has; "" where there is none. Its kind of picture is none."""
    return next((label for name, label in sample.labels.items() if name != "kind"), "")


def last_of_each(samples: Sequence[Sample], share: int) -> set[int]:
    """Rows of the last 1/``share`` photos of each label of the set's most exact question, where it has 15 or more.

    Photos of one thing lie in the order they were taken in: the last ones are of other days or shops than most, and
    what is calibrated on them travels better than what is calibrated on rows drawn by chance.
    """
    if not share:
        return set()
    rows: dict[str, list[int]] = {}
    for at, sample in enumerate(samples):
        if label := exact_label(sample):
            rows.setdefault(label, []).append(at)
    return {at for each in rows.values() if len(each) >= 15 for at in each[len(each) - len(each) // share :]}


def _held_back(sample: Sample, labels: dict[str, list[str]]) -> bool:
    return any(sample.labels.get(name) in left_out for name, left_out in labels.items())


def with_kind(sample: Sample, kind: str) -> Sample:
    return replace(sample, labels={"kind": kind, **sample.labels})


class Batches:
    """Draws mixed batches. The state is two generators, so that a resumed run goes on where it stopped."""

    def __init__(
        self,
        run: RunConfig,
        pictures: Pictures,
        tokens: Tokens,
        config: ModelConfig,
        *,
        rank: int = 0,
        captions: Tokens | None = None,
    ) -> None:
        self.run, self.pictures, self.tokens, self.config, self.captions = run, pictures, tokens, config, captions
        self.seed(run.seed + rank)  # of several processes, each draws its own
        counts = torch.bincount(pictures.owner, minlength=len(run.sets)).double()
        share = torch.tensor([entry.weight for entry in run.sets]).double()
        self.weights = (share / counts)[pictures.owner]

    def seed(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.chance = random.Random(seed)

    def draw(self, done: float = 0.0) -> dict[str, Any]:
        """``done``: the share of the cycle that is over."""
        rows = torch.multinomial(self.weights, self.run.batch, replacement=True, generator=self.generator)
        pixels = self.pictures.pixels[rows.to(self.pictures.pixels.device)]
        images = augment.augment(
            augment.trivial(pixels, self.run.trivial, self.generator),
            self.run.last_size if self.run.last_size and done > LAST else self.run.size,
            self.generator,
            self.run.smallest_crop,
        )
        if self.run.blur:
            images = augment.blurred(images, self.run.blur, self.generator)
        samples = [self.pictures.samples[r] for r in rows.tolist()]
        told = [rendered_text.customer_text(s.labels, self.pictures.coarse, self.chance) for s in samples]
        said = (
            [(at, sentence) for at, s in enumerate(samples) for sentence in self._captions(s)] if self.captions else []
        )
        described = [self._description(s) for s in samples]
        sentences = [sentence for _, sentence in said]
        length = self.config.caption_length
        return {
            "images": images,
            "told": told,
            "text": torch.tensor(self.tokens.texts(told, self.config.text_length)),
            "nothing": torch.tensor(self.tokens.texts([""], self.config.text_length)),
            # Sentences [S, caption_length] and the photo [S] that each is about.
            "caption": torch.tensor(self.captions.texts(sentences, length) if self.captions else []),
            "caption_of": torch.tensor([at for at, _ in said], dtype=torch.long),
            # Photos about which people wrote: their places in the batch, and their rows among all pictures.
            "written": torch.tensor([at for at, s in enumerate(samples) if s.captions], dtype=torch.long),
            "rows": rows.tolist(),
            "pair": torch.tensor(self.tokens.texts(described, self.config.text_length)),
            "pair_text": described,
            "targets": {name: target[rows] for name, target in self.pictures.targets.items()},
        }

    def _captions(self, sample: Sample) -> list[str]:
        if sample.captions:
            return self.chance.sample(sample.captions, min(self.run.sentences, len(sample.captions)))
        rendered = rendered_text.sentence(sample.labels, self.chance)
        return [rendered] if rendered and self.chance.random() < self.run.rendered else []

    def _description(self, sample: Sample) -> str:
        """What the shared space pairs with the photo."""
        if sample.text and self.chance.random() < 0.5:
            return sample.text
        return (
            self.chance.choice(sample.captions)
            if sample.captions
            else rendered_text.sentence(sample.labels, self.chance) or ""
        )

    def state(self) -> dict[str, Any]:
        return {"generator": self.generator.get_state(), "chance": self.chance.getstate()}

    def restore(self, state: dict[str, Any]) -> None:
        self.generator.set_state(state["generator"].cpu())  # a state is loaded to where the model is
        self.chance.setstate(state["chance"])
