"""What an agent sees about a customer: one card, read on a phone, that says why, what is asked and what was seen."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot import sight
from bot.hours import Hours
from bot.ownership import Owner, State
from bot.texts import Texts
from vision.report import PhotoReport

LINES = 12  # of the conversation, the newest
WIDTH = 400  # characters of one line
ROOM = 3800  # characters of a whole card; Telegram takes 4096 without the markup
TALK = 1000  # of them that are kept for the conversation
GUESSES = 3  # labels of one question about a photo
APPLIES = 0.5  # a question that probably makes no sense for the photo is not shown
NAME = 64  # characters of a customer's name


class Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")  # one that an older or newer release wrote is read, too


class Profile(Kept):
    name: str
    username: str = ""
    language: str = ""
    first: float = 0.0  # unix seconds of the first message


class Seen(Kept):
    """One photo or video of the customer's."""

    file_id: str
    as_file: bool = False  # as it came from the camera, with what the camera wrote into it: agents get a copy
    message: int  # its number in the customer's chat
    shown: str | None = None  # what agents may be sent of it (sight.for_agents); None: itself
    masked: bool = False  # what is written beside it may be nobody's to see: a number, or what it was changed to
    report: PhotoReport
    told: str = ""  # what the bot answered
    at: float = 0.0

    @property
    def guarded(self) -> bool:
        """Whether Telegram's own copy of the message would show what must not be shown."""
        return self.masked or self.shown not in (None, self.file_id)


class Line(Kept):
    """Words, and whose they are."""

    who: str  # "customer", or somebody's name
    text: str
    at: float = 0.0


class Case(Kept):
    """One hand-over: what the card says, but for who has it now."""

    number: str  # of the card: another hand-over is another card
    reason: str
    at: float
    question: str = ""  # what is still open
    transcript: tuple[tuple[str, str], ...] = ()  # ("customer" | "bot", text), oldest first
    photos: tuple[Seen, ...] = ()
    passages: tuple[str, ...] = ()  # titles of the articles that were quoted


def card(texts: Texts, hours: Hours, profile: Profile, case: Case, owner: Owner) -> str:
    """HTML for Telegram. What people wrote is escaped and cut."""
    zone = hours.at

    def line(what: str, /, **values: Any) -> str:
        return texts(what, **{key: _safe(value) for key, value in values.items()})

    lines = [
        line("card-status", state=_state(owner), agent=owner.agent.name, time=_clock(zone(owner.since), zone(case.at))),
        line(
            "card-who",
            name=profile.name[:NAME],
            more=(f" @{profile.username}" if profile.username else "")
            + (f" · {profile.language}" * bool(profile.language)),
            first=f"{zone(profile.first):%d.%m.%Y}",
        ),
        line("card-why", reason=texts("reason", code=case.reason)),
    ]
    if case.question:
        lines.append(line("card-asks", question=_short(case.question)))
    for number, photo in enumerate(case.photos, 1):
        lines.append(line("card-photo", number=number, seen=seen(texts, photo.report), what=sight.what(photo.report)))
        lines += [_safe(read) for read in sight.card_lines(texts, photo.report)]
        if photo.told:
            lines.append(line("card-told", told=_short(photo.told, 200)))
    if case.passages:
        lines.append(line("card-passages", titles=", ".join(case.passages)))
    text = _fitting(lines, ROOM - TALK * bool(case.transcript))
    return text + _transcript(line, case, ROOM - len(text))


def _fitting(lines: Sequence[str], room: int) -> str:
    """The whole lines that fit: a cut one would leave a tag open, and Telegram refuse the card."""
    kept = []
    for one in lines:
        if len(one) < room:
            kept.append(one)
            room -= len(one) + 1
    return "\n".join(kept)


def _transcript(line: Any, case: Case, room: int) -> str:
    """The newest lines that fit, folded up: a tap opens them."""
    told: list[str] = []
    for who, words in case.transcript[: -LINES - 1 : -1]:
        one = line("card-line", who=who, text=_short(words))
        room -= len(one) + 1
        if room < 100:
            break
        told.insert(0, one)
    return "\n<blockquote expandable>" + "\n".join(told) + "</blockquote>" if told else ""


def buttons(texts: Texts, customer: int, case: Case, owner: Owner) -> dict[str, Any]:
    """What can be done now, in words a thumb can hit."""
    if owner.banned:
        rows = [["button-unban"]]
    elif owner.state is State.PENDING:
        rows = [["button-claim", "button-suggest"], ["button-back", "button-close"]]
    elif owner.state is State.HUMAN:
        rows = [["button-suggest", "button-back"], ["button-close", "button-claim-over"]]
    else:
        rows = [["button-claim"]]
    if not owner.banned:
        readable = any(not photo.report.error for photo in case.photos)
        rows.append([*(["button-wrong"] if readable else []), "button-ban"])
    keyboard = [
        [{"text": texts(name), "callback_data": f"{name.split('-')[1]}:{customer}"} for name in row] for row in rows
    ]
    return {"inline_keyboard": keyboard}


def seen(texts: Texts, report: PhotoReport) -> str:
    """One photo in one line: the sentence, the likely labels with their probabilities."""
    if report.error:
        return texts("card-unread", error=report.error)
    parts = [report.caption] if report.caption else []
    for slot, found in report.labels.items():
        plain = slot == "kind" and found.stated == "photo"  # what a photo is unless something else is said
        if found.applies >= APPLIES and found.top and not plain:
            top = ", ".join(f"{label.name} {label.probability:.0%}" for label in found.top[:GUESSES])
            parts.append(f"{slot}: {top}" + ("" if found.stated else " (?)"))
    return " · ".join(parts) if parts else texts("card-unsure")


def _state(owner: Owner) -> str:
    return "banned" if owner.banned else owner.state.value


def _clock(then: datetime, opened: datetime) -> str:
    return f"{then:%H:%M}" if then.date() == opened.date() else f"{then:%d.%m. %H:%M}"


def _short(text: str, width: int = WIDTH) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _safe(value: Any) -> Any:
    return html.escape(value, quote=False) if isinstance(value, str) else value
