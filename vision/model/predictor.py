"""A checkpoint as a pair of eyes: pixels and texts in, PhotoReports out, one forward pass for all of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from vision.model import captions, checkpoint, labels, rendered_text
from vision.model.catalogue import Catalogue
from vision.model.network import Encoded
from vision.model.tokens import SCENE
from vision.report import LabelSet, PhotoReport
from vision.settings import SHIPPED

# Labels and vectors are the mean of two views of a photo: the whole of it, and its middle, as large. On validation that
# names 2 points more of groceries and 1 of clothing than the whole alone; mirrored views add little (docs/log.md).
MIDDLE = 0.8  # of each side
# Brightness over a grid of 16 × 16 must differ by so much (standard deviation, of 255), or there is nothing to see and
# nothing is stated: an empty picture or noise. On validation that is 1 of 1,387 studio shots and no other photo.
PLAIN = 6.0


@dataclass(frozen=True)
class Prediction:
    """What one forward pass says about a batch, as numbers."""

    logits: dict[str, npt.NDArray[np.float64]]  # set → [N, labels]
    gates: npt.NDArray[np.float64]  # [N, sets]
    vectors: npt.NDArray[np.float64]  # [N, shared]
    encoded: Encoded  # of the whole photo
    plain: npt.NDArray[np.bool_]  # [N] nothing to see


class Half(nn.Module):
    """An image encoder in bf16: a third less time for one photo, half for several, as accurate (docs/log.md)."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        # bf16 is too coarse for batch norm's statistics: into the weights with them.
        for net in list(encoder.modules()):
            for (name, before), (after, norm) in pairwise(list(net.named_children())):
                if isinstance(before, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    setattr(net, name, fuse_conv_bn_eval(before, norm))
                    setattr(net, after, nn.Identity())
        self.encoder = encoder.to(torch.bfloat16)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        seen: torch.Tensor = self.encoder(images.to(torch.bfloat16))
        return seen.float()


def multiplies_bf16() -> bool:
    """Whether this processor multiplies bf16 matrices by itself (proc_cpuinfo(5)); others were not measured."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False


class Predictor:
    def __init__(self, loaded: checkpoint.Checkpoint, beams: int = 3, *, half: bool | None = None) -> None:
        """``half``: whether the image encoder runs in bf16; None: where the processor has instructions for it."""
        self.model, self.tokens, self.identity = loaded.model.eval(), loaded.tokens, loaded.identity
        self.catalogue: Catalogue | None = None
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model.to(self.device).to(memory_format=torch.channels_last)  # a quarter faster on the CPU
        if half if half is not None else self.device.type == "cpu" and multiplies_bf16():
            self.model.encoder = Half(self.model.encoder)
        self.beams = beams
        self.sets = self.model.config.label_sets
        self.size = round(self.model.config.image_size / MIDDLE)  # of the pixels that ``see`` is given
        self.calibration = labels.calibrations(loaded.card, list(self.sets))
        self.caption_floor = float(loaded.card.get("caption_floor", -2.0))
        # Label set → how much the customer's words alone count. A card that was never fitted has none.
        self.trust: dict[str, float] = {s: v for s, v in loaded.card.get("text_trust", {}).items() if v}
        # A decoder that does not beat one constant sentence is not listened to: confident nonsense is worse than none.
        self.says_scenes = bool(loaded.card.get("says_scenes", False))

    @classmethod
    def load(
        cls, folder: Path = SHIPPED, beams: int = 3, catalogue: Path | None = None, *, half: bool | None = None
    ) -> Predictor:
        """``catalogue``: the shop's own products; they take the place of the products the model was trained on."""
        predictor = cls(checkpoint.load(folder), beams, half=half)
        if catalogue is not None:
            predictor.catalogue = Catalogue.load(catalogue, predictor.identity)
            predictor.identity = f"{predictor.identity}+{predictor.catalogue.identity}"
        return predictor

    @torch.inference_mode()
    def see(self, pixels: npt.NDArray[np.uint8], texts: Sequence[str]) -> Prediction:
        """``pixels`` uint8 [N, size, size, 3]; ``texts`` what the customers wrote, "" for nothing.

        Words count by the heads that read nothing else, weighed by ``trust``. Through fusion they would move what
        nobody asked them about: with "apple" beside them receipts were photos (docs/log.md).
        """
        images = torch.from_numpy(pixels.copy()).permute(0, 3, 1, 2)  # a copy: Pillow's arrays cannot be written to
        nothing = torch.tensor(self.tokens.texts([""], self.model.config.text_length), device=self.device)
        both = self.model(self._views(images.to(self.device)), nothing.expand(2 * len(pixels), -1))
        logits, gates = self.model.labels(both)

        def mean(value: torch.Tensor) -> npt.NDArray[np.float64]:
            return np.asarray(torch.stack(value.double().chunk(2)).mean(0).cpu().numpy())

        vectors = mean(both.image_vector)
        said = self.words_say(texts) if self.trust and any(texts) else {}
        return Prediction(
            {name: mean(value) + self.trust.get(name, 0.0) * said.get(name, 0.0) for name, value in logits.items()},
            mean(gates),
            vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12),
            Encoded(*(part[: len(pixels)] for part in both)),
            (F.adaptive_avg_pool2d(images.float().mean(1), 16).flatten(1).std(1) < PLAIN).numpy(),
        )

    @torch.inference_mode()
    def words_say(self, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float64]]:
        """What words alone add to the logits [N, labels] of the sets they can speak of; nothing where there are none.

        Log-probabilities by the words, less those by words that name nothing: Bayes' rule, for words and photo that
        are independent once the thing is known.
        """
        spoke = np.array([bool(text.strip()) for text in texts])[:, None]
        said = self.model.told(self._read(texts))
        return {name: spoke * (each.double().cpu().numpy() - self._nothing_said[name]) for name, each in said.items()}

    @cached_property
    def _nothing_said(self) -> dict[str, npt.NDArray[np.float64]]:
        said = self.model.told(self._read(rendered_text.CONTENTLESS))
        return {name: each.double().mean(0).cpu().numpy() for name, each in said.items()}

    def _read(self, texts: Sequence[str]) -> torch.Tensor:
        """[N, width] as ``Encoded.told``."""
        told = torch.tensor(self.tokens.texts(list(texts), self.model.config.text_length), device=self.device)
        return self.model.encode_text(told)[0][:, 0]

    def _views(self, images: torch.Tensor) -> torch.Tensor:
        """[N, 3, S, S] → [2N, 3, s, s] for the network: first all as they are, then the middle of each."""
        size = self.model.config.image_size
        edge = round(images.shape[-1] * (1 - MIDDLE) / 2)
        middle = images[:, :, edge : images.shape[-1] - edge, edge : images.shape[-1] - edge]
        return torch.cat([_resized(view.float(), size) for view in (images, middle)])

    @torch.inference_mode()
    def text_vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """[N, shared] unit vectors of texts alone: what image vectors are compared with."""
        parts = []
        for at in range(0, len(texts), 256):
            rows = self.tokens.texts(list(texts[at : at + 256]), self.model.config.text_length)
            parts.append(self.model.encode_text(torch.tensor(rows, device=self.device))[1].double().cpu().numpy())
        return np.concatenate(parts)

    def describe(self, pixels: npt.NDArray[np.uint8], texts: Sequence[str]) -> list[PhotoReport]:
        start = time.perf_counter()
        seen = self.see(pixels, texts)
        return self.reports(seen, round((time.perf_counter() - start) * 1000, 1))

    def reports(self, seen: Prediction, model_ms: float = 0.0) -> list[PhotoReport]:
        """What is said of each photo of a forward pass that took ``model_ms``."""
        start = time.perf_counter()
        found = [self._labels(seen, row) for row in range(len(seen.vectors))]
        sentences = self._scenes(seen, found)
        spent = {"model": model_ms, "caption": round((time.perf_counter() - start) * 1000, 1)}
        return [
            self._report(sets, scene, vector, spent)
            for sets, scene, vector in zip(found, sentences, seen.vectors, strict=True)
        ]

    def _labels(self, seen: Prediction, row: int) -> dict[str, LabelSet]:
        found = {
            name: labels.read(names, seen.logits[name][row], seen.gates[row, at], self.calibration[name])
            for at, (name, names) in enumerate(self.sets.items())
        }
        if self.catalogue:
            found["product"] = self.catalogue.label(seen.vectors[row])
        if seen.plain[row]:
            found = {name: each.model_copy(update={"stated": None}) for name, each in found.items()}
        return found

    def sentences(self, photos: Encoded, firsts: Sequence[str]) -> list[tuple[str, float]]:
        """The decoder's sentence for each photo, with its mean log-probability a token."""
        ids = torch.tensor([self.tokens.id[first] for first in firsts], device=self.device)
        with torch.inference_mode():
            words, scores = captions.beam_search(self.model, photos, ids, self.tokens, self.beams)
        return list(zip(words, scores, strict=True))

    def _scenes(self, seen: Prediction, found: Sequence[dict[str, LabelSet]]) -> list[str | None]:
        """The decoder's sentence for each photo of a scene, where nothing is surer and the sentence is good enough."""
        rows = [n for n, sets in enumerate(found) if captions.template(sets) is None and captions.source(sets) == SCENE]
        said: list[str | None] = [None] * len(found)
        if rows and self.says_scenes:
            photos = Encoded(*(part[rows] for part in seen.encoded))
            for row, (sentence, score) in zip(rows, self.sentences(photos, [SCENE] * len(rows)), strict=True):
                said[row] = captions.without_looks(sentence) or None if score >= self.caption_floor else None
        return said

    def _report(
        self,
        sets: dict[str, LabelSet],
        scene: str | None,
        vector: npt.NDArray[np.float64],
        spent: dict[str, float],
    ) -> PhotoReport:
        sure = captions.template(sets)
        return PhotoReport(
            caption=sure or scene,
            caption_source="product" if sure else "scene" if scene else "none",
            labels=sets,
            embedding=tuple(round(float(x), 4) for x in vector),
            model=self.identity,
            milliseconds=spent,
        )


def _resized(images: torch.Tensor, size: int) -> torch.Tensor:
    if images.shape[-1] == size:
        return images
    return F.interpolate(images, (size, size), mode="bilinear", antialias=True, align_corners=False)
