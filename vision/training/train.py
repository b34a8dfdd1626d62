"""Trains the fused model from a TOML file, resumes at any time, and ends with a self-describing checkpoint.

One loop for every stage: a batch mixes pictures of several sets, and each picture brings the losses it has labels,
gates or sentences for (losses.py). Recipe and sources: AdamW (Loshchilov 2017), one cosine cycle with warm-up, weight
averaging (Polyak); what is done to pixels and labels is named where it is done.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from vision.images import DataError
from vision.model import checkpoint, pretrained
from vision.model.config import ModelConfig
from vision.model.network import FusedModel
from vision.model.predictor import Predictor
from vision.model.tokens import Tokens
from vision.training.calibrate import calibrate
from vision.training.dataset import Batches, Pictures, RunConfig
from vision.training.distributed import Processes
from vision.training.evaluate import quick_score
from vision.training.losses import losses
from vision.training.plots import curves
from vision.training.scst import Critic

log = logging.getLogger(__name__)
PRETRAINED = ("package", "hub")
HEADS = ("image_heads.", "gates.", "fused_heads.", "fusion.", "image_shared.", "text_shared.", "decoder.", "scene.")


class Trainer:
    """The loop: step, average, log, save. ``out`` holds state.pt (to resume), metrics.jsonl and, at the end, model/."""

    def __init__(self, run: RunConfig, command: str) -> None:
        self.run, self.command, self.commit = run, command, commit()  # not the end's: others commit meanwhile
        self.out = Path(run.out)
        self.out.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(run.seed)
        self.processes = Processes()
        self.device = self.processes.device
        self.pictures = Pictures(run)
        self.pictures.pixels = self.pictures.pixels.to(self.device)  # a GPU augments the whole set where it lies
        self.captions = self._captions()
        self.tokens, self.model = self._model()
        self._freeze()
        self.average = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.optimizer = torch.optim.AdamW(self._groups(), lr=run.rate, betas=(0.9, 0.98))
        self.batches = Batches(
            run, self.pictures, self.tokens, self.model.config, rank=self.processes.rank, captions=self.captions
        )
        self.critic = self._critic() if run.losses.get("scst") else None
        self.step = 0
        self.seconds = 0.0
        self.best, self.worse = float("-inf"), 0  # the best check so far, and how many have come since

    def _model(self) -> tuple[Tokens, FusedModel]:
        """The reader's tokenizer, and the network with what ``start`` names in it."""
        run = self.run
        pretrained_text = run.start in PRETRAINED
        tokens = None if pretrained_text else self._tokens("tokenizer.json")
        words = {} if tokens is None else {"text_vocabulary": len(tokens)}
        spoken = {"vocabulary": len(self.captions)} if self.captions else {"vocabulary": 0}
        sizes = {**run.model, **words, **spoken, "image_size": run.test_size}
        model = FusedModel(ModelConfig(**sizes, label_sets=self.pictures.label_sets))
        if tokens is None:
            tokens = pretrained.take(model, run.start)
        elif run.start:
            took = checkpoint.take_fitting(model, Path(run.start))
            log.info("took %d of %d tensors from %s", took, len(model.state_dict()), run.start)
        return tokens, model.to(self.device).to(memory_format=torch.channels_last)

    def _captions(self) -> Tokens | None:
        """The decoder's words, where a loss is about sentences."""
        if not (self.run.losses.get("caption") or self.run.losses.get("scst")):
            return None
        return self._tokens("captions.json")

    def _tokens(self, name: str) -> Tokens:
        """Those that ``out`` has, or else those that ``start`` has, or else new ones, of all sentences of the run."""
        path = self.out / name
        before = Path(self.run.start) / name
        if self.processes.first and not path.is_file():
            if self.run.start not in ("", *PRETRAINED) and before.is_file():
                shutil.copy(before, path)
            else:
                Tokens.train(self.pictures.sentences(), int(self.run.model.get("vocabulary", 4000))).save(path)
        self.processes.wait()
        return Tokens.load(path)

    def _critic(self) -> Critic:
        assert self.captions
        return Critic.of([sample.captions for sample in self.pictures.samples], self.captions, self.run.samples)

    def _groups(self) -> list[dict[str, Any]]:
        """No weight decay on norms, biases and scales (torchvision's recipe); heads at a rate of their own."""
        named = [(name, p) for name, p in self.model.named_parameters() if p.requires_grad]
        groups = []
        for factor, is_head in ((1.0, False), (self.run.head_rate, True)):
            mine = [p for name, p in named if name.startswith(HEADS) == is_head]
            groups += [
                {"params": [p for p in mine if p.ndim >= 2], "weight_decay": self.run.weight_decay, "factor": factor},
                {"params": [p for p in mine if p.ndim < 2], "weight_decay": 0.0, "factor": factor},
            ]
        return groups

    def _freeze(self) -> None:
        """What does not train stays as it will be served: no gradient, no dropout, batch norm's statistics kept."""
        self.model.train()
        parts = {name.split(".")[0] for name, _ in self.model.named_parameters()}
        if unknown := set(self.run.trains) - parts:
            raise DataError(f"the model has no part {', '.join(sorted(unknown))} to train; it has {sorted(parts)}")
        for name in parts - set(self.run.trains or parts):
            part = getattr(self.model, name)
            part.requires_grad_(False)
            if isinstance(part, torch.nn.Module):
                part.eval()

    def train(self) -> Path:
        """The checkpoint's folder. Raises FloatingPointError when a loss is no number, DataError for bad input."""
        self._resume()
        start = saved = checked = time.monotonic()
        sums: dict[str, tuple[float, int]] = {}
        quiet = None if self.processes.first else True  # None: on terminals only
        with tqdm(total=1.0, disable=quiet, bar_format="{percentage:3.0f}%|{bar}| {elapsed} < {remaining}") as bar:
            while (done := self._done(start)) < 1:
                values = self._step(done)
                bar.update(done - bar.n)
                for name, value in values.items():
                    total, count = sums.get(name, (0.0, 0))
                    sums[name] = total + value, count + 1
                if self.step % 50 == 0:
                    self._log(means(sums), start, done)
                    sums = {}
                if time.monotonic() - saved > 60 * self.run.save_minutes:
                    self._save(start)
                    start = saved = time.monotonic()
                if self.run.patience and time.monotonic() - checked > 60 * self.run.check_minutes:
                    self._check(start)
                    checked = time.monotonic()
        if sums:
            self._log(means(sums), start, done)
        self._save(start)
        if self.processes.first:
            self._finish()
        self.processes.leave()
        return self.out / "model"

    def _done(self, start: float) -> float:
        """Share of the run that is over, by steps or by the clock, whichever is further; 1 when patience ends."""
        spent = self.run.patience and self.worse >= self.run.patience
        return self.processes.most(1.0 if spent else self._share(start))

    def _share(self, start: float) -> float:
        steps = self.step / self.run.steps
        if not self.run.minutes:
            return steps
        return max(steps, (self.seconds + time.monotonic() - start) / 60 / self.run.minutes)

    def _step(self, done: float) -> dict[str, float]:
        rate = self.run.rate * schedule(done, self.run.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        batch = _to(self.batches.draw(done), self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.run.precision == "bfloat16"):
            parts = losses(self.model, batch, self.run, self.batches.chance, self.critic)
        total = torch.stack([self.run.losses.get(name, 0.0) * value for name, value in parts.items()]).sum()
        if not torch.isfinite(total):
            raise FloatingPointError(f"the loss is {total} at step {self.step}: lower `rate`, then resume")
        total.backward()  # type: ignore[no-untyped-call]  # torch
        self.processes.average([p for group in self.optimizer.param_groups for p in group["params"]])
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        if self.step % 4 == 0:
            self._average()
        return {name: value.item() for name, value in parts.items()}

    def _average(self) -> None:
        """Exponential moving average; short at first, so that the random start is forgotten."""
        weight = 1 - min(self.run.average, (1 + self.step / 4) / (10 + self.step / 4))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                if value.dtype.is_floating_point:
                    self.average[name].lerp_(value, weight)
                else:
                    self.average[name].copy_(value)

    def _check(self, start: float) -> None:
        """Early stopping (Prechelt 1998): score the averaged weights on validation, and keep the best in out/best."""
        if not self.processes.first:
            return
        folder = self.out / "checked"
        self._write(folder)
        score = quick_score(Predictor.load(folder, beams=1), list(self._validation()))
        self._log({"validation": score}, start, self._share(start))
        if score > self.best:
            self.best, self.worse = score, 0
            shutil.rmtree(self.out / "best", ignore_errors=True)
            folder.rename(self.out / "best")
        else:
            self.worse += 1

    def _validation(self) -> dict[Path, tuple[str, ...]]:
        return {Path(self.run.data) / e.validation: e.unknown for e in self.run.sets if e.validation}

    def _write(self, folder: Path) -> None:
        """The averaged weights as a checkpoint; the training goes on with its own."""
        own = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        made = {
            "command": self.command,
            "commit": self.commit,
            "start": self.run.start,
            "licence": self.run.licence,
            "seconds": round(self.seconds),
            "steps": self.step,
            "batch": self.run.batch,
            "processes": self.processes.count,
        }
        checkpoint.save(folder, self.model, self.tokens, made, self.captions)
        self.model.load_state_dict(own)

    def _log(self, means: dict[str, float], start: float, done: float) -> None:
        if not self.processes.first:
            return
        seconds = self.seconds + time.monotonic() - start
        eta = seconds / 60 * (1 - done) / max(done, 1e-6)
        row = {"step": self.step, "seconds": round(seconds, 1), **{k: round(v, 4) for k, v in means.items()}}
        with (self.out / "metrics.jsonl").open("a") as metrics:
            metrics.write(json.dumps(row) + "\n")
        log.info("step %d/%d, %.0f min left: %s", self.step, self.run.steps, eta, row)

    def _save(self, start: float) -> None:
        self.seconds += time.monotonic() - start
        if not self.processes.first:
            return
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "model": self.model.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "batches": self.batches.state(),
            "checks": (self.best, self.worse),
            "torch": torch.get_rng_state(),
        }
        partial = self.out / "state.pt.partial"
        torch.save(state, partial)
        partial.replace(self.out / "state.pt")  # a run killed while it saves resumes from the save before

    def _resume(self) -> None:
        path = self.out / "state.pt"
        if not path.is_file():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        try:
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
        except (RuntimeError, ValueError) as error:
            raise DataError(
                f"{path} is of another configuration: name another `out`, or delete it ({error})"
            ) from error
        self.average = state["average"]
        self.step, self.seconds = state["step"], state["seconds"]
        self.best, self.worse = state.get("checks", (self.best, self.worse))
        if self.processes.first:
            self.batches.restore(state["batches"])
            torch.set_rng_state(state["torch"].cpu())
        else:  # a state holds the first one's draws; the others begin new ones
            self.batches.seed(self.run.seed + self.processes.rank + self.step)
        log.info("resumed %s at step %d", path, self.step)

    def _finish(self) -> None:
        folder, best = self.out / "model", self.out / "best"
        if best.is_dir():
            shutil.copytree(best, folder, dirs_exist_ok=True)
        else:
            self._write(folder)
        if (self.out / "metrics.jsonl").is_file():
            curves(self.out / "metrics.jsonl", self.out / "curves.png")
        if self._validation():
            calibrate(folder, self.run)
        log.info("wrote %s", folder)


def commit() -> str:
    """Of the code that runs, "-dirty" when it was changed since; "" where nobody knows."""
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607
            cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip()


def means(sums: dict[str, tuple[float, int]]) -> dict[str, float]:
    return {name: total / count for name, (total, count) in sums.items()}


def schedule(done: float, warmup: float) -> float:
    """Share of the full rate after ``done`` (0..1) of the run: linear up, cosine down."""
    if done < warmup:
        return max(done / warmup, 0.01)
    return max(0.5 * (1 + float(np.cos(np.pi * (done - warmup) / (1 - warmup)))), 0.001)


def _to(value: Any, device: torch.device) -> Any:
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {k: _to(v, device) for k, v in value.items()}
    return value
