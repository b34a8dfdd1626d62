"""/form, and the buttons of forms: what stands on a button is what the customer says by tapping it."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import AiogramError
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.handlers.customer import incoming
from bot.intake.intake import Intake
from bot.message import Incoming, shown_name
from bot.telegram.stream import Entry
from bot.texts import Texts
from bot.turn import Turns

PREFIX = "form:"


def forms_router() -> Router:
    router = Router(name="forms")
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.message.register(on_form, Command("form", "forms", ignore_case=True))
    router.callback_query.register(on_key, F.data.startswith(PREFIX), F.message.chat.type == ChatType.PRIVATE)
    return router


async def on_form(
    message: Message, *, entry: Entry, turns: Turns, intake: Intake | None, texts: Texts, command: CommandObject
) -> None:
    """``/form return`` begins that one; ``/form`` shows all there are as buttons."""
    name = (command.args or "").strip().lower()
    if intake is None:
        await turns.say(entry, incoming(message, ""), texts("form-none"))
    elif form := intake.forms.get(name):
        said = incoming(message, intake.talk.title(form))
        await turns.take(entry, _pressed(said, f"start:{form.name}"))
    else:
        keys = {"inline_keyboard": intake.talk.start_keys(intake.forms.values())}
        await turns.say(entry, incoming(message, ""), texts("form-choose"), reply_markup=keys)


async def on_key(query: CallbackQuery, entry: Entry, turns: Turns) -> None:
    with contextlib.suppress(AiogramError):  # too old to be answered: the button's work is done all the same
        await query.answer()
    keys = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = keys.inline_keyboard if keys else []
    label = next((key.text for row in rows for key in row if key.callback_data == query.data), "")
    user, data = query.from_user, query.data or ""
    who = shown_name(user.full_name, f"#{user.id}")
    said = Incoming(user.id, who, label, username=user.username or "", language=user.language_code or "")
    await turns.take(entry, _pressed(said, data[len(PREFIX) :]))


def _pressed(said: Incoming, what: str) -> Incoming:
    return replace(said, pressed=what)
