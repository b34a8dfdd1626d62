"""Every number that a process tells about itself, in one place; docs/operations.md says what to do about each.

Labels have few values and never name a customer: a chat id in a label would be a row in Prometheus for ever.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram

# Seconds. A text turn takes 13 ms, a photo turn 250 ms, a customer waits 20 s for a photo at most.
LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)

# -- bot -------------------------------------------------------------------------------------------------------------
TURNS = Counter("photodesk_turns", "Customers' turns that were committed, by how they ended", ["outcome"])
TURN_SECONDS = Histogram("photodesk_turn_seconds", "Time of a customer's turn, by stage", ["stage"], buckets=LATENCY)
HANDOVERS = Counter("photodesk_handovers", "Conversations handed to people, by reason", ["reason"])
MOODS = Counter("photodesk_moods", "Customers' messages by how they sound; unsure ones, too", ["mood"])
UPDATES = Counter("photodesk_updates", "Updates of Telegram written to the inbox", ["way"])
PHOTOS = Counter("photodesk_photos", "Photos asked about, by what came back", ["outcome"])
SENT = Counter("photodesk_messages_sent", "Messages that Telegram took")
FLOOD_WAITS = Counter("photodesk_flood_waits", "Times that Telegram told the bot to wait (429)")
DOUBTFUL = Counter("photodesk_doubtful_sends", "Sends made again because the answer to the first was lost")
DEAD = Counter("photodesk_dead_letters", "What was given up, by queue", ["queue"])

# What the bot reads off the store every few seconds (bot/health.py).
QUEUE = Gauge("photodesk_queue_entries", "Entries in a queue", ["queue"])
QUEUE_AGE = Gauge("photodesk_queue_age_seconds", "Age of the oldest entry in a queue; 0 when it is empty", ["queue"])
DEAD_KEPT = Gauge("photodesk_dead_letters_kept", "Dead letters waiting for an operator", ["queue"])
WORKER_ALIVE = Gauge("photodesk_worker_alive", "1 when a worker asked for photos within the last 10 seconds")

# What the bot depends on. The gauges above keep their last values while the store is away.
STORE_SILENCE = Gauge("photodesk_store_silence_seconds", "Since the store last answered the bot")
UPDATES_SILENCE = Gauge(
    "photodesk_updates_silence_seconds", "Since Telegram last answered and its updates were written"
)

# -- worker ----------------------------------------------------------------------------------------------------------
BATCH = Histogram("photodesk_batch_photos", "Photos in one forward pass", buckets=(1, 2, 4, 8, 16, 32, 64))
JOB_SECONDS = Histogram("photodesk_job_seconds", "Time of a photo in the worker, by stage", ["stage"], buckets=LATENCY)
REPORTS = Counter("photodesk_reports", "Photos reported on: described, or why not", ["outcome"])
MODEL_ERRORS = Counter("photodesk_model_errors", "Forward passes that raised: of a batch, of one photo", ["of"])


# -- one turn: how long each stage took, how it ended. Code that is timed asks for no object. ----------------------
@dataclass
class TurnOutcome:
    outcome: str = "relayed"
    reason: str = ""


_now: ContextVar[TurnOutcome | None] = ContextVar("turn_outcome", default=None)


@contextmanager
def turn() -> Iterator[TurnOutcome]:
    """A turn that counts when the block ends without an error."""
    current, start = TurnOutcome(), time.perf_counter()
    before = _now.set(current)
    try:
        yield current
    finally:
        _now.reset(before)
    TURN_SECONDS.labels("whole").observe(time.perf_counter() - start)
    TURNS.labels(current.outcome).inc()
    if current.reason:
        HANDOVERS.labels(current.reason).inc()


def ended(outcome: str, reason: str = "") -> None:
    """How the turn in hand ends, if it is committed; the last word counts, for a turn may be tried anew."""
    if current := _now.get():
        current.outcome, current.reason = outcome, reason


@contextmanager
def stage(name: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        TURN_SECONDS.labels(name).observe(time.perf_counter() - start)
