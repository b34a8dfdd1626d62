"""“Vision was wrong” in two taps: the button, then the right label; or the right words, in answer to the question."""

from __future__ import annotations

import re
from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.handlers.buttons import answered
from bot.handover.corrections import Wrong, ask_later, offered
from bot.handover.group import Group
from bot.handover.handover import Desk
from bot.records import Case
from bot.telegram.stream import Entry
from bot.turn import Turns


def wrong_router(group: Group, desk: Desk) -> Router:
    """Before the agents' router: an answer to this question is not for the customer."""
    question = desk.texts("wrong-ask")
    router = Router(name="wrong")
    router.callback_query.filter(lambda query: query.message is not None and query.message.chat.id == group.id)
    router.message.filter(lambda message: message.chat.id == group.id)
    router.callback_query.register(on_wrong, F.data.regexp(r"^wrong:\d+$"))
    router.callback_query.register(on_label, F.data.regexp(r"^label:\d+:\w+:\d+:\d+$"))
    router.message.register(on_caption, F.text & F.reply_to_message.text.startswith(question))
    return router


async def on_wrong(query: CallbackQuery, entry: Entry, turns: Turns, desk: Desk) -> None:
    chat = int((query.data or "").split(":")[1])
    case = await desk.records.get(chat, "case", Case)
    choices = offered(case) if case else []
    rows = [
        [{"text": _name(number, name, len(choices)), "callback_data": f"label:{chat}:{case.number}:{number}:{at}"}]
        for number, _, labels in choices
        for at, (_, name) in enumerate(labels)
        if case
    ]
    people = desk.people
    assert people

    def queued(pipe: Any) -> None:
        if choices:
            people.tell(pipe, chat, desk.texts("wrong-ask"), reply_markup={"inline_keyboard": rows})

    await turns.finish(entry, queued)
    await answered(query, "" if choices else desk.texts("toast-no-photo"))


async def on_label(query: CallbackQuery, entry: Entry, turns: Turns, desk: Desk) -> None:
    _, chat, number, photo, at = (query.data or "").split(":")
    case = await desk.records.get(int(chat), "case", Case)
    found = {n: (seen, labels) for n, seen, labels in offered(case)} if case and case.number == number else {}
    if int(photo) not in found or int(at) >= len(found[int(photo)][1]):
        await turns.finish(entry, lambda _: None)
        await answered(query, desk.texts("toast-no-photo"))
        return
    seen, labels = found[int(photo)]
    slot, label = labels[int(at)]
    shown = query.message.message_id if query.message else 0
    name = f"{number}m{shown}p{photo}"  # the same for a second tap, and nobody else's: the kept file is called so
    if await desk.records.get(int(chat), "wrong", Wrong, name):  # tapped twice: the customer is asked once
        await turns.finish(entry, lambda _: None)
    else:
        wrong, texts = Wrong(file_id=seen.file_id, labels={slot: label}), desk.texts
        # It still begins as the question: who answers it in words is still heard. Other photos' buttons stay.
        edit = {"message_id": shown, "text": f"{texts('wrong-ask')}\n\n{texts('wrong-noted', label=label)}"}
        edit |= {"reply_markup": {"inline_keyboard": others(query, f"label:{chat}:{number}:{photo}:")}}

        def queued(pipe: Any) -> None:
            ask(pipe, int(chat), wrong, label, name=name, desk=desk)
            desk.queue.topic(pipe, int(chat), "editMessageText", edit)

        await turns.finish(entry, queued)
    await answered(query, desk.texts("toast-asked"))


def others(query: CallbackQuery, photo: str) -> list[list[dict[str, str]]]:
    """The buttons under the question without those that begin with ``photo``."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = markup.inline_keyboard if markup else []
    left = [[key for key in row if not (key.callback_data or "").startswith(photo)] for row in rows]
    return [[{"text": key.text, "callback_data": key.callback_data or ""} for key in row] for row in left if row]


async def on_caption(message: Message, entry: Entry, turns: Turns, desk: Desk, group: Group) -> None:
    """“a red apple”, or “2 a red apple” for the second photo."""
    chat = await group.customer_in(message.message_thread_id)
    case = await desk.records.get(chat, "case", Case) if chat else None
    choices = {number: seen for number, seen, _ in offered(case)} if case else {}
    said = re.match(r"(\d)\s+(?=\S)", message.text or "")
    number = int(said[1]) if said and int(said[1]) in choices else next(iter(choices), 0)
    words = (message.text or "")[said.end() if said and number == int(said[1]) else 0 :].strip()
    if chat is None or case is None or number not in choices or not words:
        await turns.finish(entry, lambda _: None)
        return
    wrong, name = Wrong(file_id=choices[number].file_id, captions=[words]), f"{case.number}w{message.message_id}"

    def queued(pipe: Any) -> None:
        assert desk.people
        ask(pipe, chat, wrong, words, name=name, desk=desk)
        desk.people.tell(pipe, chat, desk.texts("wrong-noted", label=words))

    await turns.finish(entry, queued)


def ask(pipe: Any, chat: int, wrong: Wrong, shown: str, *, name: str, desk: Desk) -> None:
    """Queue: the customer's word is asked for; nothing is kept before."""
    texts = desk.texts
    ask_later(desk.records, pipe, chat, wrong, name)
    keys = [
        {"text": texts("keep-yes"), "callback_data": f"keep:{name}"},
        {"text": texts("keep-no"), "callback_data": f"nokeep:{name}"},
    ]
    line = texts("keep-ask", label=shown)
    desk.queue.text(pipe, chat, chat, line, reply_markup={"inline_keyboard": [keys]}, tell=True)


def _name(number: int, label: str, several: int) -> str:
    return f"{number}: {label}" if several > 1 else label
