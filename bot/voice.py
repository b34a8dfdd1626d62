"""Words that were said, in a voice message or in a video: they are a turn's words like those that are typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.message import Incoming
from bot.texts import Texts
from vision.report import PhotoReport

Reports = tuple[PhotoReport, ...]


def with_words(texts: Texts, message: Incoming, reports: Sequence[PhotoReport]) -> tuple[Incoming, Reports]:
    """``message`` with what was said in it, and the reports of what there is to see. ``reports``: one for each photo of
    ``message``; a voice message is none any more."""
    voices = [report for photo, report in zip(message.photos, reports, strict=True) if photo.voice]
    said = [report.speech for report in reports if report.speech and report.speech.state == "heard"]
    if not voices and not said:
        return message, tuple(reports)
    seen = [(photo, report) for photo, report in zip(message.photos, reports, strict=True) if not photo.voice]
    message = replace(message, photos=tuple(photo for photo, _ in seen))
    left = tuple(report for _, report in seen)
    words = " ".join(speech.text for speech in said)
    if not words:
        return (message if message.text or seen else replace(message, cannot=_why_not(texts, voices[0]))), left
    text = f"{message.text}\n{words}" if message.text and voices else message.text or words
    masked = message.masked or any(speech.masked for speech in said)
    return replace(message, text=text, heard=words, masked=masked, cannot=""), left


def _why_not(texts: Texts, report: PhotoReport) -> str:
    """Nothing was understood, and what to do about it."""
    state = report.speech.state if report.speech else report.error or "late"
    if state in ("off", "not_an_image"):
        return texts("unsupported", kind="voice")
    return texts("voice-not-heard", why=state)
