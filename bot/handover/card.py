"""What an agent sees about a customer: one card, read on a phone, that says why, what is asked and what was seen."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime

from bot.handover.hours import Hours
from bot.handover.ownership import Owner, State
from bot.photos import card_lines, in_one_line, medium
from bot.records import Case, Profile
from bot.texts import Texts
from dialogue.language import NAMES

LINES = 12  # of the conversation, the newest
WIDTH = 400  # characters of one line
ROOM = 3800  # characters of a whole card; Telegram takes 4096 without the markup
TALK = 1000  # of them that are kept for the conversation
NAME = 64  # characters of a customer's name


def card(texts: Texts, hours: Hours, profile: Profile, case: Case, owner: Owner) -> str:
    """HTML for Telegram. What people wrote is escaped and cut."""
    zone = hours.at

    def line(name: str, /, **values: object) -> str:
        return _line(texts, name, **values)

    lines = [
        line("card-status", state=_state(owner), agent=owner.agent.name, time=_clock(zone(owner.since), zone(case.at))),
        line(
            "card-who",
            name=profile.name[:NAME],
            more=(f" @{profile.username}" if profile.username else "")
            + (f" · {_spoken(profile)}" * bool(_spoken(profile))),
            first=f"{zone(profile.first):%d.%m.%Y}",
        ),
        line("card-why", reason=texts("reason", code=case.reason)),
    ]
    lines += _about(texts, profile, case)
    for number, photo in enumerate(case.photos, 1):
        lines.append(
            line("card-photo", number=number, seen=in_one_line(texts, photo.report), what=medium(photo.report))
        )
        lines += [_escaped(read) for read in card_lines(texts, photo.report)]
        if photo.answer:
            lines.append(line("card-answer", answer=_short(photo.answer, 200)))
    if case.passages:
        lines.append(line("card-passages", titles=", ".join(case.passages)))
    text = _fitting(lines, ROOM - TALK * bool(case.transcript))
    return text + _transcript(texts, case, ROOM - len(text))


def _spoken(profile: Profile) -> str:
    """The language that the conversation is in, by its own name."""
    code = profile.chosen or profile.spoken or profile.language
    return NAMES.get(code, code)


def _about(texts: Texts, profile: Profile, case: Case) -> list[str]:
    """How the customer sounds, where they came from, what they ask, and the form that they fill in: what there is."""
    lines = []
    if case.mood and case.mood != "neutral":
        lines.append(_line(texts, "card-mood", mood=case.mood, trend=case.trend))
    if profile.subject:
        lines.append(_line(texts, "card-subject", subject=profile.subject))
    if case.question:
        lines.append(_line(texts, "card-asks", question=_short(case.question)))
    if case.translated:
        lines.append(_line(texts, "agent-translation", text=_short(case.translated)))
    if case.language:
        lines.append(_line(texts, "card-translates", language=case.language))
    if case.form:
        lines.append(_line(texts, "card-form", title=case.form))
        lines += [_line(texts, "card-form-line", label=label, value=_short(said, 200)) for label, said in case.facts]
    return lines


def _fitting(lines: Sequence[str], room: int) -> str:
    """The whole lines that fit: a cut one would leave a tag open, and Telegram refuse the card."""
    kept = []
    for one in lines:
        if len(one) < room:
            kept.append(one)
            room -= len(one) + 1
    return "\n".join(kept)


def _transcript(texts: Texts, case: Case, room: int) -> str:
    """The newest lines that fit, folded up: a tap opens them."""
    lines: list[str] = []
    for who, words in case.transcript[: -LINES - 1 : -1]:
        one = _line(texts, "card-line", who=who, text=_short(words))
        room -= len(one) + 1
        if room < 100:
            break
        lines.insert(0, one)
    return "\n<blockquote expandable>" + "\n".join(lines) + "</blockquote>" if lines else ""


def buttons(texts: Texts, customer: int, case: Case, owner: Owner) -> dict[str, object]:
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


def _state(owner: Owner) -> str:
    return "banned" if owner.banned else owner.state.value


def _clock(then: datetime, opened: datetime) -> str:
    return f"{then:%H:%M}" if then.date() == opened.date() else f"{then:%d.%m. %H:%M}"


def _short(text: str, width: int = WIDTH) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _line(texts: Texts, name: str, /, **values: object) -> str:
    """A text with its values escaped: they are anybody's words."""
    return texts(name, **{key: _escaped(one) if isinstance(one, str) else one for key, one in values.items()})


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
