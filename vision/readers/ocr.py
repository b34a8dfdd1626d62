"""Text in a photo: rapidocr in a process of its own, which is killed when it is late and started anew when it dies."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from vision.readers.layout import Piece
from vision.report import TextState
from vision.subprocesses import LEAST_S, Closed, Died, Late, Question, Servers

log = logging.getLogger(__name__)

START_S = 5.0  # more for a process that has to load its models first (1.5 s on an idle machine)
WARM_S = 30.0
TRIES = 2


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    pieces: tuple[Piece, ...]
    left: int  # pieces that were found and not read, for want of time or because there are too many
    slant: float | None = None  # degrees that lines lie off the picture's edges
    late: bool = False  # lines of them: what they say, a card's number perhaps, nobody knows


@dataclass(frozen=True)
class Read:
    """What came of it."""

    state: TextState
    pieces: tuple[Piece, ...] = ()
    left: int = 0
    slant: float | None = None  # as in Answer


class Ocr:
    """Reads one picture at a time in each of ``servers`` processes; safe to ask from several threads."""

    def __init__(self, threads: int = 2, servers: int = 1, niceness: int = 5) -> None:
        """Nicer than the model, so that a photo without text does not wait for somebody else's label."""
        arguments = (str(threads),)
        self.servers = Servers(
            "vision.readers.ocr_server", arguments, servers, niceness=niceness, start_seconds=START_S
        )

    def read(self, picture: npt.NDArray[np.uint8], seconds: float, within: float | None = None) -> Read:
        """The text in ``picture`` [height, width, 3]. A crash or a try of more than ``seconds`` is repeated, once, when
        there is time: all of it takes at most ``within`` seconds, the wait for a free process included.
        """
        end = time.monotonic() + (seconds if within is None else within)
        state: TextState = "late"
        for tried in range(1, TRIES + 1):
            left = end - time.monotonic()
            if left <= LEAST_S:
                break
            try:
                return self._ask(picture, min(seconds, left), left)
            except Late as error:
                log.warning("text: try %d of %d: %s", tried, TRIES, error)
                state = "late"
            except (Died, ValidationError) as error:
                log.warning("text: try %d of %d: the reader crashed: %s", tried, TRIES, type(error).__name__)
                state = "crashed"
            except Closed:
                return Read("crashed")
        return Read(state)

    def _ask(self, picture: npt.NDArray[np.uint8], seconds: float, within: float) -> Read:
        height, width = picture.shape[:2]

        def question(left: float) -> Question:
            # A time of the machine's clock, which the server has, too: loading its models takes of the same seconds.
            end = time.monotonic() + left * 0.9
            head = json.dumps({"width": width, "height": height, "end": end}).encode()
            return len(head).to_bytes(4, "big"), head, np.ascontiguousarray(picture).data.cast("B")

        answer = Answer.model_validate_json(bytes(self.servers.ask(question, seconds, within)))
        read: TextState = "read" if answer.pieces else "none"
        state: TextState = "late" if answer.late else "partly" if answer.left else read
        return Read(state, answer.pieces, answer.left, answer.slant)

    def warm(self) -> None:
        """Load the models now, so that the first label does not wait for them."""
        blank = np.full((64, 256, 3), 255, np.uint8)
        try:
            self._ask(blank, WARM_S, WARM_S)
        except (Late, Died, ValidationError, Closed) as error:
            log.error("the reader of text did not start: %s. Photos are described without their text.", error)  # noqa: TRY400

    def close(self) -> None:
        self.servers.close()
