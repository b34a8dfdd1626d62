"""The network on ONNX Runtime: what serves by default. No torch: graphs without numbers, and the checkpoint's own.

The graphs (export.py) hold the network's shape alone; every weight is read from weights.safetensors and put into its
place when a graph is opened, so that nothing is stored twice and calibrating or copying a checkpoint costs nothing.
What needs words (reader, fusion) or makes sentences (photo, word) is opened when it is first asked for.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from monitoring import plainly
from monitoring.attempt import Failure, attempt_now
from vision import memory
from vision.model import folded, stored
from vision.model.config import ModelConfig
from vision.model.folded import Folded
from vision.model.runtime import GRAPHS, LIST, Floats, Name, Outputs, Whole
from vision.model.stored import CheckpointError
from vision.model.tokens import Tokens

log = logging.getLogger(__name__)
ONE_PHOTO = 2  # rows of a pass: two views
FORMAT = 2  # of graphs.json; 2: the eyes answer with both grids
EMBEDDINGS = "text.embeddings.word_embeddings.weight"


def shape_of(config: ModelConfig) -> str:
    """Short hash of everything that decides a graph."""
    deciding = {name: value for name, value in config.to_dict().items() if name not in ("whole", "dropout")}
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:12]


class OnnxRuntime:
    name: Name = "onnx"

    def __init__(
        self,
        held: stored.Stored,
        config: ModelConfig,
        listed: dict[str, Any],
        threads: int,
        *,
        tokens: Tokens,
        captions: Tokens | None,
    ) -> None:
        self.held, self.config, self.card, self.identity = held, config, held.card, held.identity
        self.listed, self.threads = listed, threads
        self.lock = threading.Lock()  # two threads must not open one graph twice
        self.open: dict[str, Any] = {}
        self.heads: dict[str, Floats] = {}
        self.tokens = tokens
        self.captions = captions

    @classmethod
    def load(cls, folder: Path, add_on: Path | None = None, threads: int = 0) -> OnnxRuntime:
        held = stored.read(folder, add_on)
        try:
            config = ModelConfig(**held.card["config"])
        except (KeyError, TypeError) as error:
            raise CheckpointError(
                f"{folder}: its card does not describe its weights ({error}): copy it again"
            ) from error
        tokens = stored.read_tokens(folder / stored.TOKENIZER, config.text_vocabulary)
        captions = stored.read_tokens(held.captions, config.vocabulary) if config.vocabulary else None
        found = cls(held, config, _listed(held, config), threads, tokens=tokens, captions=captions)
        found.session("eyes")  # a graph that does not open is told at once, not with the first photo
        return found

    @cached_property
    def centre(self) -> Floats:
        return np.asarray(self.weight("centre"))

    def see(self, images: Floats) -> Outputs:
        grid, tuned, pooled, vectors, logits, gates = self.run("eyes", images=images)
        return Outputs(grid, tuned, pooled, vectors, _split(logits, self.config, list(self.config.label_sets)), gates)

    def head(self, name: str) -> Floats:
        if name not in self.heads:
            self.heads[name] = self.weight(f"image_heads.{name}.weight")
        return self.heads[name]

    def read(self, rows: Whole) -> tuple[Floats, Floats]:
        # Of 30,000 words a sentence has twenty: theirs are looked up here, the table stays as it is stored.
        words = stored.unpacked(self.held.packed, EMBEDDINGS, rows.ravel()).reshape(*rows.shape, -1)
        states, vectors = self.run("reader", words=words, mask=(rows != 0).astype(np.float32))
        return states, vectors

    def hear(self, grid: Floats, words: Floats, mask: Floats, nothing: Floats) -> dict[str, Floats]:
        sets = [name for name in self.config.spoken if name in self.config.label_sets]
        if not sets:
            return {}
        [heard] = self.run("fusion", grid=grid, words=words, mask=mask, nothing=nothing)
        return _split(heard, self.config, sets)

    def steps(self, grid: Floats, beams: int) -> OnnxSteps:
        return OnnxSteps(self, grid, beams)

    def run(self, graph: str, **inputs: Any) -> list[Any]:
        feed = {name: np.ascontiguousarray(value) for name, value in inputs.items()}
        many = len(feed.get("images", ())) > ONE_PHOTO
        outputs: list[Any] = self.session(graph).run(None, feed, self._give_back if many else None)
        return outputs

    @cached_property
    def _give_back(self) -> Any:
        """What a pass of several photos took on the CPU is not kept for the next: 300 MB. For one photo, taking it
        anew would cost a quarter of its time (docs/research/log.md).
        """
        import onnxruntime

        options = onnxruntime.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        return options

    def session(self, graph: str) -> Any:
        with self.lock:
            if graph not in self.open:
                self.open[graph] = self._open(graph)
                memory.give_back()  # its numbers were there twice: 100 MB of the text tower
            return self.open[graph]

    def weight(self, name: str) -> npt.NDArray[Any]:
        try:
            return np.ascontiguousarray(stored.unpacked(self.held.packed, name))
        except (KeyError, IndexError, ValueError) as error:
            raise CheckpointError(f"{self.held.folder}: no tensor {name} ({error}): copy it again") from error

    def _numbers(self, entry: dict[str, Any], again: str) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """What a graph has to be given. Raises CheckpointError where its ranges are of other weights."""
        for name in entry["weights"]:
            yield name, self.weight(name)
        how = {name: Folded(**each) for name, each in entry.get("folded", {}).items()}
        if how and entry.get("ranges_of") != folded.digest(self.held.packed, how):
            raise CheckpointError(f"the graphs of {self.held.folder} were made for other weights: {again}")
        for name, each in how.items():
            yield from folded.numbers_of(self.held.packed, name, each).items()

    def _open(self, graph: str) -> Any:
        import onnxruntime

        folder, entry = self.held.folder, self.listed["graphs"].get(graph)
        again = f"make its graphs again: python -m vision export {folder}"
        if entry is None:
            raise CheckpointError(f"{folder} has no graph {graph}: {again}")
        path = folder / GRAPHS / f"{graph}.onnx"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CheckpointError(f"{path} cannot be read ({plainly.why(error)}): {again}") from error
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise CheckpointError(f"{path} is not the graph that was made for this checkpoint: {again}")
        weights = {name: onnxruntime.OrtValue.ortvalue_from_numpy(value) for name, value in self._numbers(entry, again)}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.log_severity_level = 3
        # Threads that wait burn no core: text is read beside it, and other workers live here.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if not _adds_in_32_bits():
            options.add_session_config_entry("session.x64quantprecision", "1")
        options.add_external_initializers(list(weights), list(weights.values()))
        wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
        providers = [name for name in wanted if name in onnxruntime.get_available_providers()]
        made = attempt_now(lambda: onnxruntime.InferenceSession(content, options, providers=providers))
        if isinstance(made, Failure):  # it raises errors of its own, for an unknown operator as for a bad shape
            why = str(made.error).split("\n", 1)[0][:300]
            version = onnxruntime.__version__
            raise CheckpointError(
                f"ONNX Runtime {version} does not open {path} ({why}): pip install "
                f"'onnxruntime>={entry['needs']}', or {again}, or set VISION_RUNTIME=torch"
            ) from made.error
        return made


class OnnxSteps:
    """The decoder with its cache: a photo's keys and values once, those of the words so far from step to step."""

    def __init__(self, runtime: OnnxRuntime, grid: Floats, beams: int) -> None:
        config = runtime.config
        self.runtime, self.place = runtime, 0
        [self.photo] = runtime.run("photo", grid=grid)  # [2 · layers, N, heads, h·w, width / heads]
        rows, width = len(grid) * beams, config.decoder_width // config.heads
        self.words = np.zeros((2 * config.decoder_layers, rows, config.heads, 0, width), np.float32)

    def __call__(self, words: Whole) -> Floats:
        place = np.array([self.place])
        logits, self.words = self.runtime.run("word", word=words, place=place, photo=self.photo, words=self.words)
        self.place += 1
        return np.asarray(logits)

    def keep(self, rows: Whole) -> None:
        self.words = self.words[:, rows]


@cache
def _adds_in_32_bits() -> bool:
    """Whether this processor has VNNI. An older one of Intel or AMD adds products of bytes up in 16 bits, which
    overflow; ONNX Runtime has a way around that, which takes twice as long. Others ignore it.
    """
    try:
        return "vnni" in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _listed(held: stored.Stored, config: ModelConfig) -> dict[str, Any]:
    path = held.folder / GRAPHS / LIST
    make = f"python -m vision export {held.folder} (first pip install '.[train]'), or set VISION_RUNTIME=torch"
    if not path.is_file():
        raise CheckpointError(f"{held.folder} has no graphs for ONNX Runtime; make them: {make}")
    try:
        listed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        made_for, form, _ = listed["config"], listed["format"], listed["graphs"]["eyes"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is not readable ({error!r}); make it again: {make}") from error
    if form != FORMAT or made_for != shape_of(config):
        raise CheckpointError(f"the graphs of {held.folder} were made for another network; make them again: {make}")
    return listed


def _split(logits: Floats, config: ModelConfig, sets: list[str]) -> dict[str, Floats]:
    """[N, all labels] → set → [N, labels], in the order of ``sets``."""
    ends = np.cumsum([len(config.label_sets[name]) for name in sets])
    return dict(zip(sets, np.split(logits, ends[:-1], axis=1), strict=True))
