"""A stage over frozen eyes, from its TOML file to a checkpoint or an add-on: what fit.py fits, in order.

data, out, start      as in a training run; ``start`` is the checkpoint whose eyes and reader stay as they are
add_on = true         only what is new is written, to lie beside ``start``
before                an add-on for the same eyes that is taken further; what is not fitted anew stays as it was
heads, gates, words, pairs, captions, said
                      what is fitted
"""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vision.images import DataError, Sample, read_folder
from vision.model import checkpoint, rendered_text
from vision.model.network import FusedModel
from vision.model.tokens import Tokens
from vision.training import fit
from vision.training.calibrate import calibrate
from vision.training.dataset import SetConfig, last_of_each, read_config, targets_of, with_kind
from vision.training.features import Features
from vision.training.fit import Recipe, Spoken
from vision.training.scst import Critic
from vision.training.sentences import Written, fit_captions, fit_said
from vision.training.train import commit

log = logging.getLogger(__name__)
DECODER, SPACE = ("decoder.", "scene.", "places."), ("image_shared.", "text_shared.", "pair_scale")
KEPT = ("calibration", "groups", "validation", "pooled")  # of the card of an add-on that is taken further


@dataclass(frozen=True)
class StageConfig:
    data: str
    out: str
    start: str
    sets: tuple[SetConfig, ...]
    licence: str = ""
    add_on: bool = False
    before: str = ""
    heads: tuple[str, ...] = ()  # label sets whose linear heads are fitted on the world branch
    gates: bool = False  # of all label sets; of an add-on, those of its heads
    words: bool = False
    pairs: bool = False
    caption_steps: int = 0  # of cross-entropy for a decoder from nothing; 0: no decoder
    said_steps: int = 0  # of self-critical training after it
    captions_least: int = 4  # how often a word is said that the decoder learns
    views: int = 1  # of photos with sentences: as they are served, and drawn ones
    leave_out: dict[str, int] = field(default_factory=dict)  # as in a training run: these photos calibrate
    everyday: dict[str, str] = field(default_factory=dict)  # product → the everyday thing it is, to calibrate `object`
    model: dict[str, Any] = field(default_factory=dict)  # of the network's config, what differs from ``start``
    head_steps: int = 600
    pair_steps: int = 600
    pair_sentences: int = 5  # of a photo's own that the space learns, at most
    word_steps: int = 600
    batch: int = 512  # pairs in one step
    seed: int = 1

    @classmethod
    def load(cls, path: Path) -> StageConfig:
        return read_config(cls, path)


class Stage:
    def __init__(self, config: StageConfig, command: str) -> None:
        self.config, self.command, self.commit = config, command, commit()
        torch.manual_seed(config.seed)
        self.before = Path(config.before) if config.before else None
        self.start = checkpoint.load(Path(config.start), self.before)
        self.samples: list[Sample] = []
        self.said: list[Sample] = []
        owner: list[int] = []
        for number, entry in enumerate(config.sets):
            samples = [with_kind(s, entry.kind) for s in read_folder(Path(config.data) / entry.path)][:: entry.every]
            apart = last_of_each(samples, config.leave_out.get(entry.name, 0))
            self.samples += [s for at, s in enumerate(samples) if at not in apart]
            owner += [number] * (len(samples) - len(apart))
        self.owner = torch.tensor(owner)
        self.captions = self._captions()
        self.model = self._model()
        self.targets = targets_of(self.samples, self.owner, config.sets, self.model.config.label_sets)
        eyes = checkpoint.eyes_of(self.start.model.state_dict())
        self.features = Features(self.start.model, self.start.tokens, Path(config.data) / ".features", eyes)
        self.spent: dict[str, float] = {}

    def _captions(self) -> Tokens | None:
        if not self.config.caption_steps:
            return None
        found = [n for n in range(len(self.config.sets)) if any(s.captions for s in self._mine(n))]
        if len(found) != 1:
            raise DataError("captions are learnt from one set whose photos have sentences")
        [self.scenes] = found
        sentences = [sentence for sample in self.samples for sentence in sample.captions]
        return Tokens.of_words(sentences, self.config.captions_least)

    def _model(self) -> FusedModel:
        config = self.start.model.config
        new = {
            name: names
            for name in self.config.heads
            if (names := sorted({s.labels[name] for s in self.samples if name in s.labels}))
        }
        sizes = {"vocabulary": len(self.captions)} if self.captions else {}
        spoken = (
            [s for s in rendered_text.SPOKEN if s in {**config.label_sets, **new}]
            if self.config.words
            else config.spoken
        )
        config = replace(
            config, **{**self.config.model, **sizes, "spoken": spoken, "label_sets": {**config.label_sets, **new}}
        )
        model = FusedModel(config)
        anew = (SPACE if self.config.pairs and self.config.add_on else ()) + (DECODER if self.captions else ())
        fresh = {n: v.clone() for n, v in model.state_dict().items() if n.startswith(anew)}
        took = checkpoint.take_fitting(model, Path(self.config.start), self.before)
        model.load_state_dict(fresh, strict=False)  # what learnt other sentences is no start
        log.info("took %d of %d tensors from %s", took, len(model.state_dict()), self.config.start)
        return model

    def run(self) -> Path:
        """The folder of the checkpoint or the add-on."""
        self._timed("features", self._look)
        if self.config.heads:
            self._timed("heads", self._heads)
        if self.config.gates:
            self._timed("gates", self._gates)
        if self.config.words:
            self._timed("words", self._words)
        if self.config.pairs:
            self._timed("pairs", self._pairs)
        if self.config.caption_steps:
            self._timed("captions", self._decoder)
        return self._save()

    def _timed(self, name: str, part: Any) -> None:
        start = time.monotonic()
        part()
        self.spent[name] = round(time.monotonic() - start, 1)
        log.info("%s: %.0f s", name, self.spent[name])

    def _rows(self, number: int) -> Tensor:
        return (self.owner == number).nonzero()[:, 0]

    def _mine(self, number: int) -> list[Sample]:
        return [self.samples[row] for row in self._rows(number).tolist()]

    def _look(self) -> None:
        parts, views = [], []
        for number, entry in enumerate(self.config.sets):
            if self.captions and number == self.scenes:
                seen = [torch.from_numpy(np.stack([g.mean(0, np.float32) for g in grids])) for grids in self._grids()]
            else:
                seen = [self.features.pooled(entry.path.replace("/", "-"), self._mine(number))] * self.config.views
            parts.append(seen[0])
            views.append(torch.stack(seen, 1))
        self.pooled, self.views = torch.cat(parts), torch.cat(views)
        shares = torch.tensor([entry.weight for entry in self.config.sets])
        means = torch.stack([part.mean(0) for part in parts])
        if not self.config.add_on:
            self.model.centre.copy_((means * shares[:, None]).sum(0) / shares.sum())

    def _grids(self) -> list[np.ndarray]:
        """Each [N, h·w, C]: the views of the photos that have sentences."""
        name, samples = self.config.sets[self.scenes].path.replace("/", "-"), self._mine(self.scenes)
        return [self.features.grids(name, samples, view) for view in range(self.config.views)]

    def _heads(self) -> None:
        for name in self.config.heads:
            target = self.targets[name]
            rows = (target >= 0).nonzero()[:, 0]
            weight = self._balanced(target[rows]) if name == "kind" else None
            recipe = Recipe(self.config.head_steps, weight_decay=0.1)
            fit.fit_head(linear(self.model.image_heads, name), self.pooled[rows], target[rows], recipe, weight=weight)

    def _balanced(self, target: Tensor) -> Tensor:
        count = torch.bincount(target).float()
        return (1 / count.clamp(min=1))[target].sqrt()

    def _gates(self) -> None:
        for name in self.config.heads if self.config.add_on else self.model.config.label_sets:
            target = self.targets[name]
            known = (target != -2).nonzero()[:, 0]
            applies = target[known] >= 0
            if name == "object" and not applies.any():  # nobody named them: they are what photos show
                known = torch.arange(len(self.samples))
                applies = torch.tensor([s.labels["kind"] == "photo" for s in self.samples])
            if name != "kind" and applies.any() and not applies.all():
                recipe = Recipe(self.config.head_steps, weight_decay=0.1)
                fit.fit_gate(linear(self.model.gates, name), self.pooled[known], applies, self.owner[known], recipe)
            elif name == "kind" or applies.all():
                with torch.no_grad():
                    linear(self.model.gates, name).weight.zero_()
                    linear(self.model.gates, name).bias.fill_(6.0)

    def _words(self) -> None:
        spoken = [s for s in self.model.config.spoken if (self.targets[s] >= 0).any()]
        rows = torch.stack([self.targets[s] >= 0 for s in spoken]).any(0).nonzero()[:, 0]
        labels = [self.samples[row].labels for row in rows.tolist()]
        base, target = {}, {}
        for name in spoken:
            mine = self.targets[name][rows]
            known = mine >= 0
            fold = fit.folds_of([labels[at][name] for at in known.nonzero()[:, 0].tolist()])
            count = len(self.model.config.label_sets[name])
            found = torch.zeros(len(rows), count)
            recipe = Recipe(self.config.head_steps // 2, weight_decay=0.1)
            found[known] = fit.unseen_logits(self.pooled[rows][known], mine[known], count, fold, recipe)
            base[name], target[name] = found, mine
            right = (found.argmax(1) == mine)[known].float().mean()
            log.info("%s: photos that the eyes have not seen are named rightly in %.3f", name, right)
        chance = random.Random(self.config.seed)
        drawn = fit.drawn_texts(labels, chance, 12)
        texts = sorted({text for each in drawn for text in each})
        told = dict(zip(texts, self.features.told(texts), strict=True))
        nothing = self.features.told([""])[0]
        data = Spoken(self.pooled[rows], base, target, labels)
        recipe = Recipe(self.config.word_steps, 256, 1e-3)
        fit.fit_words(self.model, data, told=told, nothing=nothing, texts=drawn, recipe=recipe)

    def _pairs(self) -> None:
        chance = random.Random(self.config.seed)
        said, owner, weight = [], [], []
        for number, entry in enumerate(self.config.sets):
            rows = self._rows(number).tolist()
            pairs = [
                (row, text) for row in rows for text in described(self.samples[row], chance, self.config.pair_sentences)
            ]
            said += [text for _, text in pairs]
            owner += [row for row, _ in pairs]
            weight += [entry.weight / max(1, len(pairs))] * len(pairs)
        texts = self.features.told(said)
        recipe = Recipe(self.config.pair_steps, min(self.config.batch, len(said)), 2e-3, 0.1, 0.3)
        fit.fit_pairs(
            self.model,
            pooled=self.views,
            texts=texts,
            owner=torch.tensor(owner),
            recipe=recipe,
            said=said,
            weight=torch.tensor(weight),
        )

    def _decoder(self) -> None:
        assert self.captions
        said = [sample.captions for sample in self._mine(self.scenes)]
        written = Written.of(self._grids(), said, self.captions, self.model.config.caption_length)
        out = Path(self.config.out)
        out.mkdir(parents=True, exist_ok=True)
        recipe = Recipe(self.config.caption_steps, 48, 6e-4, 0.01, 0.1)
        said_kept = out / "said.pt"
        if fit_captions(self.model, written, recipe, kept=out / "captions.pt"):
            said_kept.unlink(missing_ok=True)  # it is of the decoder as it was before
        if self.config.said_steps:
            critic, recipe = Critic.of(said, self.captions, 5), Recipe(self.config.said_steps, 40, 5e-5, 0.01)
            fit_said(self.model, written, critic, recipe, kept=said_kept)

    def _save(self) -> Path:
        folder = Path(self.config.out) / "model"
        made = {"command": self.command, "commit": self.commit, "start": self.config.start, "seconds": self.spent}
        before = checkpoint.read_card(self.before) if self.before else self.start.card
        made |= {"licence": self.config.licence, "before": before.get("made", {})}
        if self.config.add_on:
            both = ("image_heads", "fused_heads", "gates")
            parts = [f"{part}.{name}." for name in self.config.heads for part in both]
            parts += ["fusion.", "fused_heads."] if self.config.words else []
            parts += SPACE if self.config.pairs else []
            parts += DECODER if self.captions else []
            parts += [part for part in before.get("parts", []) if part not in parts]
            checkpoint.save_add_on(folder, self.model, tuple(parts), made, self.captions)
            if self.before:
                kept = {name: before[name] for name in KEPT if name in before}
                checkpoint.write_card(folder, checkpoint.read_card(folder) | kept)
        else:
            checkpoint.save(folder, self.model, self.start.tokens, made, self.captions)
        calibrate(folder, self.config, base=Path(self.config.start) if self.config.add_on else None)
        return folder


def linear(parts: nn.ModuleDict, name: str) -> nn.Linear:
    found = parts[name]
    assert isinstance(found, nn.Linear)
    return found


def described(sample: Sample, chance: random.Random, most: int) -> list[str]:
    """What the space of photos and texts pairs with a photo: ``most`` of people's sentences, or what labels say."""
    if sample.captions:
        return list(sample.captions[:most])
    words = [text for _ in range(2) if (text := rendered_text.sentence(sample.labels, chance))]
    return [*words, *([sample.text] if sample.text else [])]
