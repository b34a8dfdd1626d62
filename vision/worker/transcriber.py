"""Words out of sound, behind one port: faster-whisper by folder or by name, where VISION_VOICE names one."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from storage.redact import masked_words
from storage.settings import SettingsError
from vision.report import Speech, Spoken, shown
from vision.worker.sound import RATE, Samples

QUIET = 0.004  # root mean square of the loudest second, of the whole range: nobody speaks so low into a telephone
NO_SPEECH, GUESSED = 0.6, -1.0  # a piece that is likely none, and whose words are hardly likelier than others
LINES, LINE = 60, 300  # pieces of a recording, and characters of one, that are kept
SHORTEST = 0.3  # seconds


class Transcriber(Protocol):
    identity: str  # of the model

    def transcribe(self, samples: Samples) -> Speech:
        """``samples`` at RATE. Never raises for silence or noise: the speech says so."""
        ...


class FasterWhisper:
    """Raises SettingsError where the package or the model is not there."""

    def __init__(self, model: str, threads: int = 2) -> None:
        """``model``: a folder, or a name ("base") of one that was fetched before: nothing is fetched here."""
        try:
            from faster_whisper import WhisperModel
        except ImportError:
            why = "VISION_VOICE needs faster-whisper: pip install '.[voice]', or docker-compose.voice.yml"
            raise SettingsError(why) from None
        folder = Path(model)
        if (len(folder.parts) > 1 or folder.is_dir()) and not (folder / "model.bin").is_file():
            raise SettingsError(f"VISION_VOICE={model}: there is no model.bin in that folder")
        try:
            self._model: Any = WhisperModel(
                model, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise SettingsError(
                f"VISION_VOICE={model}: no such model is on this machine ({type(error).__name__}). Give the folder of "
                "a faster-whisper model, or fetch it by name once on a machine with a network."
            ) from None
        self.identity = f"faster-whisper:{folder.name}"
        self._one = threading.Lock()  # two at a time would each take twice as long

    def transcribe(self, samples: Samples) -> Speech:
        seconds = round(len(samples) / RATE, 2)
        if seconds < SHORTEST or loudest(samples) < QUIET:
            return Speech(seconds=seconds, state="silent")
        with self._one:
            pieces, about = self._model.transcribe(
                samples.astype(np.float32) / 32_768, beam_size=1, vad_filter=True, condition_on_previous_text=False
            )
            found = list(pieces)
        kept = [piece for piece in found if not (piece.no_speech_prob > NO_SPEECH and piece.avg_logprob < GUESSED)]
        return spoken([(float(piece.start), str(piece.text)) for piece in kept], str(about.language), seconds)


def spoken(pieces: list[tuple[float, str]], language: str, seconds: float) -> Speech:
    """What was said, with numbers masked that nobody may see, as in words that are typed."""
    lines = [(at, shown(text.strip(), LINE)) for at, text in pieces[:LINES] if any(c.isalnum() for c in text)]
    if not lines:
        return Speech(seconds=seconds, state="noise")
    whole = " ".join(text for _, text in lines)
    masked = masked_words(whole) != whole
    if masked:  # a number may go on from one piece to the next: they become one
        lines = [(lines[0][0], masked_words(whole))]
    said = tuple(Spoken(at=max(0.0, round(at, 2)), text=text) for at, text in lines)
    return Speech(seconds=seconds, state="heard", language=language, lines=said, masked=masked)


def loudest(samples: Samples) -> float:
    """Root mean square of the loudest second, 0 to 1."""
    whole = samples[: len(samples) // RATE * RATE].reshape(-1, RATE) if len(samples) >= RATE else samples[None]
    return float(np.sqrt((whole.astype(np.float64) ** 2).mean(1)).max() / 32_768)
