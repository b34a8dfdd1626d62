"""PhotoReport → facts that a dialogue can weigh: every guess worth weighing, with its probability."""

from __future__ import annotations

from dialogue.turn import Fact
from vision.report import PhotoReport

LEAST = 0.03  # guesses below this only make noise
APPLIES = 0.5  # a set that probably does not apply says nothing


def facts_of(report: PhotoReport, source: str) -> tuple[Fact, ...]:
    """``source`` names the photo: "photo 1". A fact's probability is that of the label and of its set applying."""
    if report.error:
        return (Fact("photo", "unreadable", 1.0, source),)
    facts = [
        Fact(slot, label.name, round(label.probability * found.applies, 4), source)
        for slot, found in report.labels.items()
        if found.applies >= APPLIES and not (slot == "kind" and found.stated == "photo")
        for label in found.top
        if label.probability * found.applies >= LEAST
    ]
    if report.caption and report.caption_source == "scene":
        facts.append(Fact("caption", report.caption, 0.5, source))
    if not any(found.stated for slot, found in report.labels.items() if slot != "kind"):
        facts.append(Fact("photo", "unsure", 1.0, source))
    return tuple(facts)
